/* SPDX-License-Identifier: Apache-2.0 */
/* nidus init-binary: writes out the nidus-init that this program carries. */
#include <stdio.h>
#include <unistd.h>

#include "../life/image.h"
#include "cli.h"

const char cli_help_init_binary[] =
	"usage: nidus init-binary > FILE\n"
	"\n"
	"Writes the nidus-init that nidus carries.\n"
	"\n"
	"  --help   this text\n";

int cli_init_binary(int argc, char **argv)
{
	if (argc > 1) {
		cli_say(CLI_LOG_ERROR, "%s: takes no arguments", argv[0]);
		return CLI_EXIT_USAGE;
	}
	if (isatty(STDOUT_FILENO)) {
		cli_say(CLI_LOG_ERROR, "%s: stdout is a terminal; use nidus init-binary > FILE",
			argv[0]);
		return CLI_EXIT_USAGE;
	}
	fwrite(nidus_init_image, 1, nidus_init_image_size, stdout);
	return cli_finish(argv[0], 0);
}
