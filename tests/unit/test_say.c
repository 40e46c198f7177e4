/* SPDX-License-Identifier: Apache-2.0 */
/* nidus-init's words, beside those of the spawner and the C library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../init/say.c"
#include "../../spawn/nidus.h"

static const char *text_of(struct say *say)
{
	static char text[SAY_MAX + 1];

	memcpy(text, say->text, say->len);
	text[say->len] = '\0';
	return text;
}

static void a_fault_reads_as_the_spawner_prints_it(void **state)
{
	size_t known = 0;

	(void)state;
	for (uint32_t step = 0; step < STEP_COUNT; step++) {
		static const struct {
			int err;
			const char *what;
		} cases[] = { { ENOENT, "/x" }, { 0, "no such thing" }, { EACCES, "" } };

		for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			struct fault fault;
			struct say say;
			char wanted[512], *text = wanted;

			if (!step_name(step) || step == STEP_OPTIONS)
				continue;
			known++;
			fault_set(&fault, step, cases[i].err, cases[i].what);
			nidus_fault_text(&fault, wanted, sizeof(wanted));
			if (strncmp(text, "init: ", 6) == 0)
				text += 6;
			say_begin(&say);
			say_fault(&say, &fault);
			assert_string_equal(text_of(&say), text);
		}
	}
	assert_int_equal(known, 3 * 15);
}

static void a_refused_option_is_a_sentence_already(void **state)
{
	struct fault fault;
	struct say say;

	(void)state;
	say_begin(&say);
	fault_set(&fault, STEP_OPTIONS, EINVAL, "--x: no");
	say_fault(&say, &fault);
	assert_string_equal(text_of(&say), "--x: no");
}

static void a_fault_of_an_option_of_ours_begins_with_it(void **state)
{
	struct fault fault;
	struct say say;

	(void)state;
	say_begin(&say);
	fault_set(&fault, SAY_REPORT, ENOENT, "/x");
	say_fault(&say, &fault);
	assert_string_equal(text_of(&say), "--report /x: No such file or directory");
	say_begin(&say);
	fault_set(&fault, SAY_READY_FD, EBADFD, "7");
	say_fault(&say, &fault);
	assert_string_equal(text_of(&say), "--ready-fd 7: not open for writing");
}

static void errors_are_in_the_c_librarys_words(void **state)
{
	size_t known = 0;

	(void)state;
	for (int err = 1; err < 134; err++) {
		struct say say;

		say_begin(&say);
		say_errno(&say, err);
		if (strncmp(text_of(&say), "error ", 6) == 0)
			continue;
		known++;
		/* "File descriptor in bad state" says nothing to who gave its number */
		assert_string_equal(text_of(&say),
				    err == EBADFD ? "not open for writing" : strerror(err));
	}
	assert_int_equal(known, 25); /* what starting and mounting end in */
}

static void a_text_too_long_is_cut_and_ends_its_line(void **state)
{
	struct say say;

	(void)state;
	say_begin(&say);
	for (int i = 0; i < SAY_MAX; i++)
		say_text(&say, "long");
	say_text(&say, "\n");
	assert_int_equal(say.len, SAY_MAX);
	assert_int_equal(say.text[SAY_MAX - 1], '\n');
}

static void a_text_of_any_length_is_written_with_its_words(void **state)
{
	static char word[5000], wanted[12000], got[12000];
	const char *const words[] = { word, "", "three", word };
	FILE *file = tmpfile();
	struct say say;
	size_t len;

	(void)state;
	assert_non_null(file);
	memset(word, 'x', sizeof(word) - 1);
	say_begin(&say);
	say_words(&say, fileno(file), "\1: '\2' or '\3', '\4'\n", words);
	say_send(&say, fileno(file));
	len = (size_t)snprintf(wanted, sizeof(wanted),
			       "%s: '' or 'three', '%s'\n", word, word);
	rewind(file);
	assert_int_equal(fread(got, 1, sizeof(got), file), len);
	assert_memory_equal(got, wanted, len);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_reads_as_the_spawner_prints_it),
		cmocka_unit_test(a_refused_option_is_a_sentence_already),
		cmocka_unit_test(a_fault_of_an_option_of_ours_begins_with_it),
		cmocka_unit_test(errors_are_in_the_c_librarys_words),
		cmocka_unit_test(a_text_too_long_is_cut_and_ends_its_line),
		cmocka_unit_test(a_text_of_any_length_is_written_with_its_words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
