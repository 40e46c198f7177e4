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
#include "../../spawn/record/state.h"
#include "state_dir.h"

static struct fault fault;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- the root ---- */

static void test_root_is_made_private(void **state)
{
	char path[STATE_PATH_MAX];
	struct stat st;
	int fd;

	(void)state;
	umask(0);
	fd = state_open_root(path, &fault);
	assert_true(fd >= 0);
	assert_string_equal(path, state_root);
	fstat(fd, &st);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void test_find_makes_nothing(void **state)
{
	char path[STATE_PATH_MAX];

	(void)state;
	assert_int_equal(state_find_root(path, &fault), -1);
	assert_int_equal(fault.err, ENOENT);
	assert_int_equal(access(state_root, F_OK), -1);
}

static void test_root_open_to_others_is_refused(void **state)
{
	char path[STATE_PATH_MAX];

	(void)state;
	mkdir(state_root, 0700);
	chmod(state_root, 0750);
	assert_int_equal(state_open_root(path, &fault), -1);
	assert_int_equal(fault.err, EPERM);
	assert_int_equal(fault.step, STEP_STATE);
	assert_non_null(strstr(fault.what, "0750"));
}

static void test_root_that_is_a_link_is_refused(void **state)
{
	char path[STATE_PATH_MAX];

	(void)state;
	assert_int_equal(symlink(state_base, state_root), 0);
	assert_int_equal(state_open_root(path, &fault), -1);
	assert_true(fault.err == ENOTDIR || fault.err == ELOOP);
}

static void test_root_of_another_user_is_refused(void **state)
{
	char path[STATE_PATH_MAX];

	(void)state;
	if (geteuid() != 0) {
		setenv("NIDUS_STATE_DIR", "/", 1);
	} else {
		mkdir(state_root, 0700);
		assert_int_equal(chown(state_root, 1500, 1500), 0);
	}
	assert_int_equal(state_open_root(path, &fault), -1);
	assert_int_equal(fault.err, EPERM);
	assert_non_null(strstr(fault.what, "belongs to uid"));
}

static void test_relative_root_is_refused(void **state)
{
	char path[STATE_PATH_MAX];

	(void)state;
	setenv("NIDUS_STATE_DIR", "somewhere", 1);
	assert_int_equal(state_open_root(path, &fault), -1);
	assert_int_equal(fault.err, EINVAL);
}

/* ---- records ---- */

static void test_create_owns_and_remove_leaves_nothing(void **state)
{
	struct state mine;

	(void)state;
	assert_int_equal(state_create(&mine, &fault), 0);
	assert_true(state_is_id(mine.id));
	assert_int_equal(state_probe(mine.dir_fd), STATE_OWNED);
	assert_int_equal(state_remove(&mine, &fault), 0);
	assert_int_equal(mine.dir_fd, -1);
	assert_int_equal(state_remove(&mine, &fault), 0);
	assert_int_equal(state_dir_count(), 0);
}

static void test_remove_takes_files_of_other_versions(void **state)
{
	struct state mine;

	(void)state;
	assert_int_equal(state_create(&mine, &fault), 0);
	close(openat(mine.dir_fd, "something-new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(state_cancel(mine.root_fd, mine.id, &fault), 0);
	assert_int_equal(state_remove(&mine, &fault), 0);
	assert_int_equal(state_dir_count(), 0);
}

static void test_cancel_leaves_a_mark(void **state)
{
	struct state mine;

	(void)state;
	assert_int_equal(state_create(&mine, &fault), 0);
	assert_false(state_is_canceled(&mine));
	assert_int_equal(state_cancel(mine.root_fd, mine.id, &fault), 0);
	assert_true(state_is_canceled(&mine));
	state_remove(&mine, &fault);
}

static void test_cancel_of_a_gone_one(void **state)
{
	char path[STATE_PATH_MAX];
	int fd = state_open_root(path, &fault);

	(void)state;
	assert_int_equal(state_cancel(fd, "0123456789ab", &fault), -1);
	assert_int_equal(fault.err, ENOENT);
	assert_int_equal(state_dir_count(), 0);
	close(fd);
}

static void test_adopt_refuses_what_is_owned(void **state)
{
	struct state mine, other;

	(void)state;
	assert_int_equal(state_create(&mine, &fault), 0);
	assert_int_equal(state_adopt(&other, mine.root_fd, mine.id, &fault), -1);
	assert_int_equal(fault.err, EWOULDBLOCK);
	state_remove(&mine, &fault);
}

static void test_death_frees_the_record(void **state)
{
	char path[STATE_PATH_MAX], id[STATE_ID_LEN + 1] = "";
	struct state other;
	int ends[2], root_fd, dir_fd;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct state mine;

		state_create(&mine, &fault);
		if (write(ends[1], mine.id, STATE_ID_LEN) == STATE_ID_LEN)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(read(ends[0], id, STATE_ID_LEN), STATE_ID_LEN);
	waitpid(pid, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	root_fd = state_find_root(path, &fault);
	dir_fd = state_open_record(root_fd, id);
	assert_int_equal(state_probe(dir_fd), STATE_FREE);
	close(dir_fd);
	assert_int_equal(state_adopt(&other, root_fd, id, &fault), 0);
	assert_int_equal(state_remove(&other, &fault), 0);
	assert_int_equal(state_dir_count(), 0);
	close(root_fd);
}

static void test_adopt_removes_an_empty_shell(void **state)
{
	char path[STATE_PATH_MAX];
	int root_fd = state_open_root(path, &fault);
	struct state other;

	(void)state;
	mkdirat(root_fd, "0123456789ab", 0700);
	assert_int_equal(state_adopt(&other, root_fd, "0123456789ab", &fault), 1);
	assert_int_equal(state_dir_count(), 0);
	assert_int_equal(state_adopt(&other, root_fd, "0123456789ab", &fault), -1);
	assert_int_equal(fault.err, ENOENT);
	close(root_fd);
}

static void test_adopt_waits_out_a_prober(void **state)
{
	char path[STATE_PATH_MAX];
	int root_fd = state_open_root(path, &fault), status;
	struct state other;
	pid_t pid;

	(void)state;
	mkdirat(root_fd, "0123456789ab", 0700);
	close(openat(root_fd, "0123456789ab/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	pid = fork();
	if (pid == 0) {
		int dir_fd = state_open_record(root_fd, "0123456789ab");

		for (uint64_t end = now_ms() + 300; now_ms() < end;)
			if (state_probe(dir_fd) == STATE_OWNED)
				usleep(100);
		_exit(0);
	}
	usleep(20000);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(state_adopt(&other, root_fd, "0123456789ab", &fault), 0);
		state_close(&other);
		usleep(2000);
	}
	waitpid(pid, &status, 0);
	close(root_fd);
}

/* ---- names ---- */

static void test_name_has_one_holder(void **state)
{
	struct state one, two;

	(void)state;
	assert_int_equal(state_create(&one, &fault), 0);
	assert_int_equal(state_create(&two, &fault), 0);
	assert_int_equal(state_claim_name(&one, "web", &fault), 0);
	assert_int_equal(state_claim_name(&two, "web", &fault), -1);
	assert_int_equal(fault.err, EEXIST);
	assert_non_null(strstr(fault.what, "web"));
	assert_non_null(strstr(fault.what, one.id));
	assert_int_equal(state_remove(&one, &fault), 0);
	assert_int_equal(state_claim_name(&two, "web", &fault), 0);
	assert_int_equal(state_remove(&two, &fault), 0);
	assert_int_equal(state_dir_count(), 0);
}

static void test_name_of_the_dead_is_taken_over(void **state)
{
	char id[STATE_ID_LEN + 1];
	struct state one, two;

	(void)state;
	assert_int_equal(state_create(&one, &fault), 0);
	assert_int_equal(state_claim_name(&one, "web", &fault), 0);
	state_close(&one);
	assert_int_equal(state_create(&two, &fault), 0);
	assert_int_equal(state_claim_name(&two, "web", &fault), 0);
	assert_int_equal(state_read_name(two.root_fd, "web", id), 0);
	assert_string_equal(id, two.id);
	state_remove(&two, &fault);
}

static void test_bad_names_are_refused(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".x", "a/b", "../x" };
	struct state mine;

	(void)state;
	assert_int_equal(state_create(&mine, &fault), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(state_claim_name(&mine, bad[i], &fault), -1);
		assert_int_equal(fault.err, EINVAL);
	}
	state_remove(&mine, &fault);
}

static void test_drop_name_spares_the_living(void **state)
{
	struct state mine;

	(void)state;
	assert_int_equal(state_create(&mine, &fault), 0);
	assert_int_equal(state_claim_name(&mine, "web", &fault), 0);
	assert_int_equal(state_drop_name(mine.root_fd, "web", NULL), 0);
	assert_int_equal(state_drop_name(mine.root_fd, "web", mine.id), 0);
	assert_int_equal(state_drop_name(mine.root_fd, "nobody", NULL), 0);
	state_remove(&mine, &fault);
}

/* Each claimer holds the name for a moment; a counter shows who had company. */
static void contend(const char *counter)
{
	for (int i = 0; i < 100; i++) {
		struct state mine;
		int fd;

		if (state_create(&mine, &fault) < 0)
			_exit(2);
		if (state_claim_name(&mine, "web", &fault) == 0) {
			fd = open(counter, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
			if (fd < 0)
				_exit(3);
			close(fd);
			unlink(counter);
		} else if (fault.err != EEXIST) {
			_exit(4);
		}
		if (state_remove(&mine, &fault) < 0)
			_exit(5);
	}
	_exit(0);
}

static void test_name_under_contention(void **state)
{
	char counter[128];
	int status;

	(void)state;
	snprintf(counter, sizeof(counter), "%s/counter", state_base);
	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			contend(counter);
	for (int i = 0; i < 4; i++) {
		wait(&status);
		assert_int_equal(status, 0);
	}
	assert_int_equal(state_dir_count(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_dir_setup, state_dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_root_is_made_private),
		TEST(test_find_makes_nothing),
		TEST(test_root_open_to_others_is_refused),
		TEST(test_root_that_is_a_link_is_refused),
		TEST(test_root_of_another_user_is_refused),
		TEST(test_relative_root_is_refused),
		TEST(test_create_owns_and_remove_leaves_nothing),
		TEST(test_remove_takes_files_of_other_versions),
		TEST(test_cancel_leaves_a_mark),
		TEST(test_cancel_of_a_gone_one),
		TEST(test_adopt_refuses_what_is_owned),
		TEST(test_death_frees_the_record),
		TEST(test_adopt_removes_an_empty_shell),
		TEST(test_adopt_waits_out_a_prober),
		TEST(test_name_has_one_holder),
		TEST(test_name_of_the_dead_is_taken_over),
		TEST(test_bad_names_are_refused),
		TEST(test_drop_name_spares_the_living),
		TEST(test_name_under_contention),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
