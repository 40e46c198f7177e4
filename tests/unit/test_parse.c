/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the command line: what is taken, what is refused, and in which words. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../spawn/cli/parse.c"
#include "../../spawn/cli/refuse.c"

static struct fault fault;

static void refused_with(int rc, const char *words)
{
	char text[512];

	assert_int_equal(rc, -1);
	assert_int_equal(fault.step, STEP_OPTIONS);
	assert_int_equal(fault.err, EINVAL);
	nidus_fault_text(&fault, text, sizeof(text));
	if (!strstr(text, words))
		fail_msg("\"%s\" does not say \"%s\"", text, words);
}

static void a_refused_duration_tells_option_value_and_form(void **state)
{
	uint64_t us;

	(void)state;
	refused_with(cli_parse_duration("--timeout", "5x", &us, &fault),
		     "--timeout 5x: a duration is a number of seconds, or one with ms, s, m or h");
}

static void too_long_a_duration_is_told_the_longest(void **state)
{
	uint64_t us;

	(void)state;
	refused_with(cli_parse_duration("--timeout", "5124095h", &us, &fault), "at most ten years");
}

static void a_refused_size_tells_option_value_and_form(void **state)
{
	uint64_t bytes;

	(void)state;
	refused_with(cli_parse_size("--memory", "1P", &bytes, &fault),
		     "--memory 1P: a size is a number of bytes, or one with K, M, G or T");
}

static void numbers_keep_to_their_range(void **state)
{
	uint64_t number;

	(void)state;
	assert_int_equal(cli_parse_number("--pids", "20", 1, 100, &number, &fault), 0);
	assert_int_equal(number, 20);
	refused_with(cli_parse_number("--pids", "0", 1, 100, &number, &fault),
		     "--pids 0: must be 1 to 100");
	refused_with(cli_parse_number("--pids", "101", 1, 100, &number, &fault), "1 to 100");
	refused_with(cli_parse_number("--pids", "-1", 1, 100, &number, &fault), "--pids -1");
	refused_with(cli_parse_number("--pids", "2x", 1, 100, &number, &fault), "--pids 2x");
}

static void processors_are_decimal(void **state)
{
	uint64_t millicpus;

	(void)state;
	assert_int_equal(cli_parse_millicpus("--cpus", "1.5", &millicpus, &fault), 0);
	assert_int_equal(millicpus, 1500);
	assert_int_equal(cli_parse_millicpus("--cpus", "0.001", &millicpus, &fault), 0);
	assert_int_equal(millicpus, 1);
	assert_int_equal(cli_parse_millicpus("--cpus", "4", &millicpus, &fault), 0);
	assert_int_equal(millicpus, 4000);
	refused_with(cli_parse_millicpus("--cpus", "0", &millicpus, &fault), "--cpus 0");
	refused_with(cli_parse_millicpus("--cpus", "0.0001", &millicpus, &fault), "--cpus 0.0001");
	refused_with(cli_parse_millicpus("--cpus", "1,5", &millicpus, &fault), "--cpus 1,5");
}

static int signal_number(const char *text)
{
	int number;

	return cli_parse_signal("--signal", text, &number, &fault) < 0 ? -1 : number;
}

static void signals_have_names_and_numbers(void **state)
{
	(void)state;
	assert_int_equal(signal_number("TERM"), SIGTERM);
	assert_int_equal(signal_number("SIGUSR1"), SIGUSR1);
	assert_int_equal(signal_number("sigint"), SIGINT);
	assert_int_equal(signal_number("15"), 15);
	assert_int_equal(signal_number("64"), 64);
}

static void realtime_signals_count_from_both_ends(void **state)
{
	(void)state;
	assert_int_equal(signal_number("RTMIN"), SIGRTMIN);
	assert_int_equal(signal_number("SIGRTMIN+3"), SIGRTMIN + 3);
	assert_int_equal(signal_number("RTMAX-1"), SIGRTMAX - 1);
	assert_int_equal(signal_number("RTMAX+1"), -1);
	assert_int_equal(signal_number("RTMIN+99"), -1);
}

static void unknown_signals_are_refused(void **state)
{
	(void)state;
	assert_int_equal(signal_number(""), -1);
	assert_int_equal(signal_number("0"), -1);
	assert_int_equal(signal_number("65"), -1);
	assert_int_equal(signal_number("TERMX"), -1);
	assert_int_equal(signal_number("SIG"), -1);
}

static void only_open_descriptors_are_taken(void **state)
{
	char text[16];
	int fd, end[2];

	(void)state;
	assert_int_equal(pipe(end), 0);
	snprintf(text, sizeof(text), "%d", end[0]);
	assert_int_equal(cli_parse_fd("--info-fd", text, &fd, &fault), 0);
	assert_int_equal(fd, end[0]);
	close(end[0]);
	refused_with(cli_parse_fd("--info-fd", text, &fd, &fault), "is not an open descriptor");
	close(end[1]);
	refused_with(cli_parse_fd("--info-fd", "x", &fd, &fault), "--info-fd x: must be the number");
}

static void a_long_value_keeps_the_message_whole(void **state)
{
	char text[4096];
	uint64_t bytes;

	(void)state;
	memset(text, '9', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	refused_with(cli_parse_size("--memory", text, &bytes, &fault), "a size is a number");
	assert_memory_equal(fault.what, "--memory 999", 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_duration_tells_option_value_and_form),
		cmocka_unit_test(too_long_a_duration_is_told_the_longest),
		cmocka_unit_test(a_refused_size_tells_option_value_and_form),
		cmocka_unit_test(numbers_keep_to_their_range),
		cmocka_unit_test(processors_are_decimal),
		cmocka_unit_test(signals_have_names_and_numbers),
		cmocka_unit_test(realtime_signals_count_from_both_ends),
		cmocka_unit_test(unknown_signals_are_refused),
		cmocka_unit_test(only_open_descriptors_are_taken),
		cmocka_unit_test(a_long_value_keeps_the_message_whole),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
