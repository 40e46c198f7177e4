/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts on top of the old root, where they stay reachable while the new one is built:
 * overlayfs and open_tree need attached mounts, of a tmpfs or of a layer. They go with the old root; what was
 * cloned out of them stays.
 *
 * One of them, the stage, has all that is private to the sandbox: the directories of
 * PLAN_MOUNT_SCRATCH, the files of PLAN_MOUNT_DATA, and what masks directories. So one size
 * bounds the sum of them, and a clone of a directory costs a third of a tmpfs.
 */
#include <errno.h>
#include <sys/stat.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "mount.h"
#include "../text.h"

int stage_note_tmpfs(struct init *in, int tree, struct fault *fault)
{
	int fd;

	if (in->tmpfs_count == TMPFS_WATCH_MAX)
		return fault_set(fault, STEP_ROOT, E2BIG, "tmpfs");
	fd = fcntl(tree, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return fault_errno(fault, STEP_ROOT, "tmpfs");
	in->tmpfs_fds[in->tmpfs_count++] = fd;
	return 0;
}

static int make_tmpfs(struct init *in, uint64_t size, uint64_t inodes, struct fault *fault)
{
	const struct plan_mount op = {
		.mode = 0755,
		.uid = in->plan.header->init_uid,
		.gid = in->plan.header->init_gid,
		.size = size,
	};
	cleanup_fd int tree = mount_make_tmpfs(&op, inodes, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);

	if (tree < 0 || sys_move_mount_on_root(tree) < 0)
		return fault_errno(fault, STEP_ROOT, "tmpfs");
	if (stage_note_tmpfs(in, tree, fault) < 0)
		return -1;
	return fd_take(&tree);
}

static int make_upper(struct init *in, uint32_t index, struct fault *fault)
{
	const struct plan_mount *op = &in->plan.mounts[index];
	cleanup_fd int stage = make_tmpfs(in, op->size, in->plan.header->scratch_inodes, fault);

	if (stage < 0)
		return -1;
	if (mkdirat(stage, "upper", 0700) == 0 && mkdirat(stage, "work", 0700) == 0) {
		in->source[index] = openat(stage, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		in->work[index] = openat(stage, "work", O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	if (in->source[index] < 0 || in->work[index] < 0 || mount_own(in->source[index], op) < 0)
		return fault_errno(fault, STEP_ROOT, plan_string(&in->plan, op->dst));
	return 0;
}

/*
 * A layer on an id-mapped mount of the spawner's: overlayfs wants that attached. It takes
 * upper and work only from one mount, so both are opened below their common one: the spawner
 * has followed the links, and that mount may show much more than was asked for.
 */
static int attach_layer(struct init *in, uint32_t index, struct fault *fault)
{
	const struct plan_mount *op = &in->plan.mounts[index];
	const char *upper = plan_string(&in->plan, op->src);
	const char *work = plan_string(&in->plan, op->src2);

	if (sys_move_mount_on_root(op->fd) < 0)
		return fault_errno(fault, STEP_SOURCES, upper);
	if (op->kind == PLAN_MOUNT_LAYER)
		return 0;
	in->source[index] = place_open_straight(op->fd, upper, O_PATH | O_DIRECTORY);
	if (in->source[index] < 0)
		return fault_errno(fault, STEP_SOURCES, upper);
	in->work[index] = place_open_straight(op->fd, work, O_PATH | O_DIRECTORY);
	return in->work[index] < 0 ? fault_errno(fault, STEP_SOURCES, work) : 0;
}

static bool is_staged(uint32_t kind)
{
	return kind == PLAN_MOUNT_DATA || kind == PLAN_MOUNT_SCRATCH || kind == PLAN_MOUNT_MASK;
}

int stage_prepare(struct init *in, struct fault *fault)
{
	const struct plan_header *header = in->plan.header;

	for (uint32_t i = 0; i < header->mounts.count; i++) {
		const struct plan_mount *op = &in->plan.mounts[i];

		if (is_staged(op->kind) && in->stage_fd < 0) {
			in->stage_fd = make_tmpfs(in, header->scratch_bytes, header->scratch_inodes,
						  fault);
			if (in->stage_fd < 0)
				return -1;
		}
		if ((op->flags & PLAN_MOUNT_F_TMP_UPPER) && make_upper(in, i, fault) < 0)
			return fault_about(fault, op->option, op->index);
		if (op->kind != PLAN_MOUNT_BIND && (op->flags & PLAN_MOUNT_F_TREE_FD) &&
		    attach_layer(in, i, fault) < 0)
			return fault_about(fault, op->option, op->index);
	}
	return 0;
}

int stage_clone(const struct init *in, const char *name, unsigned attrs)
{
	cleanup_fd int tree =
		sys_open_tree(in->stage_fd, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return tree < 0 || mount_restrict(tree, attrs) < 0 ? -1 : fd_take(&tree);
}

int stage_directory(const struct init *in, const char *name, const struct plan_mount *op,
		    unsigned attrs)
{
	cleanup_fd int dir = -1;

	if (mkdirat(in->stage_fd, name, 0700) < 0)
		return -1;
	dir = openat(in->stage_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || mount_own(dir, op) < 0)
		return -1;
	return stage_clone(in, name, attrs);
}
