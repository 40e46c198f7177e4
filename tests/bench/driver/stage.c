/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where it all runs: a pid namespace, so that nothing outlives it, and a mount namespace, so
 * that /run is a tmpfs whatever the machine has, and nothing stays mounted. The outer process
 * waits and removes the directory on disk, also when it is interrupted.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static volatile sig_atomic_t is_over;

static void on_end(int signal)
{
	(void)signal;
	is_over = 1;
}

bool stage_is_over(void)
{
	return is_over;
}

static void catch_end(void)
{
	struct sigaction action = { .sa_handler = on_end };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static int copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t n = -1;

	while (in >= 0 && out >= 0 && (n = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	close(in);
	close(out);
	return n == 0 ? 0 : -1;
}

static int make_view(const struct bench *bench)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/inside", bench->build);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ||
	    mount("bench", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0 ||
	    mount("bench", "/mnt", "tmpfs", 0, "mode=0755") < 0 || mkdir(STATE_TMPFS, 0755) < 0)
		return -1;
	return copy(path, INSIDE);
}

void stage_clean(const struct bench *bench)
{
	const char *const roots[] = { STATE_TMPFS "/state", STATE_TMPFS "/user", bench->disk };
	char *argv[] = { (char *)bench->nidus, "gc", "--all", NULL };
	struct rival gc = { .name = "gc", .argv = argv };

	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		gc.state_root = roots[i];
		gc.missing = true; /* no complaint about a root that was not used */
		gc.uid = i == 1 ? BENCH_USER : 0;
		succeeds(start(&gc, -1));
	}
}

/* PID 1 of the stage: what is left when it ends, the kernel kills. */
static int be_stage(struct bench *bench, int (*act)(struct bench *bench))
{
	int status;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (make_view(bench) < 0) {
		fprintf(stderr, "bench: no place to measure in: %s\n", strerror(errno));
		return 1;
	}
	status = act(bench);
	stage_clean(bench);
	rivals_clean();
	return status;
}

static int remove_one(const char *path, const struct stat *file, int kind, struct FTW *where)
{
	(void)file;
	(void)kind;
	(void)where;
	return remove(path);
}

int stage_run(struct bench *bench, int (*act)(struct bench *bench))
{
	char disk[] = "/var/tmp/nidus-bench.XXXXXX";
	int status = 1;
	pid_t pid;

	bench->disk = mkdtemp(disk);
	if (!bench->disk || unshare(CLONE_NEWPID) < 0) {
		perror("bench");
		return 1;
	}
	catch_end();
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0)
			_exit(1);
		status = be_stage(bench, act);
		fflush(NULL);
		_exit(status);
	}
	/* interrupted: the stage was, too, by the terminal, or is now */
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		kill(pid, SIGTERM);
	nftw(disk, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
