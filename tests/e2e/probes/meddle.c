/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Meddles with PID 1, which measures and ends the sandbox; prints one line a try, "NAME ok" or
 * "NAME E…". With arguments: that try alone, its value, and then a program to run in any case.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static long limit(int resource, long value)
{
	const unsigned long long both[2] = { (unsigned long long)value, (unsigned long long)value };

	return syscall(SYS_prlimit64, 1, resource, both, NULL);
}

static long try_nofile(long value)
{
	return limit(RLIMIT_NOFILE, value);
}

static long try_cpu(long value)
{
	return limit(RLIMIT_CPU, value);
}

static long try_stack(long value)
{
	return limit(RLIMIT_STACK, value);
}

static long try_idle(long value)
{
	const struct sched_param plain = { 0 };

	(void)value;
	return sched_setscheduler(1, 5 /* SCHED_IDLE */, &plain);
}

static long try_nice(long value)
{
	return setpriority(PRIO_PROCESS, 1, (int)value);
}

static long try_affinity(long value)
{
	const unsigned long mask = 1ul << value;

	return syscall(SYS_sched_setaffinity, 1, sizeof(mask), &mask);
}

static long write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	long n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n;
}

static long try_oom(long value)
{
	(void)value;
	return write_to("/proc/1/oom_score_adj", "1000");
}

static long try_oom_task(long value)
{
	(void)value;
	return write_to("/proc/1/task/1/oom_score_adj", "1000");
}

static long try_autogroup(long value)
{
	(void)value;
	return write_to("/proc/1/autogroup", "19");
}

static const struct {
	const char *name;
	long (*run)(long);
	long value;
} tries[] = {
	{ "nofile", try_nofile, 1024 },
	{ "cpu", try_cpu, 1000000 },
	{ "stack", try_stack, 8 << 20 },
	{ "idle", try_idle, 0 },
	{ "nice", try_nice, 1 },
	{ "affinity", try_affinity, 0 },
	{ "oom_score_adj", try_oom, 0 },
	{ "oom_score_adj_task", try_oom_task, 0 },
	{ "autogroup", try_autogroup, 0 },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		if (argc > 1 && strcmp(argv[1], tries[i].name) != 0)
			continue;
		errno = 0;
		if (tries[i].run(argc > 2 ? atol(argv[2]) : tries[i].value) >= 0)
			printf("%s ok\n", tries[i].name);
		else
			printf("%s %s\n", tries[i].name, strerrorname_np(errno));
	}
	fflush(stdout);
	if (argc > 3)
		execvp(argv[3], argv + 3);
	return argc > 3;
}
