/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles: the language line by line, and what is refused of files and of their options. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "run_parser.h"

static char place[] = "/tmp/test_profile.XXXXXX";

/* ---- the language ---- */

static char bytes[PROFILE_BYTES_MAX];

static struct profile_text text_of(const char *text)
{
	size_t len = strlen(text);

	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, text, len + 1);
	return (struct profile_text){ .at = bytes, .left = len };
}

/* The words of `text`, each followed by '|', each line by '/'; or "LINE: why". */
static const char *read_as(const char *text)
{
	static char result[4096];
	struct profile_text rest = text_of(text);
	const char *words[PROFILE_WORDS_MAX], *why;
	enum profile_next next;
	unsigned int count;
	size_t len = 0;

	result[0] = '\0';
	while ((next = profile_next(&rest, words, &count, &why)) == PROFILE_LINE) {
		for (unsigned int i = 0; i < count; i++)
			len += (size_t)snprintf(result + len, sizeof(result) - len, "%s|",
						words[i]);
		len += (size_t)snprintf(result + len, sizeof(result) - len, "/");
	}
	if (next == PROFILE_WRONG)
		snprintf(result, sizeof(result), "%u: %s", rest.line, why);
	return result;
}

static void words_are_separated_by_blanks(void **state)
{
	(void)state;
	assert_string_equal(read_as("memory 64M\n"), "memory|64M|/");
	assert_string_equal(read_as("  ro-bind\t/etc  \t /etc \t\nclean-env"),
			    "ro-bind|/etc|/etc|/clean-env|/");
	assert_string_equal(read_as("overlay a b c\n"), "overlay|a|b|c|/");
}

static void empty_lines_and_comments_are_nothing(void **state)
{
	(void)state;
	assert_string_equal(read_as(""), "");
	assert_string_equal(read_as("\n\n \t\n# memory 64M\n  # '\n"), "");
	assert_string_equal(read_as("pids 5 # not six\n"), "pids|5|/");
	/* within a word it is a character */
	assert_string_equal(read_as("name a#b\nname '#c'\nname \\#d\n"),
			    "name|a#b|/name|#c|/name|#d|/");
}

static void quotes_keep_blanks(void **state)
{
	(void)state;
	assert_string_equal(read_as("chdir '/a b'\nchdir \"/a b\"\nchdir /a\\ b\n"),
			    "chdir|/a b|/chdir|/a b|/chdir|/a b|/");
	assert_string_equal(read_as("setenv A ''\nsetenv B \"\"\n"), "setenv|A||/setenv|B||/");
	assert_string_equal(read_as("name a'b c'\"d e\"f\n"), "name|ab cd ef|/");
	assert_string_equal(read_as("name '\\'\nname \"\\\\ \\\"\"\nname \\\\\\'\n"),
			    "name|\\|/name|\\ \"|/name|\\'|/");
	/* nothing else is special */
	assert_string_equal(read_as("setenv A $HOME~*?;&\n"), "setenv|A|$HOME~*?;&|/");
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
	static const struct {
		const char *text, *words;
	} wrong[] = {
		{ "name 'a\n", "1: a ' is not closed on its line" },
		{ "pids 5\n\nname \"a\n", "3: a \" is not closed on its line" },
		{ "name \"a\\n\"\n", "1: within \"...\" a \\ must stand before" },
		{ "name \"a\\", "1: within \"...\" a \\ must stand before" },
		{ "name a\\\nb\n", "1: a \\ at the end of a line" },
		{ "name a\\", "1: a \\ at the end of a line" },
		{ "overlay a b c d\n", "1: more words than an option and its values" },
		{ "pids 5\r\n", "1: a carriage return" },
		{ "# \033[2J\n", "1: a control character" },
		{ "pids 5\177\n", "1: a control character" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *got = read_as(wrong[i].text);

		if (strncmp(got, wrong[i].words, strlen(wrong[i].words)) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", wrong[i].text, got,
				 wrong[i].words);
	}
}

static void a_nul_is_no_text(void **state)
{
	char text[] = "pids 5\0 6\n";
	struct profile_text rest = { .at = text, .left = sizeof(text) - 1 };
	const char *words[PROFILE_WORDS_MAX], *why;
	unsigned int count;

	(void)state;
	assert_int_equal(profile_next(&rest, words, &count, &why), PROFILE_WRONG);
	assert_non_null(strstr(why, "control character"));
}

static void a_thousand_lines_are_read_and_no_more(void **state)
{
	char text[PROFILE_LINES_MAX + 2];

	(void)state;
	memset(text, '\n', sizeof(text));
	text[PROFILE_LINES_MAX] = '\0';
	assert_string_equal(read_as(text), "");
	text[PROFILE_LINES_MAX] = '\n';
	text[PROFILE_LINES_MAX + 1] = '\0';
	assert_string_equal(read_as(text), "1001: a profile has at most 1,000 lines");
}

/* ---- files ---- */

static int begin(void **state)
{
	(void)state;
	memset(&request, 0, sizeof(request));
	strcpy(place + sizeof(place) - 7, "XXXXXX");
	if (!mkdtemp(place) || chdir(place) < 0)
		return -1;
	setenv("XDG_CONFIG_HOME", place, 1);
	return nidus_spec_init(&spec);
}

static int end(void **state)
{
	char command[128];

	(void)state;
	nidus_spec_free(&spec);
	snprintf(command, sizeof(command), "rm -rf %s", place);
	return chdir("/") < 0 || system(command) != 0 ? -1 : 0;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void taken(int rc)
{
	char text[512];

	if (rc < 0)
		fail_msg("refused: %s", nidus_fault_text(&fault, text, sizeof(text)));
}

/* A profile of that text is refused with those words. */
static void refused(const char *profile, const char *words)
{
	char text[512];

	put("p", profile);
	assert_int_equal(parse("--profile", "./p", "true"), -1);
	nidus_fault_text(&fault, text, sizeof(text));
	assert_int_equal(fault.step, STEP_OPTIONS);
	if (!strstr(text, words))
		fail_msg("\"%s\" does not say \"%s\"", text, words);
}

static void the_command_line_wins_wherever_it_stands(void **state)
{
	(void)state;
	put("p", "memory 64M\npids 7\nnet-pool 10.9.0.0/16\n");
	taken(parse("--memory", "1G", "--profile", "./p", "--net-pool=10.8.0.0/16", "true"));
	assert_int_equal(spec.memory_bytes, 1 << 30);
	assert_int_equal(spec.pids, 7);
	assert_int_equal(spec.net_options.pool4.addr.bytes[1], 8);
}

static void a_later_profile_wins_and_lists_add_up_in_order(void **state)
{
	(void)state;
	put("p", "pids 7\nbind /one /mnt\nlabel a=1\nlabel b=1\n");
	put("q", "include ./p\nmemory 1M\npids 8\nbind /two /mnt\n");
	put("r", "memory 2M\nlabel b=2\n");
	taken(parse("--bind", "/three", "/mnt", "--profile", "./q", "--profile=./r", "true"));
	assert_int_equal(spec.pids, 8);
	assert_int_equal(spec.memory_bytes, 2 << 20);
	assert_int_equal(spec.mount_count, 3);
	assert_string_equal(spec.mounts[0].src, "/one");
	assert_string_equal(spec.mounts[1].src, "/two");
	assert_string_equal(spec.mounts[2].src, "/three");
	assert_int_equal(spec.label_count, 2);
	assert_string_equal(spec.labels[1].value, "2");
}

static void wrong_options_are_named_with_file_and_line(void **state)
{
	(void)state;
	refused("\nmemory 5x\n", "./p:2: --memory 5x: a size is");
	refused("memory\n", "./p:1: --memory: takes 1 value; 0 are given");
	refused("bind /a\n", "./p:1: --bind: takes 2 values; 1 is given");
	refused("name a b\n", "takes 1 value; 2 are given (one with blanks needs quotes)");
	refused("clean-env yes\n", "./p:1: --clean-env: takes 0 values; 1 is given");
	refused("memroy 5\n", "./p:1: --memroy: unknown option; did you mean --memory?");
	refused("--memory 5M\n", "without the dashes");
	refused("memory=5M\n", "./p:1: memory: in a profile a value follows after a blank");
	refused("--setenv A secret\n", "./p:1: --setenv: in a profile an option stands without");
	refused("TOKEN=secret\n", "./p:1: TOKEN: in a profile a value follows");
	refused("command true\n", "./p:1: --command: unknown option");
	refused("name 'a\n", "./p:1: a ' is not closed");
	refused("perms 700\n\n", "--perms: must be followed by");
	refused("perms 700\nbind /a /b\n", "./p:2: --perms: must be followed by");
	refused("include\n", "./p:1: include: takes one value");
	refused("include a b\n", "./p:1: include: takes one value");
}

/* What holds only for one call is refused, and says why. */
static void options_of_one_call_are_refused(void **state)
{
	char line[128], words[160];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < run_option_count; i++) {
		if (!run_options[i].not_in_profile)
			continue;
		snprintf(line, sizeof(line), "%s a b\n", run_options[i].name + 2);
		snprintf(words, sizeof(words), "./p:1: %s: not in a profile: it %s",
			 run_options[i].name, run_options[i].not_in_profile);
		refused(line, words);
		count++;
	}
	assert_int_equal(count, 16);
	refused("report 2\n", "./p:1: --report 2: must be a path in a profile");
	refused("events /dev/fd/5\n", "must be a path in a profile");
}

static void includes_end(void **state)
{
	char name[16], line[32];

	(void)state;
	refused("include ./p\n", "a profile must not include itself");
	put("q", "include ./p\n");
	refused("include ./q\n", "./q:1: include ./p: a profile must not include itself");
	for (int depth = 2; depth <= 9; depth++) {
		snprintf(name, sizeof(name), "d%d", depth);
		snprintf(line, sizeof(line), depth < 9 ? "include ./d%d\n" : "pids 5\n", depth + 1);
		put(name, line);
	}
	refused("include ./d2\n", "profiles include each other at most 8 deep");
	put("d8", "pids 6\n");
	put("p", "include ./d2\n");
	taken(parse("--profile", "./p", "true"));
	assert_int_equal(spec.pids, 6);
}

static void files_are_bounded_in_number(void **state)
{
	char text[64 * 12 + 1] = "";

	(void)state;
	put("q", "");
	for (int i = 0; i < 64; i++)
		strcat(text, "include ./q\n");
	refused(text, "./p:64: include ./q: at most 64 profiles");
}

static void files_are_bounded_in_bytes(void **state)
{
	static char text[PROFILE_BYTES_MAX + 2];

	(void)state;
	memset(text, '#', PROFILE_BYTES_MAX);
	put("p", text);
	taken(parse("--profile", "./p", "true"));
	text[PROFILE_BYTES_MAX] = '#';
	refused(text, "a profile has at most 64 KiB");
}

static void only_files_that_nobody_else_writes_are_read(void **state)
{
	(void)state;
	put("p", "pids 5\n");
	assert_int_equal(chmod("p", 0664), 0);
	assert_int_equal(parse("--profile", "./p", "true"), -1);
	assert_non_null(strstr(fault.why, "others may write it (mode 0664)"));
	assert_int_equal(chmod("p", 0644), 0);
	assert_int_equal(chmod(".", 0777), 0);
	assert_int_equal(parse("--profile", "./p", "true"), -1);
	assert_non_null(strstr(fault.why, "others may write its directory"));
	assert_int_equal(chmod(".", 01777), 0);
	taken(parse("--profile", "./p", "true"));
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(parse("--profile", "./fifo", "true"), -1);
	assert_non_null(strstr(fault.why, "must be a regular file"));
	assert_int_equal(parse("--profile", "./", "true"), -1);
	assert_non_null(strstr(fault.why, "must be a regular file"));
}

static void names_are_looked_up(void **state)
{
	(void)state;
	assert_int_equal(parse("--profile", "mine", "true"), -1);
	assert_non_null(strstr(fault.why, "no such profile"));
	assert_non_null(strstr(fault.why, place));
	assert_non_null(strstr(fault.why, "/etc/nidus/profiles"));
	assert_int_equal(mkdir("nidus", 0755), 0);
	assert_int_equal(mkdir("nidus/profiles", 0755), 0);
	put("nidus/profiles/mine", "pids 5\ninclude ./beside\n");
	put("nidus/profiles/beside", "memory 1M\n");
	taken(parse("--profile", "mine", "true"));
	assert_int_equal(spec.pids, 5);
	assert_int_equal(spec.memory_bytes, 1 << 20);
	assert_int_equal(parse("--profile", "..", "true"), -1);
	assert_non_null(strstr(fault.why, "the name of a profile is"));
	assert_int_equal(parse("--profile", "", "true"), -1);
	assert_non_null(strstr(fault.why, "the name of a profile is"));
}

static void help_needs_no_profile(void **state)
{
	(void)state;
	taken(parse("--help", "--profile", "none"));
	assert_true(request.help);
}

static void what_stands_behind_the_command_is_its_own(void **state)
{
	(void)state;
	taken(parse("--pids", "5", "true", "--profile", "none"));
	taken(parse("--", "--profile", "none"));
	assert_int_equal(spec.argc, 2);
}

static void a_prefix_is_found_from_a_program(void **state)
{
	(void)state;
	assert_int_equal(prefix_of("/opt/n/bin/nidus"), strlen("/opt/n/"));
	assert_int_equal(prefix_of("/opt/n/libexec/nidus/nidus-whole"), strlen("/opt/n/"));
	assert_int_equal(prefix_of("/bin/nidus"), 1);
	assert_int_equal(prefix_of("/nidus"), 1);
	assert_int_equal(prefix_of("nidus"), 0);
	assert_int_equal(prefix_of(""), 0);
}

/* What a check refuses later is about the line that has set it, if that counts. */
static void faults_of_checks_name_the_line(void **state)
{
	(void)state;
	put("p", "dir /tmp/a\nswap 5M\nbind /a relative\n");
	taken(parse("--tmpfs", "/mnt", "--profile", "./p", "true"));
	fault_about(&fault, NIDUS_OPTION_SWAP, 0);
	strcpy(fault.what, "--swap 5M");
	cli_blame_profile(&spec, &request, &fault);
	assert_string_equal(fault.what, "./p:2: --swap 5M");
	fault_about(&fault, NIDUS_OPTION_MOUNTS, 1);
	strcpy(fault.what, "--bind");
	cli_blame_profile(&spec, &request, &fault);
	assert_string_equal(fault.what, "./p:3: --bind");
	fault_about(&fault, NIDUS_OPTION_MOUNTS, 2);
	strcpy(fault.what, "--tmpfs");
	cli_blame_profile(&spec, &request, &fault);
	assert_string_equal(fault.what, "--tmpfs");
	request.origin_count = 0;
	taken(parse("--swap", "6M", "--profile", "./p", "true"));
	fault_about(&fault, NIDUS_OPTION_SWAP, 0);
	strcpy(fault.what, "--swap 6M");
	cli_blame_profile(&spec, &request, &fault);
	assert_string_equal(fault.what, "--swap 6M");
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(words_are_separated_by_blanks),
		test(empty_lines_and_comments_are_nothing),
		test(quotes_keep_blanks),
		test(what_is_wrong_is_said_with_its_line),
		test(a_nul_is_no_text),
		test(a_thousand_lines_are_read_and_no_more),
		test(the_command_line_wins_wherever_it_stands),
		test(a_later_profile_wins_and_lists_add_up_in_order),
		test(wrong_options_are_named_with_file_and_line),
		test(options_of_one_call_are_refused),
		test(includes_end),
		test(files_are_bounded_in_number),
		test(files_are_bounded_in_bytes),
		test(only_files_that_nobody_else_writes_are_read),
		test(names_are_looked_up),
		test(help_needs_no_profile),
		test(what_stands_behind_the_command_is_its_own),
		test(a_prefix_is_found_from_a_program),
		test(faults_of_checks_name_the_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
