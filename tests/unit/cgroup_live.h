/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests that really make groups on this machine, below parents of the test's
 * own named nidus-test-PID. They skip, with the reason, where there is no
 * writable hierarchy.
 */
#ifndef NIDUS_TEST_CGROUP_LIVE_H
#define NIDUS_TEST_CGROUP_LIVE_H

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
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../cgroup/backend.h"

#define WAIT_MS 5000

static struct cg_machine machine;
static char parent_name[32];
static int serial;

#define assert_ok(call)                                                                            \
	do {                                                                                       \
		if ((call) != 0)                                                                   \
			fail_msg("%s: step %u: %s: %s", #call, fault.step, fault.what,             \
				 strerror(fault.err));                                             \
	} while (0)

static inline void rename_parent(char *path)
{
	size_t at = path[0] != '\0' ? (size_t)(strrchr(path, '/') - path) : 0;

	if (at > 0)
		snprintf(path + at, CG_PATH_MAX - at, "/%s", parent_name);
}

static inline int find_machine(void **state)
{
	(void)state;
	cg_find(&machine);
	snprintf(parent_name, sizeof(parent_name), "nidus-test-%d", getpid());
	rename_parent(machine.v2_parent);
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		rename_parent(machine.v1_parent[i]);
	return 0;
}

static inline int remove_parents(void **state)
{
	int result = 0;

	(void)state;
	if (machine.v2_parent[0] && rmdir(machine.v2_parent) < 0 && errno != ENOENT)
		result = -1;
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		if (machine.v1_parent[i][0] && rmdir(machine.v1_parent[i]) < 0 && errno != ENOENT)
			result = -1;
	return result;
}

static inline void need(bool there, const char *what)
{
	if (machine.mode == CG_NONE)
		print_message("# skipped: %s\n", machine.why_not);
	else if (!there)
		print_message("# skipped: no %s on this machine\n", what);
	else
		return;
	skip();
}

static inline void need_control(enum cg_control control, const char *what)
{
	need(machine.v2_controls & CG_BIT(control) || machine.v1_parent[control][0], what);
}

static inline void plan(const struct cg_machine *from, uint32_t wanted, struct cg *cg)
{
	char id[32];
	uint32_t missing;

	snprintf(id, sizeof(id), "nidus-test-%d", serial++);
	cg_plan(from, id, wanted, cg, &missing);
	assert_int_equal(missing, 0);
	assert_true(cg_exists(cg));
}

static inline void make(const struct cg_machine *from, uint32_t wanted, struct cg *cg)
{
	struct fault fault;

	plan(from, wanted, cg);
	assert_ok(cg_create(cg, wanted, &fault));
}

static inline void assert_absent(const struct cg *cg)
{
	struct stat st;

	if (cg->v2_path[0])
		assert_int_equal(stat(cg->v2_path, &st), -1);
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		if (cg->v1_path[i][0])
			assert_int_equal(stat(cg->v1_path[i], &st), -1);
}

static inline void end(struct cg *cg)
{
	struct fault fault;

	assert_ok(cg_kill(cg, &fault));
	assert_ok(cg_wait_empty(cg, WAIT_MS, &fault));
	assert_true(cg_is_empty(cg));
	assert_ok(cg_remove(cg, &fault));
	assert_absent(cg);
	cg_close(cg);
}

/* A child that waits for a byte on the returned pipe, in the groups already. */
static inline pid_t start_in(struct cg *cg, int *go)
{
	struct fault fault;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		char byte;

		close(fds[1]);
		if (read(fds[0], &byte, 1) != 1)
			_exit(99);
		return 0;
	}
	assert_true(pid > 0);
	close(fds[0]);
	*go = fds[1];
	assert_ok(cg_enter(cg, pid, false, &fault));
	assert_false(cg_is_empty(cg));
	return pid;
}

static inline int let_go(pid_t pid, int go)
{
	int status;

	assert_int_equal(write(go, "x", 1), 1);
	close(go);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

#endif
