/* SPDX-License-Identifier: Apache-2.0 */
/* The table of verbs, and the help that is made from it. */
#include "verbs.h"

#include <string.h>

#include "cli.h"
#include "elsewhere.h"

static const char cli_help_help[] =
	"usage: nidus help [VERB]\n"
	"\n"
	"Prints what nidus VERB --help prints; without VERB, what nidus --help does.\n"
	"\n"
	"  --help   this text\n";

const struct cli_verb cli_verbs[] = {
	{ "run", "run a program in a sandbox", cli_help_run, cli_run, NULL, CLI_TAKES_COMMAND },
	{ "list", "list the sandboxes of this user", cli_help_list, cli_list, cli_options_list,
	  CLI_TAKES_NOTHING },
	{ "wait", "wait for a sandbox to end", cli_help_wait, cli_wait, cli_options_wait,
	  CLI_TAKES_SANDBOXES },
	{ "stop", "end a sandbox: TERM, grace, KILL", cli_help_stop, cli_stop, cli_options_stop,
	  CLI_TAKES_SANDBOXES },
	{ "kill", "send a signal to a sandbox", cli_help_kill, cli_kill, cli_options_kill,
	  CLI_TAKES_SANDBOXES },
	{ "exec", "run another program in a sandbox (not available yet)", NULL, NULL, NULL,
	  CLI_TAKES_NOTHING },
	{ "events", "follow the events of sandboxes (not available yet)", NULL, NULL, NULL,
	  CLI_TAKES_NOTHING },
	{ "stats", "show what a sandbox uses (not available yet)", NULL, NULL, NULL,
	  CLI_TAKES_NOTHING },
	{ "gc", "remove what dead spawners left", cli_help_gc, cli_gc, cli_options_gc,
	  CLI_TAKES_NOTHING },
	{ "check", "show what works on this machine, and why not", cli_help_check, cli_check,
	  cli_options_check, CLI_TAKES_NOTHING },
	{ "serve", "start sandboxes for others (not available yet)", NULL, NULL, NULL,
	  CLI_TAKES_NOTHING },
	{ "init-binary", "write the nidus-init that nidus carries to stdout",
	  cli_help_init_binary, cli_init_binary, NULL, CLI_TAKES_NOTHING },
	{ "seccomp", "compile a seccomp filter for nidus-init", cli_help_seccomp, cli_seccomp,
	  NULL, CLI_TAKES_FILE },
	{ "version", "print the version", cli_help_version, cli_version, NULL,
	  CLI_TAKES_NOTHING },
	{ "help", "print help about a verb", cli_help_help, cli_help_verb, NULL, CLI_TAKES_VERB },
};

const size_t cli_verb_count = sizeof(cli_verbs) / sizeof(*cli_verbs);

void cli_print_help(FILE *out)
{
	fputs(cli_help, out);
	for (size_t i = 0; i < cli_verb_count; i++)
		fprintf(out, "  %-12s %s\n", cli_verbs[i].name, cli_verbs[i].summary);
	fputs("\nOptions:\n"
	      "  --log-level error|warn|info|debug|trace, --log-format text|json\n"
	      "               for messages on stderr\n"
	      "  -h, --help   this text; after a verb, the text of that verb\n"
	      "  --version    the version\n"
	      "\nSee nidus VERB --help for more. Manual pages: nidus(1), nidus-run(1).\n", out);
}

const struct cli_verb *cli_find_verb(const char *name)
{
	for (size_t i = 0; i < cli_verb_count; i++) {
		if (strcmp(name, cli_verbs[i].name) != 0)
			continue;
		if (cli_verbs[i].run)
			return &cli_verbs[i];
		cli_say(CLI_LOG_ERROR, "%s: not available yet", name);
		return NULL;
	}
	if (elsewhere_verb(name))
		cli_say(CLI_LOG_ERROR, "%s: no such verb: %s", name, elsewhere_verb(name));
	else
		cli_say(CLI_LOG_ERROR, "%s: no such verb; see nidus --help", name);
	return NULL;
}

int cli_help_verb(int argc, char **argv)
{
	const struct cli_verb *verb;

	if (argc > 2) {
		cli_say(CLI_LOG_ERROR, "%s: takes one verb", argv[0]);
		return CLI_EXIT_USAGE;
	}
	if (argc < 2) {
		cli_print_help(stdout);
	} else {
		verb = cli_find_verb(argv[1]);
		if (!verb)
			return CLI_EXIT_USAGE;
		fputs(verb->help, stdout);
	}
	return cli_finish(argv[0], 0);
}
