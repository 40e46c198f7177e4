/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The new process between clone3 and exec. It has every capability in its new user
 * namespace, but its id is not mapped yet (the parent writes the maps meanwhile), and an
 * exec by an unmapped or non-root id would drop them all: so they are made ambient first.
 * All signals are blocked and stay so.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../init/clock.h"
#include "../../init/contract.h"
#include "child.h"

#define FDS_TEXT_MAX 36 /* three numbers and commas */

static void __attribute__((noreturn)) child_fail(const struct child *child, int err,
						 const char *what)
{
	struct report report = {
		.magic = REPORT_MAGIC,
		.version = CONTRACT_VERSION,
		.kind = REPORT_FAULT,
	};
	ssize_t n;

	report.at_us = clock_now_us();
	fault_set(&report.u.fault, STEP_EXEC_INIT, err, what);
	n = write(child->report_fd, &report, sizeof(report));
	(void)n; /* if the write fails, the parent sees the pipe close */
	_exit(125);
}

static int keep_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	data[0].inheritable = data[0].permitted;
	data[1].inheritable = data[1].permitted;
	if (syscall(SYS_capset, &header, data) < 0)
		return -1;
	for (unsigned int cap = 0; cap < 64; cap++) {
		if (!(data[cap / 32].permitted & (1u << (cap % 32))))
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return -1;
	}
	return 0;
}

/*
 * The three descriptors may overlap with 0..2 in any order, so all are first copied to
 * higher numbers, and then put in place.
 */
static int place_stdio(const int *stdio)
{
	int copy[3];

	if (stdio[0] == 0 && stdio[1] == 1 && stdio[2] == 2)
		return 0;
	for (int i = 0; i < 3; i++) {
		copy[i] = fcntl(stdio[i], F_DUPFD_CLOEXEC, 3);
		if (copy[i] < 0)
			return -1;
	}
	for (int i = 0; i < 3; i++) {
		if (dup2(copy[i], i) < 0)
			return -1;
		close(copy[i]);
	}
	return 0;
}

/*
 * The spawner may ignore signals for its own sake, and the exec would pass that on. Handlers
 * are lost at the exec; KILL, STOP and those of libc can't be set.
 */
static void set_ignored(uint64_t ignored)
{
	for (int signal = 1; signal <= 64; signal++) {
		struct sigaction action = {
			.sa_handler = ignored & 1ull << (signal - 1) ? SIG_IGN : SIG_DFL,
		};

		sigaction(signal, &action, NULL);
	}
}

/* "18,14,16": from its end to its beginning. */
static const char *numbers(const int *list, int count, char text[FDS_TEXT_MAX])
{
	char *p = text + FDS_TEXT_MAX - 1;

	*p = '\0';
	for (int i = count - 1; i >= 0; i--) {
		int number = list[i];

		do {
			*--p = (char)('0' + number % 10);
			number /= 10;
		} while (number > 0);
		if (i > 0)
			*--p = ',';
	}
	return p;
}

void child_exec_init(const struct child *child)
{
	const int fds[] = { child->plan_fd, child->control_fd, child->report_fd };
	char text[FDS_TEXT_MAX];
	const char *argv[] = { "nidus-init", "--sandbox", numbers(fds, 3, text), NULL };
	char *const envp[] = { NULL };

	if (keep_capabilities() < 0)
		child_fail(child, errno, "capabilities");
	if (place_stdio(child->stdio) < 0)
		child_fail(child, errno, "stdio");
	for (size_t i = 0; i < child->keep_count; i++)
		if (fcntl(child->keep[i], F_SETFD, 0) < 0)
			child_fail(child, errno, "descriptor");
	set_ignored(child->ignored);
	syscall(SYS_execveat, child->image_fd, "", (char *const *)argv, envp, AT_EMPTY_PATH);
	child_fail(child, errno, "nidus-init");
}
