/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net SCRIPTS [ROUNDS]: what one sandbox's network costs (net_open to net_attach;
 * net_remove and net_free) with 0, 100 and 500 others present; beside it the same by ip and nft,
 * and netavark's. On a private "host", all in one run: each of several passes goes through
 * all crowds, and in each through all rivals. Then the system calls of one, by strace, and
 * what is left on the host.
 *
 * net once NUMBER: one network, with marks around it for strace.
 * net stage COMMAND…: a command on such a "host".
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net_host.h"

#define ROUNDS 30
#define ROUNDS_MAX 1000
#define PASSES 3
#define RIVAL_EVERY 3 /* of nidus's rounds: the others take 10 to 100 times as long */
#define CROWDS 3
#define OTHERS_MAX 500
#define FDS 8192      /* of a network three */
#define TRACE "/run/trace"

extern char **environ;

enum rival { NIDUS, PROGRAMS, NETAVARK, RIVALS };
/* DETACH is the part of REMOVE after which address and ports are free for others. */
enum verb { ADD, DETACH, REMOVE, VERBS };

static const unsigned int crowds[CROWDS] = { 0, 100, OTHERS_MAX };
static const char *const rival_names[RIVALS] = { "nidus", "ip+nft", "netavark" };
static const char *const verb_names[VERBS] = { "add", "detach", "remove" };

struct samples {
	double us[PASSES * ROUNDS_MAX];
	size_t count;
};

struct bench {
	long rounds;
	const char *self, *scripts;
	bool is_missing[RIVALS];
	struct samples samples[RIVALS][VERBS][CROWDS];
	struct host_sandbox others[OTHERS_MAX];
	unsigned int other_count, next_number;
};

static void take(struct bench *bench, enum rival rival, enum verb verb, unsigned int crowd,
		 double us)
{
	struct samples *samples = &bench->samples[rival][verb][crowd];

	if (samples->count < sizeof(samples->us) / sizeof(samples->us[0]))
		samples->us[samples->count++] = us;
}

/* ---- programs ---- */

/* Its exit code; -1 when it can't be or dies of a signal. */
static int run(char *const *argv)
{
	int status = 0;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Microseconds; -1: it failed. */
static double run_script(const struct bench *bench, const char *script, const char *verb,
			 const char *id, pid_t pid, unsigned int number)
{
	char path[512], pid_text[16], addr4[32], addr6[32];
	char *argv[] = { path, (char *)verb, (char *)id, pid_text, addr4, addr6, NULL };
	double start = host_now_us();

	snprintf(path, sizeof(path), "%s/%s", bench->scripts, script);
	snprintf(pid_text, sizeof(pid_text), "%d", pid);
	snprintf(addr4, sizeof(addr4), "10.88.%u.%u", 1 + number / 250 % 250, 1 + number % 250);
	snprintf(addr6, sizeof(addr6), "fd88::%x", 1 + number);
	return run(argv) == 0 ? host_now_us() - start : -1;
}

/* ---- one round of each ---- */

static int measure_nidus(struct bench *bench, unsigned int crowd)
{
	struct host_sandbox sandbox;
	char link[32];

	if (host_add(&sandbox, ++bench->next_number) < 0 || host_remove(&sandbox) < 0)
		return -1;
	take(bench, NIDUS, ADD, crowd, sandbox.add_us);
	take(bench, NIDUS, DETACH, crowd, sandbox.detach_us);
	take(bench, NIDUS, REMOVE, crowd, sandbox.remove_us);
	snprintf(link, sizeof(link), "nd%s", sandbox.id);
	return host_wait_gone(link) ? 0 : -1;
}

/* The same topology by somebody else's script: SCRIPT VERB for each of the two. */
static int measure_script(struct bench *bench, enum rival who, const char *script,
			  const char *const verbs[VERBS], unsigned int crowd)
{
	unsigned int number = ++bench->next_number;
	pid_t pid = host_process_start();
	char id[HOST_ID_SIZE], link[32];
	double add_us, remove_us;

	snprintf(id, sizeof(id), "%012x", number);
	snprintf(link, sizeof(link), "nd%s", id);
	add_us = run_script(bench, script, verbs[ADD], id, pid, number);
	/* first the routes and elements: the namespace is kept by its process alone */
	remove_us = run_script(bench, script, verbs[REMOVE], id, pid, number);
	host_process_end(pid);
	if (pid < 0 || add_us < 0 || remove_us < 0)
		return -1;
	take(bench, who, ADD, crowd, add_us);
	take(bench, who, REMOVE, crowd, remove_us);
	return host_wait_gone(link) ? 0 : -1;
}

static int measure_programs(struct bench *bench, unsigned int crowd)
{
	static const char *const verbs[VERBS] = { [ADD] = "add", [REMOVE] = "remove" };

	return measure_script(bench, PROGRAMS, "net-by-programs.sh", verbs, crowd);
}

static int measure_netavark(struct bench *bench, unsigned int crowd)
{
	static const char *const verbs[VERBS] = { [ADD] = "setup", [REMOVE] = "teardown" };

	return measure_script(bench, NETAVARK, "net-by-netavark.sh", verbs, crowd);
}

/*
 * The rivals come after: what the kernel still has to clear away of theirs holds up
 * whoever is next. One that fails is left out from then on, and said to be.
 */
static int measure_crowd(struct bench *bench, unsigned int crowd)
{
	for (long round = 0; round < bench->rounds; round++)
		if (measure_nidus(bench, crowd) < 0)
			return -1;
	for (long round = 0; round < bench->rounds; round += RIVAL_EVERY) {
		if (!bench->is_missing[PROGRAMS])
			bench->is_missing[PROGRAMS] = measure_programs(bench, crowd) < 0;
		if (!bench->is_missing[NETAVARK])
			bench->is_missing[NETAVARK] = measure_netavark(bench, crowd) < 0;
	}
	return 0;
}

/* ---- system calls ---- */

static void mark(const char *text)
{
	/* into nowhere: seen by strace alone */
	if (write(-1, text, strlen(text)) >= 0)
		abort();
}

static int run_once(unsigned int number)
{
	struct host_sandbox sandbox;
	int result;

	mark("mark add");
	result = host_add(&sandbox, number);
	mark("mark remove");
	if (result == 0)
		result = host_remove(&sandbox);
	mark("mark end");
	return result < 0;
}

/* The bench's own: the process that stands in for a sandbox is started and ended there. */
static bool is_of_bench(const char *line)
{
	static const char *const names[] = { "clone", "pipe2(", "kill(", "wait4(", "--- SIGCHLD" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(line, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static void print_calls(FILE *trace, unsigned int others)
{
	size_t calls[VERBS] = { 0 }, sends[VERBS] = { 0 }, waits[VERBS] = { 0 };
	char line[4096];
	int verb = -1;

	while (fgets(line, sizeof(line), trace)) {
		if (strstr(line, "\"mark add\"")) {
			verb = ADD;
		} else if (strstr(line, "\"mark remove\"")) {
			verb = REMOVE;
		} else if (strstr(line, "\"mark end\"")) {
			break;
		} else if (verb >= 0 && !is_of_bench(line)) {
			calls[verb]++;
			sends[verb] += strncmp(line, "sendto(", 7) == 0;
			waits[verb] += strncmp(line, "poll(", 5) == 0 ||
				       strncmp(line, "clock_nanosleep(", 16) == 0;
		}
	}
	for (verb = 0; verb < VERBS; verb += REMOVE)
		printf("  %3u others, %-6s %3zu system calls, %2zu netlink round trips, %zu waits\n",
		       others, verb_names[verb], calls[verb], sends[verb], waits[verb]);
}

static void count_calls(struct bench *bench, unsigned int others)
{
	char number[16];
	char *argv[] = { "strace", "-qq", "-o", TRACE, (char *)bench->self, "once", number, NULL };
	FILE *trace;

	snprintf(number, sizeof(number), "%u", ++bench->next_number);
	if (run(argv) != 0) {
		printf("  %3u others: system calls are not counted: strace does not run\n", others);
		return;
	}
	trace = fopen(TRACE, "re");
	if (!trace)
		return;
	print_calls(trace, others);
	fclose(trace);
}

/* ---- passes ---- */

static int fill_up(struct bench *bench, unsigned int others)
{
	while (bench->other_count < others) {
		struct host_sandbox *other = &bench->others[bench->other_count];

		if (host_add(other, ++bench->next_number) < 0)
			return -1;
		/* the library's descriptor keeps its network */
		host_process_end(other->pid);
		other->pid = 0;
		bench->other_count++;
	}
	return 0;
}

static int empty(struct bench *bench)
{
	unsigned int count = bench->other_count;

	while (bench->other_count > 0)
		if (host_remove(&bench->others[--bench->other_count]) < 0)
			return -1;
	for (unsigned int i = 0; i < count; i++) {
		char link[32];

		snprintf(link, sizeof(link), "nd%s", bench->others[i].id);
		if (!host_wait_gone(link))
			return -1;
	}
	return 0;
}

static int run_pass(struct bench *bench, int pass)
{
	for (unsigned int crowd = 0; crowd < CROWDS; crowd++) {
		if (fill_up(bench, crowds[crowd]) < 0 || measure_crowd(bench, crowd) < 0)
			return -1;
		if (pass == 0)
			count_calls(bench, crowds[crowd]);
	}
	return empty(bench);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double percentile(const struct samples *samples, double part)
{
	return samples->us[(size_t)((double)(samples->count - 1) * part)];
}

static void print_rival(struct bench *bench, enum rival rival, enum verb verb)
{
	struct samples *samples = bench->samples[rival][verb];

	for (int i = 0; i < CROWDS; i++) {
		const struct samples *nidus = &bench->samples[NIDUS][verb][i];

		qsort(samples[i].us, samples[i].count, sizeof(double), compare);
		printf("%-9s %-7s %6u %10.0f %10.0f %10.0f %6zu", rival_names[rival],
		       verb_names[verb], crowds[i], percentile(&samples[i], 0.5),
		       percentile(&samples[i], 0.1), percentile(&samples[i], 0.9),
		       samples[i].count);
		if (i > 0)
			printf("   %u / 0 = %.2f", crowds[i],
			       percentile(&samples[i], 0.5) / percentile(&samples[0], 0.5));
		if (rival != NIDUS)
			printf("   nidus / %s = %.3f", rival_names[rival],
			       percentile(nidus, 0.5) / percentile(&samples[i], 0.5));
		putchar('\n');
	}
}

static int print_left(void)
{
	struct host_census census;

	if (host_count(&census) < 0)
		return -1;
	printf("left on the host: %zu links, %zu ids with elements, %zu leases\n", census.links,
	       census.element_ids, census.leases);
	return census.links || census.element_ids || census.leases ? -1 : 0;
}

static int run_all(struct bench *bench)
{
	struct rlimit fds = { FDS, FDS };
	pid_t keeper;

	/* EPERM with a lower hard limit: then the crowd is too large, and says so */
	setrlimit(RLIMIT_NOFILE, &fds);
	keeper = host_process_start();
	/* one is always there, so that the bridge is not made anew each time */
	bench->is_missing[NETAVARK] =
		run_script(bench, "net-by-netavark.sh", "setup", "keeper", keeper, 60000) < 0;
	for (int pass = 0; pass < PASSES; pass++)
		if (run_pass(bench, pass) < 0)
			return -1;
	host_process_end(keeper);
	printf("%-9s %-7s %6s %10s %10s %10s %6s   (us)\n", "", "", "others", "median", "10 %",
	       "90 %", "rounds");
	for (int rival = 0; rival < RIVALS; rival++) {
		if (bench->is_missing[rival]) {
			printf("%-9s does not run here\n", rival_names[rival]);
			continue;
		}
		for (int verb = 0; verb < VERBS; verb++)
			if (bench->samples[rival][verb][0].count > 0)
				print_rival(bench, (enum rival)rival, (enum verb)verb);
	}
	return print_left();
}

int main(int argc, char **argv)
{
	struct bench *bench;
	long rounds;
	int result;

	if (argc < 2)
		return 2;
	if (argc == 3 && strcmp(argv[1], "once") == 0)
		return run_once((unsigned int)atol(argv[2]));
	if (argc > 2 && strcmp(argv[1], "stage") == 0)
		return geteuid() != 0 || host_make() < 0 || execv(argv[2], argv + 2);
	rounds = argc > 2 ? atol(argv[2]) : ROUNDS;
	if (rounds < 1 || rounds > ROUNDS_MAX)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (geteuid() != 0 || host_make() < 0) {
		printf("net: skipped: needs root and namespaces\n");
		return 0;
	}
	bench = calloc(1, sizeof(*bench));
	if (!bench)
		return 1;
	bench->self = argv[0];
	bench->scripts = argv[1];
	bench->rounds = rounds;
	result = run_all(bench);
	if (result < 0)
		fprintf(stderr, "net: does not run, or something is left\n");
	free(bench);
	return result < 0;
}
