/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan under construction: shared by plan.c, mounts.c, bytes.c and landlock.c,
 * private to them. Bytes are appended at the end; the first error sticks in
 * `err` and turns every later call into nothing, so that only plan_make has to
 * look at it.
 */
#ifndef NIDUS_PLAN_BUILD_H
#define NIDUS_PLAN_BUILD_H

#include <stdbool.h>

#include "plan.h"

struct plan_build {
	const struct nidus_spec *spec;
	const struct plan_context *context;
	unsigned char *bytes; /* malloc'ed */
	size_t size, capacity;
	int err; /* 0, ENOMEM or E2BIG */
	struct plan_mount mounts[PLAN_MOUNTS_MAX + 1]; /* the last takes what is too many */
	uint32_t mount_count;
	/* which option the operations are of that are added now; NONE: nobody asked for them */
	enum nidus_option option;
	uint32_t index;
};

/* Appends `len` bytes at the next multiple of `align`; returns their offset. */
uint32_t plan_put(struct plan_build *build, const void *data, size_t len, size_t align);

/* Strings, NUL-terminated. Of NULL the ref is empty: nothing is written. */
struct plan_ref plan_put_string(struct plan_build *build, const char *text);

/* "dir/name" of `dir_len` bytes of dir. */
struct plan_ref plan_put_joined(struct plan_build *build, const char *dir, size_t dir_len,
				const char *name);

/* An absolute path inside, in its shortest spelling: `below` (NULL: none) under `path`. */
struct plan_ref plan_put_inside(struct plan_build *build, const char *path, const char *below);

/* A path of the caller's: made absolute with the caller's directory. */
struct plan_ref plan_put_outside(struct plan_build *build, const char *path);

/* An array of `count` elements of `size` bytes. */
struct plan_array plan_put_array(struct plan_build *build, const void *elements, size_t count,
				 size_t size);

/* mounts.c: root, defaults and the spec's operations into build->mounts. */
void plan_expand_mounts(struct plan_build *build);

/* landlock.c. The check's faults: STEP_LANDLOCK with EOPNOTSUPP. */
int plan_check_landlock(const struct nidus_spec *spec, const struct plan_context *context,
			struct fault *fault);
void plan_put_landlock(struct plan_build *build, struct plan_header *header);

/* True when the sandbox has no mount namespace of its own to build a root in. */
bool plan_leaves_root(const struct nidus_spec *spec);

#endif
