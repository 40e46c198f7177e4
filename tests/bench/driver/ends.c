/* SPDX-License-Identifier: Apache-2.0 */
/* What comes after the start: the end, a signal, a limit of time. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define ANSWER_MS 2000
#define LIMIT_US 200000.0
#define LOAD 8

/* From the last instruction of the workload to the end of all: death, removal, exit. */
static double until_gone(const struct rival *rival)
{
	double told, began, ended;

	return run_told(rival, &told, &began, &ended) ? ended - told : FAILED;
}

/* From fork to the first instruction of the workload's main, nearly: it prints the clock. */
static double until_runs(const struct rival *rival)
{
	double told, began, ended;

	return run_told(rival, &told, &began, &ended) ? told - began : FAILED;
}

void job_end(struct bench *bench)
{
	static char *const command[] = { INSIDE, "end", NULL };
	struct rival rivals[RIVALS_MAX];
	size_t count = rivals_for(bench, command, UNLIMITED, rivals);

	heading("until the command runs: us");
	measure(rivals, count, bench->rounds, until_runs);
	report(bench, "until-it-runs", "static", "us", rivals, count);
	heading("clean-up, from the end of the command to the end of the rival: us");
	for (size_t i = 0; i < count; i++)
		rivals[i].missing = false;
	measure(rivals, count, bench->rounds, until_gone);
	report(bench, "clean-up", "static", "us", rivals, count);
}

/* One line of a pipe within ANSWER_MS; 0: none. */
static double read_number(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char text[64];
	ssize_t n;

	if (poll(&ready, 1, ANSWER_MS) != 1)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtod(text, NULL);
}

/* From the kill of the rival to the signal in the workload. */
static double until_signalled(const struct rival *rival)
{
	double sent = 0, got = 0;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return FAILED;
	pid = start(rival, ends[1]);
	close(ends[1]);
	if (pid > 0 && read_number(ends[0]) > 0) {
		/* some forward nothing until they have looked at their child */
		usleep(20000);
		sent = now_us();
		kill(pid, SIGTERM);
		got = read_number(ends[0]);
	}
	if (got == 0 && pid > 0)
		kill(pid, SIGKILL);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	close(ends[0]);
	return got > 0 ? got - sent : FAILED;
}

void job_signal(struct bench *bench)
{
	static char *const command[] = { INSIDE, "signal", NULL };
	struct rival rivals[RIVALS_MAX];
	size_t count = rivals_for(bench, command, UNLIMITED, rivals);

	for (size_t i = 0; i < count; i++)
		rivals[i].why_missing = "does not run here, or does not forward it";
	heading("signal, from TERM for the rival to TERM in the workload: us");
	measure(rivals, count, bench->rounds / 4, until_signalled);
	report(bench, "signal", "static", "us", rivals, count);
	rivals_clean();
}

/* ---- limits of time ---- */

/* How much later than the limit TERM comes, since the workload began. */
static double lateness(const struct rival *rival)
{
	double began, got;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return FAILED;
	pid = start(rival, ends[1]);
	close(ends[1]);
	began = read_number(ends[0]);
	got = read_number(ends[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	close(ends[0]);
	return began > 0 && got > 0 ? got - began - LIMIT_US : FAILED;
}

static void time_limits(struct bench *bench, const char *variant)
{
	static char *const command[] = { INSIDE, "signal", NULL };
	static char *const limit[] = { "--log-level", "error", "--timeout", "200ms", NULL };
	static char *const timeout[] = { "timeout", "0.2", INSIDE, "signal", NULL };
	struct rival rivals[] = {
		{ .name = "nidus",
		  .argv = nidus_argv(bench, limit, command),
		  .state_root = STATE_TMPFS "/state" },
		{ .name = "timeout(1)", .argv = timeout },
	};

	measure(rivals, 2, bench->quick ? 5 : 40, lateness);
	report(bench, "timeout", variant, "us", rivals, 2);
}

void job_timeout(struct bench *bench)
{
	pid_t load[LOAD];

	heading("a limit of 200 ms: how much later TERM comes, us since the command's first line\n"
		"(timeout(1) starts its clock before the exec, nidus when the exec is proven)");
	time_limits(bench, "idle");
	fflush(NULL);
	for (int i = 0; i < LOAD; i++) {
		load[i] = fork();
		if (load[i] == 0)
			for (;;)
				;
	}
	time_limits(bench, "load of 8");
	for (int i = 0; i < LOAD; i++) {
		kill(load[i], SIGKILL);
		waitpid(load[i], NULL, 0);
	}
}
