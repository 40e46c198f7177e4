/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `nidus run`: the network. Two kinds of it so far. */
#include <string.h>

#include "run_options.h"

int run_set_network(struct run_parse *parse, const struct run_option *option,
		    const char *const *values, struct fault *fault)
{
	if (option->id != RUN_NET)
		return run_refuse(fault, option, NULL, "not available yet");
	if (strcmp(values[0], "none") == 0)
		parse->spec->net = NIDUS_NET_NONE;
	else if (strcmp(values[0], "host") == 0)
		parse->spec->net = NIDUS_NET_HOST;
	else if (strcmp(values[0], "nat") == 0 || strcmp(values[0], "user") == 0 ||
		 values[0][0] == '/')
		return run_refuse(fault, option, values[0], "not available yet");
	else
		return run_refuse(fault, option, values[0], "allowed are none and host");
	return 0;
}
