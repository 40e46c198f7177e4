/* SPDX-License-Identifier: Apache-2.0 */
/* Running rivals, in turn. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define WARM_UP 3

double now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static void become(const struct rival *rival, int null, int out)
{
	dup2(null, STDIN_FILENO);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	else if (rival->missing)
		dup2(null, STDOUT_FILENO);
	if (rival->missing) /* whether it runs is tried: no complaint */
		dup2(null, STDERR_FILENO);
	if (rival->uid &&
	    (setgroups(0, NULL) < 0 || setresgid(rival->uid, rival->uid, rival->uid) < 0 ||
	     setresuid(rival->uid, rival->uid, rival->uid) < 0))
		_exit(126);
	execvp(rival->argv[0], rival->argv);
	_exit(127);
}

pid_t start(const struct rival *rival, int out)
{
	static int null = -1;
	pid_t pid;

	if (null < 0)
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (rival->state_root)
		setenv("NIDUS_STATE_DIR", rival->state_root, 1);
	else
		unsetenv("NIDUS_STATE_DIR");
	pid = fork();
	if (pid == 0)
		become(rival, null, out);
	return pid;
}

bool succeeds(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

double run_once(const struct rival *rival)
{
	double began = now_us();
	pid_t pid = start(rival, -1);

	return pid > 0 && succeeds(pid) ? now_us() - began : FAILED;
}

bool run_told(const struct rival *rival, double *told, double *began, double *ended)
{
	char text[64] = "";
	int ends[2];
	ssize_t len;
	pid_t pid;
	bool ok;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	*began = now_us();
	pid = start(rival, ends[1]);
	close(ends[1]);
	ok = pid > 0 && succeeds(pid);
	*ended = now_us();
	len = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	*told = strtod(text, NULL);
	return ok && len > 0;
}

void measure(struct rival *rivals, size_t count, long rounds, measure_fn *once)
{
	if (!once)
		once = run_once;
	if (rounds > SAMPLES_MAX)
		rounds = SAMPLES_MAX;
	for (size_t i = 0; i < count; i++) {
		struct rival tried = rivals[i];

		tried.missing = true;
		rivals[i].count = rivals[i].failures = 0;
		for (int warm = 0; warm < WARM_UP && !rivals[i].missing; warm++)
			rivals[i].missing = once(&tried) <= FAILED;
	}
	for (long round = 0; round < rounds && !stage_is_over(); round++) {
		for (size_t i = 0; i < count; i++) {
			double us = rivals[i].missing ? 0 : once(&rivals[i]);

			if (us <= FAILED)
				rivals[i].failures++;
			else if (!rivals[i].missing)
				rivals[i].us[rivals[i].count++] = us;
		}
	}
}
