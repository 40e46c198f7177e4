/* SPDX-License-Identifier: Apache-2.0 */
/* nidus-init's values and its words, beside the spawner's and the C library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../../init/say.c"
#include "../../init/text.c"
#include "../../init/units.c"
#include "../../spawn/nidus.h"

static void takes_duration(const char *text, uint64_t wanted)
{
	uint64_t us;

	if (!units_duration(text, &us))
		fail_msg("%s is refused", text);
	if (us != wanted)
		fail_msg("%s is %llu us", text, (unsigned long long)us);
}

static void durations_are_taken(void **state)
{
	(void)state;
	takes_duration("500ms", 500000);
	takes_duration("2s", 2000000);
	takes_duration("2", 2000000);
	takes_duration("1m", 60000000);
	takes_duration("1h", 3600000000u);
	takes_duration("0.5s", 500000);
	takes_duration("0.000001", 1);
	takes_duration("1.5ms", 1500);
	takes_duration("0.25m", 15000000);
	takes_duration("0", 0);
	takes_duration("876000h", 3153600000000000u);
}

static void other_durations_are_refused(void **state)
{
	static const char *const texts[] = { "",     "s",   "ms",   "5x",       "-1s",  "+1s",
					     " 1s",  "1 s", "1s ",  "1.s",      ".5s",  "1..5s",
					     "1e3s", "1S",  "1us",  "0.0000001", "1sm", "878401h",
					     "99999999999999999999s", "18446744073709551615h" };
	uint64_t us;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (units_duration(texts[i], &us))
			fail_msg("'%s' is %llu us", texts[i], (unsigned long long)us);
}

static void sizes_are_taken(void **state)
{
	uint64_t bytes;

	(void)state;
	assert_true(units_size("4096", &bytes) && bytes == 4096);
	assert_true(units_size("64K", &bytes) && bytes == 65536);
	assert_true(units_size("128M", &bytes) && bytes == 128u << 20);
	assert_true(units_size("2G", &bytes) && bytes == 2ull << 30);
	assert_true(units_size("3T", &bytes) && bytes == 3ull << 40);
}

static void other_sizes_are_refused(void **state)
{
	static const char *const texts[] = { "", "K", "1KB", "1.5K", "-1", "0x10", "16777216T" };
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (units_size(texts[i], &bytes))
			fail_msg("'%s' is %llu", texts[i], (unsigned long long)bytes);
}

static void numbers_are_digits_up_to_a_limit(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(units_number("255", 255, &value) && value == 255);
	assert_true(units_number("007", 255, &value) && value == 7);
	assert_false(units_number("256", 255, &value));
	assert_false(units_number("", 255, &value));
	assert_false(units_number("1 ", 255, &value));
	assert_false(units_number("18446744073709551616", UINT64_MAX, &value));
}

static void every_signal_is_known_by_its_name(void **state)
{
	char buffer[16];

	(void)state;
	for (int i = 1; i <= 64; i++) {
		const char *name = units_signal_name(i, buffer);

		if (i != 32 && i != 33 && units_signal(name) != i)
			fail_msg("%d is %s, which is %d", i, name, units_signal(name));
		if (i < 32 && i != SIGIO && strcmp(name + 3, sigabbrev_np(i)) != 0)
			fail_msg("%d is %s", i, name);
	}
	assert_string_equal(units_signal_name(34, buffer), "SIGRTMIN");
	assert_string_equal(units_signal_name(64, buffer), "SIGRTMIN+30");
	assert_string_equal(units_signal_name(32, buffer), "SIG32");
	assert_string_equal(units_signal_name(0, buffer), "signal");
	assert_string_equal(units_signal_name(65, buffer), "signal");
}

static void signals_are_taken_in_every_spelling(void **state)
{
	(void)state;
	assert_int_equal(units_signal("TERM"), SIGTERM);
	assert_int_equal(units_signal("SIGTERM"), SIGTERM);
	assert_int_equal(units_signal("sigterm"), SIGTERM);
	assert_int_equal(units_signal("15"), SIGTERM);
	assert_int_equal(units_signal("usr2"), SIGUSR2);
	assert_int_equal(units_signal("IO"), SIGIO);
	assert_int_equal(units_signal("POLL"), SIGIO);
	assert_int_equal(units_signal("RTMIN"), 34);
	assert_int_equal(units_signal("SIGRTMIN+3"), 37);
	assert_int_equal(units_signal("RTMAX-1"), 63);
	assert_int_equal(units_signal("rtmax-30"), 34);
	assert_int_equal(units_signal("64"), 64);
}

static void other_signals_are_refused(void **state)
{
	static const char *const texts[] = { "",	"0",	   "65",      "-1",      "SIG",
					     "TERMX",	"TER",	   "SIG15",   "RTMIN+",  "RTMIN-1",
					     "RTMAX+1", "RTMIN+31", "RTMAX-31", "SIGSIGTERM", "1.0" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (units_signal(texts[i]))
			fail_msg("'%s' is %d", texts[i], units_signal(texts[i]));
}

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
		cmocka_unit_test(durations_are_taken),
		cmocka_unit_test(other_durations_are_refused),
		cmocka_unit_test(sizes_are_taken),
		cmocka_unit_test(other_sizes_are_refused),
		cmocka_unit_test(numbers_are_digits_up_to_a_limit),
		cmocka_unit_test(every_signal_is_known_by_its_name),
		cmocka_unit_test(signals_are_taken_in_every_spelling),
		cmocka_unit_test(other_signals_are_refused),
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
