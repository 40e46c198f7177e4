/* SPDX-License-Identifier: Apache-2.0 */
/* Children are seen one at a time, each once, and are zombies while one looks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../../init/core/reap.c"
#include "../../init/kernel_abi.h"

static pid_t child(int signal, int status)
{
	pid_t pid = sys_fork_signal(signal);

	if (pid == 0)
		_exit(status);
	return pid;
}

/* Until one is there, or nobody can be. */
static bool next(struct reap *reap)
{
	for (int i = 0; i < 5000; i++) {
		reap->left = REAP_AT_ONCE;
		if (reap_next(reap))
			return true;
		if (reap->no_children)
			return false;
		usleep(1000);
	}
	return false;
}

static void test_nobody(void **state)
{
	struct reap reap = REAP_HELPING;

	(void)state;
	assert_false(reap_next(&reap));
	assert_true(reap.no_children);
	assert_false(reap.more);
}

static void test_its_number_is_its_own_until_the_next(void **state)
{
	struct reap reap = REAP_HELPING;
	pid_t pid = child(SIGCHLD, 3);

	(void)state;
	assert_true(next(&reap));
	assert_int_equal(reap.info.si_pid, pid);
	assert_int_equal(reap.info.si_status, 3);
	assert_int_equal(kill(pid, 0), 0);
	assert_false(next(&reap));
	assert_int_equal(kill(pid, 0), -1);
}

/* Which has executed nothing, and is not seen without __WALL. */
static void test_who_was_not_started_is_reaped_too(void **state)
{
	struct reap reap = REAP_HELPING;
	pid_t pid = child(SIGURG, 4);

	(void)state;
	assert_true(next(&reap));
	assert_int_equal(reap.info.si_pid, pid);
	assert_false(next(&reap));
	assert_true(reap.no_children);
}

static void test_a_stop_is_seen_once(void **state)
{
	struct reap reap = REAP_HELPING, later = REAP_HELPING;
	pid_t pid = sys_fork();

	(void)state;
	if (pid == 0) {
		kill(getpid(), SIGSTOP);
		_exit(5);
	}
	assert_true(next(&reap));
	assert_int_equal(reap.info.si_code, CLD_STOPPED);
	assert_false(reap_next(&reap));
	assert_false(reap.no_children);
	kill(pid, SIGCONT);
	assert_true(next(&later));
	assert_int_equal(later.info.si_code, CLD_EXITED);
	assert_int_equal(later.info.si_status, 5);
	assert_false(next(&later));
}

static void test_a_helping_is_bounded(void **state)
{
	struct reap reap = REAP_HELPING;
	siginfo_t info;
	int seen = 0;

	(void)state;
	for (int i = 0; i < REAP_AT_ONCE + 1; i++) {
		pid_t pid = child(SIGCHLD, 0);

		waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT); /* is a zombie */
	}
	while (reap_next(&reap))
		seen++;
	assert_int_equal(seen, REAP_AT_ONCE);
	assert_true(reap.more);
	assert_true(next(&reap));
	assert_false(next(&reap));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_its_number_is_its_own_until_the_next),
		cmocka_unit_test(test_who_was_not_started_is_reaped_too),
		cmocka_unit_test(test_a_stop_is_seen_once),
		cmocka_unit_test(test_a_helping_is_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
