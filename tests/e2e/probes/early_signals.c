/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early_signals [--pid-1] ROUNDS SIGNAL COMMAND…: starts the command that often
 * and sends it the signal at once, before its exec even; the command is an init
 * whose program is `early_signals child`, which ends by whatever reaches it.
 * All signals are blocked when the init starts: none can end it, or be lost to
 * a default action, before it can take them. The pause between the fork and the
 * signal grows from 0 to PAUSE_MAX_US over the rounds, so that each instant of
 * the start is hit. Prints "lost N of ROUNDS", then each other end that there was.
 */
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH 25          /* at a time: what is lost costs a wait */
#define BATCH_WAIT_US 400000
#define PAUSE_MAX_US 800 /* longer than a start */

static uint64_t now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000u + (uint64_t)at.tv_nsec / 1000u;
}

static void set_mask(uint64_t mask)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask));
}

static __attribute__((noreturn)) void be_child(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* an init that lost a signal is killed */
	set_mask(0);
	for (;;)
		pause();
}

static pid_t start(char **command, int flags)
{
	pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	return pid;
}

static void send_after(pid_t pid, int signal, uint64_t pause_us)
{
	uint64_t end = now_us() + pause_us;

	while (pause_us > 0 && now_us() < end)
		;
	kill(pid, signal);
}

/* The statuses of a batch; those that don't end in time are lost, and killed. */
static int collect(pid_t *pids, int count, unsigned *ends)
{
	uint64_t deadline = now_us() + BATCH_WAIT_US;
	int lost = 0;

	for (int i = 0; i < count; i++) {
		int status;
		pid_t got;

		while ((got = waitpid(pids[i], &status, WNOHANG)) == 0 && now_us() < deadline)
			usleep(200);
		if (got == 0) {
			lost++;
			kill(pids[i], SIGKILL);
			waitpid(pids[i], &status, 0);
		} else {
			ends[WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status)]++;
		}
	}
	return lost;
}

static int drive(int rounds, int signal, char **command, int flags)
{
	unsigned ends[512] = {0};
	pid_t pids[BATCH];
	int lost = 0;

	set_mask(UINT64_MAX);
	for (int round = 0; round < rounds;) {
		int count = 0;

		for (; count < BATCH && round < rounds; count++, round++) {
			pids[count] = start(command, flags);
			if (pids[count] < 0) {
				perror("early_signals: clone");
				return 2;
			}
			send_after(pids[count], signal, (uint64_t)round * PAUSE_MAX_US / (uint64_t)rounds);
		}
		lost += collect(pids, count, ends);
	}
	printf("lost %d of %d\n", lost, rounds);
	for (int i = 0; i < 512; i++)
		if (ends[i] > 0 && i != 128 + signal)
			printf("%s %d: %u times\n", i < 256 ? "status" : "signal", i % 256, ends[i]);
	return 0;
}

int main(int argc, char **argv)
{
	int flags = 0;

	if (argc > 1 && strcmp(argv[1], "child") == 0)
		be_child();
	if (argc > 1 && strcmp(argv[1], "--pid-1") == 0) {
		flags = CLONE_NEWPID;
		argc--;
		argv++;
	}
	if (argc < 4) {
		fprintf(stderr, "usage: early_signals [--pid-1] ROUNDS SIGNAL COMMAND...\n");
		return 2;
	}
	return drive(atoi(argv[1]), atoi(argv[2]), argv + 3, flags);
}
