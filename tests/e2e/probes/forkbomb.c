/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forkbomb SECONDS: every process forks for as long; each ends by itself then.
 * The first prints "refused N": how often it got no child.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double end = now() + (argc > 1 ? atof(argv[1]) : 1);
	long refused = 0;
	pid_t first = getpid();

	while (now() < end) {
		if (fork() < 0) {
			refused++;
			usleep(1000);
		}
	}
	while (wait(NULL) > 0)
		;
	if (getpid() == first)
		printf("refused %ld\n", refused);
	return 0;
}
