/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on while a workload runs: what its system calls pay, what PID 1 does for orphans. */
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

void job_orphans(struct bench *bench)
{
	static char *const command[] = { INSIDE, "orphans", "2000", NULL };
	static char *const tini[] = { "unshare", "--user",  "--map-root-user",
				      "--pid",	 "--fork",  "--mount-proc",
				      "tini",	 "-s",	    "--",
				      INSIDE,	 "orphans", "2000",
				      NULL };
	struct rival rivals[] = {
		{ .name = "nidus",
		  .argv = nidus_argv(bench, NULL, command),
		  .state_root = STATE_TMPFS "/state" },
		{ .name = "tini", .argv = tini },
		{ .name = "bubblewrap", .argv = bwrap_argv(NULL, command) },
	};

	heading("each orphan that PID 1 reaps: us on a processor");
	measure(rivals, 3, bench->quick ? 3 : 20, told);
	report(bench, "orphans", "of 2000", "us", rivals, 3);
}
