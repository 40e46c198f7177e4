/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of `nidus run` with one spec, request and fault: parse("--pids", "5", "true"). */
#ifndef NIDUS_TEST_RUN_PARSER_H
#define NIDUS_TEST_RUN_PARSER_H

#include "../../spawn/cli/elsewhere.c"
#include "../../spawn/cli/help.c"
#include "../../spawn/cli/parse.c"
#include "../../spawn/cli/passwd.c"
#include "../../spawn/cli/profile.c"
#include "../../spawn/cli/profile_open.c"
#include "../../spawn/cli/refuse.c"
#include "../../spawn/cli/run_args.c"
#include "../../spawn/cli/run_files.c"
#include "../../spawn/cli/run_find.c"
#include "../../spawn/cli/run_identity.c"
#include "../../spawn/cli/run_lifecycle.c"
#include "../../spawn/cli/run_limits.c"
#include "../../spawn/cli/run_network.c"
#include "../../spawn/cli/run_options.c"
#include "../../spawn/cli/run_origin.c"
#include "../../spawn/cli/run_process.c"
#include "../../spawn/cli/run_profile.c"
#include "../../spawn/cli/run_set.c"
#include "../../spawn/cli/run_table.c"
#include "../../spawn/cli/say.c"

static struct nidus_spec spec;
static struct run_request request;
static struct fault fault;

static int parse_vector(char *const *argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return cli_parse_run(argc, argv, &spec, &request, &fault);
}

#define parse(...) parse_vector((char *const[]){ __VA_ARGS__, NULL })

#endif
