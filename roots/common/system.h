/* SPDX-License-Identifier: BSD-2-Clause */
/* What a system (a folder of examples/) provides to the root it is linked with. */
#ifndef SYSTEM_H
#define SYSTEM_H

#include "machine.h"

/* The machine's UART is known: from here on root_print() may speak. */
void system_console(const struct machine_device *uart);

/* Machine, memory and interrupts are up: makes the guests, and root_run()s them. */
_Noreturn void system_main(void);

#endif
