/* SPDX-License-Identifier: BSD-2-Clause */
/* A device tree in source form, as dtc -O dts has it. */
#ifndef DTS_H
#define DTS_H

/*
 * Writes `fdt`, which is one and whole, by `print`. Properties are not typed: what looks like text
 * is written as text, and other multiples of four bytes as cells.
 */
void dts_print(const void *fdt, void (*print)(void *to, const char *text), void *to);

#endif
