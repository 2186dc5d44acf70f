/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An external interrupt controller, for cores with Config3.VEIC. Each source has a register with
 * the priority, vector and shadow set of its interrupt, and is a level: it asks as long as it is
 * up. The highest priority is passed to the core, of equal ones the lowest source. After reset none
 * is.
 */
#ifndef EIC_H
#define EIC_H

#include <stdint.h>

#define EIC_SOURCES 16
#define EIC_PENDING 0x40u /* the sources that are up, a bit each; to be read only */
#define EIC_SIZE    0x44u

struct request;

struct eic {
	uint32_t source[EIC_SOURCES]; /* at 4 * n */
};

uint32_t eic_read(const struct eic *eic, uint32_t offset, uint32_t sources);
void eic_write(struct eic *eic, uint32_t offset, uint32_t value);
struct request eic_request(const struct eic *eic, uint32_t sources);

#endif
