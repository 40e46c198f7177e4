/* SPDX-License-Identifier: Apache-2.0 */
/* What lives is seen as what it is, and spared by gc; passes, lists and look-ups. */
#include "launch_live.h"

/* ---- what is alive ---- */

static void test_gc_spares_the_living(void **state)
{
	struct launch launch;
	struct recover_result result;

	(void)state;
	launch_must_work();
	assert_int_equal(launch_start(&launch, &(struct wish){ .name = "web", .seconds = "30" }), 0);
	assert_true(launch_reach(&launch, NIDUS_RUNNING));
	result = collect();
	assert_int_equal(result.skipped, 1);
	assert_int_equal(result.removed + result.resources, 0);
	assert_int_equal(nidus_step(launch.sandbox), NIDUS_RUNNING);
	assert_int_equal(nidus_kill(launch.sandbox, &fault), 0);
	assert_true(launch_finish(&launch));
	assert_int_equal(state_dir_count(), 0);
}

static void test_status_follows_the_launch(void **state)
{
	struct launch launch;
	int block[2];

	(void)state;
	launch_must_work();
	assert_int_equal(pipe2(block, O_CLOEXEC), 0);
	assert_int_equal(launch_start(&launch, &(struct wish){ .seconds = "30",
							       .block_fd = block[0] }), 0);
	assert_int_equal(status_of(nidus_id(launch.sandbox)), RECORD_STARTING);
	close(block[1]);
	assert_true(launch_reach(&launch, NIDUS_RUNNING));
	assert_int_equal(status_of(nidus_id(launch.sandbox)), RECORD_RUNNING);
	assert_int_equal(nidus_kill(launch.sandbox, &fault), 0);
	assert_true(launch_finish(&launch));
	close(block[0]);
}

/* Between the end and the last of the removal the owner is still there. */
static void test_status_follows_the_end(void **state)
{
	char id[STATE_ID_LEN + 1];
	struct journal journal;
	struct state own;

	(void)state;
	assert_int_equal(state_create(&own, &fault), 0);
	memcpy(id, own.id, sizeof(id));
	assert_int_equal(journal_create(&journal, own.dir_fd, &fault), 0);
	assert_int_equal(journal_write(&journal, JOURNAL_READY, "1", &fault), 0);
	assert_int_equal(journal_write(&journal, JOURNAL_EXITED, "exited 7 0", &fault), 0);
	assert_int_equal(status_of(id), RECORD_ENDING);
	state_close(&own);
	assert_int_equal(status_of(id), RECORD_DEAD);
	journal_close(&journal);
	assert_int_equal(collect().removed, 1);
}

static void test_alone_is_spared_until_init_dies(void **state)
{
	const struct wish wish = { .name = "web", .seconds = "30", .outlive = true };
	struct arena arena = { 0 };
	struct record record;
	struct launch second;
	int root_fd = open_root();

	(void)state;
	launch_must_work();
	launch_and_lose(&wish, false);
	assert_int_equal(collect().skipped, 1);
	assert_int_equal(status_of(told->id), RECORD_ALONE);
	assert_int_equal(launch_start(&second, &(struct wish){ .name = "web" }), -1);
	assert_int_equal(fault.err, EEXIST);
	assert_non_null(strstr(fault.why, told->id));
	assert_int_equal(status_of(told->id), RECORD_ALONE);

	assert_int_equal(record_find(root_fd, "web", &arena, &record, &fault), 0);
	assert_string_equal(record.id, told->id);
	assert_int_equal(recover_signal(root_fd, &record, SIGKILL, true, &fault), 0);
	record_close(&record, 1);
	arena_free(&arena);
	assert_true(orphans_end());
	assert_int_equal(collect().removed, 1);
	assert_int_equal(state_dir_count(), 0);
	close(root_fd);
}

/* Sends a signal by the record, and drives the sandbox to its end. */
static void end_by_record(int signal, bool cancel, struct nidus_result *result)
{
	struct arena arena = { 0 };
	struct record record;
	struct launch launch;
	int root_fd = open_root();

	assert_int_equal(launch_start(&launch, &(struct wish){ .seconds = "30" }), 0);
	assert_true(launch_reach(&launch, NIDUS_RUNNING));
	assert_int_equal(record_find(root_fd, nidus_id(launch.sandbox), &arena, &record, &fault), 0);
	assert_int_equal(record.init_pid, nidus_pid(launch.sandbox));
	assert_int_equal(record.owner_pid, getpid());
	assert_int_equal(recover_signal(root_fd, &record, signal, cancel, &fault), 0);
	assert_true(launch_reach(&launch, NIDUS_GONE));
	*result = *nidus_result(launch.sandbox);
	record_close(&record, 1);
	arena_free(&arena);
	assert_true(launch_finish(&launch));
	close(root_fd);
}

static void test_signals_reach_init(void **state)
{
	struct nidus_result result;

	(void)state;
	launch_must_work();
	end_by_record(SIGUSR1, false, &result);
	assert_int_equal(result.reason, NIDUS_SIGNALED);
	assert_int_equal(result.signal, SIGUSR1);
	end_by_record(SIGKILL, true, &result);
	assert_int_equal(result.reason, NIDUS_CANCELED);
}

static void test_a_signal_before_there_is_an_init_leaves_the_mark(void **state)
{
	struct record record = { .init_fd = -1 };
	struct state own;

	(void)state;
	assert_int_equal(state_create(&own, &fault), 0);
	memcpy(record.id, own.id, sizeof(record.id));
	assert_int_equal(recover_signal(own.root_fd, &record, SIGTERM, false, &fault), -1);
	assert_false(state_is_canceled(&own));
	assert_int_equal(recover_signal(own.root_fd, &record, SIGKILL, true, &fault), -1);
	assert_int_equal(fault.err, ESRCH);
	assert_true(state_is_canceled(&own));
	state_remove(&own, &fault);
}

/* ---- passes and finding ---- */

static void test_young_records_are_left(void **state)
{
	struct recover_result result;
	int root_fd = open_root();

	(void)state;
	launch_must_work();
	launch_and_lose(&(struct wish){ .name = "web", .seconds = "30" }, false);
	assert_int_equal(recover_gc(root_fd, 60000000, 0, &result, &fault), 0);
	assert_int_equal(result.skipped, 1);
	assert_int_equal(result.removed, 0);
	usleep(20000);
	assert_int_equal(recover_gc(root_fd, 10000, 0, &result, &fault), 0);
	assert_int_equal(result.removed, 1);
	close(root_fd);
	assert_true(orphans_end());
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
	struct launch first, second;
	int root_fd = open_root();
	size_t count;

	(void)state;
	launch_must_work();
	assert_int_equal(launch_start(&first, &(struct wish){ .name = "one", .seconds = "30" }), 0);
	usleep(2000);
	assert_int_equal(launch_start(&second, &(struct wish){ .seconds = "30" }), 0);
	assert_int_equal(record_list(root_fd, &arena, &records, &count, &fault), 0);
	assert_int_equal(count, 2);
	assert_string_equal(records[0].id, nidus_id(first.sandbox));
	assert_string_equal(records[0].name, "one");
	assert_string_equal(records[0].command, "sleep");
	assert_int_equal(records[0].grace_us, 2000000);
	assert_int_equal(records[0].label_count, 1);
	assert_string_equal(records[0].labels[0], "k=v");
	assert_string_equal(records[1].id, nidus_id(second.sandbox));
	assert_null(records[1].name);
	arena_free(&arena);
	nidus_kill(first.sandbox, &fault);
	nidus_kill(second.sandbox, &fault);
	assert_true(launch_finish(&first));
	assert_true(launch_finish(&second));
	close(root_fd);
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
	/* locked by nobody, journals empty: dead records with ids of our choice */
	mkdirat(root_fd, "aaaa00000001", 0700);
	mkdirat(root_fd, "aaaa00000002", 0700);
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
	for (int i = 0; i < 30; i++) {
		struct launch launch;

		if (launch_start(&launch, &(struct wish){ .name = NULL }) < 0 ||
		    !launch_finish(&launch)) {
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
	launch_must_work();
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
		TEST(test_status_follows_the_launch),
		TEST(test_status_follows_the_end),
		TEST(test_alone_is_spared_until_init_dies),
		TEST(test_signals_reach_init),
		TEST(test_a_signal_before_there_is_an_init_leaves_the_mark),
		TEST(test_young_records_are_left),
		TEST(test_bounded_pass_ends_early_and_gets_there),
		TEST(test_names_without_a_record_are_swept),
		TEST(test_list_has_all_and_newest_last),
		TEST(test_find_by_prefix),
		TEST(test_gc_and_list_beside_launches),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (launch_prepare() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
