/* SPDX-License-Identifier: Apache-2.0 */
/* --detach: the fork, the watcher's descriptors, and the one message to the parent. */
#include "detach.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "cli.h"
#include "cwd.h"
#include "ending.h"

#define ID_MAX 32

struct message {
	int32_t exit_code;
	bool failed;
	char id[ID_MAX];
	struct fault fault, lost_cwd;
	struct nidus_weaker weaker[NIDUS_WEAKER_MAX]; /* its literals are those of this process */
	size_t weaker_count;
};

_Static_assert(sizeof(struct message) < PIPE_BUF, "one write, whole or not at all");

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static size_t append(int *list, size_t count, int fd)
{
	if (fd > STDERR_FILENO)
		list[count++] = fd;
	return count;
}

/* Descriptors that only the start needs: afterwards init has them, or has read them. */
static size_t list_for_init(const struct nidus_spec *spec, int *list)
{
	size_t count = 0;

	for (size_t i = 0; i < spec->mount_count; i++)
		count = append(list, count, spec->mounts[i].fd);
	for (size_t i = 0; i < spec->pass_fd_count; i++)
		count = append(list, count, spec->pass_fds[i]);
	count = append(list, count, spec->block_fd);
	count = append(list, count, spec->sync_fd);
	count = append(list, count, spec->info_fd);
	return append(list, count, spec->init_fd);
}

/* Closes every descriptor that the spec doesn't name: the caller may wait for their end. */
static int close_others(const struct nidus_spec *spec, int tell_fd, struct fault *fault)
{
	int *list = malloc((spec->mount_count + spec->pass_fd_count + 8) * sizeof(*list));
	unsigned int first = STDERR_FILENO + 1;
	size_t count;

	if (!list)
		return fault_set(fault, STEP_STATE, ENOMEM, NULL);
	count = list_for_init(spec, list);
	count = append(list, count, spec->events_fd);
	count = append(list, count, spec->report_fd);
	count = append(list, count, tell_fd);
	qsort(list, count, sizeof(*list), compare);
	for (size_t i = 0; i < count; i++) {
		unsigned int fd = (unsigned int)list[i];

		if (fd > first)
			syscall(SYS_close_range, first, fd - 1, 0);
		first = fd + 1;
	}
	syscall(SYS_close_range, first, UINT_MAX, 0);
	free(list);
	return 0;
}

static bool is_named(const struct nidus_spec *spec, int fd)
{
	for (size_t i = 0; i < spec->mount_count; i++)
		if (spec->mounts[i].fd == fd)
			return true;
	return spec->events_fd == fd || spec->report_fd == fd || spec->info_fd == fd ||
	       spec->block_fd == fd || spec->sync_fd == fd;
}

/* Otherwise the caller's terminal or pipes would stay open as long as the sandbox lives. */
static int replace_stdio(const struct nidus_spec *spec, struct fault *fault)
{
	cleanup_fd int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct stat status;

	if (null_fd < 0)
		return fault_set(fault, STEP_STATE, errno, "/dev/null");
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fstat(fd, &status) < 0) {
			if (errno != EBADF) /* it may be a file, which would lose what is written */
				return fault_set(fault, STEP_STATE, errno, "stdio");
		} else if (S_ISREG(status.st_mode)) {
			continue;
		}
		if (is_named(spec, fd))
			return cli_refuse(fault, "--detach", NULL,
					  "replaces 0, 1 and 2 unless they are files; use another "
					  "descriptor");
		if (dup2(null_fd, fd) < 0)
			return fault_set(fault, STEP_STATE, errno, "/dev/null");
	}
	return 0;
}

static int become_watcher(const struct nidus_spec *spec, int *tell_fd, struct fault *fault)
{
	setsid(); /* can't fail: a newly forked child doesn't lead a group */
	if (close_others(spec, *tell_fd, fault) < 0 || replace_stdio(spec, fault) < 0) {
		detach_tell(tell_fd, NULL, NULL, fault, CLI_EXIT_INTERNAL);
		_exit(CLI_EXIT_INTERNAL);
	}
	return 0;
}

/* Waits without a deadline: --block-fd and --lock-wait may take any time; if the
 * watcher dies, the pipe closes. */
static void await(const struct nidus_spec *spec, const struct run_request *request, int pipe_fd,
		  pid_t watcher, int *exit_code)
{
	struct message message;
	struct fault lost;
	ssize_t n;

	do
		n = read(pipe_fd, &message, sizeof(message));
	while (n < 0 && errno == EINTR);
	*exit_code = CLI_EXIT_INTERNAL;
	if (n != sizeof(message)) {
		fault_set(&lost, STEP_HANDSHAKE, 0, "the watcher died before the command ran");
		cli_fault(&lost);
		return;
	}
	*exit_code = message.exit_code;
	if (message.lost_cwd.step != STEP_NONE && (message.failed || cwd_is_named(spec)))
		ending_say_cwd(request, &message.lost_cwd);
	if (!message.failed)
		ending_say_weaker(spec, message.weaker, message.weaker_count);
	if (message.failed) {
		cli_fault(&message.fault);
		waitpid(watcher, NULL, 0); /* it reports that last, when nothing is left */
		return;
	}
	printf("%s\n", message.id);
	if (fflush(stdout) != 0)
		cli_say(CLI_LOG_ERROR, "stdout: %s", strerror(errno));
}

int detach_fork(const struct nidus_spec *spec, const struct run_request *request, int *tell_fd,
		int *exit_code, struct fault *fault)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault_set(fault, STEP_STATE, errno, "pipe");
	pid = fork();
	if (pid < 0) {
		fault_set(fault, STEP_STATE, errno, "fork");
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	if (pid == 0) {
		close(ends[0]);
		*tell_fd = ends[1];
		return become_watcher(spec, tell_fd, fault);
	}
	close(ends[1]);
	await(spec, request, ends[0], pid, exit_code);
	close(ends[0]);
	return 1;
}

int detach_tell(int *tell_fd, const char *id, const struct nidus_result *result,
		const struct fault *fault, int exit_code)
{
	struct message message = { .exit_code = exit_code, .failed = fault != NULL };
	int rc;

	if (id)
		snprintf(message.id, sizeof(message.id), "%s", id);
	if (fault)
		message.fault = *fault;
	if (result) {
		message.lost_cwd = result->lost_cwd;
		memcpy(message.weaker, result->weaker, sizeof(message.weaker));
		message.weaker_count = result->weaker_count;
	}
	rc = fd_write_whole(*tell_fd, &message, sizeof(message));
	fd_close(tell_fd);
	return rc;
}

void detach_settle(const struct nidus_spec *spec)
{
	int *list = malloc((spec->mount_count + spec->pass_fd_count + 8) * sizeof(*list));
	size_t count = list ? list_for_init(spec, list) : 0;

	for (size_t i = 0; i < count; i++)
		if (list[i] != spec->events_fd && list[i] != spec->report_fd)
			close(list[i]); /* EBADF: one that is listed twice is already closed */
	free(list);
	if (chdir("/") < 0)
		cli_say(CLI_LOG_WARN, "watcher: chdir /: %s", strerror(errno));
}
