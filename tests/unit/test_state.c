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
#include "../../spawn/record/name.h"
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
		/* an empty one would not be taken over but removed */
		close(openat(mine.dir_fd, "journal", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
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
	close(openat(root_fd, "0123456789ab/journal", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
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

struct owner {
	struct state state;
	struct name name;
};

static void own(struct owner *owner)
{
	assert_int_equal(state_create(&owner->state, &fault), 0);
	owner->name.fd = -1;
}

static int claim(struct owner *owner, const char *name)
{
	char before[STATE_ID_LEN + 1];

	if (name_lock(&owner->name, owner->state.root_fd, name, before, &fault) < 0)
		return -1;
	return name_claim(&owner->name, owner->state.root_fd, owner->state.id, false, &fault);
}

static int leave(struct owner *owner)
{
	int ret = owner->name.fd < 0 ? 0 :
				       name_drop(owner->state.root_fd, owner->name.text,
						 owner->state.id, owner->name.fd);

	name_close(&owner->name);
	return state_remove(&owner->state, &fault) < 0 || ret < 0 ? -1 : 0;
}

static void test_name_has_one_holder(void **state)
{
	struct owner one, two;

	(void)state;
	own(&one);
	own(&two);
	assert_int_equal(claim(&one, "web"), 0);
	assert_int_equal(claim(&two, "web"), -1);
	assert_int_equal(fault.err, EEXIST);
	assert_non_null(strstr(fault.what, "web"));
	assert_non_null(strstr(fault.why, one.state.id));
	assert_int_equal(leave(&one), 0);
	assert_int_equal(claim(&two, "web"), 0);
	assert_int_equal(leave(&two), 0);
	assert_int_equal(state_dir_count(), 0);
}

static void test_name_of_the_dead_is_taken_over(void **state)
{
	char id[STATE_ID_LEN + 1];
	struct owner one, two;

	(void)state;
	own(&one);
	assert_int_equal(claim(&one, "web"), 0);
	name_close(&one.name);
	state_close(&one.state);
	own(&two);
	assert_int_equal(claim(&two, "web"), 0);
	assert_int_equal(name_read(two.state.root_fd, "web", id), 0);
	assert_string_equal(id, two.state.id);
	leave(&two);
}

/* The verdict is the caller's: an init that outlived its owner keeps the name. */
static void test_name_of_the_outliving_stays_theirs(void **state)
{
	char before[STATE_ID_LEN + 1], id[STATE_ID_LEN + 1];
	struct owner one, two;

	(void)state;
	own(&one);
	assert_int_equal(claim(&one, "web"), 0);
	name_close(&one.name);
	own(&two);
	assert_int_equal(name_lock(&two.name, two.state.root_fd, "web", before, &fault), 0);
	assert_string_equal(before, one.state.id);
	assert_int_equal(name_claim(&two.name, two.state.root_fd, two.state.id, true, &fault), -1);
	assert_int_equal(fault.err, EEXIST);
	assert_non_null(strstr(fault.why, one.state.id));
	assert_int_equal(two.name.fd, -1);
	assert_int_equal(name_read(two.state.root_fd, "web", id), 0);
	assert_string_equal(id, one.state.id);
	leave(&two);
	state_close(&one.state);
}

static void test_bad_names_are_refused(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".x", "a/b", "../x" };
	struct owner mine;

	(void)state;
	own(&mine);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(claim(&mine, bad[i]), -1);
		assert_int_equal(fault.err, EINVAL);
	}
	leave(&mine);
}

static void test_drop_name_spares_the_living(void **state)
{
	struct owner mine;
	int root_fd;

	(void)state;
	own(&mine);
	root_fd = mine.state.root_fd;
	assert_int_equal(claim(&mine, "web"), 0);
	assert_int_equal(name_drop(root_fd, "web", NULL, -1), 0);
	assert_int_equal(name_drop(root_fd, "web", mine.state.id, -1), 0);
	assert_int_equal(name_drop(root_fd, "nobody", NULL, -1), 0);
	leave(&mine);
}

/* An administrator removed the file, and another claimed the name: no longer ours to remove. */
static void test_drop_name_spares_the_next_holder(void **state)
{
	char path[128];
	struct owner one, two;

	(void)state;
	own(&one);
	own(&two);
	assert_int_equal(claim(&one, "web"), 0);
	snprintf(path, sizeof(path), "%s/names/web", state_root);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(claim(&two, "web"), 0);
	assert_int_equal(name_drop(one.state.root_fd, "web", one.state.id, one.name.fd), 0);
	assert_int_equal(access(path, F_OK), 0);
	leave(&one);
	leave(&two);
	assert_int_equal(state_dir_count(), 0);
}

/* Each claimer holds the name for a moment; a counter shows who had company. */
static void contend(const char *counter)
{
	for (int i = 0; i < 100; i++) {
		struct owner mine = { .name.fd = -1 };
		int fd;

		if (state_create(&mine.state, &fault) < 0)
			_exit(2);
		if (claim(&mine, "web") == 0) {
			fd = open(counter, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
			if (fd < 0)
				_exit(3);
			close(fd);
			unlink(counter);
		} else if (fault.err != EEXIST) {
			_exit(4);
		}
		if (leave(&mine) < 0)
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
		TEST(test_name_of_the_outliving_stays_theirs),
		TEST(test_bad_names_are_refused),
		TEST(test_drop_name_spares_the_living),
		TEST(test_drop_name_spares_the_next_holder),
		TEST(test_name_under_contention),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
