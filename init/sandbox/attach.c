/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations that attach a mount. A tree gets its attributes while it is still
 * detached, so that it is never reachable without them, and a failure to set them
 * is always a fault.
 */
#include <errno.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "mount.h"
#include "../text.h"

#ifndef MQUEUE_MAGIC
#define MQUEUE_MAGIC 0x19800202 /* not in the exported headers: ipc/mqueue.c */
#endif

static int op_fault(const struct init *in, const struct plan_mount *op, struct fault *fault)
{
	return fault_errno(fault, STEP_ROOT, plan_string(&in->plan, op->dst));
}

static bool is_dir(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/*
 * The first tree goes on top of the old root without becoming the process's
 * root: absolute paths still lead to the old tree until STEP_PIVOT, and `root_fd`
 * to the new one.
 */
static int attach_root(struct init *in, const struct plan_mount *op, int tree,
		       struct fault *fault)
{
	if (sys_move_mount_on_root(tree) < 0) {
		errno = is_dir(tree) ? errno : EISDIR;
		return op_fault(in, op, fault);
	}
	in->root_fd = fcntl(tree, F_DUPFD_CLOEXEC, 3);
	return in->root_fd < 0 ? op_fault(in, op, fault) : 0;
}

/* Whether `place` is the root of root_fd itself. */
static bool is_root(const struct init *in, int place)
{
	struct stat root, st;
	uint64_t root_id, id;

	return fstat(in->root_fd, &root) == 0 && fstat(place, &st) == 0 &&
	       root.st_ino == st.st_ino && root.st_dev == st.st_dev &&
	       sys_mount_id(in->root_fd, &root_id) == 0 && sys_mount_id(place, &id) == 0 &&
	       root_id == id;
}

static int attach_at(struct init *in, const struct plan_mount *op, int tree, int place,
		     struct fault *fault)
{
	bool covers_root = !place_is_private(in, op) && is_root(in, place);

	if (sys_move_mount(tree, place) < 0) {
		if (errno == EINVAL && is_dir(tree) != is_dir(place)) /* worth telling apart */
			errno = is_dir(place) ? EISDIR : ENOTDIR;
		return op_fault(in, op, fault);
	}
	if (!covers_root)
		return 0;
	fd_close(&in->root_fd);
	in->root_fd = fcntl(tree, F_DUPFD_CLOEXEC, 3);
	return in->root_fd < 0 ? op_fault(in, op, fault) : 0;
}

int attach_tree(struct init *in, const struct plan_mount *op, int tree, struct fault *fault)
{
	cleanup_fd int place = -1;

	if (in->root_fd < 0)
		return attach_root(in, op, tree, fault);
	place = place_of(in, op, is_dir(tree) ? PLACE_DIR : PLACE_FILE, fault);
	if (place < 0)
		return place;
	return attach_at(in, op, tree, place, fault);
}

int attach_bind(struct init *in, uint32_t index, struct fault *fault)
{
	const struct plan_mount *op = &in->plan.mounts[index];
	int tree = in->source[index];

	if (tree == SOURCE_LEFT_OUT)
		return in->root_fd >= 0 ? 0 : fault_set(fault, STEP_ROOT, ENOENT, "/");
	if (mount_restrict(tree, mount_attrs(op->flags)) < 0)
		return op_fault(in, op, fault);
	if (attach_tree(in, op, tree, fault) == -1)
		return -1;
	fd_close(&in->source[index]);
	return 0;
}

/* Operations below this one start from its mount: nobody outside can put another in its place. */
static int note_base(struct init *in, const struct plan_mount *op, int tree, struct fault *fault)
{
	if (!plan_makes_base(op))
		return 0;
	fd_close(&in->base_fd);
	if (tree < 0)
		return 0;
	in->base_fd = fcntl(tree, F_DUPFD_CLOEXEC, 3);
	in->base_len = op->dst.len;
	return in->base_fd < 0 ? op_fault(in, op, fault) : 0;
}

int attach_verified(struct init *in, const struct plan_mount *op, int tree, uint32_t magic,
			   struct fault *fault)
{
	struct place_start start;
	cleanup_fd int again = -1;
	int shown;
	const unsigned attrs = mount_attrs(op->flags); /* the same bits as in f_flags */
	struct statfs st;
	int result = attach_tree(in, op, tree, fault);

	if (result < 0)
		return result == SOURCE_LEFT_OUT ? note_base(in, op, -1, fault) : -1;
	if (place_is_private(in, op)) {
		shown = tree;
	} else {
		start = place_start(in, op);
		again = place_open(start.fd, start.path, O_PATH);
		shown = again;
	}
	if (shown < 0 || fstatfs(shown, &st) < 0)
		return op_fault(in, op, fault);
	if ((uint32_t)st.f_type != magic || (attrs & ~(unsigned)st.f_flags))
		return fault_set(fault, STEP_ROOT, ESTALE, plan_string(&in->plan, op->dst));
	/* overlayfs becomes read-only without a word where it can't use its upper layer */
	if (st.f_flags & MOUNT_ATTR_RDONLY & ~attrs)
		return fault_set(fault, STEP_ROOT, EOPNOTSUPP, plan_string(&in->plan, op->dst));
	return note_base(in, op, tree, fault);
}

int attach_tmpfs(struct init *in, const struct plan_mount *op, struct fault *fault)
{
	unsigned attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | mount_attrs(op->flags);
	cleanup_fd int tree = mount_make_tmpfs(op, 0, attrs);

	if (tree < 0)
		return op_fault(in, op, fault);
	if (attach_verified(in, op, tree, TMPFS_MAGIC, fault) < 0)
		return -1;
	return stage_note_tmpfs(in, tree, fault);
}

/* A directory of the stage, named by its operation. */
int attach_scratch(struct init *in, uint32_t index, struct fault *fault)
{
	const struct plan_mount *op = &in->plan.mounts[index];
	unsigned attrs = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | mount_attrs(op->flags);
	char buffer[TEXT_NUMBER_MAX];
	cleanup_fd int tree = stage_directory(in, text_number(buffer, index, 10), op, attrs);

	if (tree < 0)
		return op_fault(in, op, fault);
	return attach_verified(in, op, tree, TMPFS_MAGIC, fault);
}

static int make_devpts(unsigned attrs)
{
	const struct fs_option options[] = {
		{"newinstance", NULL}, /* before Linux 4.7 a mount could be the host's */
		{"ptmxmode", "0666"},
		{"mode", "0620"},
		{"gid", "5"}, /* tty, in every distribution */
	};
	int tree = mount_make_fs("devpts", options, 4, attrs);

	/* gid 5 may not be mapped: then the group is that of the opener. */
	if (tree < 0 && errno == EINVAL)
		tree = mount_make_fs("devpts", options, 3, attrs);
	return tree;
}

int attach_kernel_fs(struct init *in, const struct plan_mount *op, struct fault *fault)
{
	unsigned attrs = mount_attrs(op->flags) | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	cleanup_fd int tree = -1;
	uint32_t magic;

	switch (op->kind) {
	case PLAN_MOUNT_PROC:
		tree = mount_make_fs("proc", NULL, 0, attrs | MOUNT_ATTR_NODEV);
		magic = PROC_SUPER_MAGIC;
		break;
	case PLAN_MOUNT_MQUEUE:
		tree = mount_make_fs("mqueue", NULL, 0, attrs | MOUNT_ATTR_NODEV);
		magic = MQUEUE_MAGIC;
		break;
	default: /* PLAN_MOUNT_DEVPTS: its files are devices */
		tree = make_devpts(attrs);
		magic = DEVPTS_SUPER_MAGIC;
	}
	if (tree < 0)
		return op_fault(in, op, fault);
	return attach_verified(in, op, tree, magic, fault);
}

/* No nodev: /dev/null has to work. The path is in the old root. */
static int make_mask(const struct init *in, bool dir)
{
	const unsigned attrs = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	cleanup_fd int tree = -1;

	/* one empty directory hides all of them */
	if (dir && mkdirat(in->stage_fd, "mask", 0555) < 0 && errno != EEXIST)
		return -1;
	if (dir)
		return stage_clone(in, "mask", attrs | MOUNT_ATTR_NODEV);
	tree = sys_open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0 || mount_restrict(tree, attrs) < 0)
		return -1;
	return fd_take(&tree);
}

int attach_mask(struct init *in, const struct plan_mount *op, struct fault *fault)
{
	cleanup_fd int place = place_of(in, op, PLACE_NEVER, fault);
	cleanup_fd int tree = -1;

	if (place == SOURCE_LEFT_OUT)
		return 0;
	/* nothing to hide, now or later */
	if (place < 0)
		return fault->err == ENOENT && place_is_closed(in, op) ? 0 : -1;
	tree = make_mask(in, is_dir(place));
	if (tree < 0)
		return op_fault(in, op, fault);
	return attach_at(in, op, tree, place, fault);
}

int attach_readonly(struct init *in, const struct plan_mount *op, struct fault *fault)
{
	const unsigned flags =
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
	cleanup_fd int place = place_of(in, op, PLACE_NEVER, fault);
	cleanup_fd int tree = -1;

	if (place < 0)
		return place == SOURCE_LEFT_OUT ? 0 : -1;
	tree = sys_open_tree(place, "", flags);
	if (tree < 0 || mount_restrict(tree, MOUNT_ATTR_RDONLY | mount_attrs(op->flags)) < 0)
		return op_fault(in, op, fault);
	return attach_at(in, op, tree, place, fault);
}

int attach_remount_ro(struct init *in, const struct plan_mount *op, struct fault *fault)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | mount_attrs(op->flags)};
	cleanup_fd int place = place_of(in, op, PLACE_NEVER, fault);

	if (place < 0)
		return place == SOURCE_LEFT_OUT ? 0 : -1;
	/* EINVAL: the place is not a mount point */
	if (sys_mount_setattr(place, 0, &attr) < 0)
		return op_fault(in, op, fault);
	return 0;
}
