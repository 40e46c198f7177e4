/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the command line: durations, sizes, numbers, signals, descriptors. Pure. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "../../init/values.h"
#include "cli.h"

#define MILLICPUS_MAX 8192000ull /* NR_CPUS of the largest kernels */

int cli_parse_duration(const char *option, const char *text, uint64_t *us, struct fault *fault)
{
	if (values_duration(text, us))
		return 0;
	return cli_refuse(fault, option, text, VALUES_DURATION_IS "; at most ten years");
}

int cli_parse_size(const char *option, const char *text, uint64_t *bytes, struct fault *fault)
{
	if (values_size(text, bytes))
		return 0;
	return cli_refuse(fault, option, text, VALUES_SIZE_IS);
}

int cli_parse_number(const char *option, const char *text, uint64_t min, uint64_t max,
		     uint64_t *number, struct fault *fault)
{
	char allowed[80];

	if (values_number(text, max, number) && *number >= min)
		return 0;
	snprintf(allowed, sizeof(allowed), "must be %llu to %llu", (unsigned long long)min,
		 (unsigned long long)max);
	return cli_refuse(fault, option, text, allowed);
}

int cli_parse_millicpus(const char *option, const char *text, uint64_t *millicpus,
			struct fault *fault)
{
	if (values_decimal(text, 1000, millicpus) && *millicpus >= 1 &&
	    *millicpus <= MILLICPUS_MAX)
		return 0;
	return cli_refuse(fault, option, text,
			  "must be a number of processors, 0.01 to 8192, with at most three "
			  "decimals (try 0.5)");
}

int cli_parse_signal(const char *option, const char *text, int *signal, struct fault *fault)
{
	*signal = values_signal(text);
	if (*signal != 0)
		return 0;
	return cli_refuse(fault, option, text,
			 "not a signal (try TERM, SIGUSR1, RTMIN+3, or a number from 1 to 64)");
}

int cli_parse_fd(const char *option, const char *text, int *fd, struct fault *fault)
{
	uint64_t number;

	*fd = -1;
	if (cli_parse_number(option, text, 0, INT_MAX, &number, fault) < 0)
		return cli_refuse(fault, option, text, "must be the number of an open descriptor");
	*fd = (int)number;
	if (fcntl(*fd, F_GETFD) < 0)
		return cli_refuse(fault, option, text, "is not an open descriptor");
	return 0;
}
