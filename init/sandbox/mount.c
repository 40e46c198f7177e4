/* SPDX-License-Identifier: Apache-2.0 */
/* Primitives for detached mounts: made, restricted, and only then attached. */
#include "mount.h"

#include <errno.h>
#include <sys/stat.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "../text.h"

unsigned mount_attrs(uint32_t flags)
{
	return (flags & PLAN_MOUNT_F_RDONLY ? MOUNT_ATTR_RDONLY : 0u) |
	       (flags & PLAN_MOUNT_F_NOSUID ? MOUNT_ATTR_NOSUID : 0u) |
	       (flags & PLAN_MOUNT_F_NODEV ? MOUNT_ATTR_NODEV : 0u) |
	       (flags & PLAN_MOUNT_F_NOEXEC ? MOUNT_ATTR_NOEXEC : 0u);
}

int mount_restrict(int tree, unsigned attrs)
{
	struct mount_attr attr = {.attr_set = attrs, .propagation = MS_PRIVATE};

	return sys_mount_setattr(tree, AT_RECURSIVE, &attr);
}

int mount_make_fs(const char *type, const struct fs_option *options, size_t count, unsigned attrs)
{
	cleanup_fd int context = sys_fsopen(type);

	if (context < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct fs_option *o = &options[i];
		unsigned cmd = o->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

		if (sys_fsconfig(context, cmd, o->key, o->value) < 0)
			return -1;
	}
	if (sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL) < 0)
		return -1;
	return sys_fsmount(context, attrs);
}

int mount_make_tmpfs(const struct plan_mount *op, uint64_t inodes, unsigned attrs)
{
	char mode[TEXT_NUMBER_MAX], uid[TEXT_NUMBER_MAX], gid[TEXT_NUMBER_MAX],
		size[TEXT_NUMBER_MAX], number[TEXT_NUMBER_MAX];
	struct fs_option options[5];
	size_t count = 0;

	options[count++] = (struct fs_option){"mode", text_number(mode, op->mode, 8)};
	options[count++] = (struct fs_option){"uid", text_number(uid, op->uid, 10)};
	options[count++] = (struct fs_option){"gid", text_number(gid, op->gid, 10)};
	if (op->size > 0)
		options[count++] = (struct fs_option){"size", text_number(size, op->size, 10)};
	if (inodes > 0)
		options[count++] =
			(struct fs_option){"nr_inodes", text_number(number, inodes, 10)};
	return mount_make_fs("tmpfs", options, count, attrs);
}

int mount_own(int fd, const struct plan_mount *op)
{
	return fchown(fd, op->uid, op->gid) < 0 || fchmod(fd, op->mode) < 0 ? -1 : 0;
}
