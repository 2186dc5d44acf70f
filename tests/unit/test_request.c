/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests: two cursors over spans, against a model that has all bytes in one piece. */
#include "box.h"

#define SPANS 6
#define BYTES 64

struct model {
	uint8_t memory[2][BYTES]; /* what the spans are cut from */
	uint8_t copy[2][BYTES];
	struct vio_span spans[2 * SPANS];
	uint32_t len[2];
	uint32_t at[2];
	bool claimed;
};

static uint32_t random_state = 12345;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 16) % limit;
}

/* A request of random spans, as the core would have built it. */
static struct vio_request random_request(struct model *model)
{
	unsigned counts[2] = { random_below(SPANS + 1), random_below(SPANS + 1) };
	struct vio_request req = { 0 };
	unsigned next = 0;

	memset(model, 0, sizeof(*model));
	for (unsigned side = 0; side < 2; side++) {
		for (unsigned i = 0; i < BYTES; i++)
			model->memory[side][i] = (uint8_t)(side * 100 + i);
		for (unsigned i = 0; i < counts[side]; i++) {
			uint32_t len = random_below(10) + 1;

			model->spans[next].data = model->memory[side] + model->len[side];
			model->spans[next].len = len;
			model->len[side] += len;
			next++;
		}
	}
	memcpy(model->copy, model->memory, sizeof(model->copy));
	req.readable = model->spans;
	req.writable = model->spans + counts[0];
	req.readable_len = model->len[0];
	req.writable_len = req.whole_len = model->len[1];
	return req;
}

static uint32_t at_most(uint32_t len, uint32_t left)
{
	return len < left ? len : left;
}

static void step(struct model *model, struct vio_request *req)
{
	uint32_t left[2] = { model->len[0] - model->at[0], model->len[1] - model->at[1] };
	uint32_t len = random_below(20);
	uint8_t bytes[20];
	struct vio_span span = { 0 };
	uint8_t *last = NULL;

	switch (random_below(7)) {
	case 0:
		assert_int_equal(vio_request_read(req, bytes, len), at_most(len, left[0]));
		len = at_most(len, left[0]);
		assert_memory_equal(bytes, model->copy[0] + model->at[0], len);
		model->at[0] += len;
		break;
	case 1:
		memset(bytes, (int)random_below(256), sizeof(bytes));
		assert_int_equal(vio_request_write(req, bytes, len), at_most(len, left[1]));
		len = at_most(len, left[1]);
		memcpy(model->copy[1] + model->at[1], bytes, len);
		model->at[1] += len;
		break;
	case 2:
		assert_int_equal(vio_request_next_readable(req, &span), left[0] != 0);
		if (left[0] == 0)
			break;
		assert_ptr_equal(span.data, model->memory[0] + model->at[0]);
		assert_true(span.len != 0 && span.len <= left[0]);
		vio_request_consumed(req, span.len);
		model->at[0] += span.len;
		break;
	case 3:
		assert_int_equal(vio_request_next_writable(req, &span), left[1] != 0);
		if (left[1] == 0)
			break;
		assert_ptr_equal(span.data, model->memory[1] + model->at[1]);
		assert_true(span.len != 0 && span.len <= left[1]);
		len = random_below(span.len) + 1;
		memset(span.data, 0x77, len);
		memset(model->copy[1] + model->at[1], 0x77, len);
		vio_request_wrote(req, len);
		model->at[1] += len;
		break;
	case 4: /* more than there is counts as all there is */
		vio_request_consumed(req, UINT32_MAX - random_below(3));
		model->at[0] = model->len[0];
		break;
	case 5:
		last = vio_request_claim_last(req);
		if (model->claimed || left[1] == 0) {
			assert_null(last);
			break;
		}
		model->claimed = true;
		model->len[1]--;
		assert_ptr_equal(last, model->memory[1] + model->len[1]);
		break;
	default:
		if (random_below(4) != 0)
			break;
		vio_request_zero_rest(req);
		memset(model->copy[1] + model->at[1], 0, left[1]);
		model->at[1] = model->len[1];
		break;
	}
	assert_int_equal(req->readable_len, model->len[0] - model->at[0]);
	assert_int_equal(req->writable_len, model->len[1] - model->at[1]);
	/* The claimed byte comes last. */
	assert_int_equal(req->written, model->at[1] + (model->claimed && req->writable_len == 0));
	assert_memory_equal(model->memory, model->copy, sizeof(model->memory));
}

static void random_walks(void **state)
{
	(void)state;
	for (unsigned walk = 0; walk < 20000; walk++) {
		struct model model;
		struct vio_request req = random_request(&model);

		for (unsigned i = 0; i < 12; i++)
			step(&model, &req);
	}
}

/* The length told to the driver: the status byte counts only after all before it. */
static void claimed_byte_in_the_used_length(void **state)
{
	struct box *box = *state;

	for (unsigned whole = 0; whole < 2; whole++) {
		struct box_held *held = &box->device.held[0];
		uint8_t *status = NULL;

		box->device.behaviour = BOX_HOLD;
		box->device.held_count = 0;
		box_start(box, 0);
		box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE | VIO_DESC_F_NEXT, 1);
		box_desc(box, 0, 1, BOX_DATA + 64, 1, VIO_DESC_F_WRITE, 0);
		box_offer(box, 0, 0);
		status = vio_request_claim_last(&held->request);
		assert_ptr_equal(status, box_at(box, BOX_DATA + 64, 1));
		*status = 0;
		vio_request_write(&held->request, "12345678", whole ? 8 : 7);
		vio_queue_complete(held->queue, &held->request);
		assert_int_equal(box_used(box, 0, 0).len, whole ? 9 : 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("SPL-D-01", random_walks),
		BOX_TEST("SPL-D-15 BLK-P-65", claimed_byte_in_the_used_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
