/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the options before the verb, and calls the verb. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../init/clock.h"
#include "cli.h"
#include "elsewhere.h"
#include "program.h"
#include "run_options.h"
#include "signals.h"
#include "verbs.h"

/* A file opened as descriptor 0, 1 or 2 would be taken for the workload's. */
static int open_stdio(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return -1;
	} while (fd <= STDERR_FILENO);
	close(fd);
	return 0;
}

static bool asks_help(int argc, char *const *argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static int run_verb(int argc, char **argv)
{
	const struct cli_verb *verb = cli_find_verb(argv[0]);

	if (!verb)
		return CLI_EXIT_USAGE;
	/* only the parser of `run` knows where its options end and the command's begin */
	if (verb->run == cli_run || !asks_help(argc, argv))
		return verb->run(argc, argv);
	fputs(verb->help, stdout);
	return cli_finish(verb->name, 0);
}

/* An option of `run`, of its own or of another tool, before the verb. */
static const char *why_unknown(const char *name, size_t len)
{
	if (elsewhere_verb(name))
		return elsewhere_verb(name);
	for (size_t i = 0; i < run_option_count; i++)
		if (strlen(run_options[i].name) == len &&
		    memcmp(run_options[i].name, name, len) == 0)
			return "comes after the verb: nidus run OPTIONS -- COMMAND";
	if (elsewhere_option(name, len))
		return elsewhere_option(name, len);
	return "unknown option; see nidus --help";
}

/* Takes --log-level or --log-format before the verb. Returns how many arguments, or -1. */
static int take_log_option(int argc, char **argv, struct fault *fault)
{
	char what[FAULT_WHAT_MAX], name[16];
	size_t len = strcspn(argv[0], "=");

	snprintf(name, sizeof(name), "%.*s", len < sizeof(name) ? (int)len : 0, argv[0]);
	if (strcmp(name, "--log-level") != 0 && strcmp(name, "--log-format") != 0) {
		snprintf(what, sizeof(what), "%.*s", len < 80 ? (int)len : 80, argv[0]);
		return cli_refuse(fault, what, NULL, why_unknown(argv[0], len));
	}
	if (argv[0][len] == '=')
		return cli_parse_log(name, argv[0] + len + 1, fault) < 0 ? -1 : 1;
	if (argc < 2)
		return cli_refuse(fault, name, NULL, "a value is missing");
	return cli_parse_log(name, argv[1], fault) < 0 ? -1 : 2;
}

int cli_main(int argc, char **argv)
{
	char version[] = "version", help_name[] = "help";
	char *version_argv[] = { version, NULL }, *help_argv[] = { help_name, NULL };
	struct fault fault;
	int i = 1;

	cli_log.started_us = clock_now_us();
	signals_survive_output();
	if (open_stdio() < 0) {
		fault_set(&fault, STEP_OPTIONS, errno, "/dev/null");
		cli_fault(&fault);
		return CLI_EXIT_INTERNAL;
	}
	while (i < argc && argv[i][0] == '-') {
		int taken;

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return cli_help_verb(1, help_argv);
		if (strcmp(argv[i], "--version") == 0)
			return cli_version(1, version_argv);
		taken = take_log_option(argc - i, argv + i, &fault);
		if (taken < 0) {
			cli_fault(&fault);
			return CLI_EXIT_USAGE;
		}
		i += taken;
	}
	if (i >= argc) {
		cli_print_help(stderr);
		return CLI_EXIT_USAGE;
	}
	return run_verb(argc - i, argv + i);
}
