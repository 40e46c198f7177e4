/* SPDX-License-Identifier: Apache-2.0 */
/* The table of verbs: each is one file beside this one. */
#ifndef NIDUS_CLI_VERBS_H
#define NIDUS_CLI_VERBS_H

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>

/* What stands behind the options of a verb. */
enum cli_takes { CLI_TAKES_NOTHING, CLI_TAKES_COMMAND, CLI_TAKES_SANDBOXES, CLI_TAKES_FILE,
		 CLI_TAKES_VERB };

struct cli_verb {
	const char *name;
	const char *summary;
	const char *help;
	int (*run)(int argc, char **argv); /* NULL: not available yet */
	const struct option *options;      /* beside --help; NULL: none, or run_options */
	enum cli_takes takes;
};

extern const struct cli_verb cli_verbs[];
extern const size_t cli_verb_count;

/* What getopt_long reads, beside each verb. */
extern const struct option cli_options_list[], cli_options_wait[], cli_options_stop[],
	cli_options_kill[], cli_options_gc[], cli_options_check[];

/* NULL, and says so: no such verb, or not one that is there. */
const struct cli_verb *cli_find_verb(const char *name);

/* nidus --help. */
void cli_print_help(FILE *out);

#endif
