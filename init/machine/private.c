/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private view of the files for a service: everything is read-only except /dev, the
 * paths that its configuration names, and a /tmp and a /run of its own. This is done in
 * place, without a new root: a machine may run from its initramfs, which pivot_root(2)
 * cannot leave.
 *
 * Trees that stay writable are cloned before everything is made read-only, and mounted on
 * top of themselves afterwards, so that they stay exactly as writable as they were.
 */
#include <sched.h>

#include "../contract.h"
#include "../kernel_abi.h"
#include "files.h"
#include "role.h"

static int clone_tree(const char *path)
{
	return child_must(sys_open_tree(AT_FDCWD, path,
					OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE),
			  STEP_ROOT, path);
}

static void put_tree(int tree, const char *path)
{
	child_must((int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path,
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS),
		   STEP_ROOT, path);
}

static void put_tmpfs(const char *path, const char *mode)
{
	child_must(path_mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, mode), STEP_ROOT, path);
}

/*
 * Needs: all files that the service gets are open already: a mount with a writer can't be
 * made read-only, and the copies made here have none. Adds /dev to the list.
 */
void private_mounts(struct conf_list *writable)
{
	static const struct mount_attr readonly = {.attr_set = MOUNT_ATTR_RDONLY};
	int trees[CONF_LIST_MAX + 1];

	child_must(unshare(CLONE_NEWNS) < 0 ? -1 : sys_make_private("/"), STEP_NAMESPACES, "mount");
	writable->words[writable->count++] = "/dev";
	for (unsigned i = 0; i < writable->count; i++)
		trees[i] = clone_tree(writable->words[i]);

	child_must((int)syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &readonly,
				sizeof(readonly)),
		   STEP_ROOT, "/");
	put_tmpfs("/tmp", "mode=1777");
	put_tmpfs("/run", "mode=0755");

	for (unsigned i = 0; i < writable->count; i++) {
		path_make(writable->words[i]); /* below the new /run and /tmp; or put_tree fails */
		put_tree(trees[i], writable->words[i]);
	}
	child_must(chdir("/"), STEP_ROOT, "/");
}
