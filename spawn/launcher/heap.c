/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher's heap, in place of musl's, whose first block of each size costs a mapping and a
 * page fault or two: a third of a start's faults. Here blocks follow each other in one region,
 * of sizes that are powers of two; what is freed is kept for the next of its size. Large ones
 * are mappings of their own. One thread only.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define REGION_BYTES (16u << 20) /* address space: pages are taken as they are touched */
#define SMALL_MAX (64u << 10)    /* bytes with the header */
#define CLASSES 17

/* Before each block, which begins at a multiple of 16 bytes. */
struct block {
	size_t size;        /* of the whole, a power of two; or of the mapping */
	struct block *next; /* while it is free */
};

_Static_assert(sizeof(struct block) == 16, "keeps blocks aligned");

static struct block *freed[CLASSES];
static unsigned char *region, *top;

static unsigned class_of(size_t size)
{
	unsigned class = 5;

	while ((size_t)1 << class < size)
		class++;
	return class;
}

static void *map(size_t size)
{
	void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return mapped == MAP_FAILED ? NULL : mapped;
}

static struct block *take_mapping(size_t size)
{
	struct block *block = map(size);

	if (block)
		block->size = size;
	return block;
}

static struct block *take_fresh(size_t size)
{
	struct block *block;

	if (!region)
		region = top = map(REGION_BYTES);
	if (!region || size > (size_t)(region + REGION_BYTES - top))
		return take_mapping(size);
	block = (struct block *)(void *)top;
	block->size = size;
	top += size;
	return block;
}

/* *fresh: its bytes are zero. */
static void *take(size_t bytes, bool *fresh)
{
	struct block *block;
	size_t size;

	*fresh = true;
	if (bytes > PTRDIFF_MAX - sizeof(*block)) {
		errno = ENOMEM;
		return NULL;
	}
	size = bytes + sizeof(*block);
	if (size > SMALL_MAX) {
		block = take_mapping(size);
	} else {
		unsigned class = class_of(size);

		block = freed[class];
		*fresh = !block;
		if (block)
			freed[class] = block->next;
		else
			block = take_fresh((size_t)1 << class);
	}
	if (!block)
		errno = ENOMEM;
	return block ? block + 1 : NULL;
}

void *malloc(size_t bytes)
{
	bool fresh;

	return take(bytes, &fresh);
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;
	bool fresh;
	void *taken;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	taken = take(bytes, &fresh);
	if (taken && !fresh)
		memset(taken, 0, bytes);
	return taken;
}

void free(void *taken)
{
	struct block *block = taken ? (struct block *)taken - 1 : NULL;
	unsigned class;

	if (!block)
		return;
	if (block->size > SMALL_MAX) {
		int err = errno;

		munmap(block, block->size);
		errno = err;
		return;
	}
	class = class_of(block->size);
	block->next = freed[class];
	freed[class] = block;
}

void *realloc(void *taken, size_t bytes)
{
	size_t room = taken ? ((struct block *)taken - 1)->size - sizeof(struct block) : 0;
	void *larger;

	if (taken && bytes <= room)
		return taken;
	larger = malloc(bytes);
	if (larger && taken) {
		memcpy(larger, taken, room < bytes ? room : bytes);
		free(taken);
	}
	return larger;
}

/* Nothing here asks for more than 16 bytes; but a library may. */
void *aligned_alloc(size_t alignment, size_t bytes)
{
	if (alignment <= 16)
		return malloc(bytes);
	errno = EINVAL;
	return NULL;
}
