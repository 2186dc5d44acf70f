/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SIMD_H
#define SIMD_H

#include <stdint.h>

/* q0 to q31, in this order. */
void simd_save(uint8_t *to);
void simd_restore(const uint8_t *from);

#endif
