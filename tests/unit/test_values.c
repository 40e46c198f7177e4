/* SPDX-License-Identifier: Apache-2.0 */
/* Values as people write them: the table that all front ends share, and the edges of each kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>

#include "../../init/values.h"
#include "values_table.h"

static bool read_value(enum value_kind kind, const char *text, uint64_t *value)
{
	switch (kind) {
	case A_DURATION:
		return values_duration(text, value);
	case A_SIZE:
		return values_size(text, value);
	case A_COUNT:
		return values_number(text, 1000000, value);
	}
	return false;
}

static void values_are_taken_as_the_table_has_them(void **state)
{
	(void)state;
	try_values(read_value);
}

static void the_ends_of_the_ranges_are_in_them(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(values_duration("0", &value) && value == 0);
	assert_true(values_duration("0h0m", &value) && value == 0);
	assert_true(values_duration("87600h", &value) && value == 315360000000000);
	assert_false(values_duration("87600h1ms", &value));
	assert_true(values_size("0", &value) && value == 0);
	assert_true(values_size("0.0M", &value) && value == 0);
	assert_true(values_size("9223372036854775807", &value) && value == INT64_MAX);
	assert_true(values_size("8388607T", &value) && value == 8388607ull << 40);
	assert_false(values_size("8388608T", &value));
	assert_true(values_size("0.999999T", &value) && value == 1099510528264);
}

static void decimals_are_exact(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(values_decimal("1.5", 1000, &value) && value == 1500);
	assert_true(values_decimal("0.001", 1000, &value) && value == 1);
	assert_true(values_decimal("4", 1000, &value) && value == 4000);
	assert_true(values_decimal("0.000001", 1000000, &value) && value == 1);
	assert_false(values_decimal("0.0001", 1000, &value));
	assert_false(values_decimal("1s", 1000, &value));
	assert_false(values_decimal("1.", 1000, &value));
	assert_false(values_decimal("18446744073709551615", 1000, &value));
}

static void digits_end_where_they_are_to_end(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(values_digits("8080:80", 4, 65535, &value) && value == 8080);
	assert_false(values_digits("8080:80", 5, 65535, &value));
	assert_false(values_digits("8080", 0, 65535, &value));
	assert_false(values_digits("65536", 5, 65535, &value));
}

static void numbers_are_digits_up_to_a_limit(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(values_number("255", 255, &value) && value == 255);
	assert_true(values_number("007", 255, &value) && value == 7);
	assert_false(values_number("256", 255, &value));
	assert_false(values_number("", 255, &value));
	assert_false(values_number("1 ", 255, &value));
	assert_false(values_number("18446744073709551616", UINT64_MAX, &value));
}

static void every_signal_is_known_by_its_name(void **state)
{
	char buffer[16];

	(void)state;
	for (int i = 1; i <= 64; i++) {
		const char *name = values_signal_name(i, buffer);

		if (i != 32 && i != 33 && values_signal(name) != i)
			fail_msg("%d is %s, which is %d", i, name, values_signal(name));
		if (i < 32 && i != SIGIO && strcmp(name + 3, sigabbrev_np(i)) != 0)
			fail_msg("%d is %s", i, name);
	}
	assert_string_equal(values_signal_name(34, buffer), "SIGRTMIN");
	assert_string_equal(values_signal_name(64, buffer), "SIGRTMIN+30");
	assert_string_equal(values_signal_name(32, buffer), "SIG32");
	assert_string_equal(values_signal_name(0, buffer), "signal");
	assert_string_equal(values_signal_name(65, buffer), "signal");
}

static void signals_are_taken_in_every_spelling(void **state)
{
	(void)state;
	assert_int_equal(values_signal("TERM"), SIGTERM);
	assert_int_equal(values_signal("SIGTERM"), SIGTERM);
	assert_int_equal(values_signal("sigterm"), SIGTERM);
	assert_int_equal(values_signal("15"), SIGTERM);
	assert_int_equal(values_signal("usr2"), SIGUSR2);
	assert_int_equal(values_signal("IO"), SIGIO);
	assert_int_equal(values_signal("POLL"), SIGIO);
	assert_int_equal(values_signal("RTMIN"), 34);
	assert_int_equal(values_signal("SIGRTMIN+3"), 37);
	assert_int_equal(values_signal("RTMAX-1"), 63);
	assert_int_equal(values_signal("rtmax-30"), 34);
	assert_int_equal(values_signal("64"), 64);
}

static void other_signals_are_refused(void **state)
{
	static const char *const texts[] = { "",	"0",	   "65",      "-1",      "SIG",
					     "TERMX",	"TER",	   "SIG15",   "RTMIN+",  "RTMIN-1",
					     "RTMAX+1", "RTMIN+31", "RTMAX-31", "SIGSIGTERM", "1.0" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (values_signal(texts[i]))
			fail_msg("'%s' is %d", texts[i], values_signal(texts[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_taken_as_the_table_has_them),
		cmocka_unit_test(the_ends_of_the_ranges_are_in_them),
		cmocka_unit_test(decimals_are_exact),
		cmocka_unit_test(digits_end_where_they_are_to_end),
		cmocka_unit_test(numbers_are_digits_up_to_a_limit),
		cmocka_unit_test(every_signal_is_known_by_its_name),
		cmocka_unit_test(signals_are_taken_in_every_spelling),
		cmocka_unit_test(other_signals_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
