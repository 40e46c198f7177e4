/* SPDX-License-Identifier: Apache-2.0 */
/* nidus seccomp: compiles a filter for nidus-init on its own, which has no compiler. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../confine/seccomp.h"
#include "cli.h"

const char cli_help_seccomp[] =
	"usage: nidus seccomp [default|PROFILE.json] > FILE\n"
	"\n"
	"Compiles what nidus run --seccomp takes, the default filter or a profile in the\n"
	"OCI/Docker JSON form, into the instructions that the kernel takes (an array of\n"
	"struct sock_filter), for nidus-init --seccomp FILE and machine.conf. The file is\n"
	"for this machine's architecture, and for its kernel if the profile names one.\n"
	"\n"
	"  --help   this text\n";

static int write_filter(const char *verb, const struct seccomp_filter *filter)
{
	fwrite(filter->code, sizeof(*filter->code), filter->count, stdout);
	return cli_finish(verb, 0);
}

int cli_seccomp(int argc, char **argv)
{
	const char *profile = argc > 1 ? argv[1] : "default";
	struct seccomp_filter filter;
	struct fault fault;
	int status;

	if (argc > 2 || profile[0] == '-') {
		cli_say(CLI_LOG_ERROR, "%s: takes one argument: default, or a profile", argv[0]);
		return CLI_EXIT_USAGE;
	}
	if (isatty(STDOUT_FILENO)) {
		cli_say(CLI_LOG_ERROR, "%s: stdout is a terminal; use nidus seccomp %s > FILE",
			argv[0], profile);
		return CLI_EXIT_USAGE;
	}
	if (strcmp(profile, "default") == 0) {
		seccomp_default(SECCOMP_FREE_CORE, &filter);
		return write_filter(argv[0], &filter);
	}
	if (seccomp_compile(profile, &filter, &fault) < 0) {
		cli_fault(&fault);
		return 1;
	}
	status = write_filter(argv[0], &filter);
	seccomp_free(&filter);
	return status;
}
