/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File operations: the root, what it gets without being asked (view.c), the operations of
 * the spec in their order, and at the end what makes each /dev read-only. One spec operation
 * becomes one or more plan operations; init/contract.h says what init does with each.
 */
#include <errno.h>
#include <string.h>

#include "../spec/path.h"
#include "../spec/root.h"
#include "build.h"

#define PLAIN PLAN_MOUNT_PLAIN

/*
 * Without a size of its own it is a directory of the sandbox's one tmpfs, whose size bounds
 * the sum; only the root must be a mount of its own.
 */
static void add_tmpfs(struct plan_build *build, const struct nidus_mount *asked, uint32_t perms)
{
	bool own = asked->size > 0 || path_is_root(asked->dst);
	struct plan_mount *mount = plan_add(build, own ? PLAN_MOUNT_TMPFS : PLAN_MOUNT_SCRATCH,
					    PLAIN, asked->dst, NULL);

	plan_own(build, mount, perms);
	if (own)
		mount->size = asked->size ? asked->size : plan_scratch_bytes(build);
}

static const struct plan_source *source_of(const struct plan_build *build, size_t index)
{
	static const struct plan_source as_asked = { .tree_fd = -1 };

	return build->context->sources ? &build->context->sources[index] : &as_asked;
}

static struct plan_ref put_source(struct plan_build *build, const char *found, const char *asked)
{
	return plan_put_outside(build, found ? found : asked);
}

static void use_tree(struct plan_mount *mount, int tree_fd)
{
	if (tree_fd < 0)
		return;
	mount->fd = tree_fd;
	mount->flags |= PLAN_MOUNT_F_TREE_FD;
}

static void add_bind(struct plan_build *build, size_t index)
{
	const struct nidus_mount *asked = &build->spec->mounts[index];
	const struct plan_source *source = source_of(build, index);
	uint32_t flags = PLAN_MOUNT_F_NOSUID | PLAN_MOUNT_F_RECURSIVE;
	struct plan_mount *mount;

	if (source->is_missing)
		return;
	if (!asked->devices)
		flags |= PLAN_MOUNT_F_NODEV;
	if (asked->read_only)
		flags |= PLAN_MOUNT_F_RDONLY;
	if (asked->optional)
		flags |= PLAN_MOUNT_F_TRY;
	mount = plan_add(build, PLAN_MOUNT_BIND, flags, asked->dst, NULL);
	mount->src = put_source(build, source->src, asked->src);
	use_tree(mount, source->tree_fd);
	if (asked->kind == NIDUS_BIND_FD) {
		mount->fd = asked->fd;
		mount->flags |= PLAN_MOUNT_F_PIN_FD;
	}
}

/* From here on the added operations come from the spec's operation `index`. */
static void begin_asked(struct plan_build *build, size_t index)
{
	build->option = NIDUS_OPTION_MOUNTS;
	build->index = (uint32_t)index;
}

static void end_asked(struct plan_build *build)
{
	build->option = NIDUS_OPTION_NONE;
	build->index = 0;
}

/* The layers are the sources right before `index`: bottom first here, top first in the plan. */
static void add_overlay(struct plan_build *build, size_t index)
{
	const struct nidus_mount *mounts = build->spec->mounts, *asked = &mounts[index];
	const struct plan_source *source = source_of(build, index);
	struct plan_mount *mount;
	uint32_t flags = PLAIN;

	for (size_t i = index; i > 0 && mounts[i - 1].kind == NIDUS_OVERLAY_SRC; i--) {
		begin_asked(build, i - 1);
		mount = plan_add(build, PLAN_MOUNT_LAYER, 0, NULL, NULL);
		mount->src = put_source(build, source_of(build, i - 1)->src, mounts[i - 1].src);
		use_tree(mount, source_of(build, i - 1)->tree_fd);
	}
	begin_asked(build, index);
	if (asked->kind == NIDUS_RO_OVERLAY)
		flags |= PLAN_MOUNT_F_RDONLY;
	if (asked->kind == NIDUS_TMP_OVERLAY)
		flags |= PLAN_MOUNT_F_TMP_UPPER;
	mount = plan_add(build, PLAN_MOUNT_OVERLAY, flags, asked->dst, NULL);
	plan_own(build, mount, 0755);
	if (asked->kind == NIDUS_TMP_OVERLAY)
		mount->size = plan_scratch_bytes(build);
	if (asked->kind == NIDUS_OVERLAY) {
		mount->src = put_source(build, source->src, asked->src);
		mount->src2 = put_source(build, source->src2, asked->src2);
		use_tree(mount, source->tree_fd);
	}
}

static void add_file(struct plan_build *build, const struct nidus_mount *asked)
{
	/* bubblewrap's defaults: 0666 for a file, 0600 for data. */
	bool data = asked->kind == NIDUS_BIND_DATA;
	int perms = asked->perms >= 0 ? asked->perms : data ? 0600 : 0666;
	uint32_t flags = data ? PLAIN : 0;
	struct plan_mount *mount;

	if (data && asked->read_only)
		flags |= PLAN_MOUNT_F_RDONLY;
	mount = plan_add(build, data ? PLAN_MOUNT_DATA : PLAN_MOUNT_FILE, flags, asked->dst, NULL);
	plan_own(build, mount, (uint32_t)perms);
	mount->fd = asked->fd;
}

static void add_asked(struct plan_build *build, size_t index)
{
	const struct nidus_mount *asked = &build->spec->mounts[index];
	uint32_t perms = asked->perms >= 0 ? (uint32_t)asked->perms : 0755;
	struct plan_mount *mount;

	begin_asked(build, index);
	switch (asked->kind) {
	case NIDUS_BIND:
	case NIDUS_BIND_FD:
		add_bind(build, index);
		break;
	case NIDUS_TMPFS:
		add_tmpfs(build, asked, perms);
		break;
	case NIDUS_PROC:
		plan_add_proc(build, 0, asked->dst);
		break;
	case NIDUS_DEV:
		plan_add_dev(build, 0, asked->dst);
		break;
	case NIDUS_MQUEUE:
		plan_add(build, PLAN_MOUNT_MQUEUE, PLAIN | PLAN_MOUNT_F_NOEXEC, asked->dst, NULL);
		break;
	case NIDUS_DIR:
		plan_own(build, plan_add(build, PLAN_MOUNT_DIR, 0, asked->dst, NULL), perms);
		break;
	case NIDUS_FILE:
	case NIDUS_BIND_DATA:
		add_file(build, asked);
		break;
	case NIDUS_SYMLINK:
		mount = plan_add(build, PLAN_MOUNT_SYMLINK, 0, asked->dst, NULL);
		mount->src = plan_put_string(build, asked->src);
		break;
	case NIDUS_CHMOD:
		plan_add(build, PLAN_MOUNT_CHMOD, 0, asked->dst, NULL)->mode = perms;
		break;
	case NIDUS_REMOUNT_RO:
		plan_add(build, PLAN_MOUNT_REMOUNT_RO, 0, asked->dst, NULL);
		break;
	case NIDUS_DENY:
		plan_add(build, PLAN_MOUNT_MASK, 0, asked->dst, NULL);
		break;
	case NIDUS_OVERLAY_SRC: /* emitted with its overlay */
		break;
	case NIDUS_OVERLAY:
	case NIDUS_TMP_OVERLAY:
	case NIDUS_RO_OVERLAY:
		add_overlay(build, index);
		break;
	}
	end_asked(build);
}

static void add_root(struct plan_build *build, ssize_t root)
{
	struct plan_mount *mount;

	if (root >= 0) {
		add_asked(build, (size_t)root);
		return;
	}
	build->option = build->spec->root ? NIDUS_OPTION_ROOT : NIDUS_OPTION_NONE;
	mount = plan_add(build, PLAN_MOUNT_BIND, PLAIN | PLAN_MOUNT_F_RDONLY | PLAN_MOUNT_F_RECURSIVE,
		    "/", NULL);
	build->option = NIDUS_OPTION_NONE;
	mount->src = put_source(build, build->context->root_src,
				build->spec->root ? build->spec->root : "/");
}

/* At the end, so that the spec's operations below a /dev still find it writable. */
static void close_devs(struct plan_build *build)
{
	const struct nidus_spec *spec = build->spec;

	if (spec->default_mounts && !spec_covers(spec, 0, "/dev"))
		plan_add(build, PLAN_MOUNT_REMOUNT_RO, PLAN_MOUNT_F_OPTIONAL, "/dev", NULL);
	for (size_t i = 0; i < spec->mount_count; i++) {
		if (spec->mounts[i].kind != NIDUS_DEV ||
		    spec_covers(spec, i + 1, spec->mounts[i].dst))
			continue;
		begin_asked(build, i);
		plan_add(build, PLAN_MOUNT_REMOUNT_RO, 0, spec->mounts[i].dst, NULL);
		end_asked(build);
	}
}

void plan_expand_mounts(struct plan_build *build)
{
	const struct nidus_spec *spec = build->spec;
	ssize_t root = spec_find_root(spec);

	if (spec_leaves_root(spec))
		return;
	add_root(build, root);
	if (spec->default_mounts) {
		plan_add_view(build, root >= 0 ? &spec->mounts[root] : NULL);
		plan_add_groups(build);
	}
	plan_add_linked(build);
	plan_add_name_files(build, root >= 0 ? &spec->mounts[root] : NULL);
	for (size_t i = 0; i < spec->mount_count; i++)
		if ((ssize_t)i != root)
			add_asked(build, i);
	close_devs(build);
	if (spec->default_mounts)
		plan_close_groups(build);
}
