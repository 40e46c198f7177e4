/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery. That a launch killed anywhere leaves nothing once gc ran is for tests/fault to show. */
#include "launch_live.h"

/* ---- a launch that dies ---- */

static void test_init_that_does_not_notice_is_killed(void **state)
{
	struct recover_result result;

	(void)state;
	launch_must_work();
	launch_and_lose(&(struct wish){ .seconds = "30" }, true);
	result = collect();
	assert_int_equal(result.removed, 1);
	assert_in_range(result.resources, 2, 4); /* PID 1, ids, the record; groups, where there are any */
	assert_true(orphans_end());
	assert_int_equal(state_dir_count(), 0);
}

static void test_waiters_learn_of_the_loss(void **state)
{
	struct arena arena = { 0 };
	struct journal_entry *entries;
	char path[256];
	size_t count;
	int fd;

	(void)state;
	launch_must_work();
	launch_and_lose(&(struct wish){ .seconds = "30" }, false);
	snprintf(path, sizeof(path), "%s/%s/journal", state_root, told->id);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	collect();
	assert_int_equal(journal_read_fd(fd, &arena, &entries, &count, &fault), 0);
	assert_string_equal(journal_find(entries, count, JOURNAL_EXITED), "spawner_lost 125 0");
	arena_free(&arena);
	close(fd);
	assert_true(orphans_end());
}

/* ---- what must not be mistaken ---- */

/* A dead record that names a process of ours as its init, under this boot and start time. */
static void forge(const char *boot, pid_t pid, uint64_t start_time, char id[STATE_ID_LEN + 1])
{
	struct state forged;
	char text[256];
	int fd, len;

	assert_int_equal(state_create(&forged, &fault), 0);
	memcpy(id, forged.id, sizeof(forged.id));
	len = snprintf(text, sizeof(text), "version 1\nboot %s\ncreated 1.0\ninit %d %llu\n", boot,
		       (int)pid, (unsigned long long)start_time);
	fd = openat(forged.dir_fd, "journal", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(fd_write_whole(fd, text, (size_t)len), 0);
	close(fd);
	state_close(&forged);
}

static void spare_bystander(bool other_boot)
{
	char boot[PROCESS_BOOT_MAX], id[STATE_ID_LEN + 1];
	uint64_t start_time;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(LAUNCH_S);
		pause();
	}
	assert_int_equal(process_boot(boot), 0);
	start_time = process_start_time(pid);
	if (other_boot)
		memcpy(boot, "00000000-0000-0000-0000-000000000000", 36);
	else
		start_time--;
	forge(boot, pid, start_time, id);
	assert_int_equal(collect().removed, 1);
	assert_int_equal(state_dir_count(), 0);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_process_of_another_boot_is_spared(void **state)
{
	(void)state;
	spare_bystander(true);
}

static void test_process_with_a_reused_pid_is_spared(void **state)
{
	(void)state;
	spare_bystander(false);
}

/* ---- failure ---- */

static void test_failure_stays_on_record(void **state)
{
	struct journal journal;
	struct recover_result result;
	char group[256], text[512], id[STATE_ID_LEN + 1];
	struct arena arena = { 0 };
	struct record record;
	struct state lost;
	struct stat before, after;
	int root_fd = open_root(), journal_fd;

	(void)state;
	assert_int_equal(state_create(&lost, &fault), 0);
	assert_int_equal(journal_create(&journal, lost.dir_fd, &fault), 0);
	memcpy(id, lost.id, sizeof(id));
	snprintf(group, sizeof(group), "%s/%s", state_base, id);
	mkdir(group, 0700);
	journal_write(&journal, JOURNAL_CGROUP, group, &fault);
	state_close(&lost);
	journal_close(&journal);

	result = collect();
	assert_int_equal(result.failed, 1);
	assert_int_equal(result.fault.err, EINVAL);
	assert_int_equal(record_find(root_fd, id, &arena, &record, &fault), 0);
	assert_int_equal(record.status, RECORD_FAILED);
	assert_int_equal(record.cleanup.err, EINVAL);
	assert_string_equal(record.cleanup.what, group);
	record_close(&record, 1);
	arena_free(&arena);

	snprintf(text, sizeof(text), "%s/journal", id);
	journal_fd = openat(root_fd, text, O_RDONLY | O_CLOEXEC);
	fstat(journal_fd, &before);
	collect();
	fstat(journal_fd, &after);
	assert_int_equal(after.st_size, before.st_size); /* the same failure is told once */
	close(journal_fd);

	rmdir(group);
	assert_int_equal(collect().removed, 1);
	assert_int_equal(state_dir_count(), 0);
	close(root_fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_dir_setup, state_dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_init_that_does_not_notice_is_killed),
		TEST(test_waiters_learn_of_the_loss),
		TEST(test_process_of_another_boot_is_spared),
		TEST(test_process_with_a_reused_pid_is_spared),
		TEST(test_failure_stays_on_record),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (launch_prepare() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
