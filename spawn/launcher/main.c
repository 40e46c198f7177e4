/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher: `nidus run` without libraries, and the whole program for everything else
 * (../cli/program.h). What it lacks is in lacking.c.
 */
#include <string.h>

#include "../cli/program.h"
#include "handover.h"

static bool writes_json(const struct nidus_spec *spec, const struct run_request *request)
{
	return spec->events_fd >= 0 || spec->report_fd >= 0 || spec->info_fd >= 0 ||
	       request->events_path || request->report_path;
}

void program_suffices(const struct nidus_spec *spec, const struct run_request *request)
{
	if (request->help || request->explain || spec->seccomp == NIDUS_SECCOMP_FILE ||
	    spec->net == NIDUS_NET_NAT || spec->net == NIDUS_NET_USER || writes_json(spec, request))
		handover_execute();
}

int main(int argc, char **argv)
{
	handover_keep(argv);
	return cli_main(argc, argv);
}
