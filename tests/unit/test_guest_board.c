/* SPDX-License-Identifier: BSD-2-Clause */
/* The board around a guest, on a root of which there is as much as it asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "board.h"
#include "pages.h"
#include "root.h"

#define MIB       0x100000
#define RAM       (4 * MIB)
#define PHYSICAL  0x80000000
#define SLOTS     8
#define LINE      1000 /* what the root calls the interrupt of slot 0, */
#define LINE_UART 500
#define LINE_BELL 2000

static struct {
	struct guest guest;
	struct vcpu vcpus[2];
	struct board board;
	struct vio_mmio slots[SLOTS];
	struct vio_dummy dummies[SLOTS];
	struct vio_board layout; /* with SLOTS slots, and RAM elsewhere */
	struct region *regions[32];
	unsigned region_count;
	uint64_t alignment;
	unsigned line, ups, downs;
	unsigned defers, resumes, releases;
	unsigned rooms;
	char output[8];
} t;

static _Alignas(8) uint8_t ram[RAM];

/* ---- The root ---- */

const struct board_type board_type = { .machine = 0 };

struct board *arch_board(struct guest *guest)
{
	assert_ptr_equal(guest, &t.guest);
	return &t.board;
}

unsigned arch_slot_line(unsigned slot)
{
	return LINE + slot;
}

struct board_interrupt arch_doorbell_interrupt(struct guest *guest, unsigned number)
{
	assert_ptr_equal(guest, &t.guest);
	return (struct board_interrupt){ 80 + number, LINE_BELL + number, number == 1 };
}

void arch_set_line(struct guest *guest, unsigned line, bool up)
{
	assert_ptr_equal(guest, &t.guest);
	t.line = line;
	if (up)
		t.ups++;
	else
		t.downs++;
}

struct vcpu *arch_vcpu(struct guest *guest, unsigned index)
{
	assert_ptr_equal(guest, &t.guest);
	return &t.vcpus[index];
}

void *arch_pointer(uint64_t physical)
{
	assert_int_equal(physical, PHYSICAL);
	return ram;
}

void arch_clean(const void *start, uint64_t size)
{
	assert_in_range((const uint8_t *)start - ram, 0, RAM);
	assert_in_range(size, 1, RAM);
}

enum guest_error board_init_at(struct guest *guest, uint64_t ram_size, uint64_t physical)
{
	t.layout = vio_board_arm;
	t.layout.virtio_slots = SLOTS;
	t.layout.ram_base = 0x48000000;
	t.board.layout = &t.layout;
	t.board.slots = t.slots;
	t.board.dummies = t.dummies;
	t.board.uart_line = LINE_UART;
	t.board.tree.gic_version = 3;
	return board_make(guest, ram_size, physical, 2 * MIB);
}

void root_power_off(void)
{
	abort();
}

/* ---- The guest ---- */

enum guest_error guest_add(struct guest *guest, struct region *region)
{
	assert_ptr_equal(guest, &t.guest);
	assert_in_range(t.region_count, 0, VIO_ARRAY_SIZE(t.regions) - 1);
	t.regions[t.region_count++] = region;
	return GUEST_OK;
}

enum guest_error guest_add_memory(struct guest *guest, struct region *region, uint64_t alignment)
{
	t.alignment = alignment;
	region->physical = PHYSICAL;
	return guest_add(guest, region);
}

void guest_defer(struct guest *guest)
{
	assert_ptr_equal(guest, &t.guest);
	t.defers++;
}

void guest_released(struct guest *guest)
{
	assert_ptr_equal(guest, &t.guest);
	t.releases++;
}

void vcpu_resume(struct vcpu *vcpu, unsigned reason)
{
	assert_ptr_equal(vcpu, &t.vcpus[t.resumes++]);
	assert_int_equal(reason, VCPU_PARKED);
}

enum guest_error doorbell_attach(struct doorbell *doorbell, unsigned end, struct guest *guest,
				 uint64_t base, unsigned intid, const struct region *buffer)
{
	doorbell->ends[end] = (struct doorbell_end){ .intid = intid, .buffer = buffer };
	doorbell->ends[end].bank.base = base;
	return guest_add(guest, &doorbell->ends[end].bank);
}

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	memset(ram, 0, sizeof(ram));
	t.guest.name = "one";
	t.guest.vcpu_count = 2;
	return board_init(&t.guest, RAM) == GUEST_OK ? 0 : -1;
}

/* ---- The layout ---- */

static void ram_and_early_console_are_there(void **state)
{
	(void)state;
	assert_int_equal(t.region_count, 2);
	assert_ptr_equal(t.regions[0], &t.board.ram);
	assert_int_equal(t.board.ram.base, 0x48000000);
	assert_int_equal(t.board.ram.size, RAM);
	assert_int_equal(t.alignment, 2 * MIB);
	assert_ptr_equal(t.regions[1], &t.board.uart);
	assert_int_equal(t.board.uart.base, vio_board_arm.uart.base);
}

static void memory_of_the_systems_is_not_the_pools(void **state)
{
	(void)state;
	t.alignment = 0;
	assert_int_equal(board_init_at(&t.guest, RAM, 0x12340000), GUEST_OK);
	assert_int_equal(t.board.ram.physical, 0x12340000);
	assert_int_equal(t.alignment, 0);
}

static void ram_has_the_boards_sizes(void **state)
{
	(void)state;
	assert_int_equal(board_init(&t.guest, 0), GUEST_BAD_RAM);
	assert_int_equal(board_init(&t.guest, RAM + 4096), GUEST_BAD_RAM);
	assert_int_equal(board_init(&t.guest, t.layout.ram_max + 2 * MIB), GUEST_BAD_RAM);
}

static void every_slot_has_a_device(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SLOTS; i++)
		assert_ptr_equal(board_device(&t.guest, i), &t.dummies[i].device);
	assert_null(board_device(&t.guest, SLOTS));
	assert_true(board_quiesce(&t.guest));
}

/* ---- What the slots ask for ---- */

static void interrupts_are_counted(void **state)
{
	(void)state;
	t.slots[3].host->raise(&t.slots[3]);
	assert_int_equal(t.line, LINE + 3);
	t.slots[7].host->lower(&t.slots[7]);
	assert_int_equal(t.line, LINE + 7);
	assert_int_equal(t.ups, 1);
	assert_int_equal(t.downs, 1);
	assert_int_equal(t.guest.counters.interrupts, 1);
}

static void kicks_are_counted_and_served(void **state)
{
	(void)state;
	t.slots[2].host->defer(&t.slots[2]);
	t.slots[5].host->defer(&t.slots[5]);
	assert_int_equal(t.guest.counters.kicks, 2);
	assert_int_equal(t.defers, 2);
	assert_int_equal(t.board.deferred, 1 << 2 | 1 << 5);
	assert_false(arch_service(&t.guest));
	assert_int_equal(t.board.deferred, 0);
}

static void who_was_parked_goes_on(void **state)
{
	(void)state;
	t.slots[0].host->released(&t.slots[0]);
	assert_int_equal(t.resumes, 2);
	assert_int_equal(t.releases, 1);
}

static void broken_devices_are_counted(void **state)
{
	(void)state;
	t.slots[0].host->failed(&t.slots[0], VIO_ERROR_HEAD_RANGE);
	assert_int_equal(t.guest.counters.broken, 1);
}

/* ---- The early console ---- */

static void on_output(struct guest *guest, uint8_t byte)
{
	assert_ptr_equal(guest, &t.guest);
	t.output[strlen(t.output)] = (char)byte;
}

static void on_room(struct guest *guest)
{
	assert_ptr_equal(guest, &t.guest);
	t.rooms++;
}

static void early_console_has_a_listener(void **state)
{
	static const struct board_early early = { on_output, on_room }, deaf = { 0 };
	const struct vio_uart_host *host = &board_uart_host;

	(void)state;
	host->output(&t.guest, 'x'); /* nobody */
	host->room(&t.guest);
	board_set_early(&t.guest, &early);
	host->output(&t.guest, 'a');
	host->output(&t.guest, 'b');
	host->room(&t.guest);
	board_set_early(&t.guest, &deaf);
	host->output(&t.guest, 'x');
	host->room(&t.guest);
	board_set_early(&t.guest, &early);
	assert_int_equal(board_init(&t.guest, RAM), GUEST_OK); /* the next guest's */
	host->output(&t.guest, 'x');
	assert_string_equal(t.output, "ab");
	assert_int_equal(t.rooms, 1);
	host->raise(&t.guest);
	assert_int_equal(t.line, LINE_UART);
	host->lower(&t.guest);
	assert_int_equal(t.ups, 1);
	assert_int_equal(t.downs, 1);
}

/* ---- Doorbells, and the tree ---- */

static void there_are_sixteen_doorbells(void **state)
{
	static struct doorbell bells[17];
	static struct region buffer = { .base = 0x60000000, .size = 0x2000 };
	const struct vio_board_node node = { .name = "more" };

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(board_add_doorbell(&t.guest, i, &bells[i], i & 1,
						    i == 3 ? &buffer : NULL, "bell"),
				 GUEST_OK);
	assert_int_equal(board_add_doorbell(&t.guest, 16, &bells[16], 0, NULL, NULL),
			 GUEST_NO_ROOM);
	assert_int_equal(board_describe(&t.guest, &node), GUEST_NO_ROOM);
	assert_int_equal(bells[3].ends[1].bank.base, vio_board_arm.doorbell_base + 3 * 4096);
	assert_int_equal(bells[3].ends[1].intid, LINE_BELL + 3);
	assert_ptr_equal(bells[3].ends[1].buffer, &buffer);
	assert_true(bells[1].ends[1].edge);
	assert_false(bells[2].ends[0].edge);
	assert_int_equal(t.board.nodes[3].intid, 83);
	assert_int_equal(t.board.nodes[3].reg[1].base, buffer.base);
	assert_int_equal(t.region_count, 2 + 16 + 1);
}

static void the_tree_is_of_the_guests_layout(void **state)
{
	static _Alignas(8) uint8_t tree[16384];
	const struct board_program program = { .bootargs = "one two" };
	int slots = 0;

	(void)state;
	assert_true(board_tree(&t.guest, &program, tree, sizeof(tree)));
	for (int at = -1; (at = fdt_node_offset_by_compatible(tree, at, "virtio,mmio")) >= 0;)
		slots++;
	assert_int_equal(slots, SLOTS);
	assert_string_equal(fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "bootargs", NULL),
			    "one two");
	assert_true(fdt_path_offset(tree, "/memory@48000000") >= 0);
	assert_false(board_tree(&t.guest, &program, tree, 64));
}

/* ---- Loading ---- */

static void a_program_is_loaded_in_steps(void **state)
{
	static uint8_t flat[MIB + 4];
	const struct board_program program = {
		.kernel = { .data = flat, .size = sizeof(flat) },
		.flat = true,
	};
	struct guest_entry entry = { .more = true };
	unsigned steps = 0;

	(void)state;
	memset(flat, 0x5a, sizeof(flat));
	for (; entry.more; steps++) {
		entry = (struct guest_entry){ 0 };
		assert_true(board_load(&t.guest, &program, &entry));
		assert_int_equal(t.board.loading, entry.more);
	}
	assert_int_equal(steps, 4);
	assert_int_equal(entry.pc, t.layout.ram_base + 2 * MIB);
	assert_memory_equal(ram + 2 * MIB, flat, sizeof(flat));
	assert_int_equal(entry.argument, t.layout.ram_base);
	assert_int_equal(fdt_check_header(ram), 0);
}

/* It was killed on the way: what comes next starts from the beginning. */
static void a_load_may_be_left(void **state)
{
	static uint8_t flat[MIB];
	struct board_program program = { .kernel = { .data = flat, .size = MIB }, .flat = true };
	struct guest_entry entry = { 0 };

	(void)state;
	memset(flat, 0x5a, sizeof(flat));
	assert_true(board_load(&t.guest, &program, &entry));
	assert_true(entry.more);
	assert_true(board_quiesce(&t.guest));
	program.kernel.size = 4;
	assert_true(board_load(&t.guest, &program, &entry));
	entry.more = false;
	assert_true(board_load(&t.guest, &program, &entry));
	assert_false(entry.more);
	assert_int_equal(ram[2 * MIB + MIB - 1], 0);
}

/* The place of its device tree is what there was for it when the load began. */
static void a_longer_command_line_comes_too_late(void **state)
{
	static uint8_t flat[MIB];
	static char longer[4096];
	struct board_program program = {
		.kernel = { .data = flat, .size = MIB },
		.flat = true,
		.bootargs = "short",
	};
	struct guest_entry entry = { 0 };

	(void)state;
	assert_true(board_load(&t.guest, &program, &entry));
	assert_true(entry.more);
	memset(longer, 'a', sizeof(longer) - 1);
	program.bootargs = longer;
	do {
		entry.more = false;
	} while (board_load(&t.guest, &program, &entry) && entry.more);
	assert_false(t.board.loading);
	assert_int_equal(entry.pc, 0);
}

static void what_does_not_fit_is_refused(void **state)
{
	const struct board_program program = {
		.kernel = { .data = ram, .size = RAM },
		.flat = true,
	};
	struct guest_entry entry = { 0 };

	(void)state;
	assert_false(board_load(&t.guest, &program, &entry));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ram_and_early_console_are_there, setup),
		cmocka_unit_test_setup(memory_of_the_systems_is_not_the_pools, setup),
		cmocka_unit_test_setup(ram_has_the_boards_sizes, setup),
		cmocka_unit_test_setup(every_slot_has_a_device, setup),
		cmocka_unit_test_setup(interrupts_are_counted, setup),
		cmocka_unit_test_setup(kicks_are_counted_and_served, setup),
		cmocka_unit_test_setup(who_was_parked_goes_on, setup),
		cmocka_unit_test_setup(broken_devices_are_counted, setup),
		cmocka_unit_test_setup(early_console_has_a_listener, setup),
		cmocka_unit_test_setup(there_are_sixteen_doorbells, setup),
		cmocka_unit_test_setup(the_tree_is_of_the_guests_layout, setup),
		cmocka_unit_test_setup(a_program_is_loaded_in_steps, setup),
		cmocka_unit_test_setup(a_load_may_be_left, setup),
		cmocka_unit_test_setup(a_longer_command_line_comes_too_late, setup),
		cmocka_unit_test_setup(what_does_not_fit_is_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
