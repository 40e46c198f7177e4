/* SPDX-License-Identifier: Apache-2.0 */
/* Faults in words: their parts, and those about an option in the words of the front end. */
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
#include "../../spawn/spec/refuse.h"

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

/* As a front end with the word does; "bind" of the library's own words where NULL. */
static void add(struct nidus_spec *spec, const char *word, enum nidus_mount_kind kind,
		const char *src, const char *dst)
{
	struct nidus_mount mount = { .kind = kind, .src = src, .dst = dst, .fd = 7, .perms = 0750,
				     .word = word };

	assert_int_equal(nidus_spec_add_mount(spec, &mount), 0);
}

static void says(const struct fault *fault, const char *wanted)
{
	char text[512];

	assert_string_equal(nidus_fault_text(fault, text, sizeof(text)), wanted);
}

/* What a fault of init's about the option becomes; its step and errno stay. */
static void becomes(const struct nidus_spec *spec, enum nidus_option option, uint32_t index,
		    uint32_t step, int err, const char *wanted)
{
	struct fault fault;

	fault_set(&fault, step, err, "/some/path");
	fault_about(&fault, option, index);
	spec_blame(spec, &fault);
	assert_int_equal(fault.step, step);
	assert_int_equal(fault.err, err);
	assert_int_equal(fault.option, option);
	assert_int_equal(fault.index, index);
	says(&fault, wanted);
}

#define MISSING ": the destination does not exist and can't be created where everything is read-only; " \
		"use a path below /tmp or /run, or one that exists, such as /mnt"

static void a_missing_destination_names_the_option_and_what_helps(void **state)
{
	const enum nidus_option mounts = NIDUS_OPTION_MOUNTS;
	struct nidus_spec *spec = *state;

	add(spec, "--bind", NIDUS_BIND, "./job", "//job/");
	add(spec, "--dir", NIDUS_DIR, NULL, "/new");
	add(spec, NULL, NIDUS_SYMLINK, "a", "/link");
	add(spec, NULL, NIDUS_BIND_DATA, NULL, "/data");
	becomes(spec, mounts, 0, STEP_ROOT, EROFS, "--bind ./job //job/" MISSING);
	becomes(spec, mounts, 1, STEP_ROOT, EROFS, "--dir /new" MISSING);
	becomes(spec, mounts, 2, STEP_ROOT, EROFS, "symlink a /link" MISSING);
	becomes(spec, mounts, 3, STEP_ROOT, EROFS, "bind_data 7 /data" MISSING);
}

static void what_exists_and_is_read_only_is_not_called_missing(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, "--chmod", NIDUS_CHMOD, NULL, "/etc");
	add(spec, "--file", NIDUS_FILE, NULL, "/etc/motd");
	becomes(spec, NIDUS_OPTION_MOUNTS, 0, STEP_ROOT, EROFS,
		"--chmod 0750 /etc: Read-only file system");
	becomes(spec, NIDUS_OPTION_MOUNTS, 1, STEP_ROOT, EROFS,
		"--file 7 /etc/motd: Read-only file system");
}

/* A search by path would find the first of them. */
static void of_two_with_the_same_path_the_right_one_is_named(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, "--bind", NIDUS_BIND, "x", "/one");
	add(spec, "--ro-bind-try", NIDUS_BIND, "x", "/one");
	becomes(spec, NIDUS_OPTION_MOUNTS, 1, STEP_SOURCES, EACCES,
		"--ro-bind-try x /one: Permission denied");
}

static void every_kind_of_operation_is_named(void **state)
{
	const enum nidus_option mounts = NIDUS_OPTION_MOUNTS;
	struct nidus_spec *spec = *state;

	add(spec, NULL, NIDUS_OVERLAY, "up", "/low");
	spec->mounts[0].src2 = "./work";
	add(spec, NULL, NIDUS_OVERLAY_SRC, "low", NULL);
	add(spec, NULL, NIDUS_DEV, NULL, "/mnt/dev");
	becomes(spec, mounts, 0, STEP_SOURCES, ENOENT,
		"overlay up ./work /low: No such file or directory");
	becomes(spec, mounts, 1, STEP_SOURCES, ENOENT,
		"overlay_src low: No such file or directory");
	becomes(spec, mounts, 2, STEP_ROOT, ENOSPC, "dev /mnt/dev: No space left on device");
}

static void the_root_is_named(void **state)
{
	static const char *const words[NIDUS_OPTION_COUNT] = { [NIDUS_OPTION_ROOT] = "--root" };
	struct nidus_spec *spec = *state;

	spec->root = "tree";
	becomes(spec, NIDUS_OPTION_ROOT, 0, STEP_SOURCES, ENOENT,
		"root tree: No such file or directory");
	spec->option_words = words;
	becomes(spec, NIDUS_OPTION_ROOT, 0, STEP_SOURCES, ENOENT,
		"--root tree: No such file or directory");
}

static void what_no_option_asked_for_stays_as_it_is(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NULL, NIDUS_BIND, "/src", "/some/path");
	becomes(spec, NIDUS_OPTION_NONE, 0, STEP_ROOT, EROFS,
		"init: root /some/path: Read-only file system");
	becomes(spec, NIDUS_OPTION_NONE, 0, STEP_SOURCES, ENOENT,
		"init: sources /some/path: No such file or directory");
	becomes(spec, NIDUS_OPTION_NONE, 0, STEP_PIVOT, EINVAL,
		"init: pivot_root /some/path: Invalid argument");
}

/* Init is not believed: a number that the spec doesn't have leads nowhere. */
static void an_index_out_of_range_is_left_alone(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NULL, NIDUS_BIND, "/src", "/mnt");
	becomes(spec, NIDUS_OPTION_MOUNTS, 1, STEP_ROOT, EROFS,
		"/some/path: Read-only file system");
	becomes(spec, NIDUS_OPTION_MOUNTS, UINT32_MAX, STEP_ROOT, EROFS,
		"/some/path: Read-only file system");
	becomes(spec, NIDUS_OPTION_ROOT, 0, STEP_ROOT, EROFS, "/some/path: Read-only file system");
	becomes(spec, (enum nidus_option)UINT32_MAX, 0, STEP_ROOT, EROFS,
		"/some/path: Read-only file system");
}

static void long_paths_leave_the_option_in_sight(void **state)
{
	struct nidus_spec *spec = *state;
	char path[200], text[512];
	struct fault fault;

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	add(spec, "--bind", NIDUS_BIND, path, path);
	fault_set(&fault, STEP_ROOT, EACCES, path);
	fault_about(&fault, NIDUS_OPTION_MOUNTS, 0);
	spec_blame(spec, &fault);
	nidus_fault_text(&fault, text, sizeof(text));
	assert_int_equal(strncmp(text, "--bind /xxx", 11), 0);
	assert_non_null(strstr(text, "xxx: Permission denied"));
}

static void a_sentence_stands_in_place_of_the_errno(void **state)
{
	struct fault fault;

	(void)state;
	fault_set(&fault, STEP_STATE, EEXIST, "name a");
	fault_because(&fault, "held by sandbox b");
	says(&fault, "state name a: held by sandbox b");
	fault_set(&fault, STEP_STATE, EACCES, "/run/nidus");
	says(&fault, "state /run/nidus: Permission denied");
	fault_set(&fault, STEP_STATE, EMFILE, NULL);
	says(&fault, "state: Too many open files");
	fault_set(&fault, STEP_EXEC, ENOENT, "--odd");
	says(&fault, "init: exec --odd: No such file or directory");
}

static void an_object_may_say_it_all(void **state)
{
	struct fault fault;

	(void)state;
	fault_set(&fault, STEP_KERNEL, 0, "too old");
	says(&fault, "kernel: too old");
	fault_set(&fault, STEP_OPTIONS, EINVAL, NULL);
	fault_because(&fault, "no command was given");
	says(&fault, "no command was given");
}

static void about_an_option_the_step_is_left_out(void **state)
{
	struct nidus_spec *spec = *state;
	struct fault fault;

	spec_fault(spec_about(spec, NIDUS_OPTION_CPUS, &fault), STEP_CGROUP, ENOTSUP,
		   "no %s controller here (%s)", "cpu", "why");
	says(&fault, "cpus: no cpu controller here (why)");
	fault_set(&fault, STEP_NAMESPACES, EACCES, NULL);
	spec_about_value(spec, NIDUS_OPTION_JOIN, &fault, "net=%s", "/x");
	says(&fault, "join net=/x: Permission denied");
}

static void a_long_sentence_keeps_its_beginning(void **state)
{
	char why[2 * FAULT_WHY_MAX];
	struct fault fault;

	(void)state;
	memset(why, 'y', sizeof(why) - 1);
	why[0] = 'x';
	why[sizeof(why) - 1] = '\0';
	fault_set(&fault, STEP_STATE, EEXIST, "name");
	fault_because(&fault, why);
	assert_int_equal(strlen(fault.why), FAULT_WHY_MAX - 1);
	assert_int_equal(fault.why[0], 'x');
}

static void every_option_has_a_name(void **state)
{
	(void)state;
	for (uint32_t option = NIDUS_OPTION_NONE + 1; option < NIDUS_OPTION_COUNT; option++)
		if (nidus_option_name(option)[0] == '\0')
			fail_msg("option %u has no name", option);
	assert_string_equal(nidus_option_name(NIDUS_OPTION_NONE), "");
	assert_string_equal(nidus_option_name(NIDUS_OPTION_COUNT), "");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_missing_destination_names_the_option_and_what_helps),
		test(what_exists_and_is_read_only_is_not_called_missing),
		test(of_two_with_the_same_path_the_right_one_is_named),
		test(every_kind_of_operation_is_named),
		test(the_root_is_named),
		test(what_no_option_asked_for_stays_as_it_is),
		test(an_index_out_of_range_is_left_alone),
		test(long_paths_leave_the_option_in_sight),
		test(a_sentence_stands_in_place_of_the_errno),
		test(an_object_may_say_it_all),
		test(about_an_option_the_step_is_left_out),
		test(a_long_sentence_keeps_its_beginning),
		test(every_option_has_a_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
