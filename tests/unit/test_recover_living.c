/* SPDX-License-Identifier: Apache-2.0 */
/* What lives is seen as what it is, and spared by gc; passes, lists and look-ups. */
#include "fake_launch.h"

/* ---- what is alive ---- */

static void test_gc_spares_the_living(void **state)
{
	struct fake fake;
	struct recover_result result;

	(void)state;
	fake_init(&fake, 0, "web", 0);
	assert_int_equal(start(&fake), 0);
	result = collect();
	assert_int_equal(result.skipped, 1);
	assert_int_equal(result.removed + result.resources, 0);
	assert_int_equal(waitpid(told->init, NULL, WNOHANG), 0);
	assert_int_equal(finish(&fake), 0);
	assert_int_equal(state_dir_count(), 0);
}

static void test_status_follows_the_journal(void **state)
{
	struct fake fake;

	(void)state;
	fake_init(&fake, 0, NULL, 0);
	assert_int_equal(start_record(&fake), 0);
	assert_int_equal(start_resources(&fake), 0);
	assert_int_equal(status_of(told->id), RECORD_STARTING);
	assert_int_equal(start_init(&fake), 0);
	assert_int_equal(status_of(told->id), RECORD_RUNNING);
	assert_int_equal(end(&fake), 0);
	assert_int_equal(status_of(told->id), RECORD_ENDING);
	state_close(&fake.state);
	assert_int_equal(status_of(told->id), RECORD_DEAD);
	journal_close(&fake.journal);
	collect();
}

static void test_alone_is_spared_until_init_dies(void **state)
{
	struct arena arena = { 0 };
	char before[STATE_ID_LEN + 1];
	struct record record;
	struct state other;
	struct name name;
	int root_fd = open_root();

	(void)state;
	launch_and_lose(FAKE_OUTLIVE, "web");
	assert_int_equal(collect().skipped, 1);
	assert_int_equal(status_of(told->id), RECORD_ALONE);
	assert_int_equal(state_create(&other, &fault), 0);
	assert_int_equal(name_lock(&name, root_fd, "web", before, &fault), 0);
	assert_string_equal(before, told->id);
	assert_true(record_is_alone(root_fd, before));
	assert_int_equal(name_claim(&name, root_fd, other.id, true, &fault), -1);
	assert_int_equal(fault.err, EEXIST);
	assert_non_null(strstr(fault.what, told->id));
	state_remove(&other, &fault);

	assert_int_equal(record_find(root_fd, "web", &arena, &record, &fault), 0);
	assert_string_equal(record.id, told->id);
	assert_int_equal(recover_signal(root_fd, &record, SIGKILL, true, &fault), 0);
	record_close(&record, 1);
	arena_free(&arena);
	assert_true(init_ends());
	assert_int_equal(collect().removed, 1);
	assert_int_equal(state_dir_count(), 0);
	close(root_fd);
}

static void test_signal_marks_and_kills(void **state)
{
	struct arena arena = { 0 };
	struct record record;
	struct fake fake;
	int status;

	(void)state;
	fake_init(&fake, FAKE_STUBBORN, NULL, 0);
	assert_int_equal(start(&fake), 0);
	assert_int_equal(record_find(fake.state.root_fd, told->id, &arena, &record, &fault), 0);
	assert_int_equal(record.init_pid, told->init);
	assert_int_equal(record.owner_pid, getpid());
	assert_int_equal(recover_signal(fake.state.root_fd, &record, SIGTERM, false, &fault), 0);
	waitpid(told->init, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_false(state_is_canceled(&fake.state));
	assert_int_equal(recover_signal(fake.state.root_fd, &record, SIGKILL, true, &fault), -1);
	assert_int_equal(fault.err, ESRCH);
	assert_true(state_is_canceled(&fake.state));
	record_close(&record, 1);
	arena_free(&arena);
	assert_int_equal(finish(&fake), 0);
}

/* ---- passes and finding ---- */

static void test_young_records_are_left(void **state)
{
	struct recover_result result;
	int root_fd = open_root();

	(void)state;
	launch_and_lose(0, "web");
	assert_int_equal(recover_gc(root_fd, 60000000, 0, &result, &fault), 0);
	assert_int_equal(result.skipped, 1);
	assert_int_equal(result.removed, 0);
	usleep(20000);
	assert_int_equal(recover_gc(root_fd, 10000, 0, &result, &fault), 0);
	assert_int_equal(result.removed, 1);
	close(root_fd);
	assert_true(init_ends());
}

static void test_bounded_pass_ends_early_and_gets_there(void **state)
{
	struct recover_result result;
	int root_fd = open_root();

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct state lost;

		assert_int_equal(state_create(&lost, &fault), 0);
		state_close(&lost);
	}
	assert_int_equal(recover_gc(root_fd, 0, 4, &result, &fault), 0);
	assert_int_equal(result.removed, 4);
	assert_int_equal(recover_gc(root_fd, 0, 4, &result, &fault), 0);
	assert_int_equal(result.removed, 2);
	close(root_fd);
}

static void test_names_without_a_record_are_swept(void **state)
{
	struct recover_result result;
	char name[128], before[STATE_ID_LEN + 1];
	struct name held;
	struct state lost;

	(void)state;
	assert_int_equal(state_create(&lost, &fault), 0);
	assert_int_equal(name_lock(&held, lost.root_fd, "web", before, &fault), 0);
	assert_int_equal(name_claim(&held, lost.root_fd, lost.id, false, &fault), 0);
	name_close(&held);
	state_close(&lost);
	snprintf(name, sizeof(name), "%s/names/empty", state_root);
	close(open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	result = collect();
	assert_int_equal(result.removed, 1);
	assert_int_equal(result.resources, 3);
	assert_int_equal(state_dir_count(), 0);
}

static void test_list_has_all_and_newest_last(void **state)
{
	struct arena arena = { 0 };
	struct record *records;
	struct fake first, second;
	size_t count;

	(void)state;
	fake_init(&first, 0, "one", 0);
	assert_int_equal(start_record(&first), 0);
	usleep(2000);
	fake_init(&second, 0, NULL, 0);
	assert_int_equal(start_record(&second), 0);
	assert_int_equal(record_list(first.state.root_fd, &arena, &records, &count, &fault), 0);
	assert_int_equal(count, 2);
	assert_string_equal(records[0].id, first.state.id);
	assert_string_equal(records[0].name, "one");
	assert_string_equal(records[0].command, "/bin/true");
	assert_int_equal(records[0].grace_us, 2000000);
	assert_int_equal(records[0].label_count, 1);
	assert_string_equal(records[0].labels[0], "k=v");
	assert_string_equal(records[1].id, second.state.id);
	assert_null(records[1].name);
	arena_free(&arena);
	journal_close(&first.journal);
	journal_close(&second.journal);
	name_drop(first.state.root_fd, "one", first.state.id, first.held.fd);
	name_close(&first.held);
	state_remove(&first.state, &fault);
	state_remove(&second.state, &fault);
}

static int find(int root_fd, const char *what)
{
	struct arena arena = { 0 };
	struct record record;
	int ret = record_find(root_fd, what, &arena, &record, &fault);

	record_close(&record, 1);
	arena_free(&arena);
	return ret;
}

static void test_find_by_prefix(void **state)
{
	int root_fd = open_root();

	(void)state;
	/* locks held by nobody, journals empty: dead records with ids of our choice */
	mkdirat(root_fd, "aaaa00000001", 0700);
	mkdirat(root_fd, "aaaa00000002", 0700);
	close(openat(root_fd, "aaaa00000001/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	close(openat(root_fd, "aaaa00000001/journal", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	assert_int_equal(find(root_fd, "aaaa00000001"), 0);
	assert_int_equal(find(root_fd, "aaaa"), -1);
	assert_int_equal(fault.err, EEXIST);
	assert_int_equal(find(root_fd, "aaa"), -1);
	assert_int_equal(fault.err, ENOENT);
	assert_int_equal(find(root_fd, "../aaaa"), -1);
	assert_int_equal(fault.err, ENOENT);
	close(root_fd);
}

/* ---- side by side ---- */

static void launch_often(void)
{
	for (int i = 0; i < 60; i++) {
		struct fake fake;
		struct told own;

		fake_init(&fake, 0, NULL, 0);
		fake.told = &own;
		if (start(&fake) < 0 || finish(&fake) < 0) {
			fprintf(stderr, "# launch: %s: %s\n", fault.what, strerror(fault.err));
			_exit(1);
		}
	}
	_exit(0);
}

static void collect_often(void)
{
	int root_fd = open_root();

	for (int i = 0; i < 400; i++) {
		struct recover_result result;

		if (recover_gc(root_fd, 0, 0, &result, &fault) < 0 || result.failed) {
			fprintf(stderr, "# gc: %s: %s\n", result.fault.what,
				strerror(result.fault.err));
			_exit(2);
		}
	}
	_exit(0);
}

static void list_often(void)
{
	int root_fd = open_root();

	for (int i = 0; i < 400; i++) {
		struct arena arena = { 0 };
		struct record *records;
		size_t count;

		if (record_list(root_fd, &arena, &records, &count, &fault) < 0) {
			fprintf(stderr, "# list: %s: %s\n", fault.what, strerror(fault.err));
			_exit(3);
		}
		arena_free(&arena);
	}
	_exit(0);
}

static void test_gc_and_list_beside_launches(void **state)
{
	int status;

	(void)state;
	close(open_root());
	for (int i = 0; i < 6; i++) {
		if (fork() != 0)
			continue;
		if (i < 3)
			launch_often();
		if (i < 5)
			collect_often();
		list_often();
	}
	for (int i = 0; i < 6; i++) {
		wait(&status);
		assert_int_equal(status, 0);
	}
	collect();
	assert_int_equal(state_dir_count(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_dir_setup, state_dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_gc_spares_the_living),
		TEST(test_status_follows_the_journal),
		TEST(test_alone_is_spared_until_init_dies),
		TEST(test_signal_marks_and_kills),
		TEST(test_young_records_are_left),
		TEST(test_bounded_pass_ends_early_and_gets_there),
		TEST(test_names_without_a_record_are_swept),
		TEST(test_list_has_all_and_newest_last),
		TEST(test_find_by_prefix),
		TEST(test_gc_and_list_beside_launches),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (fake_launch_prepare() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
