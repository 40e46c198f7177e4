/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start NIDUS BARE [ROUNDS]: how long one /bin/true takes from fork to wait, in
 * nidus, in bubblewrap with the same namespaces and mounts, and under a bare
 * clone3 + exec. All in one run and in turn, so that what the machine does
 * beside hits all alike; medians, and nidus's ratio to the others.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 200
#define ROUNDS_MAX 10000
#define WARM_UP 10
#define RIVALS 3

extern char **environ;

struct rival {
	const char *name;
	char **argv;
	double *us;
	int missing;
};

static double now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

/* Microseconds of one run; -1 when it could not be or failed. */
static double run_once(char **argv)
{
	double start = now_us();
	posix_spawn_file_actions_t actions;
	int status = 0, err;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	err = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? now_us() - start : -1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double percentile(const struct rival *rival, long rounds, double part)
{
	return rival->us[(long)((double)(rounds - 1) * part)];
}

static int measure(struct rival *rivals, long rounds)
{
	for (long round = -WARM_UP; round < rounds; round++) {
		for (int i = 0; i < RIVALS; i++) {
			double us = rivals[i].missing ? 0 : run_once(rivals[i].argv);

			if (us < 0 && round == -WARM_UP) {
				rivals[i].missing = 1;
			} else if (us < 0) {
				fprintf(stderr, "start: %s failed in round %ld\n", rivals[i].name,
					round);
				return -1;
			}
			if (round >= 0)
				rivals[i].us[round] = us;
		}
	}
	for (int i = 0; i < RIVALS; i++)
		qsort(rivals[i].us, (size_t)rounds, sizeof(double), compare);
	return rivals[0].missing ? -1 : 0;
}

static void print(const struct rival *rivals, long rounds)
{
	double nidus = percentile(&rivals[0], rounds, 0.5);

	printf("%-8s %12s %12s %12s   (us, %ld rounds)\n", "", "median", "10 %", "90 %", rounds);
	for (int i = 0; i < RIVALS; i++) {
		if (rivals[i].missing) {
			printf("%-8s does not run here\n", rivals[i].name);
			continue;
		}
		printf("%-8s %12.0f %12.0f %12.0f", rivals[i].name,
		       percentile(&rivals[i], rounds, 0.5), percentile(&rivals[i], rounds, 0.1),
		       percentile(&rivals[i], rounds, 0.9));
		if (i > 0)
			printf("   nidus / %s = %.2f", rivals[i].name,
			       nidus / percentile(&rivals[i], rounds, 0.5));
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	char *nidus[] = { argv[1], "run", "--", "/bin/true", NULL };
	char *bwrap[] = { "bwrap", "--unshare-all", "--unshare-user", "--ro-bind", "/", "/",
			  "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run",
			  "--tmpfs", "/dev/shm", "--", "/bin/true", NULL };
	char *bare[] = { argc > 2 ? argv[2] : NULL, "/bin/true", NULL };
	struct rival rivals[RIVALS] = {
		{ "nidus", nidus, NULL, 0 }, { "bwrap", bwrap, NULL, 0 }, { "bare", bare, NULL, 0 }
	};
	long rounds = argc > 3 ? atol(argv[3]) : ROUNDS;

	if (argc < 3 || rounds < 1 || rounds > ROUNDS_MAX)
		return 2;
	for (int i = 0; i < RIVALS; i++) {
		rivals[i].us = calloc((size_t)rounds, sizeof(double));
		if (!rivals[i].us)
			return 1;
	}
	if (measure(rivals, rounds) < 0) {
		fprintf(stderr, "start: %s does not run\n", argv[1]);
		return 1;
	}
	print(rivals, rounds);
	for (int i = 0; i < RIVALS; i++)
		free(rivals[i].us);
	return 0;
}
