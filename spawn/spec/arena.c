/* SPDX-License-Identifier: Apache-2.0 */
/* The arena: a list of blocks, each filled from the front. */
#include "arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 8192 /* bytes: a typical spec, environment included, fits in one or two */

struct arena_block {
	struct arena_block *next;
	size_t used, size; /* of data, bytes */
	alignas(max_align_t) unsigned char data[];
};

static struct arena_block *add_block(struct arena *arena, size_t size)
{
	struct arena_block *block;

	if (size > SIZE_MAX - sizeof(*block)) {
		errno = ENOMEM;
		return NULL;
	}
	block = calloc(1, sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *block = arena->blocks;
	void *room;

	if (size > SIZE_MAX - align) {
		errno = ENOMEM;
		return NULL;
	}
	size = size > 0 ? (size + align - 1) / align * align : align;
	if (!block || block->size - block->used < size)
		block = add_block(arena, size > BLOCK_SIZE ? size : BLOCK_SIZE);
	if (!block)
		return NULL;
	room = block->data + block->used;
	block->used += size;
	return room;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	size_t have = strnlen(text, len);
	char *copy = have < SIZE_MAX ? arena_alloc(arena, have + 1) : NULL;

	if (copy)
		memcpy(copy, text, have);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t size)
{
	size_t capacity = count > 0 ? 2 * count : 1;
	void *moved;

	/* The capacity is always a power of two: the array is full only when count is one. */
	if (array && count > 0 && (count & (count - 1)) != 0)
		return array;
	if (count > SIZE_MAX / 2 || (size > 0 && capacity > SIZE_MAX / size)) {
		errno = ENOMEM;
		return NULL;
	}
	moved = arena_alloc(arena, capacity * size);
	if (moved && array && count > 0)
		memcpy(moved, array, count * size);
	return moved;
}

void arena_free(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
}
