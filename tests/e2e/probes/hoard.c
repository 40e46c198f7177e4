/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hoard KIND MIB: holds so much memory where no resident set shows it, and waits. The kinds:
 *   memfd      a file of memfd_create(2), never mapped
 *   shy        the same, in a process that is not dumpable
 *   table      the same, in the descriptor table of a thread alone
 *   leaderless plain memory of a process whose first thread has ended
 *   segment    a System V segment that nobody is attached to
 *   tmpfs      an unlinked file in /tmp
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

#define STEP (1u << 20)
#define PAUSE_US 5000

static const char *kind;
static long mib;

static int hold(int fd)
{
	static char step[STEP];

	memset(step, 1, sizeof(step));
	for (long i = 0; fd >= 0 && i < mib; i++) {
		if (write(fd, step, sizeof(step)) != (ssize_t)sizeof(step))
			return 1;
		usleep(PAUSE_US);
	}
	return fd < 0;
}

static int hold_plain(void)
{
	for (long i = 0; i < mib; i++) {
		void *step = mmap(NULL, STEP, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (step == MAP_FAILED)
			return 1;
		memset(step, 1, STEP);
		usleep(PAUSE_US);
	}
	return 0;
}

static int hold_segments(void)
{
	for (long i = 0; i < mib; i++) {
		int id = shmget(IPC_PRIVATE, STEP, IPC_CREAT | 0600);
		char *step = id < 0 ? NULL : shmat(id, NULL, 0);

		if (!step || step == (char *)-1)
			return 1;
		memset(step, 1, STEP);
		shmdt(step);
		usleep(PAUSE_US);
	}
	return 0;
}

static int hold_tmpfs(void)
{
	int fd = open("/tmp/hoard", O_CREAT | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	unlink("/tmp/hoard");
	hold(fd); /* a tmpfs as large as the limit is full by then */
	return fd < 0;
}

static void end(int failed)
{
	if (failed)
		perror("hoard");
	sleep(failed ? 0 : 30);
	puts("held it all");
	fflush(stdout);
	_exit(failed);
}

static void *in_thread(void *unused)
{
	(void)unused;
	if (strcmp(kind, "leaderless") == 0)
		end(hold_plain());
	end(unshare(CLONE_FILES) < 0 || hold(memfd_create("hoard", MFD_CLOEXEC)));
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	kind = argc > 1 ? argv[1] : "memfd";
	mib = argc > 2 ? atol(argv[2]) : 1024;
	if (strcmp(kind, "shy") == 0)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (strcmp(kind, "segment") == 0)
		end(hold_segments());
	if (strcmp(kind, "tmpfs") == 0)
		end(hold_tmpfs());
	if (strcmp(kind, "memfd") == 0 || strcmp(kind, "shy") == 0)
		end(hold(memfd_create("hoard", MFD_CLOEXEC)));
	if (pthread_create(&thread, NULL, in_thread, NULL) != 0)
		return 1;
	pthread_exit(NULL);
}
