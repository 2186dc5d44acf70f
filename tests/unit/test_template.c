/* SPDX-License-Identifier: BSD-2-Clause */
/* The template device, over a backend that adds up the bytes. */
#include "slot.h"
#include "vio_template.h"

static struct vio_template under_test;
static struct slot slot;
static uint8_t *data;
static struct vio_template_answer *answer;

static uint32_t add(struct vio_template_backend *backend, uint32_t number, const uint8_t *at,
		    uint32_t len)
{
	(void)backend;
	while (len-- != 0)
		number += *at++;
	return number;
}

static void start(uint64_t features)
{
	slot_start(&slot, features, 4);
	data = slot_alloc(&slot, 64);
	answer = slot_alloc(&slot, sizeof(*answer));
	memset(data, 3, 64);
}

static int attach(void **state)
{
	static struct vio_template_backend adder = { .work = add };

	(void)state;
	vio_template_init(&under_test, &adder);
	slot_attach(&slot, &under_test.device);
	return 0;
}

static void is_found_by_its_id(void **state)
{
	(void)state;
	assert_int_equal(vio_driver_probe(&slot.driver), VIO_ID_TEMPLATE);
	assert_int_equal(vio_driver_config(&slot.driver, 0, 4), VIO_TEMPLATE_LIMIT);
}

static void answers_a_request_in_pieces(void **state)
{
	(void)state;
	start(VIO_BIT(VIO_TEMPLATE_F_LENGTH));
	assert_int_equal(slot_request(&slot, 0,
				      (struct vio_buffer[]){ { data, 10, false },
							     { data + 20, 30, false },
							     { answer, sizeof(*answer), true } },
				      3),
			 8);
	assert_int_equal(vio_le32(answer->number), 120);
	assert_int_equal(vio_le32(answer->length), 40);
}

/* What the driver did not accept does not happen. */
static void leaves_the_length_out_without_its_feature(void **state)
{
	(void)state;
	start(0);
	answer->length = 99;
	assert_int_equal(slot_request(&slot, 0,
				      (struct vio_buffer[]){ { data, 10, false },
							     { answer, sizeof(*answer), true } },
				      2),
			 4);
	assert_int_equal(vio_le32(answer->number), 30);
	assert_int_equal(answer->length, 99);
}

static void refuses(const struct vio_buffer *pieces, unsigned count)
{
	start(0);
	slot_send(&slot, 0, pieces, count);
	assert_int_equal(slot_used(&slot, 0), SLOT_PENDING);
	slot_expect_failure(&slot, VIO_ERROR_REFUSED);
}

/* hostile 31 */
static void refuses_a_request_without_room_for_the_answer(void **state)
{
	(void)state;
	refuses((struct vio_buffer[]){ { slot.ram, 10, false }, { slot.ram + 64, 3, true } }, 2);
}

static void refuses_a_request_beyond_the_limit(void **state)
{
	(void)state;
	refuses((struct vio_buffer[]){ { slot.ram, VIO_TEMPLATE_LIMIT, false },
				       { slot.ram, 1, false },
				       { slot.ram + 64, 8, true } },
		3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(is_found_by_its_id, attach),
		cmocka_unit_test_setup(answers_a_request_in_pieces, attach),
		cmocka_unit_test_setup(leaves_the_length_out_without_its_feature, attach),
		cmocka_unit_test_setup(refuses_a_request_without_room_for_the_answer, attach),
		cmocka_unit_test_setup(refuses_a_request_beyond_the_limit, attach),
	};

	return SLOT_RUN_TESTS(tests);
}
