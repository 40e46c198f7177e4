/* SPDX-License-Identifier: Apache-2.0 */
/* Real launches for tests of records and recovery: in this process, and in one that is lost. */
#ifndef NIDUS_TEST_LAUNCH_LIVE_H
#define NIDUS_TEST_LAUNCH_LIVE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../../spawn/nidus.h"
#include "../../spawn/record/journal.h"
#include "../../spawn/record/name.h"
#include "../../spawn/record/process.h"
#include "../../spawn/record/recover.h"
#include "../../spawn/record/trail.h"
#include "state_dir.h"

#define LAUNCH_S 20 /* for anything that is waited for */

struct wish {
	const char *name;
	const char *seconds; /* of the workload, a sleep; NULL: it ends at once */
	bool outlive;
	int block_fd;        /* 0: none */
};

struct launch {
	struct nidus_spec spec;
	struct nidus_sandbox *sandbox;
};

/* What a launch in another process tells the test. */
struct told {
	char id[STATE_ID_LEN + 1];
	pid_t init;
};

static struct fault fault;
static struct told *told;

static inline int launch_start(struct launch *launch, const struct wish *wish)
{
	char *const nothing[] = { (char *)"true", NULL };
	char *const wait[] = { (char *)"sleep", (char *)wish->seconds, NULL };

	if (nidus_spec_init(&launch->spec) < 0 ||
	    nidus_spec_set_argv(&launch->spec, wish->seconds ? wait : nothing,
				wish->seconds ? 2 : 1) < 0 ||
	    nidus_spec_add_label(&launch->spec, "k", "v") < 0)
		return -1;
	launch->spec.name = wish->name;
	launch->spec.outlive_parent = wish->outlive;
	launch->spec.best_effort = true;
	launch->spec.block_fd = wish->block_fd ? wish->block_fd : -1;
	launch->sandbox = NULL;
	if (nidus_spec_check(&launch->spec, &fault) == 0 &&
	    nidus_start(&launch->spec, &launch->sandbox, &fault) == 0)
		return 0;
	nidus_spec_free(&launch->spec);
	return -1;
}

/* False: it took too long. */
static inline bool launch_reach(struct launch *launch, enum nidus_phase phase)
{
	struct pollfd ready = { .fd = nidus_fd(launch->sandbox), .events = POLLIN };
	time_t end = time(NULL) + LAUNCH_S;

	while (nidus_step(launch->sandbox) < phase) {
		if (time(NULL) > end)
			return false;
		poll(&ready, 1, 100);
	}
	return true;
}

/* To the end, however that comes. */
static inline bool launch_finish(struct launch *launch)
{
	bool gone = launch_reach(launch, NIDUS_GONE) && nidus_result(launch->sandbox)->cleaned;

	if (!gone)
		fprintf(stderr, "# launch: phase %d, left: %s\n", nidus_get_phase(launch->sandbox),
			nidus_result(launch->sandbox)->cleanup.what);

	nidus_free(launch->sandbox);
	nidus_spec_free(&launch->spec);
	return gone;
}

/* A launch whose owner is killed when all is running. With `frozen`, PID 1 can't notice. */
static inline void launch_and_lose(const struct wish *wish, bool frozen)
{
	int status;
	pid_t pid;

	memset(told, 0, sizeof(*told));
	pid = fork();
	if (pid == 0) {
		struct launch launch;

		if (launch_start(&launch, wish) < 0 || !launch_reach(&launch, NIDUS_RUNNING))
			_exit(1);
		snprintf(told->id, sizeof(told->id), "%s", nidus_id(launch.sandbox));
		told->init = nidus_pid(launch.sandbox);
		if (frozen && kill(told->init, SIGSTOP) < 0)
			_exit(2);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
		print_message("# SKIP this user may not stop the init of a sandbox\n");
		skip();
	}
	assert_true(WIFSIGNALED(status));
}

static inline int open_root(void)
{
	char path[STATE_PATH_MAX];
	int fd = state_open_root(path, &fault);

	assert_true(fd >= 0);
	return fd;
}

static inline struct recover_result collect(void)
{
	struct recover_result result;
	int root_fd = open_root();

	assert_int_equal(recover_gc(root_fd, 0, 0, &result, &fault), 0);
	close(root_fd);
	return result;
}

/* Whether every process that lost its owner ends: all are ours to reap. */
static inline bool orphans_end(void)
{
	for (int i = 0; i < LAUNCH_S * 200; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return true;
		usleep(5000);
	}
	return false;
}

static inline enum record_status status_of(const char *id)
{
	struct arena arena = { 0 };
	struct record record;
	int root_fd = open_root();
	int ret = record_load(root_fd, id, &arena, &record, &fault);

	record_close(&record, 1);
	arena_free(&arena);
	close(root_fd);
	assert_int_equal(ret, 0);
	return record.status;
}

/* Once, before the tests. */
static inline int launch_prepare(void)
{
	/* Orphans come to us: whoever else is PID 1 here may reap late. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return told == MAP_FAILED ? -1 : 0;
}

/* In each test that launches: skips it where no sandbox can be had at all. */
static inline void launch_must_work(void)
{
	struct launch launch;

	if (launch_start(&launch, &(struct wish){ .name = NULL }) < 0) {
		print_message("# SKIP no sandbox can be started here: %s: %s\n", fault.what,
			      strerror(fault.err));
		skip();
	}
	assert_true(launch_finish(&launch));
}

#endif
