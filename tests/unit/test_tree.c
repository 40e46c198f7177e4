/* SPDX-License-Identifier: Apache-2.0 */
/* Descendants of a subreaper: who is one, who gets the signal, what they use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../../init/clock.c"
#include "../../init/core/procfs.c"
#include "../../init/small_file.c"
#include "../../init/text.c"

static unsigned reads;

static ssize_t count_read(int proc_fd, uint32_t pid, const char *name, char *buffer, size_t size)
{
	reads++;
	return procfs_read(proc_fd, pid, name, buffer, size);
}

#define procfs_read count_read
#include "../../init/core/tree.c"
#undef procfs_read

static struct tree tree;

/* A daemon: its own session, its parent gone. Its number. */
static pid_t start_daemon(void)
{
	pid_t pid, middle;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	middle = fork();
	if (middle == 0) {
		pid = fork();
		if (pid == 0) {
			setsid();
			pid = getpid();
			(void)!write(ends[1], &pid, sizeof(pid));
			for (;;)
				pause();
		}
		_exit(0);
	}
	assert_int_equal(waitpid(middle, NULL, 0), middle);
	assert_int_equal(read(ends[0], &pid, sizeof(pid)), sizeof(pid));
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static int set_up(void **state)
{
	(void)state;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return -1;
	return tree_open(&tree);
}

/* Of a test that failed midway. */
static int tear_down(void **state)
{
	(void)state;
	tree_signal(&tree, SIGKILL);
	return 0;
}

static void test_parent_and_start_in_stat(void **state)
{
	static const char text[] = "7 (a) R 9 (b) S 12 7 7 0 -1 4194304 10 0 0 0 100 20 3 4 20 0 1 "
				   "0 5000 1000 200\n";
	uint64_t parent, started;

	(void)state;
	assert_true(procfs_text_parent(text, strlen(text), &parent, &started));
	assert_int_equal(parent, 12);
	assert_int_equal(started, 5000);
	assert_false(procfs_text_parent("7 (a) R", 7, &parent, &started));
	assert_false(procfs_text_parent("", 0, &parent, &started));
}

static void test_strangers_and_ourselves_are_none(void **state)
{
	(void)state;
	assert_false(tree_has(&tree, getpid()));
	assert_false(tree_has(&tree, getppid()));
	assert_false(tree_has(&tree, 1));
	assert_false(tree_has(&tree, 0));
	assert_false(tree_has(&tree, -5));
}

static void test_an_adopted_daemon_is_one(void **state)
{
	pid_t pid = start_daemon();

	(void)state;
	assert_true(tree_has(&tree, pid));
	end(pid);
	assert_false(tree_has(&tree, pid));
}

static void test_a_grandchild_is_one(void **state)
{
	pid_t child, grandchild;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		grandchild = fork();
		if (grandchild != 0)
			(void)!write(ends[1], &grandchild, sizeof(grandchild));
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	assert_true(tree_has(&tree, grandchild));
	end(child);
	end(grandchild); /* ours by now */
	close(ends[0]);
	close(ends[1]);
}

/* Generations of one family, each waiting; the youngest's number. Ends with the pipe. */
static pid_t start_chain(unsigned depth, int ends[2])
{
	pid_t pid = 0, youngest;

	assert_int_equal(pipe(ends), 0);
	for (unsigned i = 0; i < depth && pid == 0; i++) {
		pid = fork();
		if (pid > 0 && i > 0)
			for (;;)
				pause();
	}
	if (pid == 0) {
		pid = getpid();
		(void)!write(ends[1], &pid, sizeof(pid));
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &youngest, sizeof(youngest)), sizeof(youngest));
	return youngest;
}

static void test_a_long_chain_is_followed_once(void **state)
{
	pid_t youngest;
	int ends[2];

	(void)state;
	youngest = start_chain(300, ends);
	reads = 0;
	assert_true(tree_has(&tree, youngest));
	assert_in_range(reads, 300, 310);
	reads = 0;
	for (int i = 0; i < 10; i++)
		assert_true(tree_has(&tree, youngest));
	assert_in_range(reads, 10, 10);
	tree_signal(&tree, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_false(tree_has(&tree, youngest));
	close(ends[0]);
	close(ends[1]);
}

static void test_a_signal_reaches_all(void **state)
{
	pid_t pids[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		pids[i] = start_daemon();
	tree_signal(&tree, SIGUSR1);
	for (size_t i = 0; i < 3; i++) {
		int status = 0;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGUSR1);
	}
}

/* A child that has written to so much memory of its own. */
static pid_t start_hog(size_t size)
{
	int ends[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) == MAP_FAILED)
			_exit(1);
		(void)!write(ends[1], "", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void test_memory_is_theirs_alone(void **state)
{
	const size_t size = 16 << 20;
	uint64_t used = 0, before = 0;
	pid_t pid = start_daemon(), hog;

	(void)state;
	assert_int_equal(tree_memory(&tree, 0, size, &before), 0);
	hog = start_hog(size);
	assert_int_equal(tree_memory(&tree, 0, before + size / 2, &used), 0);
	assert_in_range(used, size, before + size + (64 << 20));
	end(hog);
	end(pid);
}

static void test_a_look_ends_once_it_is_decided(void **state)
{
	const size_t size = 16 << 20;
	uint64_t used = 0;
	pid_t hogs[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		hogs[i] = start_hog(size);
	assert_int_equal(tree_memory(&tree, 0, size / 2, &used), 0);
	assert_in_range(used, size, 2 * size);
	for (size_t i = 0; i < 4; i++)
		end(hogs[i]);
}

static void test_cpu_time_of_the_reaped_counts(void **state)
{
	uint64_t before = 0, used = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(tree_cpu(&tree, &before), 0);
	pid = fork();
	if (pid == 0) {
		struct rusage usage = {0};

		while (usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec < 100000)
			getrusage(RUSAGE_SELF, &usage);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(tree_cpu(&tree, &used), 0);
	assert_true(used >= before + 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parent_and_start_in_stat),
		cmocka_unit_test(test_strangers_and_ourselves_are_none),
		cmocka_unit_test(test_an_adopted_daemon_is_one),
		cmocka_unit_test(test_a_grandchild_is_one),
		cmocka_unit_test(test_a_long_chain_is_followed_once),
		cmocka_unit_test(test_a_signal_reaches_all),
		cmocka_unit_test(test_memory_is_theirs_alone),
		cmocka_unit_test(test_a_look_ends_once_it_is_decided),
		cmocka_unit_test(test_cpu_time_of_the_reaped_counts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
