/* SPDX-License-Identifier: Apache-2.0 */
/* nidus version */
#include <stdio.h>

#include "cli.h"

int cli_version(int argc, char **argv)
{
	if (argc > 1) {
		cli_say(CLI_LOG_ERROR, "%s: takes no arguments", argv[0]);
		return CLI_EXIT_USAGE;
	}
	puts("nidus " NIDUS_VERSION);
	return fflush(stdout) == 0 ? 0 : 1;
}
