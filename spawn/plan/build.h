/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan under construction: private to plan.c, environment.c, mounts.c, view.c,
 * groups.c, bytes.c and landlock.c. Bytes are appended at the end. The first error stays in `err` and makes every later
 * call do nothing, so only plan_make has to check it.
 */
#ifndef NIDUS_PLAN_BUILD_H
#define NIDUS_PLAN_BUILD_H

#include <stdbool.h>

#include "plan.h"

#define PLAN_PATH_MAX 4096 /* PATH_MAX */

struct plan_build {
	const struct nidus_spec *spec;
	const struct plan_context *context;
	unsigned char *bytes; /* malloc'ed */
	size_t size, capacity;
	int err; /* 0, ENOMEM or E2BIG */
	struct plan_mount mounts[PLAN_MOUNTS_MAX + 1]; /* the last one takes any surplus */
	uint32_t mount_count;
	/* the option that the operations now being added come from; NONE: automatic ones */
	enum nidus_option option;
	uint32_t index;
};

/* Appends `len` bytes at the next multiple of `align`; returns their offset. */
uint32_t plan_put(struct plan_build *build, const void *data, size_t len, size_t align);

/* Appends a string, NUL-terminated. For NULL the ref is empty and nothing is written. */
struct plan_ref plan_put_string(struct plan_build *build, const char *text);

/* "dir/name", with the first `dir_len` bytes of dir. */
struct plan_ref plan_put_joined(struct plan_build *build, const char *dir, size_t dir_len,
				const char *name);

/* An absolute path inside, in its shortest form: `below` (NULL: none) under `path`. */
struct plan_ref plan_put_inside(struct plan_build *build, const char *path, const char *below);

/* A path outside: made absolute with the caller's directory. */
struct plan_ref plan_put_outside(struct plan_build *build, const char *path);

/* An array of `count` elements of `size` bytes. */
struct plan_array plan_put_array(struct plan_build *build, const void *elements, size_t count,
				 size_t size);

/* "name=value". */
struct plan_ref plan_put_pair(struct plan_build *build, const char *name, const char *value);

/* environment.c */
void plan_put_environment(struct plan_build *build, struct plan_header *header);

/* mounts.c: root, defaults and the spec's operations into build->mounts. */
void plan_expand_mounts(struct plan_build *build);

/* The next operation, empty. A surplus one is overwritten, and refused at the end. */
struct plan_mount *plan_add(struct plan_build *build, uint32_t kind, uint32_t flags,
			    const char *dst, const char *below);

/* Makes it the workload's own, with permissions `mode`. */
void plan_own(const struct plan_build *build, struct plan_mount *mount, uint32_t mode);

/* No file from outside may give a process inside more privileges than it has. */
#define PLAN_MOUNT_PLAIN (PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_NODEV)

/* view.c: what no operation asks for. `root` is the operation that made the root, or NULL. */
void plan_add_view(struct plan_build *build, const struct nidus_mount *root);
void plan_add_linked(struct plan_build *build);
void plan_add_name_files(struct plan_build *build, const struct nidus_mount *root);
/* An empty directory in which nothing inside can write. */
void plan_add_closed(struct plan_build *build, uint32_t flags, const char *dst);
void plan_add_dev(struct plan_build *build, uint32_t flags, const char *dst);
void plan_add_proc(struct plan_build *build, uint32_t flags, const char *dst);

/* groups.c: /sys/fs/cgroup, and, once the spec's operations are done, that it is read-only. */
void plan_add_groups(struct plan_build *build);
void plan_close_groups(struct plan_build *build);

/*
 * True when something is to be found at `path`: an operation of the spec covers it, or the view
 * shows what the host has there.
 */
bool plan_is_visible(const struct plan_build *build, const char *path);

/* The bound of all private directories together; 0: the kernel's default. */
uint64_t plan_scratch_bytes(const struct plan_build *build);
void plan_bound_scratch(const struct plan_build *build, struct plan_header *header);

/* landlock.c. Fault of the check: STEP_LANDLOCK with EOPNOTSUPP. */
int plan_check_landlock(const struct nidus_spec *spec, const struct plan_context *context,
			struct fault *fault);
void plan_put_landlock(struct plan_build *build, struct plan_header *header);

#endif
