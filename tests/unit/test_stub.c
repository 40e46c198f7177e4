/* SPDX-License-Identifier: Apache-2.0 */
/* Stubs: which of them go, and that a look that fails takes nothing off the record. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/xattr.h>

#include <cmocka.h>

#include "../../init/fault.h"
#include "../../spawn/record/state.h"
#include "../../spawn/record/stub.h"
#include "state_dir.h"

#define OWN_ID "0123456789ab"

struct place {
	char dir[128], path[160];
	int dir_fd, root_fd;
};

static struct place place_open(void)
{
	struct place place;
	struct fault fault;
	char root[STATE_PATH_MAX];

	snprintf(place.dir, sizeof(place.dir), "%s/shared", state_base);
	snprintf(place.path, sizeof(place.path), "%s/stub", place.dir);
	assert_int_equal(mkdir(place.dir, 0755), 0);
	place.dir_fd = open(place.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	place.root_fd = state_open_root(root, &fault);
	assert_true(place.dir_fd >= 0 && place.root_fd >= 0);
	return place;
}

static void place_close(const struct place *place)
{
	close(place->dir_fd);
	close(place->root_fd);
}

static int remove_it(const struct place *place)
{
	return stub_remove(place->root_fd, OWN_ID, place->path);
}

static bool has_attributes(const struct place *place)
{
	if (fsetxattr(place->dir_fd, "user.test", "1", 1, 0) == 0)
		return true;
	print_message("# SKIP %s: no attributes there\n", place->dir);
	return false;
}

static void test_a_stub_goes(void **state)
{
	struct place place = place_open();
	struct stat st;

	(void)state;
	assert_int_equal(stub_make(place.dir_fd, "stub", true), 0);
	assert_int_equal(stat(place.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(remove_it(&place), 1);
	assert_int_equal(stub_make(place.dir_fd, "stub", false), 0);
	assert_int_equal(stat(place.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(remove_it(&place), 1);
	assert_int_equal(remove_it(&place), 0);
	place_close(&place);
}

static void test_what_somebody_put_into_it_stays(void **state)
{
	struct place place = place_open();

	(void)state;
	assert_int_equal(stub_make(place.dir_fd, "stub", true), 0);
	assert_int_equal(mkdirat(place.dir_fd, "stub/data", 0755), 0);
	assert_int_equal(remove_it(&place), 0);
	assert_int_equal(access(place.path, F_OK), 0);
	place_close(&place);
}

/* Whose maker was killed before it could set the mark. */
static void test_an_unfinished_stub_goes(void **state)
{
	struct place place = place_open();

	(void)state;
	assert_int_equal(mkdirat(place.dir_fd, "stub", 01700), 0);
	assert_int_equal(remove_it(&place), 1);
	place_close(&place);
}

static void test_a_directory_of_others_stays(void **state)
{
	struct place place = place_open();

	(void)state;
	if (has_attributes(&place)) {
		assert_int_equal(mkdirat(place.dir_fd, "stub", 0700), 0);
		assert_int_equal(remove_it(&place), 0);
		assert_int_equal(access(place.path, F_OK), 0);
	}
	place_close(&place);
}

/* With no descriptor free it can't be told whether it is one. */
static void test_a_failed_look_is_an_error(void **state)
{
	struct place place = place_open();
	struct rlimit before, none;
	int removed, err, marked;

	(void)state;
	assert_int_equal(stub_make(place.dir_fd, "stub", true), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	removed = remove_it(&place);
	err = errno;
	marked = stub_is_marked(place.dir_fd, "stub");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(removed, -1);
	assert_int_equal(err, EMFILE);
	assert_int_equal(marked, -1);
	assert_int_equal(remove_it(&place), 1);
	place_close(&place);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_dir_setup, state_dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_stub_goes),
		TEST(test_what_somebody_put_into_it_stays),
		TEST(test_an_unfinished_stub_goes),
		TEST(test_a_directory_of_others_stays),
		TEST(test_a_failed_look_is_an_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
