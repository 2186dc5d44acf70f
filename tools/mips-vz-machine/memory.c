/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory as the program's instructions see it: what the soft pages do not hold yet, and devices. */
#include "memory.h"

#include "board.h"

static bool aligned(uint32_t address, unsigned size)
{
	return !(address & (size - 1));
}

static void bus_error(struct core *core, bool fetch)
{
	exception(core, fetch ? EXC_IBE : EXC_DBE);
}

/* Remembers that `address` may be accessed so: its page is at `host`. */
static void remember(struct core *core, uint32_t address, enum access access, uint8_t *host)
{
	struct soft_page *page = &core->pages[address >> PAGE_SHIFT & (SOFT_PAGES - 1)];
	uint32_t tag = address & ~(PAGE_SIZE - 1);

	for (int other = 0; other < ACCESSES; other++)
		if (page->tag[other] != tag || page->host != host)
			page->tag[other] = SOFT_NOTHING;
	page->tag[access] = tag;
	page->host = host;
}

bool memory_fetch_page(struct core *core)
{
	const struct soft_page *page = soft_page(core, core->pc);
	uint32_t physical;
	uint8_t *host;

	core->fetched = false;
	if (page->tag[EXECUTE] == (core->pc & (~(PAGE_SIZE - 1) | 3))) {
		host = page->host;
	} else {
		if (!aligned(core->pc, 4)) {
			exception_address(core, core_context(core), EXC_ADEL, core->pc);
			return false;
		}
		if (!translate_or_raise(core, core->pc, EXECUTE, &physical))
			return false;
		host = board_ram_page(core->board, physical);
		if (!host) {
			bus_error(core, true);
			return false;
		}
		remember(core, core->pc, EXECUTE, host);
	}
	core->fetch_tag = core->pc & ~(PAGE_SIZE - 1);
	core->fetch_host = (const uint32_t *)(const void *)host;
	core->fetched = true;
	return true;
}

bool memory_load_slow(struct core *core, uint32_t address, unsigned size, uint32_t *value)
{
	uint32_t physical;
	uint8_t *host;

	if (!aligned(address, size)) {
		exception_address(core, core_context(core), EXC_ADEL, address);
		return false;
	}
	if (!translate_or_raise(core, address, READ, &physical))
		return false;
	host = board_ram_page(core->board, physical);
	if (host) {
		remember(core, address, READ, host);
		*value = host_load(host + ((physical & (PAGE_SIZE - 1)) ^ flip_of(core, size)),
				   size);
		return true;
	}
	if (!board_read(core->board, physical, size, value)) {
		bus_error(core, false);
		return false;
	}
	return true;
}

bool memory_store_slow(struct core *core, uint32_t address, unsigned size, uint32_t value)
{
	uint32_t physical;
	uint8_t *host;

	if (!aligned(address, size)) {
		exception_address(core, core_context(core), EXC_ADES, address);
		return false;
	}
	if (!translate_or_raise(core, address, WRITE, &physical))
		return false;
	host = board_ram_page(core->board, physical);
	if (host) {
		remember(core, address, WRITE, host);
		host_store(host + ((physical & (PAGE_SIZE - 1)) ^ flip_of(core, size)), size,
			   value);
		return true;
	}
	if (!board_write(core->board, physical, size, value)) {
		bus_error(core, false);
		return false;
	}
	return true;
}

uint32_t *memory_word(struct core *core, uint32_t address, enum access access)
{
	uint32_t physical;
	uint8_t *host;

	if (!translate_or_raise(core, address, access, &physical))
		return NULL;
	host = board_ram_page(core->board, physical);
	if (!host) {
		bus_error(core, false);
		return NULL;
	}
	return (uint32_t *)(void *)host + ((physical & (PAGE_SIZE - 1)) >> 2);
}

/* The host's page of `address`, if it is mapped for that access and RAM. */
static uint8_t *page_at(const struct core *core, enum mode mode, uint32_t address,
			enum access access)
{
	struct translated at = translate(core, mode, address, access);

	return at.result == TRANSLATED ? board_ram_page(core->board, at.physical) : NULL;
}

static size_t within_page(uint32_t address, size_t size)
{
	size_t rest = PAGE_SIZE - (address & (PAGE_SIZE - 1));

	return size < rest ? size : rest;
}

bool memory_peek(const struct core *core, enum mode mode, uint32_t address, void *to, size_t size)
{
	uint8_t *bytes = to;

	while (size) {
		size_t now = within_page(address, size);
		const uint8_t *page = page_at(core, mode, address, READ);

		if (!page)
			return false;
		for (size_t i = 0; i < now; i++)
			bytes[i] = page[((address + i) & (PAGE_SIZE - 1)) ^ core->byte_flip];
		bytes += now;
		address += (uint32_t)now;
		size -= now;
	}
	return true;
}

bool memory_poke(const struct core *core, enum mode mode, uint32_t address, const void *from,
		 size_t size)
{
	const uint8_t *bytes = from;

	while (size) {
		size_t now = within_page(address, size);
		uint8_t *page = page_at(core, mode, address, WRITE);

		if (!page)
			return false;
		for (size_t i = 0; i < now; i++)
			page[((address + i) & (PAGE_SIZE - 1)) ^ core->byte_flip] = bytes[i];
		bytes += now;
		address += (uint32_t)now;
		size -= now;
	}
	return true;
}
