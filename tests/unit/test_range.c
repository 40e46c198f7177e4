/* SPDX-License-Identifier: Apache-2.0 */
/* Leases of id ranges: one holder each, released by the holder alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../spawn/record/range.h"

static char root[] = "/tmp/nidus-test-range.XXXXXX";
static struct fault fault;
static int root_fd;

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root_fd < 0;
}

/* Fails where a lease is left. */
static int tear_down(void **state)
{
	(void)state;
	unlinkat(root_fd, "ids", AT_REMOVEDIR);
	close(root_fd);
	return rmdir(root);
}

static void a_range_has_one_holder(void **state)
{
	int dir_fd = range_open(root_fd, &fault);

	(void)state;
	assert_true(dir_fd >= 0);
	assert_int_equal(range_is_held(dir_fd, 65536), 0);
	assert_int_equal(range_claim(dir_fd, "aaaaaaaaaaaa", 65536, &fault), 1);
	assert_int_equal(range_is_held(dir_fd, 65536), 1);
	assert_int_equal(range_claim(dir_fd, "bbbbbbbbbbbb", 65536, &fault), 0);
	assert_int_equal(range_release(root_fd, "bbbbbbbbbbbb", "65536", &fault), 0);
	assert_int_equal(range_is_held(dir_fd, 65536), 1);
	assert_int_equal(range_release(root_fd, "aaaaaaaaaaaa", "65536", &fault), 0);
	assert_int_equal(range_is_held(dir_fd, 65536), 0);
	assert_int_equal(range_release(root_fd, "aaaaaaaaaaaa", "65536", &fault), 0);
	close(dir_fd);
}

static void a_forged_name_removes_nothing(void **state)
{
	static const char *const names[] = { "", "../x", "1/2", "-1", "lock" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(range_release(root_fd, "aaaaaaaaaaaa", names[i], &fault), -1);
		assert_int_equal(fault.err, EINVAL);
	}
}

static void of_sixteen_at_once_one_gets_it(void **state)
{
	int dir_fd = range_open(root_fd, &fault), winners = 0, status;

	(void)state;
	for (int round = 0; round < 50; round++) {
		uint32_t first = (uint32_t)(round + 1) << 16;
		char text[RANGE_TEXT_MAX];

		for (int i = 0; i < 16; i++)
			if (fork() == 0)
				_exit(range_claim(dir_fd, "cccccccccccc", first, &fault) == 1);
		while (wait(&status) > 0)
			winners += WEXITSTATUS(status);
		assert_int_equal(winners, round + 1);
		assert_int_equal(range_release(root_fd, "cccccccccccc", range_text(first, text), &fault), 0);
	}
	close(dir_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_has_one_holder),
		cmocka_unit_test(a_forged_name_removes_nothing),
		cmocka_unit_test(of_sixteen_at_once_one_gets_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
