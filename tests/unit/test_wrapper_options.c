/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command lines of nidus-init, tini, dumb-init and catatonit: what they ask
 * for, what they answer, and with which status.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "wrapper_options.h"
#include "values_table.h"

#define TEXT_MAX 8192

/* What the last parse came to. */
static struct wrapper_options options;
static char out[TEXT_MAX], err[TEXT_MAX];
static char **arguments; /* of the last parse */

static void read_back(FILE *file, char text[TEXT_MAX])
{
	rewind(file);
	text[fread(text, 1, TEXT_MAX - 8, file)] = '\0'; /* room for "PID" */
	fclose(file);
}

/* Parses with descriptors 1 and 2 caught. */
static int parse_in(char *const *envp, char **argv)
{
	FILE *files[2] = { tmpfile(), tmpfile() };
	int saved[2] = { dup(1), dup(2) }, status;

	assert_non_null(files[0]);
	assert_non_null(files[1]);
	fflush(stdout);
	dup2(fileno(files[0]), 1);
	dup2(fileno(files[1]), 2);
	arguments = argv;
	status = wrapper_parse(argv, envp, &options);
	for (int i = 0; i < 2; i++) {
		dup2(saved[i], i + 1);
		close(saved[i]);
	}
	read_back(files[0], out);
	read_back(files[1], err);
	return status;
}

#define ARGV(...) ((char *[]){ __VA_ARGS__, NULL })
#define parse(...) parse_in(ARGV("X=1"), ARGV(__VA_ARGS__))
#define parse_with(variable, ...) parse_in(ARGV("X=1", variable), ARGV(__VA_ARGS__))

static void goes(int status, int first)
{
	if (status != WRAPPER_GO)
		fail_msg("status %d: %s", status, err);
	assert_string_equal(out, "");
	if (first == 0)
		assert_null(options.program);
	else
		assert_ptr_equal(options.program, arguments + first);
}

static void answers(int status, int wanted, const char *wanted_out, const char *wanted_err)
{
	char pid[32], *at;

	snprintf(pid, sizeof(pid), "%d", getpid());
	at = strstr(err, pid);
	if (at) { /* "[FATAL tini (1234)]" */
		memmove(at + 3, at + strlen(pid), strlen(at + strlen(pid)) + 1);
		memcpy(at, "PID", 3);
	}
	assert_int_equal(status, wanted);
	assert_string_equal(out, wanted_out);
	assert_string_equal(err, wanted_err);
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* ---- whose command line ---- */

static void the_name_says_whose_command_line_it_is(void **state)
{
	(void)state;
	goes(parse("/sbin/tini", "a"), 1);
	assert_int_equal(options.as, AS_TINI);
	goes(parse("tini-static", "a"), 1);
	assert_int_equal(options.as, AS_TINI);
	goes(parse("/sbin/docker-init", "--", "a"), 2);
	assert_int_equal(options.as, AS_TINI);
	goes(parse("/usr/bin/dumb-init", "a"), 1);
	assert_int_equal(options.as, AS_DUMB_INIT);
	goes(parse("catatonit", "a"), 1);
	assert_int_equal(options.as, AS_CATATONIT);
	goes(parse("/run/podman-init", "a"), 1);
	assert_int_equal(options.as, AS_NIDUS);
	assert_string_equal(options.name, "podman-init");
	goes(parse("tini/", "a"), 1);
	assert_int_equal(options.as, AS_NIDUS);
	assert_string_equal(options.name, "nidus-init");
}

static void nothing_at_all_is_a_usage_error(void **state)
{
	char *none[] = { NULL };

	(void)state;
	answers(parse_in(none, none), 125, "", "nidus-init: no program to run; see --help\n");
}

static void each_starts_from_its_own_defaults(void **state)
{
	(void)state;
	goes(parse("nidus-init", "a"), 1);
	assert_true(options.foreground && !options.group && !options.session &&
		    !options.end_group && !options.subreaper);
	assert_int_equal(options.verbosity, 1);
	assert_int_equal(options.ready_fd, -1);
	goes(parse("tini", "a"), 1);
	assert_true(options.foreground && !options.group && !options.session);
	assert_int_equal(options.verbosity, 1);
	goes(parse("catatonit", "a"), 1);
	assert_true(options.foreground && !options.group && !options.session);
	assert_int_equal(options.verbosity, 0);
	goes(parse("dumb-init", "a"), 1);
	assert_true(options.session && options.group && options.end_group && !options.foreground);
	assert_int_equal(options.verbosity, 0);
	for (int i = 1; i < WRAPPER_SIGNALS; i++)
		assert_int_equal(options.rewrite[i],
				 i == SIGTSTP || i == SIGTTIN || i == SIGTTOU ? SIGSTOP : i);
}

/* ---- reading ---- */

static void options_end_at_the_first_argument_that_is_none(void **state)
{
	(void)state;
	goes(parse("tini", "-v", "a", "-g", "-h"), 2);
	assert_false(options.group);
	goes(parse("tini", "-v", "--", "-a"), 3);
	goes(parse("dumb-init", "-c", "a", "-V"), 2);
	goes(parse("catatonit", "-g", "a", "-V"), 2);
	goes(parse("nidus-init", "-", "-h"), 1);
}

static void letters_go_together_and_take_values_both_ways(void **state)
{
	(void)state;
	goes(parse("tini", "-vvsgwe7", "-e", "255", "-pSIGKILL", "a"), 5);
	assert_true(options.subreaper && options.group && options.warn_reap);
	assert_int_equal(options.verbosity, 3);
	assert_int_equal(options.remap[0], 1u << 7);
	assert_int_equal(options.remap[7], 1u << 31);
	assert_int_equal(options.parent_death_signal, SIGKILL);
	goes(parse("dumb-init", "-cr1:2", "-r", "3:0", "a"), 4);
	assert_false(options.session);
	assert_int_equal(options.rewrite[1], 2);
	assert_int_equal(options.rewrite[3], 0);
}

static void names_take_values_both_ways(void **state)
{
	(void)state;
	goes(parse("nidus-init", "--grace=500ms", "--timeout", "2s", "a"), 4);
	assert_true(options.has_grace);
	assert_int_equal(options.grace_us, 500000);
	assert_int_equal(options.timeout_us, 2000000);
	answers(parse("nidus-init", "--group=1", "a"), 125, "",
		"nidus-init: option '--group' doesn't allow an argument\n");
	answers(parse("nidus-init", "--grace"), 125, "",
		"nidus-init: option '--grace' requires an argument\n");
	answers(parse("nidus-init", "--gra", "1", "a"), 125, "",
		"nidus-init: unrecognized option '--gra'\n");
}

/* ---- nidus-init's own ---- */

static void every_option_of_its_own_is_taken(void **state)
{
	(void)state;
	goes(parse("nidus-init", "--subreaper", "--parent-death-signal", "TERM", "--verbose",
		   "--warn-reap", "--group", "--remap", "3", "--wait-all", "--kill-all", "--grace",
		   "1", "--pre-stop-delay", "2", "--rewrite", "TERM:QUIT", "--restart", "always",
		   "--restart-limit", "4", "--timeout", "5", "--cpu-time", "6", "--memory", "7K",
		   "--memory-signal", "USR1", "--report", "r", "--ready-fd", "8", "--ready-notify",
		   "--die-as-child", "--drop-caps", "--no-new-privs", "--seccomp", "s", "--user",
		   "u:g", "--chdir", "/c", "a"),
	     43);
	assert_true(options.subreaper && options.warn_reap && options.group && options.wait_all &&
		    options.kill_all && options.has_grace && options.ready_notify &&
		    options.die_as_child && options.drop_caps && options.no_new_privs);
	assert_int_equal(options.parent_death_signal, SIGTERM);
	assert_int_equal(options.verbosity, 2);
	assert_int_equal(options.remap[0], 8);
	assert_int_equal(options.grace_us, 1000000);
	assert_int_equal(options.pre_stop_us, 2000000);
	assert_int_equal(options.rewrite[SIGTERM], SIGQUIT);
	assert_int_equal(options.restart, RESTART_ALWAYS);
	assert_int_equal(options.restart_limit, 4);
	assert_int_equal(options.timeout_us, 5000000);
	assert_int_equal(options.cpu_us, 6000000);
	assert_int_equal(options.memory_bytes, 7168);
	assert_int_equal(options.memory_signal, SIGUSR1);
	assert_string_equal(options.report, "r");
	assert_int_equal(options.ready_fd, 8);
	assert_string_equal(options.seccomp, "s");
	assert_string_equal(options.user, "u:g");
	assert_string_equal(options.chdir, "/c");
}

static void rewriting_takes_all_signals_in_every_spelling(void **state)
{
	(void)state;
	goes(parse("nidus-init", "--rewrite", "15:3", "--rewrite=RTMIN+1:SIGUSR1", "--rewrite",
		   "64:0", "--rewrite", "hup:RTMAX", "a"),
	     8);
	assert_int_equal(options.rewrite[15], 3);
	assert_int_equal(options.rewrite[35], SIGUSR1);
	assert_int_equal(options.rewrite[64], 0);
	assert_int_equal(options.rewrite[1], 64);
	assert_int_equal(options.rewrite[2], 2);
}

static void malformed_values_are_told_with_what_is_allowed(void **state)
{
	static const char *const cases[][3] = {
		{ "--timeout", "5x",
		  "a duration is a number of seconds, or one with ms, s, m or h, as in 2, 500ms, "
		  "1h30m" },
		{ "--memory", "1Z",
		  "a size is a number of bytes, or one with K, M, G or T, as in 4096, 64K, 1.5G" },
		{ "-p", "SIGNO",
		  "must be a signal name or a number from 1 to 64, such as TERM, 15, RTMIN+3" },
		{ "-e", "256", "must be 0 to 255" },
		{ "--remap", "-1", "must be 0 to 255" },
		{ "--ready-fd", "x", "must be a number from 0 to 2147483647" },
		{ "--ready-fd", "-1", "must be a number from 0 to 2147483647" },
		{ "--restart-limit", "99999999999", "must be a number from 0 to 2147483647" },
		{ "--report", "-1", "must not begin with -; a path can be ./-" },
		{ "--timeout", "0", "must be more than 0" },
		{ "--timeout", "0.0ms", "must be more than 0" },
		{ "--cpu-time", "0s", "must be more than 0" },
		{ "--memory", "0K", "must be more than 0" },
		{ "--restart", "never", "must be on-failure or always" },
		{ "--rewrite", "TERM",
		  "must be two signals, such as TERM:QUIT or 15:3; a second of 0 drops the first" },
		{ "--rewrite", ":3",
		  "must be two signals, such as TERM:QUIT or 15:3; a second of 0 drops the first" },
		{ "--rewrite", "1:",
		  "must be two signals, such as TERM:QUIT or 15:3; a second of 0 drops the first" },
		{ "--rewrite", "KILL:TERM", "KILL, STOP and CHLD are never passed on" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char line[200];
		int status = parse("nidus-init", (char *)cases[i][0], (char *)cases[i][1], "a");

		snprintf(line, sizeof(line), "nidus-init: %s %s: %s\n", cases[i][0], cases[i][1],
			 cases[i][2]);
		answers(status, 125, "", line);
	}
	answers(parse("nidus-init", "--user", "", "a"), 125, "",
		"nidus-init: --user '': must not be empty\n");
}

static void only_a_limit_is_more_than_nothing(void **state)
{
	(void)state;
	goes(parse("nidus-init", "--kill-all", "--grace", "0", "--pre-stop-delay", "0",
		   "--restart", "always", "--restart-limit", "0", "--ready-fd", "0", "a"),
	     12);
	assert_true(options.has_grace);
	assert_int_equal(options.grace_us, 0);
}

static void options_that_need_another_say_so(void **state)
{
	(void)state;
	answers(parse("nidus-init", "--memory-signal", "TERM", "a"), 125, "",
		"nidus-init: --memory-signal needs --memory\n");
	answers(parse("nidus-init", "--restart-limit", "3", "a"), 125, "",
		"nidus-init: --restart-limit needs --restart\n");
	answers(parse("nidus-init", "--ready-notify", "a"), 125, "",
		"nidus-init: --ready-notify needs --ready-fd or NOTIFY_SOCKET\n");
	goes(parse("nidus-init", "--ready-notify", "--ready-fd", "3", "a"), 4);
	goes(parse_with("NOTIFY_SOCKET=/n", "nidus-init", "--ready-notify", "a"), 2);
}

static void kill_all_has_a_grace_of_two_seconds(void **state)
{
	(void)state;
	goes(parse("nidus-init", "--kill-all", "a"), 2);
	assert_true(options.has_grace);
	assert_int_equal(options.grace_us, 2000000);
	goes(parse("nidus-init", "--grace", "0", "--kill-all", "a"), 4);
	assert_int_equal(options.grace_us, 0);
	goes(parse("nidus-init", "a"), 1);
	assert_false(options.has_grace);
}

static void the_first_error_is_the_one_that_is_told(void **state)
{
	(void)state;
	answers(parse("nidus-init", "--grace", "x", "--bogus"), 125, "",
		"nidus-init: --grace x: a duration is a number of seconds, or one with "
		"ms, s, m or h, as in 2, 500ms, 1h30m\n");
}

static void help_version_and_licence_go_to_stdout(void **state)
{
	(void)state;
	answers(parse("nidus-init", "--version"), 0, "nidus-init 0.0.0\n", "");
	assert_int_equal(parse("nidus-init", "--help"), 0);
	assert_true(begins(out, "Usage: nidus-init [OPTIONS] [--] PROGRAM"));
	assert_string_equal(err, "");
	assert_int_equal(parse("nidus-init", "--license"), 0);
	assert_non_null(strstr(out, "Apache"));
	assert_int_equal(parse("tini", "-l"), 0);
	assert_non_null(strstr(out, "Apache"));
}

static void the_help_names_every_option(void **state)
{
	(void)state;
	parse("nidus-init", "-h");
	for (const struct option *o = options_table; o->kind; o++) {
		char with_dashes[32];

		if (!o->name || !(o->who & 1 << AS_NIDUS) || o->kind == OPTION_LICENCE)
			continue;
		snprintf(with_dashes, sizeof(with_dashes), "--%s", o->name);
		if (!strstr(out, with_dashes))
			fail_msg("%s is not in the help", with_dashes);
	}
}

/* ---- tini ---- */

static void tini_answers_in_its_own_words(void **state)
{
	(void)state;
	answers(parse("docker-init", "--version"), 0, "tini version 0.0.0 - git.0000000\n", "");
	answers(parse("tini", "-e", "300", "a"), 1, "",
		"[FATAL tini (PID)] Not a valid option for -e: 300\n");
	answers(parse("tini", "-pKILLL", "a"), 1, "",
		"[FATAL tini (PID)] Not a valid option for -p: KILLL\n");
	answers(parse("tini", "--grace", "x", "a"), 1, "",
		"[FATAL tini (PID)] --grace x: a duration is a number of seconds, or one with "
		"ms, s, m or h, as in 2, 500ms, 1h30m\n");
}

static void tini_prints_its_usage(void **state)
{
	static const char head[] =
		"tini (tini version 0.0.0 - git.0000000)\n"
		"Usage: tini [OPTIONS] PROGRAM -- [ARGS] | --version\n"
		"\n"
		"Execute a program under the supervision of a valid init process (tini)\n"
		"\n"
		"Command line options:\n"
		"\n"
		"  --version: Show version and exit.\n";

	(void)state;
	assert_int_equal(parse("/sbin/tini", "-h"), 0);
	assert_true(begins(out, head));
	assert_int_equal(parse("/sbin/tini"), 1);
	assert_true(begins(err, head));
	assert_string_equal(out, "");
	assert_int_equal(parse("/sbin/tini", "-x", "a"), 1);
	assert_true(begins(err, "/sbin/tini: invalid option -- 'x'\ntini (tini version"));
	assert_int_equal(parse("tini", "-e"), 1);
	assert_true(begins(err, "tini: option requires an argument -- 'e'\ntini (tini version"));
}

static void tinis_environment_counts_for_both(void **state)
{
	static char *const names[] = { "tini", "nidus-init" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		goes(parse_with("TINI_SUBREAPER=", names[i], "a"), 1);
		assert_true(options.subreaper);
		goes(parse_with("TINI_KILL_PROCESS_GROUP=0", names[i], "a"), 1);
		assert_true(options.group);
		goes(parse_with("TINI_VERBOSITY=3", names[i], "-v", "a"), 2);
		assert_int_equal(options.verbosity, 3);
		goes(parse_with("TINI_VERBOSITY=x", names[i], "a"), 1);
		assert_int_equal(options.verbosity, 0);
		goes(parse_with("TINI_VERBOSITY=", names[i], "a"), 1);
		assert_int_equal(options.verbosity, 0);
		goes(parse_with("TINI_VERBOSITYX=3", names[i], "a"), 1);
		assert_int_equal(options.verbosity, 1);
	}
	goes(parse_with("TINI_SUBREAPER=", "dumb-init", "a"), 1);
	assert_false(options.subreaper);
}

static void tinis_verbosity_is_read_as_atoi_does(void **state)
{
	static const struct {
		char *text;
		unsigned verbosity;
	} cases[] = {
		{ "TINI_VERBOSITY=1x", 1 },  { "TINI_VERBOSITY= 3", 3 },
		{ "TINI_VERBOSITY=\t+2", 2 }, { "TINI_VERBOSITY=-1", 0 },
		{ "TINI_VERBOSITY=007", 7 }, { "TINI_VERBOSITY=100", 9 },
		{ "TINI_VERBOSITY=+ 3", 0 }, { "TINI_VERBOSITY=0x3", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		goes(parse_with(cases[i].text, "tini", "a"), 1);
		if (options.verbosity != cases[i].verbosity)
			fail_msg("%s: %u", cases[i].text, options.verbosity);
	}
}

/* ---- dumb-init ---- */

static void dumb_init_answers_on_stderr(void **state)
{
	(void)state;
	answers(parse("dumb-init", "-V"), 0, "", "dumb-init v1.2.5\n");
	assert_int_equal(parse("/x/dumb-init", "--help"), 0);
	assert_true(begins(err, "dumb-init v1.2.5\n"
				"Usage: /x/dumb-init [option] command [[arg] ...]\n\n"));
	assert_string_equal(out, "");
	answers(parse("/x/dumb-init", "-v"), 1, "",
		"Usage: /x/dumb-init [option] program [args]\n"
		"Try /x/dumb-init --help for full usage.\n");
	answers(parse("dumb-init", "--bogus=1", "a"), 1, "",
		"dumb-init: unrecognized option '--bogus=1'\n");
	answers(parse("dumb-init", "--rew"), 1, "",
		"dumb-init: option '--rewrite' requires an argument\n");
	answers(parse("dumb-init", "--ver", "a"), 1, "",
		"dumb-init: option '--ver' is ambiguous; possibilities: '--verbose' '--version'\n");
}

static void dumb_init_reads_rewrites_as_scanf_did(void **state)
{
	static char *const good[] = { "1:2", " 1:2", "+1:+2", "01: 2", "1:2x", "1:2:3" };
	static char *const bad[] = { "",     "1",    "1:",  ":2",   "0:1",   "32:1",
				     "1:32", "-1:2", "1 :2", "a:b", "TERM:QUIT", "1:-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		goes(parse("dumb-init", "-r", good[i], "a"), 3);
		assert_int_equal(options.rewrite[1], 2);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		answers(parse("dumb-init", "--rewrite", bad[i], "a"), 1, "",
			"Usage: -r option takes <signum>:<signum>, where <signum> is between 1 "
			"and 31.\n"
			"This option can be specified multiple times.\n"
			"Use --help for full usage.\n");
}

static void dumb_init_stops_a_session_unless_told_otherwise(void **state)
{
	(void)state;
	goes(parse("dumb-init", "-r", "20:15", "-r", "21:21", "a"), 5);
	assert_int_equal(options.rewrite[SIGTSTP], SIGTERM);
	assert_int_equal(options.rewrite[SIGTTIN], SIGTTIN);
	assert_int_equal(options.rewrite[SIGTTOU], SIGSTOP);
	goes(parse("dumb-init", "-c", "a"), 2);
	assert_true(!options.session && !options.group && !options.end_group);
	assert_int_equal(options.rewrite[SIGTSTP], SIGTSTP);
	goes(parse_with("DUMB_INIT_SETSID=0", "dumb-init", "a"), 1);
	assert_false(options.session);
	goes(parse_with("DUMB_INIT_SETSID=1", "dumb-init", "a"), 1);
	assert_true(options.session);
}

static void dumb_init_debugs_by_its_environment(void **state)
{
	(void)state;
	goes(parse_with("DUMB_INIT_DEBUG=1", "dumb-init", "a"), 1);
	assert_int_equal(options.verbosity, 3);
	assert_string_equal(err, "[dumb-init] Running in debug mode.\n");
	goes(parse_with("DUMB_INIT_DEBUG=0", "dumb-init", "a"), 1);
	assert_int_equal(options.verbosity, 0);
	goes(parse_with("DUMB_INIT_SETSID=0", "dumb-init", "-v", "a"), 2);
	assert_string_equal(err, "[dumb-init] Not running in setsid mode.\n");
}

/* ---- catatonit ---- */

static void catatonit_answers_in_its_own_words(void **state)
{
	static const char usage[] = "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n";
	char line[300];

	(void)state;
	answers(parse("catatonit", "-V"), 0, "tini version 0.0.0_catatonit\n", "");
	answers(parse("catatonit", "--ver"), 0, "tini version 0.0.0_catatonit\n", "");
	assert_int_equal(parse("catatonit", "-h"), 0);
	assert_true(begins(err, usage));
	snprintf(line, sizeof(line), "ERROR (catatonit:PID): missing program name\n%s", usage);
	answers(parse("catatonit", "-g"), 1, "", line);
	snprintf(line, sizeof(line), "/x/catatonit: invalid option -- 'x'\n%s", usage);
	answers(parse("/x/catatonit", "-gx"), 1, "", line);
	answers(parse_with("CATATONIT_LOG=1", "catatonit", "a"), 1, "",
		"ERROR (catatonit:PID): CATATONIT_LOG is reserved for future use\n");
	goes(parse_with("CATATONIT_DEBUG=", "catatonit", "-g", "a"), 2);
	assert_int_equal(options.verbosity, 3);
	assert_true(options.group);
}

static void catatonit_pauses_without_a_program(void **state)
{
	(void)state;
	goes(parse("/catatonit", "-P"), 0);
	goes(parse("catatonit", "-P", "ignored"), 0);
}

static bool read_value(enum value_kind kind, const char *text, uint64_t *value)
{
	static const char *const names[] = {
		[A_DURATION] = "--timeout", [A_SIZE] = "--memory", [A_COUNT] = "--restart-limit",
	};
	int status = parse("nidus-init", "--restart", "always", (char *)names[kind], (char *)text, "true");

	if (status != WRAPPER_GO && !strstr(err, names[kind]))
		fail_msg("'%s' is refused without its option: %s", text, err);
	*value = kind == A_DURATION ? options.timeout_us :
		 kind == A_SIZE     ? options.memory_bytes :
				      options.restart_limit;
	return status == WRAPPER_GO;
}

static void values_are_read_as_everywhere(void **state)
{
	(void)state;
	try_values(read_value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_as_everywhere),
		cmocka_unit_test(the_name_says_whose_command_line_it_is),
		cmocka_unit_test(nothing_at_all_is_a_usage_error),
		cmocka_unit_test(each_starts_from_its_own_defaults),
		cmocka_unit_test(options_end_at_the_first_argument_that_is_none),
		cmocka_unit_test(letters_go_together_and_take_values_both_ways),
		cmocka_unit_test(names_take_values_both_ways),
		cmocka_unit_test(every_option_of_its_own_is_taken),
		cmocka_unit_test(rewriting_takes_all_signals_in_every_spelling),
		cmocka_unit_test(malformed_values_are_told_with_what_is_allowed),
		cmocka_unit_test(only_a_limit_is_more_than_nothing),
		cmocka_unit_test(options_that_need_another_say_so),
		cmocka_unit_test(kill_all_has_a_grace_of_two_seconds),
		cmocka_unit_test(the_first_error_is_the_one_that_is_told),
		cmocka_unit_test(help_version_and_licence_go_to_stdout),
		cmocka_unit_test(the_help_names_every_option),
		cmocka_unit_test(tini_answers_in_its_own_words),
		cmocka_unit_test(tini_prints_its_usage),
		cmocka_unit_test(tinis_environment_counts_for_both),
		cmocka_unit_test(tinis_verbosity_is_read_as_atoi_does),
		cmocka_unit_test(dumb_init_answers_on_stderr),
		cmocka_unit_test(dumb_init_reads_rewrites_as_scanf_did),
		cmocka_unit_test(dumb_init_stops_a_session_unless_told_otherwise),
		cmocka_unit_test(dumb_init_debugs_by_its_environment),
		cmocka_unit_test(catatonit_answers_in_its_own_words),
		cmocka_unit_test(catatonit_pauses_without_a_program),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
