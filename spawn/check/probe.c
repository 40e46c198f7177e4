/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a probe in a child with a deadline, and leaves nothing behind. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../../init/small_file.h"

#define PROBE_TIMEOUT_MS 250

static int wait_probe(pid_t pid)
{
	cleanup_fd int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	bool timed_out = false;
	int status, n;

	/* Without a pidfd (before Linux 5.3) there is no deadline, and no `run` either. */
	if (fd >= 0) {
		do
			n = poll(&poll_fd, 1, PROBE_TIMEOUT_MS);
		while (n < 0 && errno == EINTR);
		timed_out = n == 0;
	}
	if (timed_out)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	if (timed_out)
		return CHECK_PROBE_TIMED_OUT;
	return WIFEXITED(status) ? WEXITSTATUS(status) : CHECK_PROBE_KILLED;
}

int check_probe(int (*probe)(void *arg), void *arg)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		/* A probe must not outlive its parent; the second line is for one already dead. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(getppid() == parent ? probe(arg) & 0xff : EINTR);
	}
	return wait_probe(pid);
}

static int write_file(const char *path, const char *text)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || fd_write_whole(fd, text, strlen(text)) < 0)
		return errno;
	return 0;
}

int check_enter_userns(void)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[32];
	int err;

	if (unshare(CLONE_NEWUSER) < 0)
		return errno;
	/* Before gid_map: an ordinary user may map a group only after that. */
	err = write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (err == 0)
		err = write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	if (err == 0)
		err = write_file("/proc/self/gid_map", map);
	return err;
}

long check_read_number(const char *path)
{
	char text[32];

	return small_file_read(AT_FDCWD, path, text, sizeof(text)) > 0 ? strtol(text, NULL, 10)
									: -1;
}

const char *check_find_program(const char *name, char *path, size_t size)
{
	static const char *const dirs[] = { "/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin",
					    "/usr/local/sbin", "/sbin" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, size, "%s/%s", dirs[i], name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}
