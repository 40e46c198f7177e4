/* SPDX-License-Identifier: Apache-2.0 */
/* How the cost of a start grows: with mounts, with others that live, with others that start. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define BINDS_MAX 5000
#define BURST 1000
#define QUICK_BURST 100
#define WORKERS_MAX 32

static char *const command[] = { INSIDE, "true", NULL };

static void pair(const struct bench *bench, char *const *options, struct rival rivals[2])
{
	rivals[0] = (struct rival){ .name = "nidus",
				    .argv = nidus_argv(bench, options, command),
				    .state_root = STATE_TMPFS "/state" };
	rivals[1] = (struct rival){ .name = "bubblewrap", .argv = bwrap_argv(options, command) };
}

/* --ro-bind SRC DST, which both understand. NULL-terminated; for the life of the bench. */
static char **bind_options(size_t binds)
{
	char **options = calloc(binds * 3 + 1, sizeof(*options));

	for (size_t i = 0; options && i < binds; i++) {
		options[i * 3] = "--ro-bind";
		options[i * 3 + 1] = INSIDE;
		if (asprintf(&options[i * 3 + 2], "/tmp/b%zu", i) < 0)
			abort();
	}
	return options;
}

void job_binds(struct bench *bench)
{
	static const size_t numbers[] = { 0, 10, 100, 500, BINDS_MAX };
	size_t count = bench->quick ? 3 : 5;

	heading("start with more binds: us");
	for (size_t i = 0; i < count && !stage_is_over(); i++) {
		struct rival rivals[2];
		long rounds = numbers[i] > 100 ? bench->rounds / 10 : bench->rounds;
		char variant[32];

		if (numbers[i] > 1000)
			rounds = bench->rounds / 40;
		pair(bench, bind_options(numbers[i]), rivals);
		snprintf(variant, sizeof(variant), "%zu binds", numbers[i]);
		measure(rivals, 2, rounds, NULL);
		report(bench, "binds", variant, "us", rivals, 2);
	}
}

/* Sandboxes that sleep, until there are `wanted`. Returns how many there are. */
static int fill_up(const struct bench *bench, int alive, int wanted)
{
	static char *const detach[] = { "--log-level", "error", "--detach", NULL };
	static char *const sleeps[] = { INSIDE, "sleep", NULL };
	struct rival sleeper = { .name = "sleeper",
				 .argv = nidus_argv(bench, detach, sleeps),
				 .state_root = STATE_TMPFS "/state" };

	while (alive < wanted && !stage_is_over()) {
		double told, began, ended;

		if (!run_told(&sleeper, &told, &began, &ended))
			break;
		alive++;
	}
	return alive;
}

void job_alive(struct bench *bench)
{
	static const int crowds[] = { 0, 100, 1000 };
	int alive = 0;

	heading("start beside others that sleep (--detach): us");
	for (int i = 0; i < (bench->quick ? 2 : 3) && !stage_is_over(); i++) {
		struct rival rivals[2];
		char variant[32];

		alive = fill_up(bench, alive, crowds[i]);
		snprintf(variant, sizeof(variant), "%d alive", alive);
		pair(bench, NULL, rivals);
		measure(rivals, 2, bench->rounds, NULL);
		report(bench, "alive", variant, "us", rivals, 2);
	}
	stage_clean(bench);
}

/* ---- several at once ---- */

/* Starts one after the other until `end`. Exits with nothing; writes how many into `out`. */
static void work(const struct rival *rival, double end, int out)
{
	long done[2] = { 0, 0 };

	while (now_us() < end && !stage_is_over())
		done[run_once(rival) <= FAILED]++;
	_exit(write(out, done, sizeof(done)) == sizeof(done) ? 0 : 1);
}

/* Starts a second by `workers`; failures are added to the rival's. */
static double throughput(struct rival *rival, int workers, double seconds)
{
	double began = now_us();
	long done[2], good = 0;
	int ends[2];

	if (pipe(ends) < 0)
		return 0;
	fflush(NULL);
	for (int i = 0; i < workers; i++)
		if (fork() == 0)
			work(rival, began + seconds * 1e6, ends[1]);
	close(ends[1]);
	while (read(ends[0], done, sizeof(done)) == sizeof(done)) {
		good += done[0];
		rival->failures += done[1];
	}
	close(ends[0]);
	for (int i = 0; i < workers; i++)
		wait(NULL);
	return (double)good / ((now_us() - began) / 1e6);
}

void job_parallel(struct bench *bench)
{
	static const int workers[] = { 1, 2, 8, WORKERS_MAX };
	long passes = bench->quick ? 1 : 4;

	printf("\nseveral callers at once, each one start after the other: starts a second\n");
	for (int i = 0; i < 4 && !stage_is_over(); i++) {
		double sum[2] = { 0, 0 };
		struct rival rivals[2];
		char variant[32];

		pair(bench, NULL, rivals);
		for (long pass = 0; pass < passes; pass++)
			for (int who = 0; who < 2; who++)
				sum[who] += throughput(&rivals[who], workers[i], 1);
		snprintf(variant, sizeof(variant), "%d callers", workers[i]);
		for (int who = 0; who < 2; who++) {
			report_one(bench, "parallel", variant, rivals[who].name, "starts/s",
				   sum[who] / (double)passes);
			if (rivals[who].failures)
				printf("    %ld failed\n", rivals[who].failures);
		}
	}
}

/* All at once; each is timed from its own fork. */
static void burst(struct rival *rival, int size)
{
	pid_t *pids = calloc((size_t)size, sizeof(*pids));
	double *began = calloc((size_t)size, sizeof(*began));
	int status;
	pid_t pid;

	for (int i = 0; pids && began && i < size; i++) {
		began[i] = now_us();
		pids[i] = start(rival, -1);
		rival->failures += pids[i] < 0;
	}
	while (pids && began && (pid = wait(&status)) > 0) {
		for (int i = 0; i < size; i++) {
			if (pids[i] != pid)
				continue;
			if (status == 0 && rival->count < SAMPLES_MAX)
				rival->us[rival->count++] = now_us() - began[i];
			else
				rival->failures++;
		}
	}
	free(pids);
	free(began);
}

void job_burst(struct bench *bench)
{
	int size = bench->quick ? QUICK_BURST : BURST;
	struct rival rivals[2];
	char variant[32];

	heading("a burst, all asked for at once: us until its end");
	pair(bench, NULL, rivals);
	burst(&rivals[0], size);
	burst(&rivals[1], size);
	snprintf(variant, sizeof(variant), "%d at once", size);
	report(bench, "burst", variant, "us", rivals, 2);
}
