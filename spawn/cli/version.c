/* SPDX-License-Identifier: Apache-2.0 */
/* nidus version */
#include <stdio.h>

#include "cli.h"

const char cli_help_version[] =
	"usage: nidus version\n"
	"\n"
	"Prints the version, as nidus --version does.\n"
	"\n"
	"  --help   this text\n";

int cli_version(int argc, char **argv)
{
	if (argc > 1) {
		cli_say(CLI_LOG_ERROR, "%s: takes no arguments", argv[0]);
		return CLI_EXIT_USAGE;
	}
	puts("nidus " NIDUS_VERSION);
	return cli_finish(argv[0], 0);
}
