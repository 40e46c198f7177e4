/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STEP_SOURCES: everything that must be opened with the rights of the caller is opened
 * here, while the filesystem ids are still those of the caller. The ids after
 * STEP_IDENTITY may not even reach the home of the caller.
 */
#include <errno.h>
#include <sys/stat.h>

#include "../fd.h"
#include "sandbox.h"
#include "../kernel_abi.h"

/* Checks that the clone is of the inode that the caller checked and holds open. */
static int check_pin(int tree, int fd)
{
	struct stat found, expected;

	if (fstat(tree, &found) < 0 || fstat(fd, &expected) < 0)
		return -1;
	if (found.st_dev == expected.st_dev && found.st_ino == expected.st_ino)
		return 0;
	errno = ESTALE;
	return -1;
}

/*
 * The spawner has followed the links that may be followed, and its path has none: one that
 * is there by now was put there for us.
 */
static int open_path(const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = RESOLVE_NO_SYMLINKS,
	};

	return sys_openat2(AT_FDCWD, path, &how);
}

static int open_bind(const struct plan_mount *op, const char *path)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
	cleanup_fd int place = -1, tree = -1;

	if (op->flags & PLAN_MOUNT_F_TREE_FD)
		return op->fd;
	if (op->flags & PLAN_MOUNT_F_RECURSIVE)
		flags |= AT_RECURSIVE;
	place = open_path(path, 0);
	if (place < 0)
		return -1;
	tree = sys_open_tree(place, "", flags);
	if (tree < 0)
		return -1;
	if ((op->flags & PLAN_MOUNT_F_PIN_FD) && check_pin(tree, op->fd) < 0)
		return -1;
	return fd_take(&tree);
}

static int open_dir(const char *path)
{
	return open_path(path, O_DIRECTORY);
}

static int open_source(struct init *in, uint32_t index, struct fault *fault)
{
	const struct plan_mount *op = &in->plan.mounts[index];
	const char *path = plan_string(&in->plan, op->src);
	const char *work = plan_string(&in->plan, op->src2);

	switch (op->kind) {
	case PLAN_MOUNT_BIND:
		in->source[index] = open_bind(op, path);
		break;
	case PLAN_MOUNT_LAYER:
		in->source[index] = op->flags & PLAN_MOUNT_F_TREE_FD ? op->fd : open_dir(path);
		break;
	case PLAN_MOUNT_OVERLAY:
		/* with a tree: opened once that is attached */
		if (op->src.len == 0 || op->flags & PLAN_MOUNT_F_TREE_FD)
			return 0;
		in->work[index] = open_dir(work);
		if (in->work[index] < 0)
			return fault_errno(fault, STEP_SOURCES, work);
		in->source[index] = open_dir(path);
		break;
	default:
		return 0;
	}
	if (in->source[index] >= 0)
		return 0;
	if (errno != ENOENT || !(op->flags & PLAN_MOUNT_F_TRY))
		return fault_errno(fault, STEP_SOURCES, path);
	in->source[index] = SOURCE_LEFT_OUT; /* optional, and does not exist */
	return 0;
}

/*
 * Needs: the mount namespace as it was copied, without propagation.
 * Must not have happened yet: STEP_IDENTITY.
 */
int sources_open(struct init *in, struct fault *fault)
{
	for (uint32_t i = 0; i < in->plan.header->mounts.count; i++) {
		in->source[i] = SOURCE_NONE;
		in->work[i] = SOURCE_NONE;
		if (open_source(in, i, fault) < 0)
			return fault_about(fault, in->plan.mounts[i].option,
					   in->plan.mounts[i].index);
	}
	return 0;
}
