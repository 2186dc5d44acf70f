/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The glue of AArch64: any trap, any instruction, any registers, on a window of four slots. What
 * the decoder accepts hangs together; a fault has changed no register, and an instruction that was
 * emulated only those it names.
 */
#include "fuzz.h"
#include "vio_arm_decode.h"
#include "vio_arm_el2.h"
#include "vio_guest.h"
#include "vio_rng.h"

#define WINDOW UINT64_C(0x0a000000)
#define SLOTS  4
#define SHIFT  9

static struct {
	uint64_t esr;
	uint64_t ipa;
	uint64_t far;
	uint32_t word;
	uint64_t x[32];
} input;

static struct vio_mmio slots[SLOTS];
static struct vio_mmio_window window;
static uint32_t lines;

_Noreturn void fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

void vio_guest_loaded(const volatile void *address, size_t size)
{
	(void)address;
	(void)size;
}

/* ---- The root ---- */

static void raise_line(struct vio_mmio *slot)
{
	fuzz_check(slot->number < SLOTS && (lines & 1U << slot->number) == 0);
	lines |= 1U << slot->number;
}

static void lower_line(struct vio_mmio *slot)
{
	fuzz_check(slot->number < SLOTS && (lines & 1U << slot->number) != 0);
	lines &= ~(1U << slot->number);
}

static void defer(struct vio_mmio *slot)
{
	fuzz_check(slot - slots == slot->number && slot->number < SLOTS);
}

static const struct vio_mmio_host host = {
	.raise = raise_line,
	.lower = lower_line,
	.defer = defer,
	.released = defer,
};

static uint32_t fill(struct vio_entropy *source, void *to, uint32_t len)
{
	(void)source;
	memset(to, 0, len);
	return len;
}

static void set_up(void)
{
	static struct vio_rng rng;
	static struct vio_entropy source = { .fill = fill };
	static struct vio_memory memory;
	static struct vio_region region;
	static _Alignas(16) uint8_t ram[0x1000];

	memset(slots, 0, sizeof(slots));
	lines = 0;
	vio_memory_init(&memory, &region, 1);
	vio_memory_add(&memory, (struct vio_region){ .base = 0x40000000,
						     .size = sizeof(ram),
						     .data = ram,
						     .access = VIO_ACCESS_READ_WRITE });
	window = VIO_MMIO_WINDOW(WINDOW, slots, SLOTS, SHIFT);
	vio_mmio_window_init(&window, &host, NULL);
	vio_rng_init(&rng, &source);
	vio_mmio_attach(&slots[1], &rng.device, &memory);
}

/* ---- What holds ---- */

static void check_decoded(const struct vio_arm_instruction *it, const uint64_t *x)
{
	const struct vio_arm_access *access = it->accesses;
	unsigned i = 0;

	fuzz_check(it->count == 1 || it->count == 2);
	fuzz_check(it->base < 32);
	for (i = 0; i < it->count; i++) {
		fuzz_check(access[i].width == 1 || access[i].width == 2 || access[i].width == 4 ||
			   access[i].width == 8);
		fuzz_check(access[i].reg <= VIO_ARM_XZR);
		fuzz_check(access[i].write == access[0].write);
		fuzz_check(access[i].width == access[0].width);
		fuzz_check(access[i].width < 8 || (access[i].wide && !access[i].sign_extend));
		fuzz_check(access[i].address == access[0].address + i * access[0].width);
		fuzz_check(!it->write_back || it->base == 31 || access[i].reg != it->base);
	}
	fuzz_check(access[0].address == x[it->base] || access[0].address == it->base_value);
	if (it->count == 2 && !access[0].write)
		fuzz_check(access[0].reg != access[1].reg);
}

/* Registers that may differ from `x`: those loaded, and a base that is written back. */
static uint32_t targets(const struct vio_arm_instruction *it)
{
	uint32_t mask = it->write_back ? 1U << it->base : 0;
	unsigned i = 0;

	for (i = 0; i < it->count; i++) {
		if (!it->accesses[i].write && it->accesses[i].reg != VIO_ARM_XZR)
			mask |= 1U << it->accesses[i].reg;
	}
	return mask;
}

static void check_registers(const uint64_t *x, uint32_t may_differ)
{
	unsigned i = 0;

	for (i = 0; i < 32; i++) {
		if ((may_differ & 1U << i) == 0)
			fuzz_check(x[i] == input.x[i]);
	}
}

static void try_access(void)
{
	uint64_t x[32];
	const struct vio_arm_el2_trap trap = { .esr = input.esr, .ipa = input.ipa, .x = x };
	const unsigned rt = (input.esr >> VIO_ARM_ISS_SRT_SHIFT) & 31;
	enum vio_arm_el2_outcome outcome = VIO_ARM_EL2_OTHER;
	bool loads = false;

	memcpy(x, input.x, sizeof(x));
	outcome = vio_arm_el2_access(&window, &trap);
	loads = outcome == VIO_ARM_EL2_DONE && (input.esr & VIO_ARM_ISS_ISV) != 0 &&
		(input.esr & VIO_ARM_ISS_WNR) == 0 && rt != VIO_ARM_XZR;
	check_registers(x, loads ? 1U << rt : 0);
	if (outcome == VIO_ARM_EL2_OTHER)
		fuzz_check(input.ipa - WINDOW >= SLOTS << SHIFT ||
			   (input.esr & VIO_ARM_ISS_FSC) != VIO_ARM_ISS_TRANSLATION);
	else
		fuzz_check(input.ipa - WINDOW < SLOTS << SHIFT);
}

static void try_emulate(void)
{
	uint64_t x[32];
	const struct vio_arm_el2_trap trap = { .esr = input.esr, .ipa = input.ipa, .x = x };
	struct vio_arm_instruction decoded;
	bool known = vio_arm_decode(input.word, input.x, &decoded);
	enum vio_arm_el2_outcome outcome = VIO_ARM_EL2_OTHER;

	if (known)
		check_decoded(&decoded, input.x);
	memcpy(x, input.x, sizeof(x));
	outcome = vio_arm_el2_emulate(&window, &trap, input.far, input.word);
	fuzz_check(outcome == VIO_ARM_EL2_DONE || outcome == VIO_ARM_EL2_FAULT);
	fuzz_check(known || outcome == VIO_ARM_EL2_FAULT);
	check_registers(x, outcome == VIO_ARM_EL2_DONE ? targets(&decoded) : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Several in a row, so that the slot is not always as new. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned i = 0;

	set_up();
	memset(&input, 0, sizeof(input));
	while (size >= 8) {
		size_t len = size < sizeof(input) ? size : sizeof(input);

		memcpy(&input, data, len);
		/* Few inputs would find the window. */
		input.ipa = (input.ipa & 1) != 0 ? WINDOW + (input.ipa >> 4 & 0xfff) : input.ipa;
		if ((input.far & 1) != 0) {
			input.far = UINT64_C(0xffff000012345000) + (input.ipa & 0xfff);
			for (i = 0; i < 32; i++) {
				if ((input.x[i] & 1) != 0)
					input.x[i] = input.far - 0x100 + (input.x[i] >> 1 & 0x1ff);
			}
		}
		try_access();
		try_emulate();
		data += len;
		size -= len;
	}
	return 0;
}
