/* SPDX-License-Identifier: Apache-2.0 */
/* Descendants of a subreaper: who is one, who gets the signal, what they use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sched.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../../init/kernel_abi.h"

/* What fails: calls whose path ends like this (NULL: none), and how. */
static const char *failing;
static int failure;
static unsigned reads;

static bool fails(const char *path)
{
	size_t len = strlen(path), end = failing ? strlen(failing) : 0;

	if (!failing || len < end || strcmp(path + len - end, failing) != 0)
		return false;
	errno = failure;
	return true;
}

static int test_openat(int dir, const char *path, int flags, ...)
{
	return fails(path) ? -1 : openat(dir, path, flags);
}

static ssize_t test_getdents(int fd, void *buffer, size_t size)
{
	return fails("getdents") ? -1 : sys_getdents(fd, buffer, size);
}

static ssize_t test_read(int fd, void *buffer, size_t size)
{
	return fails("read") ? -1 : read(fd, buffer, size);
}

static int test_fstatfs(int fd, struct statfs *st)
{
	return fails("fstatfs") ? -1 : fstatfs(fd, st);
}

#define openat test_openat
#define sys_getdents test_getdents
#define read test_read
#define fstatfs test_fstatfs
#include "../../init/clock.c"
#include "../../init/core/procfs.c"
#include "../../init/small_file.c"
#include "../../init/text.c"
#include "../../init/core/shm.c"

static ssize_t count_read(int proc_fd, uint32_t pid, const char *name, char *buffer, size_t size)
{
	reads++;
	return procfs_read(proc_fd, pid, name, buffer, size);
}

#define procfs_read count_read
#include "../../init/core/tree.c"
#undef procfs_read
#include "../../init/core/usage.c"
#undef openat
#undef sys_getdents
#undef read
#undef fstatfs

static struct tree tree;

/* A daemon: its own session, its parent gone. Its number. */
static pid_t start_daemon(void)
{
	pid_t pid, middle;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	middle = fork();
	if (middle == 0) {
		pid = fork();
		if (pid == 0) {
			setsid();
			pid = getpid();
			(void)!write(ends[1], &pid, sizeof(pid));
			for (;;)
				pause();
		}
		_exit(0);
	}
	assert_int_equal(waitpid(middle, NULL, 0), middle);
	assert_int_equal(read(ends[0], &pid, sizeof(pid)), sizeof(pid));
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static int set_up(void **state)
{
	(void)state;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return -1;
	return tree_open(&tree);
}

/* Of a test that failed midway. */
static int tear_down(void **state)
{
	(void)state;
	tree_signal(&tree, SIGKILL);
	return 0;
}

static void test_parent_and_start_in_stat(void **state)
{
	static const char text[] = "7 (a) R 9 (b) S 12 7 7 0 -1 4194304 10 0 0 0 100 20 3 4 20 0 1 "
				   "0 5000 1000 200\n";
	uint64_t parent, started;

	(void)state;
	assert_true(procfs_text_parent(text, strlen(text), &parent, &started));
	assert_int_equal(parent, 12);
	assert_int_equal(started, 5000);
	assert_false(procfs_text_parent("7 (a) R", 7, &parent, &started));
	assert_false(procfs_text_parent("", 0, &parent, &started));
}

static void test_strangers_and_ourselves_are_none(void **state)
{
	(void)state;
	assert_false(tree_has(&tree, getpid()));
	assert_false(tree_has(&tree, getppid()));
	assert_false(tree_has(&tree, 1));
	assert_false(tree_has(&tree, 0));
	assert_false(tree_has(&tree, -5));
}

static void test_an_adopted_daemon_is_one(void **state)
{
	pid_t pid = start_daemon();

	(void)state;
	assert_true(tree_has(&tree, pid));
	end(pid);
	assert_false(tree_has(&tree, pid));
}

static void test_a_grandchild_is_one(void **state)
{
	pid_t child, grandchild;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		grandchild = fork();
		if (grandchild != 0)
			(void)!write(ends[1], &grandchild, sizeof(grandchild));
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	assert_true(tree_has(&tree, grandchild));
	end(child);
	end(grandchild); /* ours by now */
	close(ends[0]);
	close(ends[1]);
}

/* Generations of one family, each waiting; the youngest's number. Ends with the pipe. */
static pid_t start_chain(unsigned depth, int ends[2])
{
	pid_t pid = 0, youngest;

	assert_int_equal(pipe(ends), 0);
	for (unsigned i = 0; i < depth && pid == 0; i++) {
		pid = fork();
		if (pid > 0 && i > 0)
			for (;;)
				pause();
	}
	if (pid == 0) {
		pid = getpid();
		(void)!write(ends[1], &pid, sizeof(pid));
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &youngest, sizeof(youngest)), sizeof(youngest));
	return youngest;
}

static void test_a_long_chain_is_followed_once(void **state)
{
	pid_t youngest;
	int ends[2];

	(void)state;
	youngest = start_chain(300, ends);
	reads = 0;
	assert_true(tree_has(&tree, youngest));
	assert_in_range(reads, 300, 310);
	reads = 0;
	for (int i = 0; i < 10; i++)
		assert_true(tree_has(&tree, youngest));
	assert_in_range(reads, 10, 10);
	tree_signal(&tree, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_false(tree_has(&tree, youngest));
	close(ends[0]);
	close(ends[1]);
}

static void test_a_signal_reaches_all(void **state)
{
	pid_t pids[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		pids[i] = start_daemon();
	tree_signal(&tree, SIGUSR1);
	for (size_t i = 0; i < 3; i++) {
		int status = 0;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGUSR1);
	}
}

/* A child that has written to so much memory of its own. */
static pid_t start_hog(size_t size)
{
	int ends[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) == MAP_FAILED)
			_exit(1);
		(void)!write(ends[1], "", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void test_memory_is_theirs_alone(void **state)
{
	const size_t size = 16 << 20;
	struct tree_memory used = {0}, before = {0};
	pid_t pid = start_daemon(), hog;

	(void)state;
	assert_int_equal(tree_memory(&tree, 0, size, &before), 0);
	hog = start_hog(size);
	assert_int_equal(tree_memory(&tree, 0, before.bytes + size / 2, &used), 0);
	assert_in_range(used.bytes, size, before.bytes + size + (64 << 20));
	assert_false(used.coarse);
	end(hog);
	end(pid);
}

static void test_a_look_ends_once_it_is_decided(void **state)
{
	const size_t size = 16 << 20;
	struct tree_memory used = {0};
	pid_t hogs[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		hogs[i] = start_hog(size);
	assert_int_equal(tree_memory(&tree, 0, size / 2, &used), 0);
	assert_in_range(used.bytes, size, 2 * size);
	for (size_t i = 0; i < 4; i++)
		end(hogs[i]);
}

static int pause_in_parents_memory(void *ready)
{
	(void)!write(*(int *)ready, "", 1);
	for (;;)
		pause();
	return 0;
}

/* As between vfork(2) and exec: one memory, two processes. */
static void test_memory_of_two_processes_counts_once(void **state)
{
	const size_t size = 32 << 20;
	struct tree_memory used = {0};
	char byte, stack[16384];
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) != MAP_FAILED)
			clone(pause_in_parents_memory, stack + sizeof(stack), CLONE_VM | SIGCHLD,
			      &ends[1]);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(tree_memory(&tree, 0, size + size / 2, &used), 0);
	assert_in_range(used.bytes, size, size + size / 2);
	tree_signal(&tree, SIGKILL);
	end(pid);
	while (waitpid(-1, NULL, 0) > 0)
		;
	close(ends[0]);
	close(ends[1]);
}

static void test_cpu_time_of_the_reaped_counts(void **state)
{
	uint64_t before = 0, used = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(tree_cpu(&tree, &before), 0);
	pid = fork();
	if (pid == 0) {
		struct rusage usage = {0};

		while (usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec < 100000)
			getrusage(RUSAGE_SELF, &usage);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(tree_cpu(&tree, &used), 0);
	assert_true(used >= before + 100000);
}

/* ---- looks that fail ---- */

static int memory_look(struct tree_memory *used)
{
	return tree_memory(&tree, 0, 1 << 20, used); /* far below: all sources are read */
}

/* Each way to look, each error: the look is lost, or it goes on. */
static void test_a_look_that_fails_is_lost_as_a_whole(void **state)
{
	static const char *const memory_looks[] = { ".", "getdents", "/statm", "/smaps_rollup",
						    "/status", "/task", "/fd", "read" };
	static const char *const cpu_looks[] = { ".", "getdents", "/stat", "read" };
	static const int errors[] = { EMFILE, ENFILE, ENOMEM, EIO };
	pid_t hog = start_hog(16 << 20);
	struct tree_memory used = {0};
	uint64_t used_us;

	(void)state;
	for (size_t e = 0; e < sizeof(errors) / sizeof(errors[0]); e++) {
		failure = errors[e];
		for (size_t i = 0; i < sizeof(memory_looks) / sizeof(memory_looks[0]); i++) {
			/* status is read only where smaps_rollup can't be */
			bool coarser = strcmp(memory_looks[i], "/status") == 0;

			failing = memory_looks[i];
			errno = 0;
			if (memory_look(&used) == 0 ? !coarser : errno != failure)
				fail_msg("memory, %s: %s", failing, strerror(failure));
		}
		for (size_t i = 0; i < sizeof(cpu_looks) / sizeof(cpu_looks[0]); i++) {
			failing = cpu_looks[i];
			errno = 0;
			if (tree_cpu(&tree, &used_us) == 0 || errno != failure)
				fail_msg("cpu, %s: %s", failing, strerror(failure));
		}
	}
	failing = NULL;
	end(hog);
}

static void test_a_process_that_went_away_is_no_failure(void **state)
{
	static const char *const looks[] = { "/statm", "/smaps_rollup", "/status", "/task", "/fd",
					     "/stat" };
	pid_t hog = start_hog(16 << 20);
	struct tree_memory used = {0};
	uint64_t used_us;

	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		failing = looks[i];
		for (failure = ENOENT; failure; failure = failure == ENOENT ? ESRCH : 0) {
			assert_int_equal(memory_look(&used), 0);
			assert_int_equal(tree_cpu(&tree, &used_us), 0);
			assert_false(used.coarse);
		}
	}
	failing = NULL;
	end(hog);
}

static void test_a_process_that_refuses_is_measured_roughly(void **state)
{
	static const char *const looks[] = { "/smaps_rollup", "/fd" };
	const size_t size = 16 << 20;
	pid_t hog = start_hog(size);
	struct tree_memory used = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		failing = looks[i];
		failure = EACCES;
		assert_int_equal(memory_look(&used), 0);
		assert_true(used.coarse);
		assert_in_range(used.bytes, size, 2 * size);
	}
	failing = NULL;
	assert_int_equal(memory_look(&used), 0);
	assert_false(used.coarse);
	end(hog);
}

static void test_a_tmpfs_that_cannot_be_measured_is_lost(void **state)
{
	int fd = open("/", O_RDONLY);
	struct usage usage = {.tree = &tree, .tmpfs_fds = &fd, .tmpfs_count = 1};
	struct tree_memory used = {0};

	(void)state;
	assert_int_equal(usage_memory(&usage, UINT64_MAX, &used), 0);
	failing = "fstatfs";
	failure = EIO;
	assert_int_equal(usage_memory(&usage, UINT64_MAX, &used), -1);
	failing = NULL;
	close(fd);
}

/* ---- shared memory that nobody has mapped ---- */

static uint64_t bytes_now(void)
{
	struct tree_memory used = {0};

	assert_int_equal(tree_memory(&tree, 0, UINT64_MAX, &used), 0);
	return used.bytes;
}

/* A memfd with so much in it. */
static int filled_memfd(size_t size)
{
	int fd = memfd_create("hoard", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(posix_fallocate(fd, 0, (off_t)size), 0);
	return fd;
}

/* A process that calls `hoard` and waits, in a thread of its own if so wished. */
static void *hoard_and_wait(void *ready)
{
	if (unshare(CLONE_FILES) < 0)
		return NULL;
	filled_memfd(16 << 20);
	(void)!write(*(int *)ready, "", 1);
	for (;;)
		pause();
}

static pid_t start_hoard(bool thread, bool leader_ends)
{
	int ends[2];
	pthread_t id;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (thread && pthread_create(&id, NULL, hoard_and_wait, &ends[1]) == 0 &&
		    leader_ends)
			pthread_exit(NULL);
		if (!thread)
			hoard_and_wait(&ends[1]);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void test_memfds_count_wherever_they_are_open(void **state)
{
	uint64_t before = bytes_now();

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		pid_t pid = start_hoard(kind > 0, kind > 1);
		uint64_t used = bytes_now();

		if (used < before + (16 << 20) || used > before + (24 << 20))
			fail_msg("kind %d: %llu of %llu", kind, (unsigned long long)used,
				 (unsigned long long)before);
		end(pid);
	}
}

static void test_a_memfd_counts_once(void **state)
{
	uint64_t before = bytes_now(), used;
	int fd = filled_memfd(16 << 20);
	pid_t one = start_daemon(), two = start_daemon(); /* both inherit it */

	(void)state;
	assert_int_not_equal(dup(fd), -1);
	used = bytes_now();
	assert_in_range(used, before + (16 << 20), before + (24 << 20));
	end(one);
	end(two);
	close(fd);
}

static void test_what_the_caller_passed_in_counts_as_it_grows(void **state)
{
	uint64_t before = bytes_now(), used;
	int fd = filled_memfd(16 << 20);
	pid_t pid;

	(void)state;
	assert_int_equal(tree_memory_begin(&tree), 0);
	pid = start_daemon();
	assert_in_range(bytes_now(), before, before + (8 << 20));
	assert_int_equal(posix_fallocate(fd, 16 << 20, 8 << 20), 0);
	used = bytes_now();
	assert_in_range(used, before + (8 << 20), before + (15 << 20));
	end(pid);
	close(fd);
}

static void test_segments_count_attached_or_not(void **state)
{
	const size_t size = 4 << 20;
	uint64_t before = 0, used = 0;
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
	char *bytes;

	(void)state;
	if (id < 0 && errno == ENOSYS)
		skip();
	assert_int_equal(shm_add_segments(tree.proc_fd, &before), 0);
	bytes = shmat(id, NULL, 0);
	memset(bytes, 1, size);
	assert_int_equal(shm_add_segments(tree.proc_fd, &used), 0);
	assert_in_range(used - before, size, size + (1 << 20));
	shmdt(bytes);
	used = 0;
	assert_int_equal(shm_add_segments(tree.proc_fd, &used), 0);
	assert_in_range(used - before, size, size + (1 << 20));
	failing = "read";
	failure = EIO;
	assert_int_equal(shm_add_segments(tree.proc_fd, &used), -1);
	failing = SEGMENTS;
	failure = EMFILE;
	assert_int_equal(shm_add_segments(tree.proc_fd, &used), -1);
	failure = ENOENT; /* a kernel without them */
	assert_int_equal(shm_add_segments(tree.proc_fd, &used), 0);
	failing = NULL;
	shmctl(id, IPC_RMID, NULL);
}

static void test_segments_of_others_do_not_count(void **state)
{
	const char text[] = "       key      shmid perms                  size  cpid  lpid nattch   uid   "
			    "gid  cuid  cgid      atime      dtime      ctime                   rss"
			    "                  swap\n"
			    "         0          7   600 4096 0 9 1 0 0 0 0 1 1 1 4096 100\n"
			    "-123456789          8   600 4096 7 0 0 0 0 0 0 1 1 1 8192 1000\n";
	struct table table = {0};
	uint64_t bytes = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		take(&table, text[i], &bytes);
	assert_int_equal(bytes, 9192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parent_and_start_in_stat),
		cmocka_unit_test(test_strangers_and_ourselves_are_none),
		cmocka_unit_test(test_an_adopted_daemon_is_one),
		cmocka_unit_test(test_a_grandchild_is_one),
		cmocka_unit_test(test_a_long_chain_is_followed_once),
		cmocka_unit_test(test_a_signal_reaches_all),
		cmocka_unit_test(test_memory_is_theirs_alone),
		cmocka_unit_test(test_a_look_ends_once_it_is_decided),
		cmocka_unit_test(test_memory_of_two_processes_counts_once),
		cmocka_unit_test(test_cpu_time_of_the_reaped_counts),
		cmocka_unit_test(test_a_look_that_fails_is_lost_as_a_whole),
		cmocka_unit_test(test_a_process_that_went_away_is_no_failure),
		cmocka_unit_test(test_a_process_that_refuses_is_measured_roughly),
		cmocka_unit_test(test_a_tmpfs_that_cannot_be_measured_is_lost),
		cmocka_unit_test(test_memfds_count_wherever_they_are_open),
		cmocka_unit_test(test_a_memfd_counts_once),
		cmocka_unit_test(test_what_the_caller_passed_in_counts_as_it_grows),
		cmocka_unit_test(test_segments_count_attached_or_not),
		cmocka_unit_test(test_segments_of_others_do_not_count),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
