/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's own start, from start.S, and the machine's end. */
#include "cache.h"
#include "machine.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "system.h"
#include "text.h"
#include "trace.h"
#include "uhi.h"
#include "vcpu.h"

extern char root_start[], root_end[], vectors[];

#define UART             0x1f000900
#define SOFTRES          0x1f000500
#define GORESET          0x42

#define RAM_USUAL        (UINT64_C(256) << 20)
#define RAM_MAX          (UINT64_C(256) << 20) /* of it, what is in kseg0 */
#define LINE_MAX         1024

#define COUNT_RATE_USUAL 160000000 /* QEMU's Malta */

struct machine machine = { .bootargs = "" };

uint64_t arch_frequency(void)
{
	const char *value;

	if (!options_find(machine.bootargs, "hz", &value))
		return COUNT_RATE_USUAL;
	return options_size(value);
}

void root_power_off(void)
{
	uhi_exit(0);
	*(volatile uint32_t *)to_registers(SOFTRES) = vio_le32(GORESET);
	for (;;)
		;
}

/* The arguments behind the first, with spaces between: the root's command line. */
static const char *read_line(void)
{
	static char line[LINE_MAX];
	uint32_t count = uhi_argc();
	uint32_t length = 0;

	for (uint32_t i = 1; i < count; i++) {
		uint32_t size = uhi_argnlen(i);

		if (size >= LINE_MAX - 1 - length)
			root_fatal("the command line has more than %u characters", LINE_MAX - 2);
		uhi_argn(i, line + length);
		length += size;
		line[length++] = ' ';
	}
	line[length] = '\0';
	return line;
}

static void check_core(void)
{
	uint32_t kscratch = read_c0(C0_CONFIG3) & CONFIG_M
				    ? read_c0(C0_CONFIG4) >> CONFIG4_KSCREXIST_SHIFT & 0xff
				    : 0;

	if ((kscratch & 0x0c) != 0x0c)
		root_fatal("this core has no KScratch1 and KScratch2 (CP0 31, 2 and 3)");
}

/* By start.S. */
_Noreturn void root_init(void);
_Noreturn void root_init(void)
{
	const char *value;

	write_c0(C0_EBASE, (uintptr_t)vectors);
	write_c0(C0_STATUS, STATUS_CU0);
	ehb();
	machine.uart = (struct machine_device){ .base = UART, .intid = LINE_UART };
	system_console(&machine.uart);
	machine.bootargs = read_line();
	machine.ram_size = RAM_USUAL;
	if (options_find(machine.bootargs, "ram", &value))
		machine.ram_size = options_size(value);
	if (machine.ram_size > RAM_MAX)
		machine.ram_size = RAM_MAX;
	if (to_physical(root_end) > machine.ram_size)
		root_fatal("ram= says that there is no memory where the root is");
	check_core();
	irq_init();
	cache_init();
	pages_add(0, machine.ram_size);
	pages_reserve(0, 1 << 20); /* boot loader and its vectors */
	pages_reserve(to_physical(root_start), (uint64_t)(root_end - root_start));
	trace_init();
	backend_choose(options_find(machine.bootargs, "cpu", &value) ? value : NULL);
	sched_join(&sched, sched_here(), 0, arch_now());
	system_main();
}
