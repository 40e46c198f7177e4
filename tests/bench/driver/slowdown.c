/* SPDX-License-Identifier: Apache-2.0 */
/* What a running workload pays: the same system call inside and outside, in turn. */
#include "bench.h"

static double told(const struct rival *rival)
{
	double number, began, ended;

	return run_told(rival, &number, &began, &ended) ? number : FAILED;
}

static void compare(struct bench *bench, char *call, char *times)
{
	static char *const unfiltered[] = { "--seccomp", "none", NULL };
	char *const command[] = { INSIDE, call, times, NULL };
	struct rival rivals[] = {
		{ .name = "nidus",
		  .argv = nidus_argv(bench, NULL, command),
		  .state_root = STATE_TMPFS "/state" },
		{ .name = "nidus, no filter",
		  .argv = nidus_argv(bench, unfiltered, command),
		  .state_root = STATE_TMPFS "/state" },
		{ .name = "bubblewrap, no filter", .argv = bwrap_argv(NULL, command) },
		{ .name = "outside", .argv = command },
	};

	measure(rivals, 4, bench->quick ? 5 : 40, told);
	report(bench, "slow-down", call, "ns", rivals, 4);
}

void job_slowdown(struct bench *bench)
{
	heading("one system call of a running workload: ns");
	compare(bench, "getpid", "500000");
	compare(bench, "openat", "30000");
}
