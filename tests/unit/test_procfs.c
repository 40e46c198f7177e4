/* SPDX-License-Identifier: Apache-2.0 */
/* What the init reads in /proc, part of which a hostile process chose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../init/core/procfs.c"
#include "../../init/text.c"

#define STAT_TAIL " S 1 7 7 0 -1 4194304 10 0 0 0 100 20 3 4 20 0 1 0 5000 1000 200\n"

static bool ticks(const char *text, uint64_t *value)
{
	return procfs_text_ticks(text, strlen(text), value);
}

static void test_ticks_of_a_plain_name(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_true(ticks("7 (sleep)" STAT_TAIL, &value));
	assert_int_equal(value, 127);
}

static void test_ticks_of_a_name_that_looks_like_the_rest(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_true(ticks("7 (a) R 1 (\n 9 9 9)" STAT_TAIL, &value));
	assert_int_equal(value, 127);
	assert_true(ticks("7 ()))))))" STAT_TAIL, &value));
	assert_int_equal(value, 127);
	assert_true(ticks("7 ()" STAT_TAIL, &value));
	assert_int_equal(value, 127);
}

static void test_ticks_of_every_truncation(void **state)
{
	const char text[] = "7 (x)" STAT_TAIL;

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		uint64_t value;
		char *copy = test_malloc(len + 1);

		memcpy(copy, text, len);
		procfs_text_ticks(copy, len, &value);
		test_free(copy);
	}
	assert_false(procfs_text_ticks("7 (x", 4, &(uint64_t){0}));
}

static void test_statm(void **state)
{
	uint64_t resident, shared;

	(void)state;
	assert_true(procfs_text_statm("1000 300 120 5 0 90 0\n", 22, &resident, &shared));
	assert_int_equal(resident, 300);
	assert_int_equal(shared, 120);
	assert_false(procfs_text_statm("1000 300", 8, &resident, &shared));
	assert_false(procfs_text_statm("", 0, &resident, &shared));
}

static void test_values_stand_at_the_start_of_a_line(void **state)
{
	const char text[] = "55d0-7ffc ---p 00000000 00:00 0   [rollup]\nRss:   900 kB\n"
			    "XPss_Anon:  1 kB\nPss_Anon:     123 kB\nPss_Shmem:     0 kB\n";
	uint64_t value;

	(void)state;
	assert_true(procfs_text_value(text, sizeof(text) - 1, "Pss_Anon:", &value));
	assert_int_equal(value, 123);
	assert_true(procfs_text_value(text, sizeof(text) - 1, "Pss_Shmem:", &value));
	assert_int_equal(value, 0);
	assert_false(procfs_text_value(text, sizeof(text) - 1, "Pss_File:", &value));
	assert_false(procfs_text_value("Pss:", 4, "Pss:", &value));
}

static void test_a_number_too_large_is_no_number(void **state)
{
	const char text[] = "18446744073709551616", *p = text;
	uint64_t value;

	(void)state;
	assert_false(text_parse(&p, text + 20, &value));
	p = text;
	assert_true(text_parse(&p, text + 19, &value));
	assert_int_equal(value, 1844674407370955161u);
}

static void test_numbers_as_text(void **state)
{
	char buffer[TEXT_NUMBER_MAX];

	(void)state;
	assert_string_equal(text_number(buffer, 0, 10), "0");
	assert_string_equal(text_number(buffer, 01777, 8), "1777");
	assert_string_equal(text_number(buffer, UINT64_MAX, 8), "1777777777777777777777");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ticks_of_a_plain_name),
		cmocka_unit_test(test_ticks_of_a_name_that_looks_like_the_rest),
		cmocka_unit_test(test_ticks_of_every_truncation),
		cmocka_unit_test(test_statm),
		cmocka_unit_test(test_values_stand_at_the_start_of_a_line),
		cmocka_unit_test(test_a_number_too_large_is_no_number),
		cmocka_unit_test(test_numbers_as_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
