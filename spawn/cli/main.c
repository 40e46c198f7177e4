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
	const char *summary;
	const char *help;
	int (*run)(int argc, char **argv); /* NULL: not available yet */
};

static int help(int argc, char **argv);

static const char help_help[] =
	"usage: nidus help [VERB]\n"
	"\n"
	"Prints what nidus VERB --help prints; without VERB, what nidus --help does.\n"
	"\n"
	"  --help   this text\n";

static const struct verb verbs[] = {
	{ "run", "run a program in a sandbox", cli_help_run, cli_run },
	{ "list", "list the sandboxes of this user", cli_help_list, cli_list },
	{ "wait", "wait for a sandbox to end", cli_help_wait, cli_wait },
	{ "stop", "end a sandbox: TERM, grace, KILL", cli_help_stop, cli_stop },
	{ "kill", "send a signal to a sandbox", cli_help_kill, cli_kill },
	{ "exec", "run a further program in a sandbox (not available yet)", NULL, NULL },
	{ "events", "follow the events of sandboxes (not available yet)", NULL, NULL },
	{ "stats", "show what a sandbox uses (not available yet)", NULL, NULL },
	{ "gc", "remove what dead spawners left", cli_help_gc, cli_gc },
	{ "check", "tell what works on this machine and why not", cli_help_check, cli_check },
	{ "serve", "start sandboxes for others (not available yet)", NULL, NULL },
	{ "init-binary", "write the nidus-init that nidus carries to stdout",
	  cli_help_init_binary, cli_init_binary },
	{ "seccomp", "compile a seccomp filter for nidus-init", cli_help_seccomp, cli_seccomp },
	{ "version", "print the version", cli_help_version, cli_version },
	{ "help", "print help about a verb", help_help, help },
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

static void print_help(FILE *out)
{
	fputs(cli_help, out);
	for (size_t i = 0; i < VERB_COUNT; i++)
		fprintf(out, "  %-12s %s\n", verbs[i].name, verbs[i].summary);
	fputs("\nOptions:\n"
	      "  --log-level error|warn|info|debug, --log-format text|json\n"
	      "               of what is said on stderr\n"
	      "  -h, --help   this text; behind a verb, the verb's\n"
	      "  --version    the version\n"
	      "\nnidus VERB --help tells more. Manual pages: nidus(1), nidus-run(1).\n", out);
}

/* NULL, and says so: no such verb, or not one that is there. */
static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(name, verbs[i].name) != 0)
			continue;
		if (verbs[i].run)
			return &verbs[i];
		cli_say(CLI_LOG_ERROR, "%s: not available yet", name);
		return NULL;
	}
	cli_say(CLI_LOG_ERROR, "%s: no such verb; see nidus --help", name);
	return NULL;
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
	const struct verb *verb = find_verb(argv[0]);

	if (!verb)
		return CLI_EXIT_USAGE;
	/* where the options of `run` end and the command's begin, its own parser knows */
	if (verb->run == cli_run || !asks_help(argc, argv))
		return verb->run(argc, argv);
	fputs(verb->help, stdout);
	return cli_finish(verb->name, 0);
}

static int help(int argc, char **argv)
{
	const struct verb *verb;

	if (argc > 2) {
		cli_say(CLI_LOG_ERROR, "%s: takes one verb", argv[0]);
		return CLI_EXIT_USAGE;
	}
	if (argc < 2) {
		print_help(stdout);
	} else {
		verb = find_verb(argv[1]);
		if (!verb)
			return CLI_EXIT_USAGE;
		fputs(verb->help, stdout);
	}
	return cli_finish(argv[0], 0);
}

/* --log-level and --log-format before the verb. Arguments taken, or -1. */
static int take_log_option(int argc, char **argv, struct fault *fault)
{
	char what[FAULT_WHAT_MAX], name[16];
	size_t len = strcspn(argv[0], "=");

	snprintf(name, sizeof(name), "%.*s", len < sizeof(name) ? (int)len : 0, argv[0]);
	if (strcmp(name, "--log-level") != 0 && strcmp(name, "--log-format") != 0) {
		snprintf(what, sizeof(what), "%.80s", argv[0]);
		return cli_refuse(fault, what, NULL, "unknown option; see nidus --help");
	}
	if (argv[0][len] == '=')
		return cli_parse_log(name, argv[0] + len + 1, fault) < 0 ? -1 : 1;
	if (argc < 2)
		return cli_refuse(fault, name, NULL, "a value is missing");
	return cli_parse_log(name, argv[1], fault) < 0 ? -1 : 2;
}

int main(int argc, char **argv)
{
	char version[] = "version", help_name[] = "help";
	char *version_argv[] = { version, NULL }, *help_argv[] = { help_name, NULL };
	struct fault fault;
	int i = 1;

	if (open_stdio() < 0)
		return CLI_EXIT_INTERNAL;
	while (i < argc && argv[i][0] == '-') {
		int taken;

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return help(1, help_argv);
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
	return run_verb(argc - i, argv + i);
}
