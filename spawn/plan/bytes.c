/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a plan: strings and arrays, appended. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../spec/path.h"
#include "build.h"

#define FIRST_CAPACITY 16384 /* bytes: a default plan with a typical environment */

/* Makes room for `len` more bytes. */
static bool reserve(struct plan_build *build, size_t len)
{
	size_t capacity = build->capacity ? build->capacity : FIRST_CAPACITY;
	unsigned char *moved;

	if (build->err)
		return false;
	if (len > PLAN_SIZE_MAX - build->size) {
		build->err = E2BIG;
		return false;
	}
	while (capacity < build->size + len)
		capacity *= 2;
	if (capacity == build->capacity)
		return true;
	moved = realloc(build->bytes, capacity);
	if (!moved) {
		build->err = ENOMEM;
		return false;
	}
	build->bytes = moved;
	build->capacity = capacity;
	return true;
}

uint32_t plan_put(struct plan_build *build, const void *data, size_t len, size_t align)
{
	size_t pad = (align - build->size % align) % align;
	size_t off = build->size + pad;

	if (len > PLAN_SIZE_MAX || !reserve(build, pad + len)) {
		build->err = build->err ? build->err : E2BIG;
		return 0;
	}
	memset(build->bytes + build->size, 0, pad);
	if (len > 0)
		memcpy(build->bytes + off, data, len);
	build->size = off + len;
	return (uint32_t)off;
}

struct plan_ref plan_put_string(struct plan_build *build, const char *text)
{
	struct plan_ref ref = { 0 };
	size_t len;

	if (!text)
		return ref;
	len = strlen(text);
	ref.off = plan_put(build, text, len + 1, 1);
	ref.len = (uint32_t)len;
	return ref;
}

/* Terminates the string that earlier plan_put calls began at `off`. */
static struct plan_ref end_string(struct plan_build *build, size_t off)
{
	struct plan_ref ref = { 0 };

	plan_put(build, "", 1, 1);
	if (build->err)
		return ref;
	ref.off = (uint32_t)off;
	ref.len = (uint32_t)(build->size - off - 1);
	return ref;
}

struct plan_ref plan_put_joined(struct plan_build *build, const char *dir, size_t dir_len,
				const char *name)
{
	size_t off = build->size;

	plan_put(build, dir, dir_len, 1);
	if (dir_len > 0 && dir[dir_len - 1] != '/')
		plan_put(build, "/", 1, 1);
	plan_put(build, name, strlen(name), 1);
	return end_string(build, off);
}

struct plan_ref plan_put_pair(struct plan_build *build, const char *name, const char *value)
{
	size_t off = build->size;

	plan_put(build, name, strlen(name), 1);
	plan_put(build, "=", 1, 1);
	plan_put(build, value, strlen(value), 1);
	return end_string(build, off);
}

static void put_components(struct plan_build *build, const char *path)
{
	const char *part;
	size_t len;

	while ((part = path_next(&path, &len))) {
		plan_put(build, "/", 1, 1);
		plan_put(build, part, len, 1);
	}
}

struct plan_ref plan_put_inside(struct plan_build *build, const char *path, const char *below)
{
	size_t off = build->size;

	put_components(build, path);
	if (below)
		put_components(build, below);
	if (build->size == off)
		plan_put(build, "/", 1, 1);
	return end_string(build, off);
}

struct plan_ref plan_put_outside(struct plan_build *build, const char *path)
{
	const char *cwd = build->context->host_cwd;

	if (!path || path[0] == '/')
		return plan_put_string(build, path);
	if (!cwd || cwd[0] != '/') {
		/* removed or unreachable: never guess where a source is */
		build->err = build->err ? build->err : ENOENT;
		return (struct plan_ref){ 0 };
	}
	return plan_put_joined(build, cwd, strlen(cwd), path);
}

struct plan_array plan_put_array(struct plan_build *build, const void *elements, size_t count,
				 size_t size)
{
	struct plan_array array = { 0 };

	if (count == 0)
		return array;
	if (count > PLAN_SIZE_MAX / size) {
		build->err = build->err ? build->err : E2BIG;
		return array;
	}
	array.off = plan_put(build, elements, count * size, 8);
	array.count = (uint32_t)count;
	return array;
}

struct plan_mount *plan_add(struct plan_build *build, uint32_t kind, uint32_t flags,
			    const char *dst, const char *below)
{
	struct plan_mount *mount = &build->mounts[build->mount_count];

	if (build->mount_count < PLAN_MOUNTS_MAX)
		build->mount_count++;
	else
		build->err = build->err ? build->err : E2BIG;
	memset(mount, 0, sizeof(*mount));
	mount->kind = kind;
	mount->flags = flags;
	mount->fd = -1;
	mount->option = build->option;
	mount->index = build->index;
	if (dst)
		mount->dst = plan_put_inside(build, dst, below);
	return mount;
}

void plan_own(const struct plan_build *build, struct plan_mount *mount, uint32_t mode)
{
	mount->mode = mode;
	mount->uid = build->context->ids->work_uid;
	mount->gid = build->context->ids->work_gid;
}
