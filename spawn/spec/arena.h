/* SPDX-License-Identifier: Apache-2.0 */
/* One arena per parsed input: everything in it is freed at once, nothing individually. */
#ifndef NIDUS_ARENA_H
#define NIDUS_ARENA_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first; NULL: empty, a valid arena */
};

/* Zeroed memory, aligned for any type, alive until arena_free. NULL with ENOMEM. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of `text` (of its first `len` bytes, NUL-terminated). NULL with ENOMEM. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);

/*
 * Room for one more element of `size` bytes in an array of `count`: returns the
 * array, moved if needed, with its capacity doubled at each power of two. NULL with ENOMEM.
 */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t size);

void arena_free(struct arena *arena);

#ifdef __cplusplus
}
#endif

#endif
