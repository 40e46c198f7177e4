/* SPDX-License-Identifier: Apache-2.0 */
/* Faults in words, and those that are about an option in the words of the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/contract.h"
#include "../../spawn/nidus.h"
#include "../../spawn/spec/option.h"

#define CWD "/home/me"

static int set_up(void **state)
{
	struct nidus_spec *spec = calloc(1, sizeof(*spec));

	*state = spec;
	return spec ? nidus_spec_init(spec) : -1;
}

static int tear_down(void **state)
{
	nidus_spec_free(*state);
	free(*state);
	return 0;
}

static void add(struct nidus_spec *spec, enum nidus_mount_kind kind, const char *src,
		const char *dst)
{
	struct nidus_mount mount = { .kind = kind, .src = src, .dst = dst, .fd = 7, .perms = 0750 };

	assert_int_equal(nidus_spec_add_mount(spec, &mount), 0);
}

static void says(const struct fault *fault, const char *wanted)
{
	char text[512];

	assert_string_equal(nidus_fault_text(fault, text, sizeof(text)), wanted);
}

/* The message that a fault of init's becomes; its step and errno stay. */
static void becomes(const struct nidus_spec *spec, uint32_t step, int err, const char *path,
		    const char *wanted)
{
	struct fault fault;

	fault_set(&fault, step, err, path);
	spec_blame(spec, CWD, &fault);
	assert_int_equal(fault.step, step);
	assert_int_equal(fault.err, err);
	says(&fault, wanted);
}

#define MISSING ": the destination is not there, and it can't be made where all is read-only; " \
		"use a path below /tmp or /run, or one that exists, as /mnt"

static void a_missing_destination_names_the_option_and_what_helps(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NIDUS_BIND, "./job", "//job/");
	add(spec, NIDUS_DIR, NULL, "/new");
	add(spec, NIDUS_SYMLINK, "a", "/link");
	add(spec, NIDUS_BIND_DATA, NULL, "/data");
	becomes(spec, STEP_ROOT, EROFS, "/job", "--bind ./job //job/" MISSING);
	becomes(spec, STEP_ROOT, EROFS, "/new", "--dir /new" MISSING);
	becomes(spec, STEP_ROOT, EROFS, "/link", "--symlink a /link" MISSING);
	becomes(spec, STEP_ROOT, EROFS, "/data", "--bind-data 7 /data" MISSING);
}

static void what_exists_and_is_read_only_is_not_called_missing(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NIDUS_CHMOD, NULL, "/etc");
	add(spec, NIDUS_FILE, NULL, "/etc/motd");
	becomes(spec, STEP_ROOT, EROFS, "/etc", "--chmod 0750 /etc: Read-only file system");
	becomes(spec, STEP_ROOT, EROFS, "/etc/motd", "--file 7 /etc/motd: Read-only file system");
}

static void a_missing_source_names_the_option(void **state)
{
	struct nidus_spec *spec = *state;

	spec->root = "tree";
	add(spec, NIDUS_BIND, "x", "/one");
	add(spec, NIDUS_BIND, "/other/x", "/two");
	becomes(spec, STEP_SOURCES, ENOENT, CWD "/x", "--bind x /one: No such file or directory");
	becomes(spec, STEP_SOURCES, ENOENT, "/other/x",
		"--bind /other/x /two: No such file or directory");
	becomes(spec, STEP_SOURCES, ENOENT, CWD "/tree", "--root tree: No such file or directory");
}

static void both_directories_of_an_overlay_are_sources(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NIDUS_OVERLAY, "up", "/low");
	spec->mounts[0].src2 = "./work";
	becomes(spec, STEP_SOURCES, ENOENT, CWD "/./work",
		"--overlay up ./work /low: No such file or directory");
	becomes(spec, STEP_SOURCES, EACCES, CWD "/up",
		"--overlay up ./work /low: Permission denied");
}

static void the_mounts_of_a_dev_are_its_own(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NIDUS_DEV, NULL, "/mnt/dev");
	becomes(spec, STEP_ROOT, ENOSPC, "/mnt/dev/pts",
		"--dev /mnt/dev: No space left on device");
}

static void what_no_option_asked_for_stays_as_it_is(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NIDUS_BIND, "/src", "/mnt");
	becomes(spec, STEP_ROOT, EROFS, "/proc", "init: root /proc: Read-only file system");
	becomes(spec, STEP_SOURCES, ENOENT, "/mnt",
		"init: sources /mnt: No such file or directory");
	becomes(spec, STEP_PIVOT, EINVAL, "/mnt", "init: pivot_root /mnt: Invalid argument");
	becomes(spec, STEP_EXEC, ENOENT, "--odd", "init: exec --odd: No such file or directory");
}

static void long_paths_leave_the_option_in_sight(void **state)
{
	struct nidus_spec *spec = *state;
	char path[200], text[512];
	struct fault fault;

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	add(spec, NIDUS_BIND, path, path);
	fault_set(&fault, STEP_ROOT, EACCES, path);
	spec_blame(spec, CWD, &fault);
	nidus_fault_text(&fault, text, sizeof(text));
	assert_int_equal(strncmp(text, "--bind /xxx", 11), 0);
	assert_non_null(strstr(text, "xxx: Permission denied"));
}

static void a_sentence_is_not_followed_by_an_errno(void **state)
{
	struct fault fault;

	(void)state;
	fault_set(&fault, STEP_STATE, EEXIST, "name a is held by sandbox b");
	says(&fault, "state: name a is held by sandbox b");
	fault_set(&fault, STEP_LOCK_FILE, EWOULDBLOCK, "/lock: held by process 7");
	says(&fault, "lock-file: /lock: held by process 7");
	fault_set(&fault, STEP_CGROUP, ENOTSUP, "--cpus: no cpu controller here (why)");
	says(&fault, "--cpus: no cpu controller here (why)");
	fault_set(&fault, STEP_STATE, EACCES, "/run/nidus");
	says(&fault, "state /run/nidus: Permission denied");
	fault_set(&fault, STEP_KERNEL, 0, "too old");
	says(&fault, "kernel: too old");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_missing_destination_names_the_option_and_what_helps),
		test(what_exists_and_is_read_only_is_not_called_missing),
		test(a_missing_source_names_the_option),
		test(both_directories_of_an_overlay_are_sources),
		test(the_mounts_of_a_dev_are_its_own),
		test(what_no_option_asked_for_stays_as_it_is),
		test(long_paths_leave_the_option_in_sight),
		test(a_sentence_is_not_followed_by_an_errno),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
