/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts ROUNDS [ROWS]: what the kernel takes for the parts of which every sandbox is made, each
 * alone and without anything of nidus: what no rival can be faster than. In turn, medians.
 *
 * ROWS gets one JSON object a line, as those of driver/.
 *
 *     clone    clone3 with these namespaces, a child that exits, wait: with the namespaces' end
 *     step     one step in a child that has what it needs; only the step is timed
 */
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../spawn/confine/seccomp_default.h"

#define ROUNDS_MAX 2000
#define WARM_UP 5
#define OWN (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS)
#define ALL (OWN | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)

static double *told; /* shared with the children: the step's time; negative: it failed */

static double now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static int mount_proc(void)
{
	return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static int mount_tmpfs(void)
{
	return mount("t", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
}

static int bind_root(void)
{
	return mount("/", "/tmp", NULL, MS_BIND | MS_REC, NULL);
}

/* A root of its own, entered, the old one on top of it. */
static int enter_root(void)
{
	if (bind_root() < 0 || chdir("/tmp") < 0)
		return -1;
	return (int)syscall(SYS_pivot_root, ".", ".");
}

static int leave_old_root(void)
{
	return umount2(".", MNT_DETACH);
}

static int install_filter(void)
{
	const struct seccomp_filter *filter = &seccomp_defaults[0];
	struct sock_fprog program = { (unsigned short)filter->count, (void *)filter->code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static int make_net(void)
{
	return unshare(CLONE_NEWNET);
}

static const struct part {
	const char *name;
	uint64_t flags;
	int (*prepare)(void), (*step)(void); /* NULL: the clone is what is timed */
	const char *exec;
} parts[] = {
	{ "clone: no namespace", 0, NULL, NULL, NULL },
	{ "clone: user", CLONE_NEWUSER, NULL, NULL, NULL },
	{ "clone: pid", CLONE_NEWPID, NULL, NULL, NULL },
	{ "clone: mount", CLONE_NEWNS, NULL, NULL, NULL },
	{ "clone: uts", CLONE_NEWUTS, NULL, NULL, NULL },
	{ "clone: ipc", CLONE_NEWIPC, NULL, NULL, NULL },
	{ "clone: cgroup", CLONE_NEWCGROUP, NULL, NULL, NULL },
	{ "clone: network", CLONE_NEWNET, NULL, NULL, NULL },
	{ "clone: all of them", ALL, NULL, NULL, NULL },
	{ "clone and exec: static", 0, NULL, NULL, "/proc/self/exe" },
	{ "clone and exec: /bin/true", 0, NULL, NULL, "/bin/true" },
	{ "step: unshare network", OWN, NULL, make_net, NULL },
	{ "step: mount proc", OWN, NULL, mount_proc, NULL },
	{ "step: mount tmpfs", OWN, NULL, mount_tmpfs, NULL },
	{ "step: bind / recursively", OWN, NULL, bind_root, NULL },
	{ "step: unmount the old root", OWN, enter_root, leave_old_root, NULL },
	{ "step: the default filter", 0, NULL, install_filter, NULL },
};

#define PARTS (sizeof(parts) / sizeof(*parts))

static void be_child(const struct part *part)
{
	double began;

	if (part->exec) {
		char *argv[] = { (char *)part->exec, "exit", NULL };

		execv(part->exec, argv);
		_exit(127);
	}
	if (!part->step)
		_exit(0);
	/* root inside needs no id map for these steps */
	if (part->flags & CLONE_NEWNS && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(1);
	if (part->prepare && part->prepare() < 0)
		_exit(1);
	began = now_us();
	if (part->step() < 0)
		_exit(1);
	*told = now_us() - began;
	_exit(0);
}

/* Microseconds; -1: it failed. */
static double measure(const struct part *part)
{
	struct clone_args args = { .flags = part->flags, .exit_signal = SIGCHLD };
	double began = now_us();
	int status;
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		be_child(part);
	if (pid < 0 || waitpid((pid_t)pid, &status, 0) < 0 || status != 0)
		return -1;
	return part->step ? *told : now_us() - began;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(const struct part *part, const double *us, long rounds, FILE *rows)
{
	if (us[0] < 0) {
		printf("%-34s does not run here\n", part->name);
		return;
	}
	printf("%-34s %10.1f %10.1f %10.1f\n", part->name, us[rounds / 2],
	       us[(rounds - 1) * 99 / 100], us[0]);
	if (rows)
		fprintf(rows,
			"{\"job\":\"parts\",\"variant\":\"%s\",\"rival\":\"kernel\",\"unit\":"
			"\"us\","
			"\"median\":%.1f,\"p99\":%.1f,\"least\":%.1f,\"runs\":%ld}\n",
			part->name, us[rounds / 2], us[(rounds - 1) * 99 / 100], us[0], rounds);
}

int main(int argc, char **argv)
{
	static double us[PARTS][ROUNDS_MAX];
	FILE *rows = argc > 2 ? fopen(argv[2], "ae") : NULL;
	long rounds;

	if (argc > 1 && strcmp(argv[1], "exit") == 0)
		return 0;
	rounds = argc > 1 ? atol(argv[1]) : 0;
	if (rounds < 1 || rounds > ROUNDS_MAX || (argc > 2 && !rows))
		return 2;
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		return 1;
	for (long round = -WARM_UP; round < rounds; round++)
		for (size_t i = 0; i < PARTS; i++)
			us[i][round < 0 ? 0 : round] = measure(&parts[i]);
	printf("\nparts of the kernel, each bare: us\n%-34s %10s %10s %10s\n", "", "median", "P99",
	       "least");
	for (size_t i = 0; i < PARTS; i++) {
		qsort(us[i], (size_t)rounds, sizeof(double), compare);
		print(&parts[i], us[i], rounds, rows);
	}
	return rows ? fclose(rows) != 0 : 0;
}
