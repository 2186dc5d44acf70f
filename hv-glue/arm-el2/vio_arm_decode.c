/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm ARM C4.1, "Loads and Stores": one line of the table for each class of instruction. */
#include "vio_arm_decode.h"

enum addressing {
	PLAIN,  /* base and offset */
	BEFORE, /* pre-index: the base moves, then the access */
	AFTER,  /* post-index */
};

enum offset {
	NONE,
	SIGNED_7,    /* bits 21:15, in units of the width */
	SIGNED_9,    /* bits 20:12, in bytes */
	UNSIGNED_12, /* bits 21:10, in units of the width */
	REGISTER,    /* Rm, extended, perhaps in units of the width */
};

/* How the class says what is moved. */
enum kind {
	SINGLE,  /* size in 31:30, opc in 23:22 */
	ORDERED, /* size in 31:30, load in 22 */
	PAIR,    /* opc in 31:30, load in 22 */
};

#define NO_ALLOCATE 0x28000000

static const struct form {
	uint32_t mask;
	uint32_t match;
	uint8_t kind;
	uint8_t offset;
	uint8_t addressing;
} forms[] = {
	{ 0x3f800000, NO_ALLOCATE, PAIR, SIGNED_7, PLAIN },
	{ 0x3f800000, 0x28800000, PAIR, SIGNED_7, AFTER },
	{ 0x3f800000, 0x29000000, PAIR, SIGNED_7, PLAIN },
	{ 0x3f800000, 0x29800000, PAIR, SIGNED_7, BEFORE },
	{ 0x3f000000, 0x39000000, SINGLE, UNSIGNED_12, PLAIN },
	{ 0x3f200c00, 0x38000000, SINGLE, SIGNED_9, PLAIN },
	{ 0x3f200c00, 0x38000400, SINGLE, SIGNED_9, AFTER },
	{ 0x3f200c00, 0x38000800, SINGLE, SIGNED_9, PLAIN }, /* unprivileged */
	{ 0x3f200c00, 0x38000c00, SINGLE, SIGNED_9, BEFORE },
	{ 0x3f200c00, 0x38200800, SINGLE, REGISTER, PLAIN },
	{ 0x3fbffc00, 0x089ffc00, ORDERED, NONE, PLAIN }, /* acquire, release */
	{ 0x3fbffc00, 0x089f7c00, ORDERED, NONE, PLAIN }, /* of limited ordering regions */
};

static uint32_t bits(uint32_t word, unsigned low, unsigned count)
{
	return (word >> low) & ((UINT32_C(1) << count) - 1);
}

static uint64_t sign_extend(uint64_t value, unsigned width)
{
	uint64_t sign = UINT64_C(1) << (width - 1);

	return (value ^ sign) - sign;
}

static const struct form *find_form(uint32_t word)
{
	unsigned i = 0;

	for (i = 0; i < VIO_ARRAY_SIZE(forms); i++) {
		if ((word & forms[i].mask) == forms[i].match)
			return &forms[i];
	}
	return NULL;
}

/* Width, direction and extension of a class; false where the encoding is not allocated. */
static bool decode_data(uint32_t word, const struct form *form, struct vio_arm_access *access)
{
	uint32_t size = bits(word, 30, 2);
	uint32_t opc = form->kind == SINGLE ? bits(word, 22, 2) : bits(word, 22, 1);

	if (form->kind == PAIR) {
		/* 0: w; 1: words into x (a load, with no no-allocate form); 2: x; 3: none. */
		if (size == 3 || (size == 1 && (opc == 0 || form->match == NO_ALLOCATE)))
			return false;
		access->sign_extend = size == 1;
		access->wide = size != 0;
		access->width = size == 2 ? 8 : 4;
	} else {
		/* 0: store; 1: load; 2: load into x, with sign; 3: into w, with sign. */
		if (opc >= 2 && size + opc >= 5)
			return false;
		access->sign_extend = opc >= 2;
		access->wide = size == 3 || opc == 2;
		access->width = 1U << size;
	}
	access->write = opc == 0;
	access->reg = bits(word, 0, 5);
	return true;
}

static bool register_offset(uint32_t word, const uint64_t *x, unsigned width, uint64_t *offset)
{
	uint32_t rm = bits(word, 16, 5);
	uint32_t option = bits(word, 13, 3);
	uint64_t value = rm == VIO_ARM_XZR ? 0 : x[rm];

	if ((option & 2) == 0)
		return false;
	if ((option & 1) == 0)
		value = (option & 4) != 0 ? sign_extend((uint32_t)value, 32) : (uint32_t)value;
	*offset = bits(word, 12, 1) != 0 ? value * width : value;
	return true;
}

static bool decode_offset(uint32_t word, const struct form *form, const uint64_t *x, unsigned width,
			  uint64_t *offset)
{
	switch (form->offset) {
	case SIGNED_7:
		*offset = sign_extend(bits(word, 15, 7), 7) * width;
		return true;
	case SIGNED_9:
		*offset = sign_extend(bits(word, 12, 9), 9);
		return true;
	case UNSIGNED_12:
		*offset = (uint64_t)bits(word, 10, 12) * width;
		return true;
	case REGISTER:
		return register_offset(word, x, width, offset);
	default:
		*offset = 0;
		return true;
	}
}

/* What the architecture leaves CONSTRAINED UNPREDICTABLE is not guessed at. */
static bool is_predictable(const struct vio_arm_instruction *instruction)
{
	const struct vio_arm_access *access = instruction->accesses;
	bool pair = instruction->count == 2;

	if (pair && !access[0].write && access[0].reg == access[1].reg)
		return false;
	if (!instruction->write_back || instruction->base == 31)
		return true;
	return access[0].reg != instruction->base && (!pair || access[1].reg != instruction->base);
}

bool vio_arm_decode(uint32_t word, const uint64_t *x_sp, struct vio_arm_instruction *instruction)
{
	const struct form *form = find_form(word);
	struct vio_arm_access access = { 0 };
	uint32_t base = bits(word, 5, 5);
	uint64_t offset = 0;

	if (!form || !decode_data(word, form, &access) ||
	    !decode_offset(word, form, x_sp, access.width, &offset))
		return false;

	access.address = x_sp[base] + (form->addressing == AFTER ? 0 : offset);
	*instruction = (struct vio_arm_instruction){
		.accesses = { access, access },
		.count = form->kind == PAIR ? 2 : 1,
		.write_back = form->addressing != PLAIN,
		.base = (uint8_t)base,
		.base_value = x_sp[base] + offset,
	};
	instruction->accesses[1].address += access.width;
	instruction->accesses[1].reg = bits(word, 10, 5);
	return is_predictable(instruction);
}
