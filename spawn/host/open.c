/* SPDX-License-Identifier: Apache-2.0 */
#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../../init/fd.h"

#define LINKS_MAX 40 /* as in the kernel: MAXSYMLINKS */
#define SHOWN_MAX 110 /* bytes of a link in a sentence: its end */
#define GO_ON (-2)    /* of step_on: there is more of the path */
#define PLACE (O_PATH | O_NOFOLLOW | O_CLOEXEC)

/* The top of a system (hier(7)), where links belong to its layout: /var/run, /usr/lib64. */
static const char *const system_dirs[] = { "/",	   "/dev", "/etc", "/home", "/media", "/mnt",
					   "/opt", "/run", "/srv", "/usr",  "/var" };

struct walk {
	enum host_use use;
	int dir_fd;           /* where `rest` begins */
	char rest[PATH_MAX];  /* what is left of the path; a link's target goes before it */
	unsigned int links;
	char refused[PATH_MAX]; /* the link that was not followed; empty: none */
};

bool host_is_trusted_owner(uid_t uid)
{
	struct stat root;

	return uid == 0 || uid == geteuid() || (stat("/", &root) == 0 && uid == root.st_uid);
}

static bool is_closed_to_others(const struct stat *dir)
{
	return host_is_trusted_owner(dir->st_uid) && !(dir->st_mode & (S_IWGRP | S_IWOTH));
}

static bool is_system_dir(const struct stat *dir)
{
	struct stat known;

	for (size_t i = 0; i < sizeof(system_dirs) / sizeof(system_dirs[0]); i++)
		if (stat(system_dirs[i], &known) == 0 && known.st_ino == dir->st_ino &&
		    known.st_dev == dir->st_dev)
			return true;
	return false;
}

static bool is_procfs(int dir_fd)
{
	struct statfs st;

	return fstatfs(dir_fd, &st) == 0 && st.f_type == PROC_SUPER_MAGIC;
}

/* 1: the link may be followed; 0: not; -1 and errno. */
static int may_follow(const struct walk *walk, const struct stat *link)
{
	struct stat dir;

	if (fstat(walk->dir_fd, &dir) < 0)
		return -1;
	if (walk->use == HOST_GIVE)
		return is_closed_to_others(&dir) && is_system_dir(&dir);
	return is_closed_to_others(&dir) || host_is_trusted_owner(link->st_uid);
}

static int refuse_link(struct walk *walk, const char *name)
{
	char dir[PATH_MAX];

	if (host_path_of(walk->dir_fd, dir) < 0)
		dir[0] = '\0';
	snprintf(walk->refused, sizeof(walk->refused), "%.2000s/%.255s",
		 strcmp(dir, "/") == 0 ? "" : dir, name);
	errno = ELOOP;
	return -1;
}

/* Puts the target of the link open at `fd` before what is left of the path. */
static int follow(struct walk *walk, int fd)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(fd, "", target, sizeof(target));
	size_t left = strlen(walk->rest);

	if (len < 0)
		return -1;
	if (++walk->links > LINKS_MAX || len == 0) {
		errno = len == 0 ? ENOENT : ELOOP;
		return -1;
	}
	if ((size_t)len + 1 + left >= sizeof(walk->rest)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memmove(walk->rest + len + 1, walk->rest, left + 1);
	memcpy(walk->rest, target, (size_t)len);
	walk->rest[len] = '/';
	if (left == 0)
		walk->rest[len] = '\0';
	if (target[0] != '/')
		return 0;
	fd_close(&walk->dir_fd);
	walk->dir_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return walk->dir_fd < 0 ? -1 : 0;
}

/* Takes the next component off `rest`; an empty name: there is none. */
static int take_component(struct walk *walk, char name[NAME_MAX + 1])
{
	size_t skip = strspn(walk->rest, "/"), len = strcspn(walk->rest + skip, "/");

	if (len > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, walk->rest + skip, len);
	name[len] = '\0';
	memmove(walk->rest, walk->rest + skip + len, strlen(walk->rest + skip + len) + 1);
	return 0;
}

/* O_DIRECTORY first: it is what has a directory mounted that the kernel mounts on demand. */
static int open_place(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, PLACE | O_DIRECTORY);

	return fd < 0 && errno == ENOTDIR ? openat(dir_fd, name, PLACE) : fd;
}

/* The last component. It was no link a moment ago; if it is one by now, O_NOFOLLOW refuses it. */
static int open_last(int dir_fd, const char *name, int flags, mode_t mode)
{
	cleanup_fd int fd = -1;
	struct stat st;

	if (!(flags & O_PATH))
		return openat(dir_fd, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
	fd = open_place(dir_fd, name);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (S_ISLNK(st.st_mode) || ((flags & O_DIRECTORY) && !S_ISDIR(st.st_mode))) {
		errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
		return -1;
	}
	return fd_take(&fd);
}

/* One component. Returns the descriptor asked for if it was the last one; -1 and errno; GO_ON. */
static int step_on(struct walk *walk, int flags, mode_t mode)
{
	char name[NAME_MAX + 1];
	cleanup_fd int next = -1;
	struct stat st;
	bool is_last;
	int may;

	if (take_component(walk, name) < 0)
		return -1;
	if (name[0] == '\0')
		return openat(walk->dir_fd, ".", flags | O_CLOEXEC, mode);
	is_last = walk->rest[0] == '\0';
	next = open_place(walk->dir_fd, name);
	if (next < 0)
		return is_last && errno == ENOENT && flags & O_CREAT
			       ? open_last(walk->dir_fd, name, flags, mode)
			       : -1;
	if (fstat(next, &st) < 0)
		return -1;
	if (!S_ISLNK(st.st_mode) && is_last)
		return open_last(walk->dir_fd, name, flags, mode);
	if (S_ISLNK(st.st_mode) && is_procfs(walk->dir_fd)) {
		int fd = openat(walk->dir_fd, name, (is_last ? flags : O_PATH) | O_CLOEXEC, mode);

		if (is_last || fd < 0)
			return fd;
		fd_close(&next);
		next = fd;
	} else if (S_ISLNK(st.st_mode)) {
		may = may_follow(walk, &st);
		if (may <= 0)
			return may == 0 ? refuse_link(walk, name) : -1;
		return follow(walk, next) < 0 ? -1 : GO_ON;
	}
	fd_close(&walk->dir_fd);
	walk->dir_fd = fd_take(&next);
	return GO_ON;
}

static int begin(struct walk *walk, const char *path)
{
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(walk->rest)) {
		errno = len == 0 ? ENOENT : ENAMETOOLONG;
		return -1;
	}
	memcpy(walk->rest, path, len + 1);
	walk->dir_fd = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return walk->dir_fd < 0 ? -1 : 0;
}

static int say_refused(const char *link, struct fault *fault)
{
	size_t len = strlen(link);
	char why[FAULT_WHY_MAX];

	snprintf(why, sizeof(why),
		 "%s is a link that somebody else may have made: give the path it leads to",
		 link + (len > SHOWN_MAX ? len - SHOWN_MAX : 0));
	return fault_because(fault, why);
}

int host_open(const char *path, enum host_use use, int flags, mode_t mode, uint32_t step,
	      struct fault *fault)
{
	struct walk walk = { .use = use, .dir_fd = -1 };
	int fd = GO_ON;

	if (begin(&walk, path) < 0)
		return fault_set(fault, step, errno, path);
	while (fd == GO_ON) /* bounded: each shortens the path or follows one of LINKS_MAX links */
		fd = step_on(&walk, flags, mode);
	if (fd < 0)
		fault_set(fault, step, errno, path);
	fd_close(&walk.dir_fd);
	return fd < 0 && walk.refused[0] ? say_refused(walk.refused, fault) : fd;
}

int host_path_of(int fd, char path[PATH_MAX])
{
	char link[40];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, PATH_MAX);
	if (len < 0)
		return -1;
	if (len == PATH_MAX || path[0] != '/') {
		errno = len == PATH_MAX ? ENAMETOOLONG : ENOENT;
		return -1;
	}
	path[len] = '\0';
	return 0;
}
