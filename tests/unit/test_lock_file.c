/* SPDX-License-Identifier: Apache-2.0 */
/* State state_root, records, names and lock files: who owns what, and until when. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../../spawn/record/lock_file.h"
#include "state_dir.h"

static struct fault fault;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void lock_path(char path[256])
{
	snprintf(path, 256, "%s/lock-file", state_base);
}

static void test_lock_file_is_exclusive(void **state)
{
	char path[256], pid[32];
	struct stat st;
	int fd;

	(void)state;
	umask(022);
	lock_path(path);
	fd = lock_file_take(path, 0, &fault);
	assert_true(fd >= 0);
	fstat(fd, &st);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(lock_file_take(path, 0, &fault), -1);
	assert_int_equal(fault.err, EWOULDBLOCK);
	assert_int_equal(fault.step, STEP_LOCK_FILE);
	assert_non_null(strstr(fault.what, path));
	snprintf(pid, sizeof(pid), "process %d", (int)getpid());
	assert_non_null(strstr(fault.why, pid));
	close(fd);
	fd = lock_file_take(path, 0, &fault);
	assert_true(fd >= 0);
	close(fd);
}

static void test_lock_wait_ends_in_time(void **state)
{
	char path[256];
	uint64_t start, took;
	int fd;

	(void)state;
	lock_path(path);
	fd = lock_file_take(path, 0, &fault);
	start = now_ms();
	assert_int_equal(lock_file_take(path, 120000, &fault), -1);
	took = now_ms() - start;
	assert_int_equal(fault.err, EWOULDBLOCK);
	assert_in_range(took, 120, 1500);
	close(fd);
}

static void test_lock_wait_gets_it_when_free(void **state)
{
	char path[256];
	int ends[2], fd;
	pid_t pid;

	(void)state;
	lock_path(path);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		fd = lock_file_take(path, 0, &fault);
		if (write(ends[1], "x", 1) != 1)
			_exit(1);
		usleep(100000);
		_exit(fd < 0);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], path + 250, 1), 1);
	close(ends[0]);
	fd = lock_file_take(path, 10000000, &fault);
	assert_true(fd >= 0);
	close(fd);
	waitpid(pid, NULL, 0);
}

static void test_lock_file_that_cannot_be_opened(void **state)
{
	(void)state;
	assert_int_equal(lock_file_take("/nonexistent/lock", 0, &fault), -1);
	assert_int_equal(fault.err, ENOENT);
	assert_string_equal(fault.what, "/nonexistent/lock");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_dir_setup, state_dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lock_file_is_exclusive),
		TEST(test_lock_wait_ends_in_time),
		TEST(test_lock_wait_gets_it_when_free),
		TEST(test_lock_file_that_cannot_be_opened),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
