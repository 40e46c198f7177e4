/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init NIDUS-INIT [TINI…]: nidus-init beside tini, tini-static, dumb-init,
 * catatonit and s6-svscan, where they are installed, and beside other builds of
 * tini that are named. In one run, in turn:
 *
 *     start+exit of true, from fork to wait: the median
 *     cpu time that the init takes for each orphan that it reaps
 *     memory and wake-ups while the program sleeps
 *
 * As root each is PID 1 of a pid namespace for all but the first. s6-svscan is no
 * wrapper: it starts the same program by way of s6-supervise, and has no first.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 400
#define WARM_UP 10
#define ORPHANS 2000
#define IDLE_S 10
#define SETTLE_US 300000 /* for what was orphaned last to be reaped */
#define RIVALS_MAX 12
#define WORDS_MAX 4

extern char **environ;

struct rival {
	const char *name;
	const char *words[WORDS_MAX]; /* before the program */
	bool svscan;
	bool missing;
	pid_t pid;
	char dir[64];
	int ready_fd, go_fd;
	double us[ROUNDS];
	double orphan_us;
	long dirty_kib, pss_kib, wakeups;
};

static struct rival rivals[RIVALS_MAX] = {
	{.name = "nidus-init", .words = {NULL, "--"}},
	{.name = "tini", .words = {"tini", "-s", "--"}},
	{.name = "tini-static", .words = {"tini-static", "-s", "--"}},
	{.name = "dumb-init", .words = {"dumb-init"}},
	{.name = "catatonit", .words = {"catatonit", "--"}},
	{.name = "s6-svscan", .words = {"s6-svscan"}, .svscan = true},
};
static int rival_count = 6;
static bool namespaces = true;

static double now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

/* The program: tells by a FIFO that it runs, sleeps until told to make orphans, tells again, sleeps. */
static int be_program(const char *dir)
{
	char path[128], byte = 'x';
	int ready, go;

	snprintf(path, sizeof(path), "%s/ready", dir);
	ready = open(path, O_WRONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/go", dir);
	go = open(path, O_RDONLY | O_CLOEXEC);
	if (ready < 0 || go < 0 || write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1)
		return 1;
	for (int i = 0; i < ORPHANS; i++) {
		pid_t child = fork();

		if (child == 0) {
			for (int tries = 0; tries < 1000 && fork() < 0; tries++)
				usleep(1000);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
	if (write(ready, &byte, 1) != 1)
		return 1;
	for (;;)
		pause();
}

static long value_of(pid_t pid, const char *file, const char *key)
{
	char path[64], line[256];
	long value = -1;
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	stream = fopen(path, "re");
	while (stream && fgets(line, sizeof(line), stream))
		if (strncmp(line, key, strlen(key)) == 0)
			value = strtol(line + strlen(key), NULL, 10);
	if (stream)
		fclose(stream);
	return value;
}

/* Context switches: it stopped running that often, so it was woken that often. */
static long switches(pid_t pid)
{
	return value_of(pid, "status", "voluntary_ctxt_switches:") +
	       value_of(pid, "status", "nonvoluntary_ctxt_switches:");
}

/* Time on a processor, nanoseconds: the first word of schedstat. */
static double cpu_ns(pid_t pid)
{
	return (double)value_of(pid, "schedstat", "");
}

static bool wait_byte(const struct rival *rival)
{
	char byte;

	return read(rival->ready_fd, &byte, 1) == 1;
}

/* A scan directory with one service, which is the program. */
static bool make_service(const struct rival *rival, const char *self)
{
	char path[128];
	FILE *run;

	snprintf(path, sizeof(path), "%s/scan", rival->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/scan/one", rival->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/scan/one/run", rival->dir);
	run = fopen(path, "we");
	if (!run)
		return false;
	fprintf(run, "#!/bin/sh\nexec %s --program %s\n", self, rival->dir);
	fchmod(fileno(run), 0700);
	return fclose(run) == 0;
}

static void exec_rival(const struct rival *rival, const char *self)
{
	char scan[128];
	const char *argv[WORDS_MAX + 4] = {NULL};
	int count = 0;

	for (; count < WORDS_MAX && rival->words[count]; count++)
		argv[count] = rival->words[count];
	if (rival->svscan) {
		snprintf(scan, sizeof(scan), "%s/scan", rival->dir);
		argv[count] = scan;
	} else {
		argv[count++] = self;
		argv[count++] = "--program";
		argv[count] = rival->dir;
	}
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static bool start(struct rival *rival, const char *self)
{
	char path[128];

	snprintf(rival->dir, sizeof(rival->dir), "/tmp/nidus-bench.XXXXXX");
	if (!mkdtemp(rival->dir))
		return false;
	snprintf(path, sizeof(path), "%s/ready", rival->dir);
	mkfifo(path, 0600);
	rival->ready_fd = open(path, O_RDWR | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/go", rival->dir);
	mkfifo(path, 0600);
	rival->go_fd = open(path, O_RDWR | O_CLOEXEC);
	if (rival->svscan && !make_service(rival, self))
		return false;
	if (namespaces)
		rival->pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	if (!namespaces || rival->pid < 0) {
		namespaces = false;
		rival->pid = fork();
	}
	if (rival->pid == 0)
		exec_rival(rival, self);
	return rival->pid > 0 && wait_byte(rival);
}

static void reap_orphans(struct rival *rival)
{
	double before = cpu_ns(rival->pid);

	if (write(rival->go_fd, "x", 1) != 1 || !wait_byte(rival))
		return;
	usleep(SETTLE_US);
	rival->orphan_us = (cpu_ns(rival->pid) - before) / 1e3 / ORPHANS;
}

static void end(const struct rival *rival)
{
	char command_path[128];
	const char *const paths[] = {"ready", "go", "scan/one/supervise/lock", "scan/one/supervise/control",
				     "scan/one/supervise/status", "scan/one/supervise/death_tally",
				     "scan/one/supervise", "scan/one/event", "scan/one/run", "scan/one",
				     "scan/.s6-svscan/lock", "scan/.s6-svscan/control",
				     "scan/.s6-svscan", "scan", ""};

	if (namespaces || rival->svscan) /* a namespace ends with its PID 1 */
		kill(rival->pid, SIGKILL);
	else
		kill(rival->pid, SIGTERM);
	waitpid(rival->pid, NULL, 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		snprintf(command_path, sizeof(command_path), "%s/%s", rival->dir, paths[i]);
		remove(command_path);
	}
}

static double run_true(const struct rival *rival)
{
	double began = now_us();
	const char *argv[WORDS_MAX + 2] = {NULL};
	int status = 0, count = 0;
	pid_t pid;

	for (; count < WORDS_MAX && rival->words[count]; count++)
		argv[count] = rival->words[count];
	argv[count] = "/bin/true";
	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ) != 0 ||
	    waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? now_us() - began : -1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure_starts(void)
{
	for (int round = -WARM_UP; round < ROUNDS; round++) {
		for (int i = 0; i < rival_count; i++) {
			double us = rivals[i].missing || rivals[i].svscan ? 0 : run_true(&rivals[i]);

			if (us < 0)
				rivals[i].missing = true;
			if (round >= 0)
				rivals[i].us[round] = us;
		}
	}
	for (int i = 0; i < rival_count; i++)
		qsort(rivals[i].us, ROUNDS, sizeof(double), compare);
}

/* A file that was just built counts as dirty memory until it is on the disk. */
static void write_back(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static void measure_idle(void)
{
	long before[RIVALS_MAX] = {0};

	for (int i = 0; i < rival_count; i++)
		write_back(rivals[i].words[0]);
	sleep(1);
	for (int i = 0; i < rival_count; i++)
		before[i] = rivals[i].missing ? 0 : switches(rivals[i].pid);
	sleep(IDLE_S);
	for (int i = 0; i < rival_count; i++) {
		struct rival *rival = &rivals[i];

		if (rival->missing)
			continue;
		rival->wakeups = switches(rival->pid) - before[i];
		rival->dirty_kib = value_of(rival->pid, "smaps_rollup", "Private_Dirty:");
		rival->pss_kib = value_of(rival->pid, "smaps_rollup", "Pss:");
	}
}

static void print_rival(const struct rival *rival, double own_us)
{
	double us = rival->us[ROUNDS / 2];

	if (rival->missing) {
		printf("%-12s is not installed\n", rival->name);
		return;
	}
	if (rival->svscan)
		printf("%-12s %10s %7s", rival->name, "-", "-");
	else
		printf("%-12s %10.0f %7.2f", rival->name, us, own_us / us);
	printf(" %12.2f %14ld %8ld %14ld\n", rival->orphan_us, rival->dirty_kib, rival->pss_kib,
	       rival->wakeups);
}

static bool installed(const char *name)
{
	char path[256];
	const char *const folders[] = {"/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin"};

	if (strchr(name, '/'))
		return access(name, X_OK) == 0;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static void print(void)
{
	printf("%-12s %10s %7s %12s %14s %8s %14s\n", "", "start+exit", "ours/", "cpu/orphan",
	       "private dirty", "PSS", "wake-ups");
	printf("%-12s %10s %7s %12s %14s %8s %12d s\n", "", "us", "it", "us", "KiB", "KiB", IDLE_S);
	for (int i = 0; i < rival_count; i++)
		print_rival(&rivals[i], rivals[0].us[ROUNDS / 2]);
	printf("(median of %d starts; %d orphans%s)\n", ROUNDS, ORPHANS,
	       namespaces ? "" : "; not as PID 1: no privilege");
}

int main(int argc, char **argv)
{
	char self[4096] = "";

	if (argc == 3 && strcmp(argv[1], "--program") == 0)
		return be_program(argv[2]);
	if (argc < 2) {
		fprintf(stderr, "usage: init NIDUS-INIT [TINI...]\n");
		return 2;
	}
	rivals[0].words[0] = argv[1];
	for (int i = 2; i < argc && rival_count < RIVALS_MAX; i++)
		rivals[rival_count++] = (struct rival){
			.name = strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i],
			.words = {argv[i], "-s", "--"},
		};
	for (int i = 0; i < rival_count; i++)
		rivals[i].missing = !installed(rivals[i].words[0]);
	measure_starts();
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 1;
	for (int i = 0; i < rival_count; i++)
		if (!rivals[i].missing && !start(&rivals[i], self))
			rivals[i].missing = true;
	measure_idle();
	for (int i = 0; i < rival_count; i++) {
		if (rivals[i].missing)
			continue;
		reap_orphans(&rivals[i]);
		end(&rivals[i]);
	}
	print();
	return rivals[0].missing;
}
