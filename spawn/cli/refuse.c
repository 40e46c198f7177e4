/* SPDX-License-Identifier: Apache-2.0 */
/* Faults about what was given on the command line. */
#include <errno.h>
#include <stdio.h>

#include "run_options.h"

int cli_refuse(struct fault *fault, const char *option, const char *value, const char *why)
{
	fault_set(fault, STEP_OPTIONS, EINVAL, NULL);
	snprintf(fault->what, sizeof(fault->what), "%s%s%.80s", option, value ? " " : "",
		 value ? value : "");
	return fault_because(fault, why);
}

int run_refuse(struct fault *fault, const struct run_option *option, const char *value,
	       const char *why)
{
	return cli_refuse(fault, option->name, value, why);
}

int run_no_memory(struct fault *fault, const struct run_option *option)
{
	return fault_set(fault, STEP_OPTIONS, ENOMEM, option->name);
}
