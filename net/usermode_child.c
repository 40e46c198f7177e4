/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program of --net user as a child, which inherits only what it needs. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../init/clock.h"
#include "../init/contract.h"
#include "../init/fd.h"
#include "usermode_child.h"

#define FD_CLEAR 16  /* our ends stay above the numbers given to the program */
#define GO_FD USER_CHILD_FDS

int user_pipe(int *read_end, int *write_end)
{
	return fd_pipe(FD_CLEAR, read_end, write_end);
}

/* The program must not inherit ignored or blocked signals: pasta refuses an ignored PIPE. */
static void reset_signals(void)
{
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	uint64_t none = 0;

	for (int signal = 1; signal < NSIG; signal++)
		sigaction(signal, &standard, NULL); /* fails for KILL, STOP and those of libc */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}

/* In the child of a process that may have threads: system calls only. */
__attribute__((noreturn)) static void run(const struct user_program *program, const int *fds)
{
	static char *const no_environment[] = { NULL };
	char go;

	reset_signals();
	/* slirp4netns may make its socket, in our 0700 directory, with another id of the user */
	umask(0);
	if (setsid() < 0 || (program->dir_fd < 0 ? chdir("/") : fchdir(program->dir_fd)) < 0)
		_exit(126);
	for (int fd = 0; fd <= GO_FD; fd++)
		if (fds[fd] < 0 ? close(fd) < 0 && errno != EBADF : dup2(fds[fd], fd) < 0)
			_exit(126);
	/* closes the copies of our locks and of our pipe end: only then does EOF mean our death */
	if (syscall(SYS_close_range, GO_FD + 1, ~0U, 0) < 0)
		_exit(126);
	if (read(GO_FD, &go, 1) != 1)
		_exit(125);
	close(GO_FD);
	execve(program->path, program->argv, no_environment);
	{
		const char *why = strerrordesc_np(errno);

		if (!why || write(2, why, strlen(why)) < 0)
			_exit(126);
	}
	_exit(127);
}

static pid_t fork_program(const struct user_program *program, const int *fds)
{
	uint64_t all = UINT64_MAX, before;
	pid_t pid;
	int err;

	/* signal handlers of the caller must not run in the child */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all));
	pid = fork();
	if (pid == 0)
		run(program, fds);
	err = errno;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
	errno = err;
	return pid;
}

void user_child_init(struct user_child *child)
{
	*child = (struct user_child){ .pidfd = -1, .go_fd = -1, .go_read_fd = -1, .says_fd = -1 };
}

static void close_go(struct user_child *child)
{
	fd_close(&child->go_fd);
	fd_close(&child->go_read_fd);
}

int user_child_hold(struct user_child *child, const struct user_program *program,
		    struct fault *fault)
{
	cleanup_fd int null_fd = -1, low_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	cleanup_fd int says_write = -1;

	user_child_init(child);
	null_fd = low_fd < 0 ? -1 : fcntl(low_fd, F_DUPFD_CLOEXEC, FD_CLEAR);
	if (null_fd < 0)
		return fault_set(fault, STEP_NETWORK, errno, "/dev/null");
	if (user_pipe(&child->go_read_fd, &child->go_fd) < 0 || user_pipe(&child->says_fd, &says_write) < 0 ||
	    fcntl(child->says_fd, F_SETFL, O_NONBLOCK) < 0 ||
	    /* once the pipe is not read any more, its output is lost, and it goes on */
	    fcntl(says_write, F_SETFL, O_NONBLOCK) < 0)
		goto fail;
	{
		const int fds[GO_FD + 1] = { null_fd,
					     program->out_fd < 0 ? null_fd : program->out_fd,
					     says_write,
					     program->exit_fd,
					     program->ready_fd,
					     child->go_read_fd };

		child->pid = fork_program(program, fds);
	}
	if (child->pid < 0) {
		child->pid = 0;
		goto fail;
	}
	child->pidfd = pidfd_open(child->pid, 0);
	if (child->pidfd >= 0)
		return 0;
fail:
	fault_set(fault, STEP_NETWORK, errno, program->path);
	user_child_end(child, NET_USER_STOP_MS);
	return -1;
}

int user_child_go(struct user_child *child, const char *path, struct fault *fault)
{
	int failed = fd_write_whole(child->go_fd, "", 1);

	if (failed)
		fault_set(fault, STEP_NETWORK, errno, path);
	close_go(child);
	return failed;
}

/* New output that doesn't fit replaces the oldest. */
static void hear(struct user_child *child)
{
	char text[256];
	ssize_t n = read(child->says_fd, text, sizeof(text));
	size_t keep = child->says_len;

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			fd_close(&child->says_fd);
		return;
	}
	if (keep + (size_t)n > sizeof(child->says) - 1)
		keep = sizeof(child->says) - 1 - (size_t)n;
	memmove(child->says, child->says + child->says_len - keep, keep);
	memcpy(child->says + keep, text, (size_t)n);
	child->says_len = keep + (size_t)n;
}

int user_child_wait(struct user_child *child, int ready_fd, int64_t until_ms, const char *name,
		    struct fault *fault)
{
	for (;;) {
		struct pollfd fds[3] = { { .fd = child->pidfd, .events = POLLIN },
					 { .fd = child->says_fd, .events = POLLIN },
					 { .fd = ready_fd, .events = POLLIN } };
		int64_t left = until_ms - clock_now_ms();

		if (left <= 0)
			return fault_set(fault, STEP_NETWORK, ETIMEDOUT, name);
		if (poll(fds, 3, (int)left) < 0) {
			if (errno != EINTR)
				return fault_set(fault, STEP_NETWORK, errno, name);
			continue;
		}
		if (fds[1].revents)
			hear(child);
		if (fds[2].revents & POLLIN)
			return 1;
		if (fds[0].revents)
			return 0;
		if (fds[2].revents)
			ready_fd = -1; /* closed without a message: it is about to exit */
	}
}

/* How it ended, and its last output. */
static const char *last_words(struct user_child *child)
{
	for (int i = 0; i < 256 && child->says_fd >= 0; i++) { /* at most 64 KiB of it */
		size_t before = child->says_len;

		hear(child);
		if (child->says_fd >= 0 && child->says_len == before && before < USER_SAYS_MAX - 1)
			break;
	}
	child->says[child->says_len] = '\0';
	user_says_tidy(child->says);
	return child->says;
}

void user_child_forget(struct user_child *child)
{
	last_words(child);
	child->says_len = 0;
}

const char *user_child_epitaph(struct user_child *child, const char *name,
			       char text[USER_EPITAPH_MAX])
{
	siginfo_t info = { .si_pid = 0 };
	const char *words = last_words(child);
	int err = waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	size_t used;

	if (err < 0 || info.si_pid == 0) /* ECHILD: a caller that ignores SIGCHLD */
		used = (size_t)snprintf(text, USER_EPITAPH_MAX, "%s has ended", name);
	else if (info.si_code == CLD_EXITED)
		used = (size_t)snprintf(text, USER_EPITAPH_MAX, "%s exited with status %d", name,
					info.si_status);
	else
		used = (size_t)snprintf(text, USER_EPITAPH_MAX, "%s was killed by signal %d", name,
					info.si_status);
	if (words[0])
		snprintf(text + used, USER_EPITAPH_MAX - used, ": %s", words);
	return text;
}

int user_child_failed(struct user_child *child, const char *name, struct fault *fault)
{
	char what[FAULT_WHAT_MAX];
	int len;

	last_words(child);
	len = snprintf(what, sizeof(what), "%s: %s", name, child->says);
	if (len >= (int)sizeof(what))
		what[sizeof(what) - 1] = '\0';
	return fault_set(fault, STEP_NETWORK, child->says[0] ? 0 : ECHILD, what);
}

void user_child_kill(struct user_child *child)
{
	/* ESRCH: it has ended. EPERM can't happen: it does not change its user. */
	if (child->pid > 0 && child->pidfd >= 0)
		pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
	else if (child->pid > 0)
		kill(child->pid, SIGKILL); /* not reaped yet, so the pid is not reused */
}

int user_child_end(struct user_child *child, int wait_ms)
{
	struct pollfd end = { .fd = child->pidfd, .events = POLLIN };
	siginfo_t info;

	user_child_kill(child);
	if (child->pid > 0) {
		if (child->pidfd >= 0 && poll(&end, 1, wait_ms) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		/* ECHILD: a caller that ignores SIGCHLD */
		waitid(P_PID, (id_t)child->pid, &info, WEXITED | (child->pidfd >= 0 ? WNOHANG : 0));
		child->pid = 0;
	}
	fd_close(&child->pidfd);
	close_go(child);
	fd_close(&child->says_fd);
	return 0;
}
