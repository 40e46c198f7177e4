/* SPDX-License-Identifier: Apache-2.0 */
/* The whole program: it lacks nothing. */
#include "program.h"

void program_suffices(const struct nidus_spec *spec, const struct run_request *request)
{
	(void)spec;
	(void)request;
}

void program_collect_rest(void)
{
}

void program_rest(void)
{
}
