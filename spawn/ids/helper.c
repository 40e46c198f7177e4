/* SPDX-License-Identifier: Apache-2.0 */
/*
 * newuidmap and newgidmap: the privileged programs that write an ordinary user's
 * maps, once they have checked them against /etc/subuid and /etc/subgid. Both run in
 * parallel, with an empty environment, only their own descriptors, and a time limit.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "../../init/clock.h"
#include "../../init/contract.h"
#include "../../init/fd.h"
#include "source.h"

#define HELPER_MAX_MS 10000
#define ARGS_MAX (2 + 3 * NIDUS_ID_RANGES_MAX + 1) /* name, pid, ranges, NULL */
#define NUMBER_MAX 12
#define SAYS_MAX 160

struct helper {
	const char *name;
	pid_t pid;
	int pidfd;
	int says_fd; /* its standard error */
	char says[SAYS_MAX];
	size_t says_len;
	bool ended;
	siginfo_t end;
};

/*
 * Set-user-ID or with file capabilities, on a mount where the kernel honours them. False with
 * errno: 0 if it is not, otherwise why that can't be told.
 */
static bool can_gain(const char *path)
{
	struct statvfs fs;
	struct stat st;

	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 || stat(path, &st) < 0 ||
	    statvfs(path, &fs) < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP)
			errno = 0;
		return false;
	}
	errno = 0;
	if (!S_ISREG(st.st_mode) || (fs.f_flag & ST_NOSUID))
		return false;
	return (st.st_mode & S_ISUID && st.st_uid == 0) ||
	       getxattr(path, "security.capability", NULL, 0) > 0;
}

const char *ids_helper_find(const char *name)
{
	static const struct {
		const char *name, *path;
	} places[] = {
		{ "newuidmap", "/usr/bin/newuidmap" },
		{ "newuidmap", "/bin/newuidmap" },
		{ "newuidmap", "/usr/local/bin/newuidmap" },
		{ "newgidmap", "/usr/bin/newgidmap" },
		{ "newgidmap", "/bin/newgidmap" },
		{ "newgidmap", "/usr/local/bin/newgidmap" },
	};

	errno = ENOENT;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return NULL;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (strcmp(places[i].name, name) != 0)
			continue;
		if (can_gain(places[i].path))
			return places[i].path;
		if (errno != 0 && errno != ENODATA && errno != ENOTSUP)
			return NULL;
	}
	errno = ENOENT;
	return NULL;
}

/* The child: only what is safe after a fork of a program with threads. */
static void __attribute__((noreturn)) execute(int says_fd, const char *path, char *const *argv)
{
	static const char failed[] = "could not be executed";
	static char *const no_environment[] = { NULL };
	const uint64_t none = 0; /* the spawner's signals are blocked around here */
	int null_fd = open("/dev/null", O_RDWR);

	for (int signal = 1; signal <= 64; signal++) {
		struct sigaction by_default = { .sa_handler = SIG_DFL };

		sigaction(signal, &by_default, NULL);
	}
	if (null_fd >= 0 && dup2(null_fd, 0) == 0 && dup2(null_fd, 1) == 1 &&
	    dup2(says_fd, 2) == 2 && setpgid(0, 0) == 0 &&
	    syscall(SYS_close_range, 3, ~0u, 0) == 0 &&
	    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none)) == 0)
		execve(path, argv, no_environment);
	(void)!write(2, failed, sizeof(failed) - 1);
	_exit(127);
}

static int helper_start(struct helper *helper, const char *name, pid_t child,
			const struct nidus_id_range *map, size_t count, struct fault *fault)
{
	char numbers[1 + 3 * NIDUS_ID_RANGES_MAX][NUMBER_MAX];
	const char *path = ids_helper_find(name);
	cleanup_fd int write_end = -1;
	char *argv[ARGS_MAX];
	size_t n = 0;

	if (!path)
		return fault_set(fault, STEP_ID_MAP, ENOENT, name);
	snprintf(numbers[n++], NUMBER_MAX, "%d", child);
	for (size_t i = 0; i < count; i++) {
		snprintf(numbers[n++], NUMBER_MAX, "%u", map[i].inside);
		snprintf(numbers[n++], NUMBER_MAX, "%u", map[i].outside);
		snprintf(numbers[n++], NUMBER_MAX, "%u", map[i].count);
	}
	argv[0] = (char *)name;
	for (size_t i = 0; i < n; i++)
		argv[1 + i] = numbers[i];
	argv[1 + n] = NULL;
	/* 0 to 2 may be closed in the caller */
	if (fd_pipe(3, &helper->says_fd, &write_end) < 0 ||
	    fcntl(helper->says_fd, F_SETFL, O_NONBLOCK) < 0)
		return fault_set(fault, STEP_ID_MAP, errno, name);
	helper->pid = fork();
	if (helper->pid == 0)
		execute(write_end, path, argv);
	if (helper->pid < 0) {
		helper->pid = 0;
		return fault_set(fault, STEP_ID_MAP, errno, path);
	}
	helper->pidfd = (int)syscall(SYS_pidfd_open, helper->pid, 0);
	return helper->pidfd < 0 ? fault_set(fault, STEP_ID_MAP, errno, path) : 0;
}

/* What doesn't fit is read and dropped: the helper must never block on us. */
static void hear(struct helper *helper)
{
	char text[256];
	ssize_t n = read(helper->says_fd, text, sizeof(text));
	size_t room = sizeof(helper->says) - 1 - helper->says_len;

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			fd_close(&helper->says_fd);
		return;
	}
	if ((size_t)n < room)
		room = (size_t)n;
	memcpy(helper->says + helper->says_len, text, room);
	helper->says_len += room;
}

static void reap(struct helper *helper)
{
	if (waitid(P_PID, (id_t)helper->pid, &helper->end, WEXITED | WNOHANG) == 0 &&
	    helper->end.si_pid == 0)
		return;
	/* On an error (ECHILD: somebody else reaped it) si_code stays 0, which is not a success. */
	helper->ended = true;
}

static void kill_helper(struct helper *helper)
{
	struct pollfd end = { .fd = helper->pidfd, .events = POLLIN };

	if (helper->pid <= 0 || helper->ended)
		return;
	/* Our unreaped child, so the pid is still valid. */
	if (kill(helper->pid, SIGKILL) < 0)
		return;
	poll(&end, 1, 1000); /* any result: reap() looks */
	reap(helper);
}

/* Waits for the exit and for EOF, until the given time. */
static int helper_finish(struct helper *helper, int64_t until_ms, struct fault *fault)
{
	char text[SAYS_MAX + 64];

	while (!helper->ended) {
		struct pollfd fds[2] = { { .fd = helper->pidfd, .events = POLLIN },
					 { .fd = helper->says_fd, .events = POLLIN } };
		int64_t left = until_ms - clock_now_ms();

		if (left <= 0)
			return fault_set(fault, STEP_ID_MAP, ETIMEDOUT, helper->name);
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return fault_set(fault, STEP_ID_MAP, errno, helper->name);
		if (fds[1].revents)
			hear(helper);
		if (fds[0].revents)
			reap(helper);
	}
	if (helper->end.si_code == CLD_EXITED && helper->end.si_status == 0)
		return 0;
	if (helper->says_fd >= 0)
		hear(helper); /* its last words */
	snprintf(text, sizeof(text), "%s: %.*s", helper->name, (int)strcspn(helper->says, "\n"),
		 helper->says);
	return fault_set(fault, STEP_ID_MAP, helper->says_len ? 0 : EPERM, text);
}

int ids_helper_run(const struct ids *ids, pid_t child, struct fault *fault)
{
	struct helper uid = { .name = "newuidmap", .pidfd = -1, .says_fd = -1 };
	struct helper gid = { .name = "newgidmap", .pidfd = -1, .says_fd = -1 };
	int64_t until_ms = clock_now_ms() + HELPER_MAX_MS;
	int result = -1;

	if (helper_start(&uid, uid.name, child, ids->uid_map, ids->uid_map_count, fault) == 0 &&
	    helper_start(&gid, gid.name, child, ids->gid_map, ids->gid_map_count, fault) == 0 &&
	    helper_finish(&uid, until_ms, fault) == 0 && helper_finish(&gid, until_ms, fault) == 0)
		result = 0;
	kill_helper(&uid);
	kill_helper(&gid);
	fd_close(&uid.pidfd);
	fd_close(&gid.pidfd);
	fd_close(&uid.says_fd);
	fd_close(&gid.says_fd);
	return result;
}
