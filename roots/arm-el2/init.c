/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's own start, from start.S, and the machine's end. */
#include "gic.h"
#include "irq.h"
#include "machine.h"
#include "mmu.h"
#include "pages.h"
#include "root.h"
#include "smp.h"
#include "system.h"
#include "trace.h"
#include "trap.h"

#include <libfdt.h>

extern char root_start[], root_end[];

#define PSCI_SYSTEM_OFF 0x84000008

void root_power_off(void)
{
	/* EL2 is the machine's highest level here: QEMU itself answers. */
	smc(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;)
		wfi();
}

/* By start.S, with the table of two blocks; `fdt` is physical, 0 when QEMU was given an ELF file.
 */
_Noreturn void root_init(uint64_t fdt);
_Noreturn void root_init(uint64_t fdt)
{
	machine_read(to_virtual(fdt ? fdt : RAM_BASE));
	machine_claim(machine.uart.base, PAGE_SIZE, machine.uart.intid, &machine_root);
	system_console(&machine.uart);
	mmu_init(machine.ram_base, machine.ram_size);
	pages_add(machine.ram_base, machine.ram_size);
	pages_reserve(to_physical(root_start), (uint64_t)(root_end - root_start));
	pages_reserve(to_physical(machine.fdt), fdt_totalsize(machine.fdt));
	pages_reserve(machine.bundle, machine.bundle_size);
	gic_init(machine.fdt);
	irq_init();
	cpu_init(0);
	trace_init();
	trap_init();
	system_main();
}
