/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The groups below the group of a sandbox: a workload that was given its group may have
 * made any number. Everything is done by descriptor, with bounds.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "backend.h"

#define REMOVE_TRIES 50 /* with a wait of up to 5 ms each: 250 ms in all */

struct walk {
	cg_visit *visit;
	void *arg;
	int depth;
	int seen;
};

static int walk_below(int dir_fd, struct walk *walk);

static int walk_one(int dir_fd, const char *name, struct walk *walk)
{
	cleanup_fd int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int result;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1; /* ENOENT: removed since it was listed */
	if (++walk->seen > CG_TREE_GROUPS) {
		errno = E2BIG;
		return -1;
	}
	result = walk_below(fd, walk);
	return result != 0 ? result : walk->visit(dir_fd, name, fd, walk->arg);
}

static int walk_below(int dir_fd, struct walk *walk)
{
	struct dirent *entry;
	int result = 0, saved;
	DIR *dir;
	int fd;

	if (walk->depth >= CG_TREE_DEPTH) {
		errno = ELOOP;
		return -1;
	}
	/* Opened again: a dup would share, and move, the read position of the caller. */
	fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1; /* ENOENT: removed since it was opened */
	dir = fdopendir(fd);
	if (!dir) {
		fd_close(&fd);
		return -1;
	}
	walk->depth++;
	while (result == 0) {
		errno = 0;
		entry = readdir(dir);
		if (!entry) {
			result = errno == 0 ? 0 : -1;
			break;
		}
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			result = walk_one(dir_fd, entry->d_name, walk);
	}
	walk->depth--;
	saved = errno;
	closedir(dir);
	errno = saved;
	return result;
}

int cg_tree_walk(int dir_fd, cg_visit *visit, void *arg)
{
	struct walk walk = { .visit = visit, .arg = arg };

	return walk_below(dir_fd, &walk);
}

/* A busy sub-group doesn't end the walk: its siblings can be removed already. */
static int remove_one(int parent_fd, const char *name, int group_fd, void *arg)
{
	(void)group_fd;
	(void)arg;
	if (unlinkat(parent_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT && errno != EBUSY)
		return -1;
	return 0;
}

int cg_tree_remove(int dir_fd, const char *path, void (*wait)(int dir_fd), struct fault *fault)
{
	for (int i = 0; i < REMOVE_TRIES; i++) {
		if (rmdir(path) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			return fault_set(fault, STEP_CLEANUP, errno, path);
		/* EBUSY means either processes or sub-groups. */
		if (dir_fd >= 0 && cg_tree_walk(dir_fd, remove_one, NULL) < 0)
			return fault_set(fault, STEP_CLEANUP, errno, path);
		if (rmdir(path) == 0 || errno == ENOENT)
			return 0;
		wait(dir_fd);
	}
	return fault_set(fault, STEP_CLEANUP, EBUSY, path);
}
