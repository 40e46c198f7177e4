/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for a launch, for tests of recovery: the real steps in the real
 * order, with a process that waits for EOF, as init does, in the place of PID 1.
 */
#ifndef NIDUS_TEST_FAKE_LAUNCH_H
#define NIDUS_TEST_FAKE_LAUNCH_H

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
#include <unistd.h>

#include <cmocka.h>

#include "../../cgroup/cgroup.h"
#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../../spawn/record/journal.h"
#include "../../spawn/record/name.h"
#include "../../spawn/record/process.h"
#include "../../spawn/record/recover.h"
#include "state_dir.h"

#define INIT_LIFE_S 30 /* of the stand-in for init, whatever goes wrong */

enum fake_flags {
	FAKE_STUBBORN = 1, /* init doesn't mind EOF */
	FAKE_OUTLIVE = 2,
	FAKE_CGROUP = 4,
};

/* What a launch that may die tells the test. */
struct told {
	char id[STATE_ID_LEN + 1];
	char group[CG_PATH_MAX];
	pid_t init;
};

struct fake {
	struct state state;
	struct name held;
	struct journal journal;
	struct cg cg;
	struct told *told;
	int flags;
	int stop; /* point at which the launch is killed; 0: never */
	int point;
	int control[2];
	const char *name;
};

static struct fault fault;
static struct told *told;
static struct cg_machine machine;

static inline void point(struct fake *fake)
{
	if (++fake->point == fake->stop)
		kill(getpid(), SIGKILL);
}

static inline void run_init(struct fake *fake)
{
	char byte;

	/* As an exec would: nothing of the owner's stays open. */
	state_close(&fake->state);
	name_close(&fake->held);
	journal_close(&fake->journal);
	cg_close(&fake->cg);
	close(fake->control[1]);
	signal(SIGTERM, SIG_DFL);
	alarm(INIT_LIFE_S);
	if (!(fake->flags & (FAKE_STUBBORN | FAKE_OUTLIVE)))
		_exit(read(fake->control[0], &byte, 1) == 0 ? 0 : 1);
	for (;;)
		pause();
}

static inline int start_record(struct fake *fake)
{
	char before[STATE_ID_LEN + 1];

	if (state_create(&fake->state, &fault) < 0)
		return -1;
	memcpy(fake->told->id, fake->state.id, sizeof(fake->told->id));
	point(fake);
	if (journal_create(&fake->journal, fake->state.dir_fd, &fault) < 0)
		return -1;
	point(fake);
	if (journal_write(&fake->journal, JOURNAL_COMMAND, "/bin/true", &fault) < 0 ||
	    journal_write(&fake->journal, JOURNAL_GRACE, "2000000", &fault) < 0 ||
	    journal_write(&fake->journal, JOURNAL_LABEL, "k=v", &fault) < 0)
		return -1;
	if (fake->flags & FAKE_OUTLIVE &&
	    journal_write(&fake->journal, JOURNAL_OUTLIVE, "1", &fault) < 0)
		return -1;
	point(fake);
	if (!fake->name)
		return 0;
	if (journal_write(&fake->journal, JOURNAL_NAME, fake->name, &fault) < 0)
		return -1;
	point(fake);
	if (name_lock(&fake->held, fake->state.root_fd, fake->name, before, &fault) < 0 ||
	    name_claim(&fake->held, fake->state.root_fd, fake->state.id, false, &fault) < 0)
		return -1;
	point(fake);
	return 0;
}

static inline int start_resources(struct fake *fake)
{
	if (fake->flags & FAKE_CGROUP) {
		cg_plan(&machine, fake->state.id, 1u << CG_PIDS, &fake->cg, NULL);
		snprintf(fake->told->group, sizeof(fake->told->group), "%s", fake->cg.v2_path);
		if (fake->cg.v2_path[0] &&
		    journal_write(&fake->journal, JOURNAL_CGROUP, fake->cg.v2_path, &fault) < 0)
			return -1;
		for (int i = 0; i < CG_CONTROL_COUNT; i++)
			if (fake->cg.v1_path[i][0] &&
			    journal_write(&fake->journal, JOURNAL_CGROUP, fake->cg.v1_path[i],
					  &fault) < 0)
				return -1;
		point(fake);
		if (cg_create(&fake->cg, 1u << CG_PIDS, &fault) < 0)
			return -1;
		point(fake);
	}
	return 0;
}

static inline int start_init(struct fake *fake)
{
	char text[PROCESS_TEXT_MAX];
	pid_t pid;

	if (pipe2(fake->control, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		run_init(fake);
	fake->told->init = pid; /* shared with the test: not the child's 0 */
	close(fake->control[0]);
	point(fake);
	if (fake->flags & FAKE_CGROUP &&
	    cg_enter(&fake->cg, fake->told->init, false, &fault) < 0)
		return -1;
	point(fake);
	if (process_describe(fake->told->init, text) < 0 ||
	    journal_write(&fake->journal, JOURNAL_INIT, text, &fault) < 0)
		return -1;
	point(fake);
	return journal_write(&fake->journal, JOURNAL_READY, "1", &fault);
}

static inline int end(struct fake *fake)
{
	point(fake);
	close(fake->control[1]);
	if (fake->flags & FAKE_STUBBORN)
		kill(fake->told->init, SIGKILL);
	waitpid(fake->told->init, NULL, 0);
	point(fake);
	if (journal_write(&fake->journal, JOURNAL_EXITED, "exited 7 0", &fault) < 0)
		return -1;
	point(fake);
	if (cg_exists(&fake->cg) && cg_remove(&fake->cg, &fault) < 0)
		return -1;
	cg_close(&fake->cg);
	point(fake);
	return 0;
}

/* The removal of the record, cut into its system calls. */
static inline int end_record(struct fake *fake)
{
	if (fake->stop && fake->name) {
		name_drop(fake->state.root_fd, fake->name, fake->state.id, fake->held.fd);
		point(fake);
	}
	if (fake->stop) {
		unlinkat(fake->state.dir_fd, "journal", 0);
		point(fake);
		unlinkat(fake->state.dir_fd, "lock", 0);
		point(fake);
	}
	if (fake->name)
		name_drop(fake->state.root_fd, fake->name, fake->state.id, fake->held.fd);
	name_close(&fake->held);
	return state_remove(&fake->state, &fault);
}

static inline void fake_init(struct fake *fake, int flags, const char *name, int stop)
{
	memset(fake, 0, sizeof(*fake));
	cg_init(&fake->cg);
	fake->journal.fd = fake->held.fd = -1;
	fake->flags = flags;
	fake->name = name;
	fake->stop = stop;
	fake->told = told;
	memset(told, 0, sizeof(*told));
}

static inline int start(struct fake *fake)
{
	return start_record(fake) < 0 || start_resources(fake) < 0 || start_init(fake) < 0 ? -1 : 0;
}

static inline int finish(struct fake *fake)
{
	int ret = end(fake) < 0 || end_record(fake) < 0 ? -1 : 0;

	journal_close(&fake->journal);
	return ret;
}

/* A whole launch in a process of its own. Returns its wait status. */
static inline int launch(int flags, const char *name, int stop)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct fake fake;

		fake_init(&fake, flags, name, stop);
		if (start(&fake) < 0 || finish(&fake) < 0) {
			fprintf(stderr, "# launch: %s: %s\n", fault.what, strerror(fault.err));
			_exit(1);
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

/* A launch whose owner is killed when all is running. */
static inline void launch_and_lose(int flags, const char *name)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct fake fake;

		fake_init(&fake, flags, name, 0);
		if (start(&fake) < 0)
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, &status, 0);
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

/* Whether the stand-in for init ends within a second (it is ours to reap). */
static inline bool init_ends(void)
{
	for (int i = 0; i < 200; i++) {
		pid_t pid = waitpid(told->init, NULL, WNOHANG);

		if (pid == told->init || (pid < 0 && errno == ECHILD))
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
static inline int fake_launch_prepare(void)
{
	/* Orphans come to us: whoever else is PID 1 here may reap late. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cg_find(&machine);
	return told == MAP_FAILED ? -1 : 0;
}

#endif
