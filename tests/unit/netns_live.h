/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests that need network namespaces: each test runs in a child that has entered
 * a new one, the "host", so that nothing of the machine's is touched or left. As root.
 */
#ifndef NIDUS_TEST_NETNS_LIVE_H
#define NIDUS_TEST_NETNS_LIVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../net/link.h"

/*
 * cmocka's asserts jump back into the parent's stack, so the child has its own: the
 * place and the reason go to stderr, the status says that it failed.
 */
#define CHILD_FAILED 9
#define CHILD_SKIPPED 77

#define check(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "# %s:%d: %s:", __FILE__, __LINE__, #condition);          \
			fprintf(stderr, " " __VA_ARGS__);                                          \
			fprintf(stderr, "\n");                                                     \
			_exit(CHILD_FAILED);                                                       \
		}                                                                                  \
	} while (0)

#define check_ok(call)                                                                             \
	check((call) == 0, "step %u: %s: %s", fault.step, fault.what, strerror(fault.err))

static inline int64_t netns_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* A descriptor of a new network namespace; the caller's stays what it was. */
static inline int netns_make(void)
{
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), made;

	check(own >= 0 && unshare(CLONE_NEWNET) == 0, "%s", strerror(errno));
	made = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	check(made >= 0 && setns(own, CLONE_NEWNET) == 0, "%s", strerror(errno));
	close(own);
	return made;
}

/* Runs `body` in a child in a namespace of its own; fails or skips as it did. */
static inline void netns_run(void (*body)(void))
{
	int status;
	pid_t pid;

	if (geteuid() != 0) {
		print_message("# skipped: not root\n");
		skip();
	}
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (unshare(CLONE_NEWNET) < 0)
			_exit(CHILD_SKIPPED);
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIPPED) {
		print_message("# skipped: no network namespaces here\n");
		skip();
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("the child ended with wait status %#x", status);
}

#endif
