/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storm SLEEPERS PRODUCERS SECONDS: that many orphans that stay, and others that are made
 * and end without pause: more zombies than anybody reaps who looks at all of them for
 * each. Deaf to TERM; 0 after its time.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LITTER 30

static double end_s;

static bool goes_on(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9 < end_s;
}

static void stay(void)
{
	while (goes_on())
		sleep(1);
	_exit(0);
}

static void produce(void)
{
	while (goes_on()) {
		pid_t parent = fork();

		if (parent == 0) {
			for (int i = 0; i < LITTER; i++)
				if (fork() == 0)
					_exit(0);
			_exit(0);
		}
		waitpid(parent, NULL, 0);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	int sleepers = argc > 1 ? atoi(argv[1]) : 1000, producers = argc > 2 ? atoi(argv[2]) : 2;
	struct timespec now;
	pid_t parent;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end_s = (double)now.tv_sec + (double)now.tv_nsec / 1e9 + (argc > 3 ? atof(argv[3]) : 10);
	signal(SIGTERM, SIG_IGN);
	parent = fork();
	if (parent == 0) {
		for (int i = 0; i < sleepers; i++)
			if (fork() == 0)
				stay();
		_exit(0);
	}
	waitpid(parent, NULL, 0);
	for (int i = 0; i < producers; i++)
		if (fork() == 0)
			produce();
	stay();
}
