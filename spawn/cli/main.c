/* SPDX-License-Identifier: Apache-2.0 */
/* nidus: the table of its verbs. Each is one file beside this one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

struct verb {
	const char *name;
	const char *help;
	int (*run)(int argc, char **argv); /* NULL: not available yet */
};

static const struct verb verbs[] = {
	{ "run", "run a program in a sandbox", cli_run },
	{ "list", "list the sandboxes of this user", cli_list },
	{ "wait", "wait for a sandbox to end", cli_wait },
	{ "stop", "end a sandbox: TERM, grace, KILL", cli_stop },
	{ "kill", "send a signal to a sandbox", cli_kill },
	{ "exec", "run a further program in a sandbox (not available yet)", NULL },
	{ "events", "follow the events of sandboxes (not available yet)", NULL },
	{ "stats", "show what a sandbox uses (not available yet)", NULL },
	{ "gc", "remove what dead spawners left", cli_gc },
	{ "check", "tell what works on this machine and why not", cli_check },
	{ "serve", "start sandboxes for others (not available yet)", NULL },
	{ "init-binary", "write the nidus-init that nidus carries to stdout", cli_init_binary },
	{ "seccomp", "compile a seccomp filter for nidus-init", cli_seccomp },
	{ "version", "print the version", cli_version },
};

#define VERB_COUNT (sizeof(verbs) / sizeof(*verbs))

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

static int print_help(FILE *out)
{
	fputs(cli_help, out);
	for (size_t i = 0; i < VERB_COUNT; i++)
		fprintf(out, "  %-12s %s\n", verbs[i].name, verbs[i].help);
	fputs("\nnidus VERB --help tells more. Manual pages: nidus(1), nidus-run(1).\n", out);
	return fflush(out) == 0 ? 0 : 1;
}

static int run_verb(int argc, char **argv)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(argv[0], verbs[i].name) != 0)
			continue;
		if (verbs[i].run)
			return verbs[i].run(argc, argv);
		cli_say(CLI_LOG_ERROR, "%s: not available yet", argv[0]);
		return CLI_EXIT_USAGE;
	}
	cli_say(CLI_LOG_ERROR, "%s: no such verb; see nidus --help", argv[0]);
	return CLI_EXIT_USAGE;
}

/* `nidus help VERB` is `nidus VERB --help`. */
static int help(int argc, char **argv)
{
	char help_option[] = "--help";
	char *verb_argv[] = { NULL, help_option, NULL };

	if (argc < 2 || strcmp(argv[1], "version") == 0)
		return print_help(stdout);
	verb_argv[0] = argv[1];
	return run_verb(2, verb_argv);
}

/* --log-level and --log-format before the verb. Arguments taken, or -1. */
static int take_log_option(int argc, char **argv, struct fault *fault)
{
	char what[FAULT_WHAT_MAX], name[16];
	size_t len = strcspn(argv[0], "=");

	snprintf(name, sizeof(name), "%.*s", len < sizeof(name) ? (int)len : 0, argv[0]);
	if (strcmp(name, "--log-level") != 0 && strcmp(name, "--log-format") != 0) {
		snprintf(what, sizeof(what), "%.80s: unknown option; see nidus --help", argv[0]);
		return fault_set(fault, STEP_OPTIONS, EINVAL, what);
	}
	if (argv[0][len] == '=')
		return cli_parse_log(name, argv[0] + len + 1, fault) < 0 ? -1 : 1;
	if (argc < 2) {
		snprintf(what, sizeof(what), "%s: a value is missing", name);
		return fault_set(fault, STEP_OPTIONS, EINVAL, what);
	}
	return cli_parse_log(name, argv[1], fault) < 0 ? -1 : 2;
}

int main(int argc, char **argv)
{
	char version[] = "version";
	char *version_argv[] = { version, NULL };
	struct fault fault;
	int i = 1;

	if (open_stdio() < 0)
		return CLI_EXIT_INTERNAL;
	while (i < argc && argv[i][0] == '-') {
		int taken;

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return print_help(stdout);
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
		print_help(stderr);
		return CLI_EXIT_USAGE;
	}
	if (strcmp(argv[i], "help") == 0)
		return help(argc - i, argv + i);
	return run_verb(argc - i, argv + i);
}
