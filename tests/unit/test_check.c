/* SPDX-License-Identifier: Apache-2.0 */
/* `nidus check` as a library: complete, quick, and without a trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "../../spawn/check.h"

#define TIME_MAX_MS 3000 /* the goal is 300; this test also runs under sanitizers on busy machines */

static struct check check;

static int setup(void **state)
{
	(void)state;
	check_machine(&check);
	return 0;
}

static const struct check_item *find(const char *name)
{
	for (size_t i = 0; i < check.count; i++)
		if (strcmp(check.items[i].name, name) == 0)
			return &check.items[i];
	fail_msg("no item %s", name);
	return NULL;
}

static void every_item_is_complete(void **state)
{
	(void)state;
	assert_in_range(check.count, 20, CHECK_ITEMS_MAX - 1);
	for (size_t i = 0; i < check.count; i++) {
		const struct check_item *item = &check.items[i];

		if (!item->means[0] || !item->how[0] || !item->detail[0])
			fail_msg("%s has an empty text", item->name);
	}
}

static void names_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < check.count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(check.items[i].name, check.items[j].name);
}

static void what_this_test_needs_itself_is_found(void **state)
{
	(void)state;
	assert_int_equal(find("pidfd")->status, CHECK_OK);
	assert_int_equal(find("no-new-privs")->status, CHECK_OK);
}

static void only_required_items_forbid_running(void **state)
{
	struct check made_up = { .count = 2 };

	(void)state;
	made_up.items[0] = (struct check_item){ .status = CHECK_MISSING };
	made_up.items[1] = (struct check_item){ .status = CHECK_LIMITED, .required = true };
	assert_true(check_can_run(&made_up));
	made_up.items[1].status = CHECK_MISSING;
	assert_false(check_can_run(&made_up));
}

static size_t count_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void nothing_is_left(void **state)
{
	size_t fds = count_entries("/proc/self/fd");
	struct stat st;

	(void)state;
	check_machine(&check);
	assert_int_equal(count_entries("/proc/self/fd"), fds);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(stat("/tmp/lower", &st), -1);
}

static void it_is_quick(void **state)
{
	struct timespec before, after;
	int64_t ms;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	check_machine(&check);
	clock_gettime(CLOCK_MONOTONIC, &after);
	ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
	print_message("# check_machine took %lld ms\n", (long long)ms);
	if (ms > TIME_MAX_MS)
		fail_msg("%lld ms", (long long)ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_is_complete),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(what_this_test_needs_itself_is_found),
		cmocka_unit_test(only_required_items_forbid_running),
		cmocka_unit_test(nothing_is_left),
		cmocka_unit_test(it_is_quick),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, NULL);
}
