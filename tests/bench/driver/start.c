/* SPDX-License-Identifier: Apache-2.0 */
/* One start and its end: the default, with limits, as an ordinary user, with a network. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

static char *const dynamic_command[] = { "/bin/true", NULL };
static char *const static_command[] = { INSIDE, "true", NULL };

static void start_all(struct bench *bench, const char *job, enum limits limits)
{
	struct rival rivals[RIVALS_MAX];
	size_t count = rivals_for(bench, dynamic_command, limits, rivals);

	measure(rivals, count, bench->rounds, NULL);
	report(bench, job, "dynamic", "us", rivals, count);
	count = rivals_for(bench, static_command, limits, rivals);
	measure(rivals, count, bench->rounds, NULL);
	report(bench, job, "static", "us", rivals, count);
}

void job_start(struct bench *bench)
{
	heading("start: from fork to wait, us; state on tmpfs");
	start_all(bench, "start", UNLIMITED);
}

void job_limits(struct bench *bench)
{
	heading("start with 256 MiB of memory and 100 processes: us");
	start_all(bench, "limits", LIMITED);
}

void job_user(struct bench *bench)
{
	char *const *const commands[] = { dynamic_command, static_command };
	static const char *const names[] = { "dynamic", "static" };

	heading("start by an ordinary user: us");
	if (mkdir(STATE_TMPFS "/user", 0700) < 0 ||
	    chown(STATE_TMPFS "/user", BENCH_USER, BENCH_USER) < 0)
		return;
	for (int i = 0; i < 2; i++) {
		struct rival rivals[] = {
			{ .name = "nidus",
			  .argv = nidus_argv(bench, NULL, commands[i]),
			  .state_root = STATE_TMPFS "/user",
			  .uid = BENCH_USER },
			{ .name = "bubblewrap",
			  .argv = bwrap_argv(NULL, commands[i]),
			  .uid = BENCH_USER },
		};

		measure(rivals, 2, bench->rounds, NULL);
		report(bench, "user", names[i], "us", rivals, 2);
	}
}

/* The default beside it, in the same rounds: the difference is the network. */
void job_nat(struct bench *bench)
{
	static char *const nat[] = { "--net", "nat", "--net-forward", "yes", NULL };
	static char *const limited[] = { "--net", "nat",    "--net-forward", "yes", "--memory",
					 "256M",  "--pids", "100",	     NULL };
	struct rival rivals[] = {
		{ .name = "nidus --net nat", .argv = nidus_argv(bench, nat, static_command) },
		{ .name = "nidus", .argv = nidus_argv(bench, NULL, static_command) },
		{ .name = "nat and limits", .argv = nidus_argv(bench, limited, static_command) },
	};

	for (int i = 0; i < 3; i++)
		rivals[i].state_root = STATE_TMPFS "/state";
	heading("start with a network, on a private host: us (add and remove alone: below)");
	measure(rivals, 3, bench->rounds, NULL);
	report(bench, "nat", "static", "us", rivals, 3);
}
