/* SPDX-License-Identifier: Apache-2.0 */
/* STEP_ROOT and STEP_PIVOT: build the new root, operation by operation, and enter it. */
#include <errno.h>
#include <sys/stat.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "mount.h"

static int run_operation(struct init *in, uint32_t index, struct fault *fault)
{
	const struct plan_mount *op = &in->plan.mounts[index];

	switch (op->kind) {
	case PLAN_MOUNT_BIND:
		return attach_bind(in, index, fault);
	case PLAN_MOUNT_TMPFS:
		return attach_tmpfs(in, op, fault);
	case PLAN_MOUNT_SCRATCH:
		return attach_scratch(in, index, fault);
	case PLAN_MOUNT_PROC:
	case PLAN_MOUNT_DEVPTS:
	case PLAN_MOUNT_MQUEUE:
		return attach_kernel_fs(in, op, fault);
	case PLAN_MOUNT_OVERLAY:
		return overlay_attach(in, index, fault);
	case PLAN_MOUNT_LAYER: /* used by its overlay */
		return 0;
	case PLAN_MOUNT_DIR:
		return entry_dir(in, op, fault);
	case PLAN_MOUNT_FILE:
		return entry_file(in, op, fault);
	case PLAN_MOUNT_DATA:
		return entry_data(in, index, fault);
	case PLAN_MOUNT_SYMLINK:
		return entry_symlink(in, op, fault);
	case PLAN_MOUNT_CHMOD:
		return entry_chmod(in, op, fault);
	case PLAN_MOUNT_REMOUNT_RO:
		return attach_remount_ro(in, op, fault);
	case PLAN_MOUNT_MASK:
		return attach_mask(in, op, fault);
	case PLAN_MOUNT_READONLY:
		return attach_readonly(in, op, fault);
	}
	return fault_set(fault, STEP_ROOT, EINVAL, "kind");
}

/*
 * Needs: the sources, and the ids of root inside.
 * Must not have happened yet: STEP_PIVOT. The root of the process is still the old one:
 * the kernel allows a new procfs only if it finds a fully visible one there.
 */
int root_build(struct init *in, struct fault *fault)
{
	in->umask = umask(0);
	if (stage_prepare(in, fault) < 0)
		return -1;
	for (uint32_t i = 0; i < in->plan.header->mounts.count; i++)
		if (sources_get(in, i, fault) < 0 || run_operation(in, i, fault) < 0)
			return fault_about(fault, in->plan.mounts[i].option,
					   in->plan.mounts[i].index);
	return sources_end(in, fault);
}

/* True if nothing is mounted on top of the root: only the path "/.." leads to such a mount. */
static bool is_uncovered(void)
{
	cleanup_fd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int top = open("/..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint64_t root_id, top_id;

	return root >= 0 && top >= 0 && sys_mount_id(root, &root_id) == 0 &&
	       sys_mount_id(top, &top_id) == 0 && root_id == top_id;
}

/*
 * Detaches everything that pivot_root left on top of the new root: the old root, and
 * above it the mounts stacked there while building (stages, a root that another covered).
 * One umount2 detaches only the topmost. This checks after each instead of counting: a
 * wrong count would leave the tree of the host reachable as "/..".
 */
static int drop_old_root(void)
{
	for (uint32_t i = 0; i < PLAN_MOUNTS_MAX + 2; i++) {
		if (is_uncovered())
			return 0;
		if (sys_umount_detach(".") < 0)
			return -1;
	}
	errno = EBUSY;
	return -1;
}

/* Both arguments of pivot_root are the new root, so the old one ends up on top of it. */
int root_enter(struct init *in, struct fault *fault)
{
	umask(in->umask);
	if (plan_has(&in->plan, PLAN_NO_ROOT))
		return 0;
	if (fchdir(in->root_fd) < 0 || sys_pivot_root(".", ".") < 0 || drop_old_root() < 0 ||
	    chdir("/") < 0)
		return fault_errno(fault, STEP_PIVOT, "/");
	fd_close(&in->root_fd);
	fd_close(&in->stage_fd);
	fd_close(&in->base_fd);
	return 0;
}
