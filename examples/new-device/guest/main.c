/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bare-metal driver of the checksum device: finds it in the Virtio window, has two messages
 * summed up, says what came back on the UART, and powers off.
 */
#include "vio_checksum.h"
#include "vio_driver.h"

/* Board v1, docs/board.md. */
#define WINDOW UINT64_C(0x0a000000)
#define STRIDE 0x200
#define SLOTS  32
#define UART   UINT64_C(0x09000000)

static struct vio_driver driver = { .access = &vio_driver_mapped };
static struct vio_driver_queue queue;
static _Alignas(16) uint8_t ring[VIO_DRIVER_RING_BYTES(VIO_CHECKSUM_QUEUE_SIZE)];

void guest_main(void);

static void print(const char *text)
{
	volatile uint32_t *data = (volatile uint32_t *)UART;

	while (*text != '\0')
		*data = (uint8_t)*text++;
}

static void print_hex(uint32_t value)
{
	char text[9] = "";
	unsigned i = 0;

	for (i = 0; i < 8; i++)
		text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
	print(text);
}

static bool find(void)
{
	unsigned slot = 0;

	for (slot = 0; slot < SLOTS; slot++) {
		driver.registers = (void *)(WINDOW + slot * STRIDE);
		if (vio_driver_probe(&driver) == VIO_ID_CHECKSUM)
			return true;
	}
	return false;
}

static bool start(void)
{
	if (!vio_driver_start(&driver, VIO_BIT(VIO_CHECKSUM_F_LENGTH)) ||
	    !vio_driver_queue_init(&driver, &queue, 0, ring, VIO_CHECKSUM_QUEUE_SIZE))
		return false;
	vio_driver_run(&driver);
	return true;
}

/* The checksum of `text`, which the device answers in no time or a while later. */
static uint32_t checksum(char *text)
{
	struct vio_checksum_answer answer = { 0 };
	struct vio_buffer buffers[] = {
		{ .data = text, .len = 0 },
		{ .data = &answer, .len = sizeof(answer), .writable = true },
	};
	uint16_t head = 0;
	uint32_t len = 0;

	while (text[buffers[0].len] != '\0')
		buffers[0].len++;
	vio_driver_queue_add(&queue, buffers, 2);
	vio_driver_queue_publish(&queue);
	while (!vio_driver_queue_used(&queue, &head, &len))
		;
	print("checksum of ");
	print_hex(answer.length);
	print(" bytes: ");
	print_hex(answer.crc);
	print("\n");
	return answer.crc;
}

void guest_main(void)
{
	static char digits[] = "123456789";
	static char fox[] = "The quick brown fox jumps over the lazy dog";

	if (!find())
		print("there is no checksum device\n");
	else if (!start())
		print("the checksum device does not start\n");
	else if (checksum(digits) == 0xcbf43926 && checksum(fox) == 0x414fa339)
		print("both are right\n");
	else
		print("that is wrong\n");
}

/* All that the driver links to. */
void *memset(void *to, int byte, size_t len)
{
	uint8_t *at = to;

	while (len-- != 0)
		*at++ = (uint8_t)byte;
	return to;
}
