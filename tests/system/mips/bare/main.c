/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bare-metal guest of the MIPS board. `case=` on its command line says what it does: drive its
 * devices, count for ever, or what no guest should.
 */
#include "vio_driver.h"

#define KSEG0  0x80000000
#define KSEG1  0xa0000000
#define WINDOW (KSEG1 + 0x1e000000)
#define STRIDE 0x200
#define SLOTS  16
#define UART   (KSEG1 + 0x1f000900)
#define POWER  (KSEG1 + 0x1f000500)
#define RESET  0x42

#define read_c0(number, select)                                                                    \
	({                                                                                         \
		uint32_t value_;                                                                   \
		__asm__ volatile("mfc0 %0, $" #number ", " #select "; ehb" : "=r"(value_));        \
		value_;                                                                            \
	})
#define write_c0(number, select, value)                                                            \
	__asm__ volatile("mtc0 %z0, $" #number ", " #select "; ehb" ::"Jr"((uint32_t)(value))      \
			 : "memory")

#define STATUS_IE   1
#define INTERRUPTS  0x7c00 /* IP2 to IP6 in Status and Cause */
#define TIMER       0x8000
#define BELL        0x200 /* IP1, which is ours to clear */
#define BELLS       (KSEG1 + 0x1e010000)
#define RING        (0x0c / 4)
#define RING_NOW    1
#define CODE(cause) ((cause) >> 2 & 31)
#define TI          0x40000000
#define RIPL(cause) ((cause) >> 10 & 63)
#define IPL(n)      ((n) << 10)
#define IV          0x00800000
#define VEIC        0x40
#define VS_32       0x20
#define VECTORED    16 /* what start.S tells of a vector, and its number */

enum {
	EXC_INT = 0,
	EXC_TLBL = 2,
	EXC_TLBS = 3,
	EXC_IBE = 6,
	EXC_DBE = 7,
	EXC_RI = 10,
};

/* ---- Saying things ---- */

static void put(const char *text)
{
	for (; *text; text++)
		*(volatile uint8_t *)UART = (uint8_t)*text;
}

static void put_number(uint32_t value)
{
	char digits[12];
	unsigned i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + value % 10);
	} while (value /= 10);
	put(digits + i);
}

static void say(const char *what, uint32_t value)
{
	put(what);
	put_number(value);
	put("\n");
}

static void check(const char *name, bool good)
{
	put(good ? "ok " : "not ok ");
	put(name);
	put("\n");
}

/* ---- Exceptions ---- */

static volatile struct {
	uint32_t count;
	uint32_t cause;
	uint32_t at; /* BadVAddr */
	uint32_t interrupts;
	uint32_t vectors; /* of them, a digit each, the last one lowest */
	uint32_t priorities;
} caught;

static struct vio_driver drivers[SLOTS];

static void acknowledge(void)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		if (drivers[i].registers)
			vio_driver_interrupt(&drivers[i]);
	}
}

/* Steps over the instruction; a jump to nowhere goes back to its caller. */
void exception(uint32_t vector, uint32_t caller);
void exception(uint32_t vector, uint32_t caller)
{
	uint32_t cause = read_c0(13, 0);
	uint32_t epc = read_c0(14, 0);

	if (CODE(cause) == EXC_INT) {
		caught.vectors = caught.vectors << 4 | (vector >= VECTORED ? vector - VECTORED : 0);
		caught.priorities = caught.priorities << 4 | RIPL(cause);
		caught.interrupts++;
		if (vector < VECTORED ? cause & TIMER : vector == VECTORED + 7)
			write_c0(11, 0, read_c0(11, 0)); /* in another round of Count */
		if (cause & BELL)
			write_c0(13, 0, cause & ~(uint32_t)BELL);
		if (vector != VECTORED + 7)
			acknowledge();
		return;
	}
	caught.count++;
	caught.cause = cause;
	caught.at = read_c0(8, 0);
	if (caught.count > 100000) {
		put("too many exceptions\n");
		for (;;)
			;
	}
	write_c0(14, 0, CODE(cause) == EXC_IBE || epc == caught.at ? caller : epc + 4);
}

static uint32_t load(uint32_t at)
{
	return *(volatile uint32_t *)at;
}

/* ---- Memory that is not its own ---- */

/* Maps the pair of pages at guest-physical `at` to 0xc0000000. */
static void map(uint32_t at)
{
	write_c0(10, 0, 0xc0000000);
	write_c0(2, 0, at >> 12 << 6 | 0x17);
	write_c0(3, 0, (at >> 12 | 1) << 6 | 0x17);
	write_c0(5, 0, 0);
	write_c0(0, 0, 0);
	__asm__ volatile("tlbwi; ehb" ::: "memory");
}

static uint32_t fdt_cell(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Bytes of RAM, from the memory node's reg: the second half of four cells behind its name. */
static uint32_t ram_size(const uint8_t *fdt)
{
	uint32_t size = fdt_cell(fdt + 4);

	for (uint32_t i = 0; i + 40 < size; i += 4) {
		static const char name[] = "memory@0";
		unsigned k = 0;

		while (k < sizeof(name) && fdt[i + k] == (uint8_t)name[k])
			k++;
		if (k == sizeof(name)) /* device_type = "memory" is a property of 20 bytes */
			return fdt_cell(fdt + i + 12 + 20 + 12 + 12);
	}
	return 0;
}

/* Every 64 KiB of the physical addresses that are not its own, and what it wrote there. */
static void peek(const uint8_t *fdt)
{
	uint32_t end = ram_size(fdt);
	uint32_t readable = 0;
	uint32_t tried = 0;

	check("it knows its memory", end >= 2 << 20 && end % (2 << 20) == 0);
	for (uint32_t at = end; at < 0x1e000000; at += 0x10000) {
		caught.count = 0;
		load(KSEG1 + at);
		*(volatile uint32_t *)(KSEG1 + at) = 0x12345678;
		tried += 2;
		readable += 2 - caught.count;
	}
	for (uint32_t at = 0x20000000; at < 0xfff00000; at += 0x100000) {
		map(at);
		caught.count = 0;
		load(0xc0000000);
		*(volatile uint32_t *)0xc0001000 = 0x12345678;
		tried += 2;
		readable += 2 - caught.count;
	}
	say("tried ", tried);
	check("71 nothing beyond its memory is to be read or written", readable == 0);
	check("71 each ends in a bus error", CODE(caught.cause) == EXC_DBE);
	map(0x2000);
	caught.count = 0;
	check("its own is, by its TLB", load(0xc0000000) == load(KSEG0 + 0x2000) && !caught.count);
	map(0x4000);
	check("and by the TLB's next entry as that says",
	      load(0xc0000000) == load(KSEG0 + 0x4000) && !caught.count);
	load(0xc0002000);
	check("without an entry it has a TLB refill",
	      caught.count == 1 && CODE(caught.cause) == EXC_TLBL && caught.at == 0xc0002000);
}

/* ---- Privileged things ---- */

#define TRY(number, select)                                                                        \
	do {                                                                                       \
		uint32_t was = read_c0(number, select);                                            \
		write_c0(number, select, 0xffffffff);                                              \
		write_c0(number, select, 0);                                                       \
		write_c0(number, select, 0x5a5a5a5a);                                              \
		write_c0(number, select, was);                                                     \
		same += read_c0(number, select) == was;                                            \
		tried++;                                                                           \
	} while (0)

#define TRY_8(number)                                                                              \
	do {                                                                                       \
		TRY(number, 0);                                                                    \
		TRY(number, 1);                                                                    \
		TRY(number, 2);                                                                    \
		TRY(number, 3);                                                                    \
		TRY(number, 4);                                                                    \
		TRY(number, 5);                                                                    \
		TRY(number, 6);                                                                    \
		TRY(number, 7);                                                                    \
	} while (0)

/* Status, Cause and EBase apart, which this very program stands on; Count and Random move. */
static void registers(void)
{
	uint32_t tried = 0;
	uint32_t same = 0;

	TRY_8(0);
	TRY_8(2);
	TRY_8(3);
	TRY_8(4);
	TRY_8(5);
	TRY_8(6);
	TRY_8(7);
	TRY_8(8);
	TRY_8(10);
	TRY(12, 1);
	TRY(12, 2);
	TRY(12, 3);
	TRY(12, 6);
	TRY(12, 7);
	TRY(15, 0);
	TRY_8(16);
	TRY_8(17);
	TRY_8(18);
	TRY_8(19);
	TRY_8(22);
	TRY_8(23);
	TRY_8(24);
	TRY_8(25);
	TRY_8(26);
	TRY_8(27);
	TRY_8(28);
	TRY_8(29);
	TRY_8(30);
	TRY_8(31);
	say("registers tried: ", tried);
	check("70 all of CP0 can be written, and put back as it was", same == tried);
}

bool status_in_slot(void);
uint32_t keep(uint32_t rounds);

/* What it writes to the previous set, and reads from there, is in the set it is in. */
static bool one_set(void)
{
	uint32_t value = 1;
	uint32_t back;

	write_c0(12, 2, 7 << 6);
	__asm__ volatile("wrpgpr %0, %2; rdpgpr %1, %0"
			 : "+r"(value), "=r"(back)
			 : "r"(0x12345678));
	write_c0(12, 2, 0);
	return value == 0x12345678 && back == value;
}

static void privileged(void)
{
	uint32_t count = read_c0(9, 0);

	registers();
	caught.count = 0;
	__asm__ volatile("sdbbp 1");
	check("SDBBP is a reserved instruction", caught.count == 1 && CODE(caught.cause) == EXC_RI);
	caught.count = 0;
	__asm__ volatile(".word 0x42000038"); /* no function of COP0 */
	check("what is no instruction is a reserved one",
	      caught.count == 1 && CODE(caught.cause) == EXC_RI);
	__asm__ volatile("cache 0x15, 0(%0)" ::"r"(KSEG0));
	__asm__ volatile("cache 0x00, 0(%0)" ::"r"(KSEG0));
	__asm__ volatile("di; ei; di; ehb");
	check("DI and EI do so", (read_c0(12, 0) & STATUS_IE) == 0);
	check("Count goes on", read_c0(9, 0) != count);
	check("70 of register sets it has one", one_set() && !(read_c0(12, 2) >> 26));
}

/* UHI's exit, as the root would call it. */
static void hosting(void)
{
	register uint32_t operation __asm__("$25") = 1;
	register uint32_t status __asm__("$4") = 77;

	caught.count = 0;
	__asm__ volatile("sdbbp 1" : "+r"(operation), "+r"(status)::"$2", "$3", "memory");
	check("75 semihosting reaches nothing of the host", caught.count == 1);
}

static bool is_past(uint32_t at)
{
	return (int32_t)(read_c0(9, 0) - at) >= 0;
}

/* Until Count has been seen to be at Compare, which was set near. */
static void come_to_match(void)
{
	uint32_t ticks = 16;
	uint32_t at;

	do {
		at = read_c0(9, 0) + ticks;
		write_c0(11, 0, at);
		ticks *= 2;
	} while (is_past(at)); /* set too late */
	while (!is_past(at))
		;
}

/* Waits for the timer, set ever further ahead, until it has come. False: it had not. */
static bool wait_for_timer(void)
{
	for (uint32_t ticks = 16; ticks < 1 << 20; ticks += ticks / 4) {
		uint32_t at = read_c0(9, 0) + ticks;

		write_c0(11, 0, at);
		if (is_past(at))
			continue;
		__asm__ volatile("wait");
		if (!(read_c0(13, 0) & TI) || !is_past(at))
			return false;
	}
	return true;
}

static void timer(void)
{
	uint32_t start, cause;

	come_to_match();
	cause = read_c0(13, 0);
	check("Cause says of the timer what Count does", cause & TI && cause & TIMER);
	come_to_match();
	write_c0(9, 0, 5);
	cause = read_c0(13, 0);
	check("and still does when Count is set", cause & TI && cause & TIMER);
	write_c0(12, 0, TIMER);
	check("a timer ends a WAIT, near or far", wait_for_timer());
	start = read_c0(9, 0);
	caught.interrupts = 0;
	write_c0(11, 0, start + 160000);
	write_c0(12, 0, TIMER | STATUS_IE);
	while (!caught.interrupts)
		__asm__ volatile("wait");
	write_c0(12, 0, 0);
	check("Count and Compare interrupt, and end a WAIT", read_c0(9, 0) - start >= 160000);
	check("a write to Compare takes the interrupt back", (read_c0(13, 0) & TIMER) == 0);
	write_c0(9, 0, 5);
	check("Count can be set", read_c0(9, 0) - 5 < 1 << 24);
}

/* ---- Devices ---- */

static struct vio_driver_queue queue;
static _Alignas(4096) uint8_t ring[VIO_DRIVER_RING_BYTES(8)];

static struct vio_driver *start_device(uint32_t id, uint16_t index)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		struct vio_driver *driver = &drivers[i];

		*driver = (struct vio_driver){ .access = &vio_driver_mapped,
					       .registers = (void *)(WINDOW + i * STRIDE),
					       .dma_offset = (uint64_t)0 - KSEG0 };
		if (vio_driver_probe(driver) == id && vio_driver_start(driver, 0) &&
		    vio_driver_queue_init(driver, &queue, index, ring, 8)) {
			vio_driver_run(driver);
			return driver;
		}
		driver->registers = NULL;
	}
	return NULL;
}

/* The bytes that the device has written. */
static uint32_t request(const struct vio_buffer *buffers, unsigned count)
{
	uint16_t head = 0;
	uint32_t len = 0;

	vio_driver_queue_add(&queue, buffers, count);
	vio_driver_queue_publish(&queue);
	while (!vio_driver_queue_used(&queue, &head, &len))
		;
	return len;
}

static uint8_t bytes[512];

static void drive_rng(void)
{
	struct vio_driver *rng = start_device(VIO_ID_RNG, 0);
	uint32_t sum = 0;

	if (!rng) {
		check("there is an entropy device", false);
		return;
	}
	caught.interrupts = 0;
	write_c0(12, 0, INTERRUPTS | STATUS_IE);
	check("rng: fills a buffer", request(&(struct vio_buffer){ bytes, 64, true }, 1) == 64);
	for (unsigned i = 0; i < 64; i++)
		sum += bytes[i];
	check("rng: with something", sum > 1000);
	check("rng: interrupts", caught.interrupts == 1);
	check("rng: whose line drops", (read_c0(13, 0) & INTERRUPTS) == 0);
	write_c0(12, 0, 0);
	vio_driver_reset(rng);
	rng->registers = NULL;
}

static void drive_console(void)
{
	static char text[] = "words by the console\n";
	struct vio_driver *console = start_device(VIO_ID_CONSOLE, 1);

	check("there is a console", console != NULL);
	if (!console)
		return;
	request(&(struct vio_buffer){ text, sizeof(text) - 1, false }, 1);
	vio_driver_reset(console);
	console->registers = NULL;
}

static struct vio_blk_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
} header;
static uint8_t answer;

static bool disk(bool write, uint32_t sector)
{
	const struct vio_buffer buffers[] = {
		{ &header, sizeof(header), false },
		{ bytes, sizeof(bytes), !write },
		{ &answer, 1, true },
	};

	header = (struct vio_blk_header){ vio_le32(write), 0, vio_le64(sector) };
	answer = 99;
	request(buffers, 3);
	return answer == 0;
}

static void drive_disk(void)
{
	struct vio_driver *blk = start_device(VIO_ID_BLK, 0);

	check("there is a disk", blk != NULL);
	if (!blk)
		return;
	check("blk: is written", (bytes[7] = 77, disk(true, 5)));
	check("blk: is read", (bytes[7] = 0, disk(false, 5)) && bytes[7] == 77);
	vio_driver_reset(blk);
	blk->registers = NULL;
}

#define LATE     ((uint8_t *)(KSEG0 + 0x180000)) /* where requests of the life before have read to */
#define LATE_END (LATE + 2 * 512)

static bool is_zero(const volatile uint8_t *from, const volatile uint8_t *end)
{
	while (from < end && *from == 0)
		from++;
	return from == end;
}

/*
 * One life of many: counts in the disk's first sector, and resets with requests under way, whose
 * sector is not zero.
 */
static void restart(void)
{
	struct vio_driver *blk = start_device(VIO_ID_BLK, 0);
	const struct vio_buffer buffers[][3] = {
		{ { &header, sizeof(header), false }, { LATE, 512, true }, { &answer, 1, true } },
		{ { &header, sizeof(header), false },
		  { LATE + 512, 512, true },
		  { &answer, 1, true } },
	};

	if (!blk || !disk(false, 0)) {
		put("not ok the disk\n");
		return;
	}
	if (bytes[0] == 100) {
		put("ok lived a hundred times\n");
		return;
	}
	if (bytes[0]++ == 0) {
		bytes[1] = 1;
		disk(true, 3);
		bytes[1] = 0;
	}
	disk(true, 0);
	if (!is_zero(LATE, LATE_END)) {
		put("not ok what the life before has asked for comes now\n");
		return;
	}
	header = (struct vio_blk_header){ 0, 0, vio_le64(3) };
	vio_driver_queue_add(&queue, buffers[0], 3);
	vio_driver_queue_add(&queue, buffers[1], 3);
	vio_driver_queue_publish(&queue);
	*(volatile uint32_t *)POWER = vio_le32(RESET);
	for (;;)
		;
}

/* Memory that is not the program's or the device tree's: zero, although a life before filled it. */
static void memory(void)
{
	volatile uint32_t *at = (volatile uint32_t *)(KSEG0 + 0x100000);
	uint32_t sum = 0;

	for (unsigned i = 0; i < 0x40000; i++) {
		sum |= at[i];
		at[i] = ~i;
	}
	check("71 memory is zero", sum == 0);
	*(volatile uint32_t *)POWER = vio_le32(RESET);
	for (;;)
		;
}

#define MARK(n)    __asm__ volatile("ori $0, $0, 0xb00" #n ::: "memory")
#define TIMES      1000

/* ---- Hypercalls ---- */

#define CALL_OPEN  0x1000
#define CALL_CLOSE 0x1001
#define CALL_READ  0x1002

static int32_t hypercall(uint32_t function, uint32_t a, uint32_t b, uint32_t c)
{
	register uint32_t r2 __asm__("$2") = function;
	register uint32_t r4 __asm__("$4") = a;
	register uint32_t r5 __asm__("$5") = b;
	register uint32_t r6 __asm__("$6") = c;

	__asm__ volatile(".word 0x42000028" : "+r"(r2) : "r"(r4), "r"(r5), "r"(r6) : "memory");
	return (int32_t)r2;
}

/* A file of the host, by name; guest-physical addresses. */
static void files(void)
{
	static const char name[] = "README.md";
	static const char above[] = "../README.md";
	int32_t file = hypercall(CALL_OPEN, (uintptr_t)name - KSEG0, sizeof(name) - 1, 0);

	check("a file of the host is opened", file >= 0);
	check("and read", hypercall(CALL_READ, (uint32_t)file, (uintptr_t)bytes - KSEG0, 5) == 5 &&
				  bytes[0] == '#' && bytes[2] == 'V');
	check("but not to where there is no memory",
	      hypercall(CALL_READ, (uint32_t)file, 0x1d000000, 5) < 0);
	check("and closed", hypercall(CALL_CLOSE, (uint32_t)file, 0, 0) >= 0);
	check("none is, that is above",
	      hypercall(CALL_OPEN, (uintptr_t)above - KSEG0, sizeof(above) - 1, 0) < 0);
	check("an unknown call is refused", hypercall(7, 0, 0, 0) < 0);
}

/* For the bench: a register read, and written, so many times, between its markers. */
static void measure(void)
{
	volatile uint32_t *slot = (volatile uint32_t *)(WINDOW + (SLOTS - 1) * STRIDE);

	slot[0];
	MARK(1);
	for (unsigned i = 0; i < TIMES; i++)
		slot[VIO_MMIO_INTERRUPT_STATUS / 4];
	MARK(2);
	MARK(1);
	for (unsigned i = 0; i < TIMES; i++)
		slot[VIO_MMIO_QUEUE_SEL / 4] = 0;
	MARK(2);
}

/* A word of each page, through all of memory and back: it is there, and stays what it is. */
static void touch(const uint8_t *fdt)
{
	const uint32_t end = KSEG0 + ram_size(fdt);
	uint32_t wrong = 0;

	for (uint32_t at = KSEG0 + 0x100000; at < end; at += 0x1000)
		*(volatile uint32_t *)at = at;
	for (uint32_t at = end - 0x1000; at >= KSEG0 + 0x100000; at -= 0x1000)
		wrong += load(at) != at;
	check("all of its memory is there", wrong == 0);
}

/* The machine's README as a ROM: stores of all kinds are lost, in a delay slot too. */
static void rom(void)
{
	const uint32_t at = KSEG1 + 0x1fc00000;
	uint32_t first = load(at);
	uint32_t stored;

	check("the ROM holds what it should",
	      *(volatile uint8_t *)at == '#' && *(volatile uint8_t *)(at + 2) == 'V');
	caught.count = 0;
	*(volatile uint32_t *)at = 1;
	*(volatile uint8_t *)at = 1;
	__asm__ volatile(
		".set push; .set noreorder; swl %0, 3(%0); b 1f; sw %0, 0(%0); 1: .set pop" ::"r"(
			at)
		: "memory");
	check("what is written to the ROM is lost, without a fault",
	      caught.count == 0 && load(at) == first);
	__asm__ volatile("ll %0, 0(%1); move %0, %1; sc %0, 0(%1)"
			 : "=&r"(stored)
			 : "r"(at - KSEG1 + KSEG0)
			 : "memory");
	check("so is a conditional store, which says it is done",
	      caught.count == 0 && load(at) == first && stored == 1);
}

/* Both ends of a doorbell are ours. Nobody looks at its registers when it has rung. */
static void bell(void)
{
	volatile uint32_t *end = (volatile uint32_t *)BELLS;

	write_c0(13, 0, 0);
	end[RING] = vio_le32(RING_NOW);
	check("a ring is IP1 in Cause", (read_c0(13, 0) & (BELL | INTERRUPTS)) == BELL);
	write_c0(13, 0, 0);
	check("which is cleared there", (read_c0(13, 0) & BELL) == 0);
	caught.interrupts = 0;
	write_c0(12, 0, BELL | STATUS_IE);
	for (unsigned i = 0; i < 3; i++)
		end[RING] = vio_le32(RING_NOW);
	check("three rings are three interrupts", caught.interrupts == 3);
	write_c0(12, 0, 0);
	end[RING] = vio_le32(RING_NOW);
	write_c0(12, 0, BELL | STATUS_IE);
	write_c0(12, 0, 0);
	check("a ring waits until it may interrupt", caught.interrupts == 4);
}

/* Loads that took longer than they do, but not so long that another guest had its turn. */
static void steady(const uint8_t *fdt)
{
	const uint32_t end = KSEG0 + ram_size(fdt);
	uint32_t late = 0;

	for (unsigned round = 0; round < 60000; round++) {
		for (uint32_t at = KSEG0 + 0x100000; at < end; at += 0x10000) {
			uint32_t start = read_c0(9, 0);

			load(at);
			start = read_c0(9, 0) - start;
			late += start > 20 && start < 2000;
		}
	}
	say("loads that were late: ", late);
}

static void devices(void)
{
	drive_rng();
	drive_console();
	drive_disk();
}

/* ---- An external interrupt controller: lines by priority, each at a vector of its number ---- */

static void interrupt_controller(void)
{
	struct vio_driver *rng = start_device(VIO_ID_RNG, 0);
	uint32_t start;

	check("it has an interrupt controller", read_c0(16, 3) & VEIC);
	write_c0(13, 0, IV);
	write_c0(12, 1, VS_32);
	check("vectors are 32 bytes apart", (read_c0(12, 1) & 0x3e0) == VS_32);
	come_to_match();
	check("Cause says of the timer what Count does", read_c0(13, 0) & TI);
	check("a timer ends a WAIT, near or far", wait_for_timer());
	/* Its timer and a device, while IPL is as high as the higher. */
	write_c0(12, 0, IPL(7) | STATUS_IE);
	start = read_c0(9, 0);
	write_c0(11, 0, start + 10000);
	request(&(struct vio_buffer){ bytes, 64, true }, 1);
	while (read_c0(9, 0) - start < 200000)
		;
	check("IPL masks what is not above it", caught.interrupts == 0);
	check("the timer is due", read_c0(13, 0) & TI);
	write_c0(12, 0, IPL(6) | STATUS_IE);
	while (caught.interrupts < 1)
		;
	check("the timer's vector is 7", caught.vectors == 7 && caught.priorities == 7);
	check("and Compare takes it back", !(read_c0(13, 0) & TI));
	load(UART + 40); /* an exit: the device's line is asked for again */
	check("the device's is still masked", caught.interrupts == 1);
	write_c0(12, 0, IPL(5) | STATUS_IE);
	while (caught.interrupts < 2)
		;
	check("the device's vector is 6", caught.vectors == 0x76 && caught.priorities == 0x76);
	write_c0(12, 0, STATUS_IE);
	for (unsigned i = 0; i < 100; i++)
		request(&(struct vio_buffer){ bytes, 64, true }, 1);
	check("each request has its interrupt", caught.interrupts == 102);
	check("of which none was at another vector", caught.vectors == 0x66666666);
	caught.interrupts = 0;
	write_c0(11, 0, read_c0(9, 0) + 160000);
	while (!caught.interrupts)
		__asm__ volatile("wait");
	check("WAIT ends with the timer", (caught.vectors & 15) == 7);
	/* Not in its mode: a priority's bits are lines. */
	write_c0(12, 0, 0);
	write_c0(12, 1, 0);
	request(&(struct vio_buffer){ bytes, 64, true }, 1);
	check("without it, Cause.IP is the priority", (read_c0(13, 0) & 0xfc00) == IPL(6));
	caught.interrupts = 0;
	write_c0(12, 0, 0x1000 | STATUS_IE);
	while (!caught.interrupts)
		;
	check("and interrupts by the one vector", (caught.vectors & 15) == 0);
	write_c0(12, 0, 0);
	if (rng)
		vio_driver_reset(rng);
}

/* Until the machine's end. */
static void work(void)
{
	uint32_t rounds = 0;
	struct vio_driver *rng = start_device(VIO_ID_RNG, 0);

	for (; rng; rounds++) {
		request(&(struct vio_buffer){ bytes, 64, true }, 1);
		if (rounds % 1000 == 0)
			say("rounds ", rounds);
	}
}

/* ---- The command line ---- */

static const char *find_case(const uint8_t *fdt)
{
	static const char key[] = "case=";
	uint32_t size = fdt_cell(fdt + 4);

	for (uint32_t i = 0; i + sizeof(key) < size; i++) {
		unsigned k = 0;

		while (k < sizeof(key) - 1 && fdt[i + k] == (uint8_t)key[k])
			k++;
		if (k == sizeof(key) - 1)
			return (const char *)fdt + i + k;
	}
	return "all";
}

static bool is(const char *value, const char *word)
{
	while (*word && *value == *word) {
		value++;
		word++;
	}
	return *word == '\0';
}

void guest_main(const uint8_t *fdt);
void guest_main(const uint8_t *fdt)
{
	const char *what = find_case(fdt);

	check("the device tree is where $5 says", fdt_cell(fdt) == 0xd00dfeed);
	if (is(what, "all")) {
		peek(fdt);
		privileged();
		hosting();
		timer();
		check("an mtc0 in a delay slot is done, and its branch followed", status_in_slot());
		devices();
	} else if (is(what, "touch")) {
		MARK(1);
		touch(fdt);
		MARK(2);
	} else if (is(what, "timer")) {
		timer();
	} else if (is(what, "rom")) {
		rom();
	} else if (is(what, "bell")) {
		bell();
	} else if (is(what, "steady")) {
		steady(fdt);
	} else if (is(what, "churn")) {
		for (;;)
			touch(fdt);
	} else if (is(what, "peek")) {
		peek(fdt);
	} else if (is(what, "work")) {
		work();
	} else if (is(what, "spin")) {
		for (;;)
			;
	} else if (is(what, "files")) {
		files();
	} else if (is(what, "measure")) {
		measure();
	} else if (is(what, "memory")) {
		memory();
	} else if (is(what, "keep")) {
		uint32_t bad = 0;

		put("keeps its registers\n");
		/* Until who types has begun, and for a while then. */
		do
			bad |= keep(1000000);
		while ((load(UART + 40) & 1) == 0);
		check("all registers are as they were", (bad | keep(20000000)) == 0);
	} else if (is(what, "eic")) {
		interrupt_controller();
	} else if (is(what, "restart")) {
		restart();
	} else if (is(what, "read-nothing")) {
		load(KSEG1 + 0x1d000000);
	} else if (is(what, "write-nothing")) {
		*(volatile uint32_t *)(KSEG1 + 0x1d000000) = 1;
	} else if (is(what, "jump-nowhere")) {
		((void (*)(void))(KSEG1 + 0x1d000000))();
	} else if (is(what, "vector-nowhere")) {
		write_c0(15, 1, 0x9d000000);
		__asm__ volatile("syscall");
	} else if (is(what, "hypercall")) {
		__asm__ volatile(".word 0x42000028" ::: "$2");
	}
	put("end\n");
}

/* All that the driver links to. */
void *memset(void *to, int byte, size_t len)
{
	uint8_t *at = to;

	while (len-- != 0)
		*at++ = (uint8_t)byte;
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
	uint8_t *out = to;
	const uint8_t *in = from;

	while (len-- != 0)
		*out++ = *in++;
	return to;
}
