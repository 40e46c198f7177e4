/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Destinations in the new root. The tree may be hostile: the kernel resolves every path
 * with the new root as its root, so that no symlink and no ".." leads out, and no magic
 * link is followed. Directories are made one at a time, each in a parent that was resolved
 * that way.
 */
#include <errno.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "mount.h"

#define PARENT_MODE 0755

static int open_resolved(int root_fd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return sys_openat2_again(root_fd, path, &how);
}

int place_open(int root_fd, const char *path, uint64_t flags)
{
	return open_resolved(root_fd, path, flags, 0);
}

bool place_is_private(const struct init *in, const struct plan_mount *op)
{
	const char *path = plan_string(&in->plan, op->dst);

	return op->flags & PLAN_MOUNT_F_BELOW && in->base_fd >= 0 &&
	       !strchr(path + in->base_len + 1, '/');
}

int place_open_straight(int root_fd, const char *path, uint64_t flags)
{
	return open_resolved(root_fd, path, flags, RESOLVE_NO_SYMLINKS);
}

struct place_start place_start(const struct init *in, const struct plan_mount *op)
{
	const char *path = plan_string(&in->plan, op->dst);

	if (op->flags & PLAN_MOUNT_F_BELOW)
		return (struct place_start){ in->base_fd, path + in->base_len };
	return (struct place_start){ in->root_fd, path };
}

/* Copies the path without trailing slashes, and finds the start of its last component. */
static int split(const char *path, struct place_name *name)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len >= sizeof(name->path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name->path, path, len);
	name->path[len] = '\0';
	name->last = strrchr(name->path, '/');
	if (!name->last) {
		errno = EINVAL;
		return -1;
	}
	name->last++;
	return 0;
}

/* By file system: what is attached of the stage are clones, mounts of their own. */
bool place_is_own_tmpfs(const struct init *in, int fd)
{
	struct stat st, own;

	if (fstat(fd, &st) < 0)
		return false;
	for (uint32_t i = 0; i < in->tmpfs_count; i++)
		if (fstat(in->tmpfs_fds[i], &own) == 0 && own.st_dev == st.st_dev)
			return true;
	return false;
}

static int make_entry(int parent, const char *name, mode_t mode, const char *target)
{
	int fd;

	if (target)
		return symlinkat(target, parent, name);
	if (S_ISDIR(mode))
		return mkdirat(parent, name, mode & 07777);
	fd = openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC,
		    mode & 07777);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

int place_make(const struct init *in, int parent, const char *name, mode_t mode, const char *target)
{
	const struct plan_header *header = in->plan.header;
	int made = -1, err;

	if (place_is_own_tmpfs(in, parent))
		return make_entry(parent, name, mode, target);
	if (identity_for_files(header->work_uid, header->work_gid) == 0)
		made = make_entry(parent, name, mode, target);
	err = errno;
	if (identity_for_files(header->init_uid, header->init_gid) < 0)
		return -1;
	errno = err;
	return made;
}

static int make_dir(const struct init *in, int root_fd, int parent, const char *prefix,
		    const char *name)
{
	if (place_make(in, parent, name, S_IFDIR | PARENT_MODE, NULL) < 0 && errno != EEXIST)
		return -1;
	/* EEXIST: a dangling symlink; it is left as it is, and this fails with ENOENT */
	return place_open(root_fd, prefix, O_PATH | O_DIRECTORY);
}

/*
 * Opens the directory `path` (absolute; modified during the call), making missing ones:
 * with `only_own`, only in tmpfs mounts of the plan (ENOENT elsewhere).
 */
static int make_dirs(const struct init *in, int root_fd, char *path, bool only_own)
{
	cleanup_fd int parent = place_open(root_fd, "/", O_PATH | O_DIRECTORY);
	char *name = path, *end;
	int next;

	while (parent >= 0) {
		while (*name == '/')
			name++;
		if (*name == '\0')
			break;
		end = name + strcspn(name, "/");
		char kept = *end;

		*end = '\0';
		next = place_open(root_fd, path, O_PATH | O_DIRECTORY);
		if (next < 0 && errno == ENOENT && (!only_own || place_is_own_tmpfs(in, parent)))
			next = make_dir(in, root_fd, parent, path, name);
		*end = kept;
		fd_close(&parent);
		parent = next;
		name = end;
	}
	return fd_take(&parent);
}

int place_parent_of(const struct init *in, const struct plan_mount *op, struct place_name *name,
		    struct fault *fault)
{
	struct place_start start = place_start(in, op);
	bool optional = op->flags & PLAN_MOUNT_F_OPTIONAL;
	/* what nidus puts in /etc may have its place in a private directory that is still empty */
	bool make = !optional || op->kind == PLAN_MOUNT_DATA;
	int parent;
	char kept;

	if (start.fd < 0)
		return SOURCE_LEFT_OUT;
	if (split(start.path, name) < 0)
		return fault_errno(fault, STEP_ROOT, plan_string(&in->plan, op->dst));
	if (place_is_private(in, op))
		return fcntl(start.fd, F_DUPFD_CLOEXEC, 3);
	kept = *name->last;
	*name->last = '\0'; /* leaves the directory above: "/dir/" */
	parent = place_open(start.fd, name->path, O_PATH | O_DIRECTORY);
	if (parent < 0 && errno == ENOENT && make)
		parent = make_dirs(in, start.fd, name->path, optional);
	*name->last = kept;
	if (parent < 0 && optional && errno == ENOENT)
		return SOURCE_LEFT_OUT;
	if (parent < 0)
		return fault_errno(fault, STEP_ROOT, plan_string(&in->plan, op->dst));
	if (optional && !place_is_own_tmpfs(in, parent)) {
		fd_close(&parent);
		return SOURCE_LEFT_OUT;
	}
	return parent;
}

/*
 * For an optional place, after a look-up: what init can't enter the workload can't either; and
 * a path without links that has one now leads to nothing that was meant.
 */
static bool is_out_of_reach(const struct plan_mount *op)
{
	return op->flags & PLAN_MOUNT_F_OPTIONAL &&
	       (errno == EACCES ||
		(op->flags & PLAN_MOUNT_F_NO_LINKS && (errno == ELOOP || errno == ENOTDIR)));
}

static mode_t type_mode(enum place_type type)
{
	return type == PLACE_DIR ? S_IFDIR | PARENT_MODE : S_IFREG | 0644;
}

int place_of(const struct init *in, const struct plan_mount *op, enum place_type type,
	     struct fault *fault)
{
	const char *path = plan_string(&in->plan, op->dst);
	struct place_start start = place_start(in, op);
	struct place_name name;
	cleanup_fd int parent = -1;
	int fd;

	if (start.fd < 0)
		return SOURCE_LEFT_OUT;
	/* so early that nothing of that name is there: made first, found after it */
	if (type != PLACE_NEVER && place_is_private(in, op))
		make_entry(start.fd, start.path + 1, type_mode(type), NULL);
	fd = open_resolved(start.fd, start.path, O_PATH,
			   op->flags & PLAN_MOUNT_F_NO_LINKS ? RESOLVE_NO_SYMLINKS : 0);
	if (fd >= 0)
		return fd;
	if (is_out_of_reach(op))
		return SOURCE_LEFT_OUT;
	if (errno != ENOENT)
		return fault_errno(fault, STEP_ROOT, path);
	if (type == PLACE_NEVER && (op->flags & PLAN_MOUNT_F_OPTIONAL))
		return SOURCE_LEFT_OUT;
	if (type == PLACE_NEVER)
		return fault_set(fault, STEP_ROOT, ENOENT, path);
	parent = place_parent_of(in, op, &name, fault);
	if (parent < 0)
		return parent;
	if (place_make(in, parent, name.last, type_mode(type), NULL) < 0)
		return fault_errno(fault, STEP_ROOT, path);
	fd = place_open(start.fd, start.path, O_PATH);
	return fd < 0 ? fault_errno(fault, STEP_ROOT, path) : fd;
}

bool place_is_closed(const struct init *in, const struct plan_mount *op)
{
	struct place_name name;
	struct statfs st;
	cleanup_fd int above = -1;

	if (split(plan_string(&in->plan, op->dst), &name) < 0)
		return false;
	do { /* bounded: each leaves a component out, and / exists */
		name.last[-1] = '\0';
		above = place_open(in->root_fd, name.path[0] ? name.path : "/", O_PATH);
		if (above < 0 && (errno != ENOENT || !name.path[0]))
			return false;
		name.last = strrchr(name.path, '/') + 1;
	} while (above < 0);
	return place_is_own_tmpfs(in, above) ||
	       (fstatfs(above, &st) == 0 && st.f_flags & MOUNT_ATTR_RDONLY);
}
