/* SPDX-License-Identifier: BSD-2-Clause */
/* Several CPUs in one root. The essay is in smp.c. */
#ifndef SMP_H
#define SMP_H

/* This CPU, the `number`th: its share of the scheduler, its traps and timers. */
void cpu_init(unsigned number);

#endif
