/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writable binds whose files belong to the caller on disk and to the workload
 * inside: an id-mapped mount (mount_setattr(2), Linux 5.12). The map belongs to a
 * user namespace, which takes a process to create, but not to keep.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "ids.h"

static int write_line(pid_t holder, const char *file, uint32_t on_disk, uint32_t outside,
		      struct fault *fault)
{
	cleanup_fd int fd = -1;
	char path[64], text[32];

	snprintf(path, sizeof(path), "/proc/%d/%s", holder, file);
	snprintf(text, sizeof(text), "%u %u 1", on_disk, outside);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || fd_write_whole(fd, text, strlen(text)) < 0)
		return fault_set(fault, STEP_SOURCES, errno, path);
	return 0;
}

/* In such a map "inside" is the owner on disk, "outside" the owner that everybody sees. */
static int open_mapped(const struct ids *ids, pid_t holder, struct fault *fault)
{
	uint32_t work_uid = ids_outside(ids->uid_map, ids->uid_map_count, ids->work_uid);
	uint32_t work_gid = ids_outside(ids->gid_map, ids->gid_map_count, ids->work_gid);
	char path[64];
	int fd;

	if (write_line(holder, "uid_map", geteuid(), work_uid, fault) < 0 ||
	    write_line(holder, "gid_map", getegid(), work_gid, fault) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", holder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? fault_set(fault, STEP_SOURCES, errno, path) : fd;
}

/*
 * The holder lives until the pipe closes. It has no exit signal, so the caller's
 * SIGCHLD handling never notices it (waiting needs __WALL).
 */
static int make_owner_ns(const struct ids *ids, struct fault *fault)
{
	struct clone_args args = { .flags = CLONE_NEWUSER };
	cleanup_fd int life = -1, holder_life = -1;
	int fds[2], fd;
	pid_t pid, reaped;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fault_set(fault, STEP_SOURCES, errno, "pipe");
	holder_life = fds[0];
	life = fds[1];
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return fault_set(fault, STEP_SOURCES, errno, "user namespace for id-mapped mounts");
	if (pid == 0) {
		char byte;
		ssize_t n;

		close(life);
		do
			n = read(holder_life, &byte, 1);
		while (n < 0 && errno == EINTR);
		_exit(0);
	}
	fd = open_mapped(ids, pid, fault);
	kill(pid, SIGKILL); /* our unreaped child, so the pid is valid */
	do
		reaped = waitpid(pid, NULL, __WALL);
	while (reaped < 0 && errno == EINTR);
	return fd;
}

int ids_clone_owned(const struct ids *ids, int place, unsigned int flags, int *owner_ns,
		    struct fault *fault)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	cleanup_fd int tree = -1;

	if (*owner_ns < 0)
		*owner_ns = make_owner_ns(ids, fault);
	if (*owner_ns < 0)
		return -1;
	attr.userns_fd = (uint64_t)*owner_ns;
	tree = (int)syscall(SYS_open_tree, place, "",
			    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | flags);
	if (tree < 0 || syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | flags, &attr,
				sizeof(attr)) < 0)
		return fault_set(fault, STEP_SOURCES, errno, "id-mapped mount");
	return fd_take(&tree);
}
