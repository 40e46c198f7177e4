/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes of others may be shown as they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../spawn/report/printable.h"

static void what_utf8_has_is_shown(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} table[] = {
		{ "a", 1 },	 { " ", 1 },	      { "~", 1 },	       { "\xc2\xa0", 2 },
		{ "\xc3\xbc", 2 }, { "\xe2\x82\xac", 3 }, { "\xed\x9f\xbf", 3 }, { "\xee\x80\x80", 3 },
		{ "\xf0\x9f\x90\x9a", 4 }, { "\xf4\x8f\xbf\xbf", 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(printable_length(table[i].text, strlen(table[i].text)),
				 table[i].len);
}

static void controls_are_not(void **state)
{
	char c1[] = "\xc2\x80";

	(void)state;
	for (int c = 0; c < 0x20; c++)
		assert_int_equal(printable_length(&(char){ (char)c }, 1), 0);
	assert_int_equal(printable_length("\x7f", 1), 0);
	for (int c = 0x80; c < 0xa0; c++) {
		c1[1] = (char)c;
		assert_int_equal(printable_length(c1, 2), 0);
		assert_int_equal(printable_length(c1 + 1, 1), 0);
	}
}

static void what_is_not_utf8_is_not(void **state)
{
	/* overlong, surrogates, beyond U+10FFFF, cut short, a continuation alone */
	static const char *const table[] = {
		"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "\xc3",
		"\xe2\x82", "\xf0\x9f\x90", "\xc3(", "\xe2(\xac", "\xbf",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(printable_length(table[i], strlen(table[i])), 0);
	assert_int_equal(printable_length("a", 0), 0);
	assert_int_equal(printable_length("\xe2\x82\xac", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_utf8_has_is_shown),
		cmocka_unit_test(controls_are_not),
		cmocka_unit_test(what_is_not_utf8_is_not),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
