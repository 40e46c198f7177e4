/* SPDX-License-Identifier: Apache-2.0 */
/* Capability names to masks and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/capability.h>
#include <string.h>

#include "../../spawn/confine/caps.h"

static void test_full_name(void **state)
{
	(void)state;
	assert_int_equal(caps_parse("CAP_NET_RAW"), 1ull << CAP_NET_RAW);
}

static void test_short_name_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(caps_parse("net_raw"), 1ull << CAP_NET_RAW);
	assert_int_equal(caps_parse("Chown"), 1ull << CAP_CHOWN);
}

static void test_all(void **state)
{
	(void)state;
	assert_int_equal(caps_parse("ALL"), caps_all());
	assert_true(caps_all() & 1ull << CAP_LAST_CAP);
	assert_false(caps_all() & 1ull << (CAP_LAST_CAP + 1));
}

static void test_unknown_names(void **state)
{
	char longest[200];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(caps_parse(""), 0);
	assert_int_equal(caps_parse("cap_"), 0);
	assert_int_equal(caps_parse("net_raww"), 0);
	assert_int_equal(caps_parse("net_raw,kill"), 0);
	assert_int_equal(caps_parse(longest), 0);
}

static void test_text_of_some(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(caps_text(1ull << CAP_KILL | 1ull << CAP_CHOWN, text, sizeof(text)),
			    "cap_chown,cap_kill");
}

static void test_text_of_none(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(caps_text(0, text, sizeof(text)), "none");
}

static void test_text_keeps_whole_names(void **state)
{
	char text[14];

	(void)state;
	assert_string_equal(caps_text(1ull << CAP_KILL | 1ull << CAP_CHOWN, text, sizeof(text)),
			    "cap_chown");
}

static void test_every_name_reads_back(void **state)
{
	char text[64];

	(void)state;
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		assert_int_equal(caps_parse(caps_text(1ull << cap, text, sizeof(text))),
				 1ull << cap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_name),
		cmocka_unit_test(test_short_name_in_any_case),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_unknown_names),
		cmocka_unit_test(test_text_of_some),
		cmocka_unit_test(test_text_of_none),
		cmocka_unit_test(test_text_keeps_whole_names),
		cmocka_unit_test(test_every_name_reads_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
