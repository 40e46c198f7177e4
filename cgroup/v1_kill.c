/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Killing the processes of v1 groups, which have no cgroup.kill.
 *
 * A frozen group can't fork: one pass over a frozen tree reaches every process. Without
 * a freezer passes are repeated, up to a bound, until one finds no process. A pid read
 * from cgroup.procs may have been reused when it is signalled, so a pidfd is opened first
 * and then the process is looked up in the group again.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"
#include "backend.h"

#define ROUNDS_MAX 100
#define ROUND_WAIT_MS 2
#define FREEZE_LOOKS 50 /* FREEZING becomes FROZEN only when read after all have stopped */
#define FREEZE_LOOK_MS 1

struct sweep {
	char below[CG_PATH_MAX]; /* "/nidus/ID": the group as in /proc/PID/cgroup */
	int found;
};

static void pause_ms(long ms)
{
	const struct timespec pause = { .tv_nsec = ms * 1000000L };

	nanosleep(&pause, NULL);
}

static bool is_in_group(pid_t pid, const char *below)
{
	char path[32], text[16384];
	const char *at = text;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	if (small_file_read(AT_FDCWD, path, text, sizeof(text)) < 0)
		return false;
	while ((at = strstr(at, below))) {
		at += strlen(below);
		if (*at == '\n' || *at == '/')
			return true;
	}
	return false;
}

/* 1: sent. 0: the process was gone or the pid reused. -1 with errno. */
static int kill_member(pid_t pid, const char *below)
{
	cleanup_fd int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return errno == ESRCH || errno == EINVAL ? 0 : -1;
	if (!is_in_group(pid, below))
		return 0;
	if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) < 0)
		return errno == ESRCH ? 0 : -1;
	return 1;
}

/* Reads to EOF: the kernel returns the list in pieces. */
static int kill_listed(int parent_fd, const char *name, int group_fd, void *arg)
{
	struct sweep *sweep = arg;
	cleanup_fd int fd = openat(group_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char text[4096];
	pid_t pid = 0;
	ssize_t n;

	(void)parent_fd;
	(void)name;
	if (fd < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -1;
	while ((n = read(fd, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			int sent = 0;

			if (text[i] >= '0' && text[i] <= '9') {
				pid = pid * 10 + (text[i] - '0'); /* may go on in the next piece */
				continue;
			}
			if (pid > 0) /* 0: of a pid namespace that we can't see into */
				sent = kill_member(pid, sweep->below);
			if (sent < 0)
				return -1;
			sweep->found += sent;
			pid = 0;
		}
	}
	return n < 0 && errno != ENODEV ? -1 : 0;
}

static int sweep_group(const struct cg *cg, enum cg_control control, struct sweep *sweep,
		       struct fault *fault)
{
	const char *path = cg->v1_path[control], *parent = strrchr(path, '/');
	int fd = cg->v1_fd[control];

	while (parent > path && parent[-1] != '/')
		parent--;
	snprintf(sweep->below, sizeof(sweep->below), "%s", parent - (parent > path));
	if (kill_listed(-1, NULL, fd, sweep) < 0 || cg_tree_walk(fd, kill_listed, sweep) < 0)
		return cg_file_fault(path, "cgroup.procs", errno, fault);
	return 0;
}

static int sweep_all(const struct cg *cg, int *found, struct fault *fault)
{
	struct sweep sweep = { .found = 0 };

	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		if (cg->v1_fd[i] >= 0 && v1_is_first(cg, i) &&
		    sweep_group(cg, i, &sweep, fault) < 0)
			return -1;
	*found = sweep.found;
	return 0;
}

/* True once all have stopped. Processes forked while FREEZING are left to the next round. */
static bool freeze(const struct cg *cg)
{
	const char *dir = cg->v1_path[CG_FREEZER];
	int fd = cg->v1_fd[CG_FREEZER];
	struct fault ignored;
	char text[32];

	if (fd < 0 || cg_file_write(fd, dir, "freezer.state", "FROZEN", &ignored) < 0)
		return false; /* the rounds also work without */
	for (int i = 0; i < FREEZE_LOOKS; i++) {
		if (small_file_read(fd, "freezer.state", text, sizeof(text)) < 0)
			return false;
		if (strcmp(text, "FROZEN\n") == 0)
			return true;
		pause_ms(FREEZE_LOOK_MS);
	}
	return false;
}

/* A frozen process that was killed dies when it thaws. */
static int thaw(const struct cg *cg, struct fault *fault)
{
	int fd = cg->v1_fd[CG_FREEZER];

	if (fd < 0 ||
	    cg_file_write(fd, cg->v1_path[CG_FREEZER], "freezer.state", "THAWED", fault) == 0)
		return 0;
	return errno == ENODEV || errno == ENOENT ? 0 : -1; /* the group was removed */
}

int v1_kill(struct cg *cg, struct fault *fault)
{
	for (int i = 0; i < ROUNDS_MAX; i++) {
		struct fault thaw_fault;
		bool frozen = freeze(cg);
		int found = 0, result = sweep_all(cg, &found, fault);

		/* Whatever the result of the sweep, nothing may stay frozen. */
		if (thaw(cg, &thaw_fault) < 0) {
			*fault = thaw_fault;
			return -1;
		}
		if (result < 0)
			return -1;
		if (frozen || found == 0)
			return 0;
		pause_ms(ROUND_WAIT_MS);
	}
	return fault_set(fault, STEP_CLEANUP, EAGAIN, "processes keep appearing in a v1 group");
}
