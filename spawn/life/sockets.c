/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A read-only mount keeps nobody from connecting to a socket on it. sock_diag lists those
 * that listen now, with the names that their owners gave them. A name may lead anywhere, or
 * nowhere: what counts is that it leads to a socket. The device and inode that the kernel
 * lists with it are no better evidence: stat(2) has others on btrfs and overlayfs.
 */
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../../init/kernel_abi.h"
#include "../../net/unix_sockets.h"
#include "../spec/path.h"

#define NAMES_MAX 65536 /* that are looked at: the rest is "not complete" */
#define PLAN_ROOM 96 /* operations of a plan that are neither the caller's nor closed places */

struct search {
	const struct nidus_spec *spec;
	const struct plan_context *context;
	struct sockets *sockets;
};

static int add(struct sockets *sockets, const char *path, bool directory)
{
	struct plan_closed *grown =
		arena_grow(&sockets->arena, sockets->closed, sockets->count, sizeof(*grown));
	char *copy = arena_strdup(&sockets->arena, path);

	if (!grown || !copy) {
		errno = ENOMEM;
		return -1;
	}
	sockets->closed = grown;
	sockets->closed[sockets->count++] = (struct plan_closed){ copy, directory };
	return 0;
}

static void forget(void *arg)
{
	struct search *search = arg;

	search->sockets->count = 0;
}

static int take_name(const char *path, void *arg)
{
	struct search *search = arg;

	if (path[0] != '/' || !plan_shows(search->spec, search->context, path))
		return 0;
	if (search->sockets->count == NAMES_MAX) {
		errno = E2BIG;
		return -1;
	}
	return add(search->sockets, path, false);
}

/* ---- where a name leads ---- */

static int open_cached(const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_CACHED | RESOLVE_NO_MAGICLINKS };

	return sys_openat2_again(AT_FDCWD, path, &how);
}

/* File systems that ask nobody else. */
static bool is_local(int dir_fd)
{
	static const unsigned long local[] = { EXT4_SUPER_MAGIC,     XFS_SUPER_MAGIC,
					       BTRFS_SUPER_MAGIC,    F2FS_SUPER_MAGIC,
					       TMPFS_MAGIC,	     RAMFS_MAGIC,
					       OVERLAYFS_SUPER_MAGIC };
	struct statfs st;

	if (fstatfs(dir_fd, &st) < 0)
		return false;
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		if ((unsigned long)st.f_type == local[i])
			return true;
	return false;
}

/* What isn't cached there is most often not there: a container's name for something. */
static int open_in_local_directory(const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS };
	const char *name = strrchr(path, '/') + 1;
	char dir[UNIX_SOCKETS_PATH_MAX];
	cleanup_fd int dir_fd = -1;

	snprintf(dir, sizeof(dir), "%.*s", (int)(name - path), path);
	dir_fd = open_cached(dir);
	if (dir_fd >= 0 && is_local(dir_fd))
		return sys_openat2(dir_fd, name, &how);
	errno = EXDEV;
	return -1;
}

/*
 * A socket in use has its whole path cached, so that no file system is asked: somebody may have
 * named one that never answers. What is not cached, a link on the way, is looked up on file
 * systems of our own alone. EXDEV: that didn't suffice.
 */
static int open_place(const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS };
	int fd = open_cached(path);

	if (fd < 0 && errno == EAGAIN)
		fd = sys_openat2(AT_FDCWD, path, &how);
	return fd >= 0 || errno != EXDEV ? fd : open_in_local_directory(path);
}

/* The path without links; false unless it leads to a socket. *err: it could not be told. */
static bool find_real(const char *path, char real[PATH_MAX], int *err)
{
	cleanup_fd int fd = open_place(path);
	struct statx st;
	char link[64];
	ssize_t len;

	if (fd < 0 && errno != ENOENT && errno != ENOTDIR && errno != EACCES && errno != ELOOP)
		*err = errno;
	if (fd < 0)
		return false;
	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st) < 0) {
		*err = errno;
		return false;
	}
	if (!S_ISSOCK(st.stx_mode))
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, real, PATH_MAX - 1);
	if (len < 0)
		*err = errno;
	if (len <= 0 || real[0] != '/')
		return false;
	real[len] = '\0';
	return true;
}

/* ---- what is closed ---- */

static int compare(const void *a, const void *b)
{
	const struct plan_closed *left = a, *right = b;

	return strcmp(left->path, right->path);
}

/* Leaves out what is there twice, or within the directory before it. */
static void sort_unique(struct sockets *sockets)
{
	size_t kept = 0;

	if (sockets->count == 0)
		return;
	qsort(sockets->closed, sockets->count, sizeof(sockets->closed[0]), compare);
	for (size_t i = 1; i < sockets->count; i++)
		if (!path_is_within(sockets->closed[i].path, sockets->closed[kept].path))
			sockets->closed[++kept] = sockets->closed[i];
	sockets->count = kept + 1;
}

/* Replaces each by its directory, except those right below the root or a directory in it. */
static void close_directories(struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++) {
		char *path = arena_strdup(&sockets->arena, sockets->closed[i].path);
		char *slash = path ? strrchr(path, '/') : NULL;

		if (!slash || strchr(path + 1, '/') == slash || slash == path)
			continue;
		*slash = '\0';
		sockets->closed[i] = (struct plan_closed){ path, true };
	}
	sort_unique(sockets);
}

static void find_places(struct search *search, struct sockets *names)
{
	char real[PATH_MAX];

	for (size_t i = 0; i < names->count; i++)
		if (find_real(names->closed[i].path, real, &search->sockets->err) &&
		    plan_shows(search->spec, search->context, real) &&
		    add(search->sockets, real, false) < 0)
			search->sockets->err = errno;
	sort_unique(search->sockets);
}

void sockets_find(const struct nidus_spec *spec, const struct plan_context *context,
		  struct sockets *sockets)
{
	struct sockets names = { .closed = NULL };
	struct search search = { spec, context, &names };
	size_t max = SOCKETS_CLOSED_MAX;
	struct fault fault;

	memset(sockets, 0, sizeof(*sockets));
	if (!plan_closes_sockets(spec))
		return;
	if (unix_sockets_list(take_name, forget, &search, &fault) < 0)
		sockets->err = fault.err;
	search.sockets = sockets;
	find_places(&search, &names);
	arena_free(&names.arena);
	if (max > PLAN_MOUNTS_MAX - PLAN_ROOM - spec->mount_count)
		max = PLAN_MOUNTS_MAX - PLAN_ROOM - spec->mount_count;
	if (spec->mount_count > PLAN_MOUNTS_MAX - PLAN_ROOM)
		max = 0;
	if (sockets->count > max)
		close_directories(sockets);
	if (sockets->count > max) {
		sockets->left_open = sockets->count - max;
		sockets->count = max;
	}
}
