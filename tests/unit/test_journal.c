/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: what is written comes back, and nothing that was torn. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../init/fd.h"
#include "../../spawn/record/journal.h"
#include "../../spawn/record/process.h"

struct here {
	char path[64];
	int dir_fd;
	struct journal journal;
	struct arena arena;
	struct journal_entry *entries;
	size_t count;
	struct fault fault;
};

static int setup(void **state)
{
	struct here *here = calloc(1, sizeof(*here));

	strcpy(here->path, "/tmp/nidus-test-journal-XXXXXX");
	if (!mkdtemp(here->path)) {
		free(here);
		return -1;
	}
	here->dir_fd = open(here->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = here;
	return journal_create(&here->journal, here->dir_fd, &here->fault);
}

static int teardown(void **state)
{
	struct here *here = *state;

	journal_close(&here->journal);
	arena_free(&here->arena);
	unlinkat(here->dir_fd, "journal", 0);
	close(here->dir_fd);
	rmdir(here->path);
	free(here);
	return 0;
}

static void reread(struct here *here)
{
	assert_int_equal(journal_read(here->dir_fd, &here->arena, &here->entries, &here->count,
				      &here->fault),
			 0);
}

static const char *find(struct here *here, enum journal_kind kind)
{
	return journal_find(here->entries, here->count, kind);
}

static void append_raw(struct here *here, const char *text, size_t len)
{
	assert_int_equal(fd_write_whole(here->journal.fd, text, len), 0);
}

static void test_create_says_who_and_when(void **state)
{
	struct here *here = *state;
	char owner[64], boot[PROCESS_BOOT_MAX];

	reread(here);
	assert_string_equal(find(here, JOURNAL_VERSION), "1");
	snprintf(owner, sizeof(owner), "%d %llu", (int)getpid(),
		 (unsigned long long)process_start_time(getpid()));
	assert_string_equal(find(here, JOURNAL_OWNER), owner);
	assert_int_equal(process_boot(boot), 0);
	assert_string_equal(find(here, JOURNAL_BOOT), boot);
	assert_true(strtod(find(here, JOURNAL_CREATED), NULL) > 1e9);
}

static void test_create_refuses_a_second_one(void **state)
{
	struct here *here = *state;
	struct journal second;

	assert_int_equal(journal_create(&second, here->dir_fd, &here->fault), -1);
	assert_int_equal(here->fault.err, EEXIST);
	assert_int_equal(second.fd, -1);
}

static void test_every_byte_comes_back(void **state)
{
	struct here *here = *state;
	char text[256];

	for (int i = 0; i < 255; i++)
		text[i] = (char)(i + 1);
	text[255] = '\0';
	assert_int_equal(journal_write(&here->journal, JOURNAL_NAME, text, &here->fault), 0);
	reread(here);
	assert_string_equal(find(here, JOURNAL_NAME), text);
}

static void test_a_newline_forges_no_entry(void **state)
{
	struct here *here = *state;

	journal_write(&here->journal, JOURNAL_LABEL, "a=b\ncgroup /sys/fs/cgroup", &here->fault);
	reread(here);
	assert_null(find(here, JOURNAL_CGROUP));
	assert_string_equal(find(here, JOURNAL_LABEL), "a=b\ncgroup /sys/fs/cgroup");
}

static void test_empty_argument(void **state)
{
	struct here *here = *state;

	assert_int_equal(journal_write(&here->journal, JOURNAL_READY, NULL, &here->fault), 0);
	reread(here);
	assert_string_equal(find(here, JOURNAL_READY), "");
}

static void test_find_takes_the_last(void **state)
{
	struct here *here = *state;

	journal_write(&here->journal, JOURNAL_OWNER, "1 2", &here->fault);
	journal_write(&here->journal, JOURNAL_OWNER, "3 4", &here->fault);
	reread(here);
	assert_string_equal(find(here, JOURNAL_OWNER), "3 4");
}

static void test_torn_line_is_ignored(void **state)
{
	struct here *here = *state;

	append_raw(here, "cgroup /sys/fs", 14);
	reread(here);
	assert_null(find(here, JOURNAL_CGROUP));
}

static void test_open_cuts_a_torn_line(void **state)
{
	struct here *here = *state;
	struct journal later;

	append_raw(here, "cgroup /sys/fs", 14);
	assert_int_equal(journal_open(&later, here->dir_fd, &here->fault), 0);
	assert_int_equal(journal_write(&later, JOURNAL_READY, "", &here->fault), 0);
	journal_close(&later);
	reread(here);
	assert_null(find(here, JOURNAL_CGROUP));
	assert_non_null(find(here, JOURNAL_READY));
}

static void test_unknown_kinds_are_skipped(void **state)
{
	struct here *here = *state;

	append_raw(here, "veth x\n\nnothing\nready \n", 23);
	reread(here);
	assert_int_equal(here->count, 5);
	assert_non_null(find(here, JOURNAL_READY));
}

static void test_too_large_is_refused(void **state)
{
	struct here *here = *state;

	assert_int_equal(ftruncate(here->journal.fd, (1 << 20) + 1), 0);
	assert_int_equal(journal_read(here->dir_fd, &here->arena, &here->entries, &here->count,
				      &here->fault),
			 -1);
	assert_int_equal(here->fault.err, EFBIG);
}

static void test_long_resource_is_refused_and_long_command_cut(void **state)
{
	struct here *here = *state;
	char *text = malloc(40000);

	memset(text, 'x', 39999);
	text[39999] = '\0';
	assert_int_equal(journal_write(&here->journal, JOURNAL_NAME, text, &here->fault), -1);
	assert_int_equal(here->fault.err, E2BIG);
	assert_int_equal(journal_write(&here->journal, JOURNAL_COMMAND, text, &here->fault), 0);
	free(text);
	reread(here);
	assert_null(find(here, JOURNAL_NAME));
	assert_in_range(strlen(find(here, JOURNAL_COMMAND)), 4096, JOURNAL_LINE_MAX);
}

static void test_full_disk_leaves_whole_lines(void **state)
{
	struct here *here = *state;
	off_t before = lseek(here->journal.fd, 0, SEEK_END);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct rlimit limit = { (rlim_t)before + 10, (rlim_t)before + 10 };

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(journal_write(&here->journal, JOURNAL_NAME, "/a/long/enough/path",
				    &here->fault) == -1
			      ? 0
			      : 1);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(lseek(here->journal.fd, 0, SEEK_END), before);
}

static void test_read_fd_survives_removal(void **state)
{
	struct here *here = *state;
	int fd = openat(here->dir_fd, "journal", O_RDONLY | O_CLOEXEC);

	journal_write(&here->journal, JOURNAL_EXITED, "exited 7 0", &here->fault);
	unlinkat(here->dir_fd, "journal", 0);
	assert_int_equal(
		journal_read_fd(fd, &here->arena, &here->entries, &here->count, &here->fault), 0);
	close(fd);
	assert_string_equal(find(here, JOURNAL_EXITED), "exited 7 0");
}

static void test_process_is_opened(void **state)
{
	struct here *here = *state;
	char text[PROCESS_TEXT_MAX];
	int fd;

	assert_int_equal(process_describe(getpid(), text), 0);
	assert_int_equal(journal_write(&here->journal, JOURNAL_INIT, text, &here->fault), 0);
	reread(here);
	fd = process_open(find(here, JOURNAL_INIT));
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void test_process_with_another_start_is_gone(void **state)
{
	char text[64];

	(void)state;
	snprintf(text, sizeof(text), "%d %llu", (int)getpid(),
		 (unsigned long long)process_start_time(getpid()) - 1);
	assert_int_equal(process_open(text), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(process_open("0 0"), -1);
	assert_int_equal(process_open("-1 5"), -1);
	assert_int_equal(process_open("x"), -1);
}

/* With no descriptor free nothing can be told of it; that is not to be gone. */
static void test_process_that_cant_be_looked_at_may_live(void **state)
{
	char text[PROCESS_TEXT_MAX], boot[PROCESS_BOOT_MAX];
	enum process_place place;
	struct rlimit before, none;
	int opened, err, placed;

	(void)state;
	assert_int_equal(process_describe(getpid(), text), 0);
	assert_int_equal(process_boot(boot), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	opened = process_open(text);
	err = errno;
	placed = process_place(boot, &place);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(opened, -1);
	assert_int_equal(err, EMFILE);
	assert_int_equal(placed, -1);
}

static void test_zombie_is_gone(void **state)
{
	char text[PROCESS_TEXT_MAX];
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	snprintf(text, sizeof(text), "%d %llu", (int)pid,
		 (unsigned long long)process_start_time(pid));
	assert_int_equal(process_open(text), -1);
	waitpid(pid, NULL, 0);
	assert_int_equal(process_describe(pid, text), -1);
	assert_int_equal(errno, ESRCH);
}

static void test_killed_process_is_ending(void **state)
{
	char text[64];
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	snprintf(text, sizeof(text), "%d %llu", (int)pid,
		 (unsigned long long)process_start_time(pid));
	assert_false(process_is_ending(text));
	kill(pid, SIGKILL);
	/* between taking the signal and exiting, for an instant, it looks alive */
	for (int i = 0; i < 1000 && !process_is_ending(text); i++)
		usleep(1000);
	assert_true(process_is_ending(text));
	waitpid(pid, NULL, 0);
	assert_true(process_is_ending(text));
}

static enum process_place place_of(const char *boot)
{
	enum process_place place;

	assert_int_equal(process_place(boot, &place), 0);
	return place;
}

static void test_place_of_another_boot(void **state)
{
	char boot[PROCESS_BOOT_MAX];

	(void)state;
	assert_int_equal(process_boot(boot), 0);
	assert_int_equal(place_of(boot), PROCESS_HERE);
	strcpy(strchr(boot, ' '), " 1");
	assert_int_equal(place_of(boot), PROCESS_ELSEWHERE);
	boot[0] = boot[0] == 'a' ? 'b' : 'a';
	assert_int_equal(place_of(boot), PROCESS_BEFORE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_create_says_who_and_when),
		TEST(test_create_refuses_a_second_one),
		TEST(test_every_byte_comes_back),
		TEST(test_a_newline_forges_no_entry),
		TEST(test_empty_argument),
		TEST(test_find_takes_the_last),
		TEST(test_torn_line_is_ignored),
		TEST(test_open_cuts_a_torn_line),
		TEST(test_unknown_kinds_are_skipped),
		TEST(test_too_large_is_refused),
		TEST(test_long_resource_is_refused_and_long_command_cut),
		TEST(test_full_disk_leaves_whole_lines),
		TEST(test_read_fd_survives_removal),
		TEST(test_process_is_opened),
		TEST(test_process_with_another_start_is_gone),
		TEST(test_process_that_cant_be_looked_at_may_live),
		TEST(test_zombie_is_gone),
		TEST(test_killed_process_is_ending),
		TEST(test_place_of_another_boot),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
