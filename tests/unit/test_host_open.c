/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of the host: which links are followed, and what a refusal says. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../../spawn/host/open.h"

static char base[64]; /* the working directory of each test */
static struct fault fault;

static int set_up(void **state)
{
	(void)state;
	strcpy(base, "/tmp/nidus-test-host-XXXXXX");
	return mkdtemp(base) && chdir(base) == 0 && mkdir("dir", 0755) == 0 &&
	       close(open("dir/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644)) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return chdir("/") < 0 ? -1 : nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void assert_same(int fd, const char *path)
{
	struct stat opened, there;

	if (fd < 0)
		fail_msg("%s: errno %d: %s", path, fault.err, fault.why);
	assert_int_equal(fstat(fd, &opened), 0);
	assert_int_equal(stat(path, &there), 0);
	assert_int_equal(opened.st_ino, there.st_ino);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
}

static void assert_refused(const char *path, enum host_use use, int flags, int err)
{
	int fd = host_open(path, use, flags, 0600, STEP_SOURCES, &fault);

	if (fd >= 0)
		fail_msg("%s was opened", path);
	assert_int_equal(fault.err, err);
	assert_int_equal(fault.step, STEP_SOURCES);
}

static void plain_paths_open(void **state)
{
	const char *const paths[] = { "dir/file", "./dir/../dir//file", "dir/", "dir", ".", "/", "..",
				      "dir/.", "//usr/./bin" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		for (int use = HOST_SHOW; use <= HOST_GIVE; use++)
			assert_same(host_open(paths[i], (enum host_use)use, O_PATH, 0, STEP_SOURCES,
					      &fault), paths[i]);
}

static void errors_are_those_of_open(void **state)
{
	char path[PATH_MAX + 8];

	(void)state;
	assert_refused("dir/none", HOST_SHOW, O_RDONLY, ENOENT);
	assert_refused("none/file", HOST_GIVE, O_RDWR | O_CREAT, ENOENT);
	assert_refused("dir/file/", HOST_SHOW, O_RDONLY, ENOTDIR);
	assert_refused("dir/file/x", HOST_SHOW, O_RDONLY, ENOTDIR);
	assert_refused("dir/file", HOST_SHOW, O_PATH | O_DIRECTORY, ENOTDIR);
	assert_refused("dir", HOST_GIVE, O_RDWR | O_CREAT, EISDIR);
	assert_refused("", HOST_SHOW, O_RDONLY, ENOENT);
	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_refused(path, HOST_SHOW, O_RDONLY, ENAMETOOLONG);
	path[300] = '\0';
	assert_refused(path, HOST_SHOW, O_RDONLY, ENAMETOOLONG);
}

static void a_link_of_the_callers_shows_but_does_not_give(void **state)
{
	(void)state;
	assert_int_equal(symlink("dir", "link"), 0);
	assert_int_equal(symlink("../dir/file", "dir/up"), 0);
	assert_same(host_open("link/file", HOST_SHOW, O_RDONLY, 0, STEP_SOURCES, &fault), "dir/file");
	assert_same(host_open("link/up", HOST_SHOW, O_RDONLY, 0, STEP_SOURCES, &fault), "dir/file");
	assert_same(host_open("link/", HOST_SHOW, O_PATH, 0, STEP_SOURCES, &fault), "dir");
	assert_refused("link/file", HOST_GIVE, O_RDONLY, ELOOP);
	assert_non_null(strstr(fault.why, base));
	assert_non_null(strstr(fault.why, "/link is a link"));
	assert_refused("dir/up", HOST_GIVE, O_WRONLY, ELOOP);
	assert_non_null(strstr(fault.why, "/dir/up is a link"));
}

static void nothing_is_made_through_a_dangling_link(void **state)
{
	(void)state;
	assert_int_equal(symlink("made", "dangling"), 0);
	assert_refused("dangling", HOST_GIVE, O_RDWR | O_CREAT, ELOOP);
	assert_int_equal(access("made", F_OK), -1);
	assert_refused("dangling", HOST_SHOW, O_RDONLY, ENOENT);
}

static void links_in_a_circle_end(void **state)
{
	(void)state;
	assert_int_equal(symlink("b", "a"), 0);
	assert_int_equal(symlink("a", "b"), 0);
	assert_refused("a", HOST_SHOW, O_PATH, ELOOP);
	assert_string_equal(fault.why, "");
}

static void links_of_the_system_and_of_the_kernel_give(void **state)
{
	char path[64];
	int pipes[2], fd;

	(void)state;
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", pipes[1]);
	fd = host_open(path, HOST_GIVE, O_WRONLY, 0, STEP_OPTIONS, &fault);
	assert_true(fd >= 0);
	close(fd);
	close(pipes[0]);
	close(pipes[1]);
	assert_same(host_open("/proc/self/ns/net", HOST_SHOW, O_RDONLY, 0, STEP_OPTIONS, &fault),
		    "/proc/self/ns/net");
	assert_same(host_open("/var/run/", HOST_GIVE, O_PATH, 0, STEP_OPTIONS, &fault), "/var/run");
}

static void where_others_write_the_owner_of_the_link_counts(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("# skipped: needs root for another owner\n");
		skip();
	}
	assert_int_equal(symlink("dir", "theirs"), 0);
	assert_int_equal(lchown("theirs", 4321, 4321), 0);
	assert_int_equal(symlink("dir", "ours"), 0);
	assert_same(host_open("theirs", HOST_SHOW, O_PATH, 0, STEP_SOURCES, &fault), "dir");
	assert_int_equal(chmod(".", 01777), 0);
	assert_refused("theirs", HOST_SHOW, O_PATH, ELOOP);
	assert_same(host_open("ours", HOST_SHOW, O_PATH, 0, STEP_SOURCES, &fault), "dir");
	assert_int_equal(chmod(".", 0775), 0);
	assert_refused("theirs/file", HOST_SHOW, O_RDONLY, ELOOP);
	assert_int_equal(chmod(".", 0755) | chown(".", 4321, 0), 0);
	assert_refused("theirs", HOST_SHOW, O_PATH, ELOOP);
	assert_same(host_open("ours", HOST_SHOW, O_PATH, 0, STEP_SOURCES, &fault), "dir");
}

static void the_path_of_a_file_has_no_links(void **state)
{
	char path[PATH_MAX], expected[128];
	int fd;

	(void)state;
	assert_int_equal(symlink("dir", "link"), 0);
	fd = host_open("link/file", HOST_SHOW, O_PATH, 0, STEP_SOURCES, &fault);
	assert_int_equal(host_path_of(fd, path), 0);
	snprintf(expected, sizeof(expected), "%s/dir/file", base);
	assert_string_equal(path, expected);
	close(fd);
	assert_int_equal(host_path_of(-1, path), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plain_paths_open),
		TEST(errors_are_those_of_open),
		TEST(a_link_of_the_callers_shows_but_does_not_give),
		TEST(nothing_is_made_through_a_dangling_link),
		TEST(links_in_a_circle_end),
		TEST(links_of_the_system_and_of_the_kernel_give),
		TEST(where_others_write_the_owner_of_the_link_counts),
		TEST(the_path_of_a_file_has_no_links),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
