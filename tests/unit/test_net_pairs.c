/* SPDX-License-Identifier: BSD-2-Clause */
/* A network device of three pairs of queues: how many there are is fixed when it is built. */
#define VIO_NET_PAIRS 3
#include "vio_net.c"

#include "slot.h"

enum {
	HEADER = sizeof(struct vio_net_hdr),
	RING = 16,
	CTRL_WITH_MQ = 6,
	CTRL_WITHOUT = 2,
};

static const struct vio_net_options options = { .mac = { 0x52, 0, 0, 0, 0, 1 } };

static struct vio_net guest;
static struct vio_switch sw;
static struct vio_port other;
static struct slot slot;
static unsigned got;

static bool count_frame(struct vio_port *port, const struct vio_frame *frame)
{
	(void)port;
	(void)frame;
	got++;
	return true;
}

static int setup(void **state)
{
	(void)state;
	memset(&sw, 0, sizeof(sw));
	got = 0;
	assert_true(vio_net_init(&guest, "guest", &options));
	other = (struct vio_port){
		.name = "other", .mac = { 0x52, 0, 0, 0, 0, 2 }, .up = true, .deliver = count_frame
	};
	assert_int_equal(vio_switch_add(&sw, &other, NULL), VIO_SWITCH_OK);
	assert_int_equal(vio_switch_add(&sw, &guest.port, NULL), VIO_SWITCH_OK);
	slot_attach(&slot, &guest.device);
	return 0;
}

static void start(uint64_t features)
{
	slot_start(&slot, features | VIO_BIT(VIO_NET_F_CTRL_VQ) | VIO_BIT(VIO_F_RING_RESET), RING);
	for (unsigned pair = 0; pair < (features != 0 ? VIO_NET_PAIRS : 1); pair++) {
		for (unsigned i = 0; i < 8; i++) {
			const struct vio_buffer buffer = { slot_alloc(&slot, 128), 128, true };

			slot_send(&slot, 2 * pair, &buffer, 1);
		}
	}
}

static uint8_t set_to(unsigned queue, uint16_t value)
{
	uint8_t *at = slot_alloc(&slot, 8);
	const struct vio_buffer buffers[] = { { at, 4, false }, { at + 4, 1, true } };
	const uint16_t wire = slot_wire16(value);

	at[0] = CLASS_MQ;
	at[1] = 0;
	memcpy(at + 2, &wire, sizeof(wire));
	at[4] = 0xee;
	assert_int_equal(slot_request(&slot, queue, buffers, 2), 1);
	return at[4];
}

/* A frame from the station with this last byte; the pair it comes in at, or -1. */
static int pair_for(uint8_t station)
{
	uint8_t bytes[60] = { 0x52, 0, 0, 0, 0, 1, 0x52, 0, 0, 0, 0, station };
	const struct vio_frame frame = { .head = bytes, .head_len = 60, .len = 60 };

	vio_port_send(&other, &frame);
	vio_port_flush(&other);
	slot_settle(&slot);
	for (int pair = 0; pair < VIO_NET_PAIRS; pair++) {
		int64_t used = guest.device.configs[2 * pair].ready
				       ? slot_used(&slot, 2 * (unsigned)pair)
				       : SLOT_PENDING;

		if (used != SLOT_PENDING)
			return pair;
	}
	return -1;
}

static void NET_D_01_the_number_is_told(void **state)
{
	(void)state;
	start(VIO_BIT(VIO_NET_F_MQ));
	assert_int_equal(vio_driver_config(&slot.driver, 8, 2), VIO_NET_PAIRS);
}

static void NET_D_82_83_NET_L_111_pairs_in_use(void **state)
{
	unsigned seen = 0;

	(void)state;
	start(VIO_BIT(VIO_NET_F_MQ));
	for (uint8_t station = 2; station < 5; station++)
		assert_int_equal(pair_for(station), 0);
	assert_int_equal(set_to(CTRL_WITH_MQ, VIO_NET_PAIRS), ACK_OK);
	for (uint8_t station = 2; station < 5; station++)
		seen |= 1u << pair_for(station);
	assert_int_equal(seen, 7);
	assert_int_equal(set_to(CTRL_WITH_MQ, 1), ACK_OK);
	assert_int_equal(pair_for(3), 0);
	/* It may send on any of them. */
	set_to(CTRL_WITH_MQ, 2);
	vio_driver_reset(&slot.driver);
	assert_int_equal(guest.setup.pairs, 1);
}

static void NET_D_84_85_a_queue_in_reset(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	start(VIO_BIT(VIO_NET_F_MQ));
	set_to(CTRL_WITH_MQ, 2);
	assert_int_equal(pair_for(3), 1);
	for (unsigned pair = 2; pair-- > 0;) {
		vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_SEL, 4, 2 * pair);
		vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_RESET, 4, 1);
		assert_int_equal(pair_for(3), pair == 1 ? 0 : -1);
	}
	assert_int_equal(guest.port.counters.drops[VIO_DROP_NO_ROOM], 1);
}

static void hostile_58_NET_H_119_wrong_numbers(void **state)
{
	(void)state;
	start(VIO_BIT(VIO_NET_F_MQ));
	assert_int_equal(set_to(CTRL_WITH_MQ, 0), ACK_ERR);
	assert_int_equal(set_to(CTRL_WITH_MQ, VIO_NET_PAIRS + 1), ACK_ERR);
	assert_int_equal(set_to(CTRL_WITH_MQ, 0xffff), ACK_ERR);
	assert_int_equal(guest.setup.pairs, 1);
}

static void NET_P_124_where_the_control_queue_is(void **state)
{
	(void)state;
	start(0);
	assert_int_equal(set_to(CTRL_WITHOUT, 1), ACK_ERR); /* answered, but MQ is not there */
	assert_int_equal(guest.commands_refused, 1);
}

static void frames_leave_by_every_pair(void **state)
{
	(void)state;
	start(VIO_BIT(VIO_NET_F_MQ));
	set_to(CTRL_WITH_MQ, VIO_NET_PAIRS);
	for (unsigned pair = 0; pair < VIO_NET_PAIRS; pair++) {
		uint8_t *at = slot_alloc(&slot, 128);
		const unsigned header = slot_version ? 10 : HEADER;
		const struct vio_buffer buffer = { at, header + 60, false };

		memset(at, 0, 128);
		memcpy(at + header, other.mac, VIO_MAC);
		memcpy(at + header + VIO_MAC, options.mac, VIO_MAC);
		assert_int_equal(slot_request(&slot, 2 * pair + 1, &buffer, 1), 0);
		assert_int_equal(got, pair + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(NET_D_01_the_number_is_told, setup),
		cmocka_unit_test_setup(NET_D_82_83_NET_L_111_pairs_in_use, setup),
		cmocka_unit_test_setup(NET_D_84_85_a_queue_in_reset, setup),
		cmocka_unit_test_setup(hostile_58_NET_H_119_wrong_numbers, setup),
		cmocka_unit_test_setup(NET_P_124_where_the_control_queue_is, setup),
		cmocka_unit_test_setup(frames_leave_by_every_pair, setup),
	};

	return SLOT_RUN_TESTS(tests);
}
