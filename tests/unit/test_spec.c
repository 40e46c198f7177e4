/* SPDX-License-Identifier: Apache-2.0 */
/* The spec: defaults, appenders, and what validation refuses and in which words. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../../init/contract.h"
#include "../../spawn/nidus.h"

static char *const command[] = { (char *)"true" };

static int set_up(void **state)
{
	struct nidus_spec *spec = malloc(sizeof(*spec));

	if (!spec || nidus_spec_init(spec) < 0 || nidus_spec_set_argv(spec, command, 1) < 0)
		return -1;
	*state = spec;
	return 0;
}

static int tear_down(void **state)
{
	nidus_spec_free(*state);
	free(*state);
	return 0;
}

static void accepts(const struct nidus_spec *spec)
{
	struct fault fault = { 0 };

	if (nidus_spec_check(spec, &fault) < 0)
		fail_msg("refused: %s", fault.what);
}

static void refuses(const struct nidus_spec *spec, int err, const char *message)
{
	char text[512];
	struct fault fault = { 0 };

	assert_int_equal(nidus_spec_check(spec, &fault), -1);
	assert_int_equal(fault.step, STEP_OPTIONS);
	assert_int_equal(fault.err, err);
	assert_string_equal(nidus_fault_text(&fault, text, sizeof(text)), message);
}

static void add(struct nidus_spec *spec, enum nidus_mount_kind kind, const char *src,
		const char *dst)
{
	struct nidus_mount mount = { .kind = kind, .src = src, .dst = dst, .fd = -1, .perms = -1 };

	assert_int_equal(nidus_spec_add_mount(spec, &mount), 0);
}

/* ---- defaults and appenders ---- */

static void test_defaults(void **state)
{
	const struct nidus_spec *spec = *state;

	assert_true(spec->default_mounts);
	assert_int_equal(spec->grace_us, 2000000);
	assert_int_equal(spec->memory_interval_us, 100000);
	assert_true(spec->swap_bytes == NIDUS_UNSET);
	assert_int_equal(spec->block_fd, -1);
	assert_int_equal(spec->init_fd, -1);
	assert_int_equal(spec->stdio[2], 2);
	accepts(spec);
}

static const char *value_of(const struct nidus_spec *spec, const char *key)
{
	size_t len = strlen(key);

	assert_null(spec->envp[spec->envc]);
	for (size_t i = 0; i < spec->envc; i++)
		if (strncmp(spec->envp[i], key, len) == 0 && spec->envp[i][len] == '=')
			return spec->envp[i] + len + 1;
	return NULL;
}

static void test_environment_is_a_copy(void **state)
{
	struct nidus_spec spec;

	(void)state;
	setenv("NIDUS_TEST_COPY", "before", 1);
	assert_int_equal(nidus_spec_init(&spec), 0);
	setenv("NIDUS_TEST_COPY", "after", 1);
	assert_string_equal(value_of(&spec, "NIDUS_TEST_COPY"), "before");
	unsetenv("NIDUS_TEST_COPY");
	nidus_spec_free(&spec);
}

static void test_what_is_inherited_is_counted(void **state)
{
	struct nidus_spec *spec = *state;
	size_t before = spec->inherited_envc;

	assert_int_equal(before, spec->envc);
	assert_int_equal(nidus_spec_setenv(spec, "NIDUS_NEW", "1"), 0);
	assert_int_equal(spec->inherited_envc, before);
	setenv("NIDUS_TEST_INHERITED", "1", 1);
	nidus_spec_free(spec);
	assert_int_equal(nidus_spec_init(spec), 0);
	before = spec->inherited_envc;
	assert_int_equal(nidus_spec_setenv(spec, "NIDUS_TEST_INHERITED", "2"), 0);
	assert_int_equal(spec->inherited_envc, before - 1);
	assert_int_equal(nidus_spec_unsetenv(spec, "NIDUS_TEST_INHERITED"), 0);
	assert_int_equal(spec->inherited_envc, before - 1);
	assert_int_equal(nidus_spec_clearenv(spec), 0);
	assert_int_equal(spec->inherited_envc, 0);
	unsetenv("NIDUS_TEST_INHERITED");
}

static void test_setenv_replaces(void **state)
{
	struct nidus_spec *spec = *state;
	size_t before;

	assert_int_equal(nidus_spec_setenv(spec, "NIDUS_A", "1"), 0);
	before = spec->envc;
	assert_int_equal(nidus_spec_setenv(spec, "NIDUS_A", "2=3"), 0);
	assert_int_equal(spec->envc, before);
	assert_string_equal(value_of(spec, "NIDUS_A"), "2=3");
}

static void test_many_variables(void **state)
{
	struct nidus_spec *spec = *state;
	char key[16];

	nidus_spec_clearenv(spec);
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "K%d", i);
		assert_int_equal(nidus_spec_setenv(spec, key, key), 0);
	}
	assert_int_equal(spec->envc, 1000);
	for (int i = 0; i < 999; i++) {
		snprintf(key, sizeof(key), "K%d", i);
		assert_int_equal(nidus_spec_unsetenv(spec, key), 0);
	}
	assert_int_equal(spec->envc, 1);
	assert_string_equal(value_of(spec, "K999"), "K999");
}

static void test_setenv_refuses_bad_names(void **state)
{
	struct nidus_spec *spec = *state;

	errno = 0;
	assert_int_equal(nidus_spec_setenv(spec, "", "x"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(nidus_spec_setenv(spec, "A=B", "x"), -1);
	assert_int_equal(nidus_spec_unsetenv(spec, "A="), -1);
}

static void test_home_is_marked_when_chosen(void **state)
{
	struct nidus_spec *spec = *state;

	assert_false(spec->home_set);
	nidus_spec_setenv(spec, "HOMER", "x");
	assert_false(spec->home_set);
	nidus_spec_setenv(spec, "HOME", "/x");
	assert_true(spec->home_set);
}

static void test_clearenv(void **state)
{
	struct nidus_spec *spec = *state;

	assert_int_equal(nidus_spec_clearenv(spec), 0);
	assert_int_equal(spec->envc, 0);
	assert_null(spec->envp[0]);
	assert_true(spec->home_set);
	accepts(spec);
}

static void test_cleanenv(void **state)
{
	struct nidus_spec *spec = *state;

	nidus_spec_clearenv(spec);
	nidus_spec_setenv(spec, "SECRET", "x");
	nidus_spec_setenv(spec, "PATH", "/bin");
	nidus_spec_setenv(spec, "PATHS", "x");
	nidus_spec_setenv(spec, "USER", "me");
	nidus_spec_setenv(spec, "LANGUAGE", "x");
	assert_int_equal(nidus_spec_cleanenv(spec), 0);
	assert_int_equal(spec->envc, 2);
	assert_string_equal(spec->envp[0], "PATH=/bin");
	assert_string_equal(spec->envp[1], "USER=me");
	assert_null(spec->envp[2]);
	assert_int_equal(nidus_spec_setenv(spec, "SECRET", "y"), 0);
	assert_int_equal(spec->envc, 3);
}

static void test_ignored_signals_are_the_callers(void **state)
{
	struct nidus_spec spec;

	(void)state;
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_DFL);
	assert_int_equal(nidus_spec_init(&spec), 0);
	assert_true(spec.signals_ignored & 1ull << (SIGUSR1 - 1));
	assert_false(spec.signals_ignored & 1ull << (SIGUSR2 - 1));
	signal(SIGUSR1, SIG_DFL);
	nidus_spec_free(&spec);
}

static void test_arrays_grow(void **state)
{
	struct nidus_spec *spec = *state;

	for (int fd = 3; fd < 40; fd++)
		assert_int_equal(nidus_spec_add_pass_fd(spec, fd), 0);
	for (int fd = 3; fd < 40; fd++)
		assert_int_equal(spec->pass_fds[fd - 3], fd);
}

static void test_later_label_replaces(void **state)
{
	struct nidus_spec *spec = *state;

	nidus_spec_add_label(spec, "k", "1");
	nidus_spec_add_label(spec, "k", "2");
	assert_int_equal(spec->label_count, 1);
	assert_string_equal(spec->labels[0].value, "2");
}

static void test_arena_large_and_small(void **state)
{
	struct arena arena = { 0 };
	char *large = arena_alloc(&arena, 100000), *small = arena_alloc(&arena, 1);

	(void)state;
	assert_non_null(large);
	assert_non_null(small);
	assert_int_equal((uintptr_t)small % _Alignof(max_align_t), 0);
	large[99999] = 1;
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_grow(&arena, small, SIZE_MAX / 2 + 1, 16));
	arena_free(&arena);
	assert_null(arena.blocks);
}

/* ---- command ---- */

static void test_no_command(void **state)
{
	struct nidus_spec *spec = *state;

	spec->argc = 0;
	refuses(spec, EINVAL, "no command was given");
}

static void test_command_too_large(void **state)
{
	struct nidus_spec *spec = *state;
	char *big = malloc(PLAN_SIZE_MAX), *argv[] = { (char *)"true", big };
	struct fault fault;

	assert_non_null(big);
	memset(big, 'x', PLAN_SIZE_MAX - 1);
	big[PLAN_SIZE_MAX - 1] = '\0';
	nidus_spec_set_argv(spec, argv, 2);
	assert_int_equal(nidus_spec_check(spec, &fault), -1);
	assert_int_equal(fault.err, E2BIG);
	free(big);
}

static void test_value_of_bad_variable_is_not_told(void **state)
{
	struct nidus_spec *spec = *state;
	char *env[] = { (char *)"A=1", (char *)"=secret", NULL };

	spec->envp = env;
	spec->envc = 2;
	refuses(spec, EINVAL, "environment: entry 2 has no name");
}

static void test_relative_chdir(void **state)
{
	struct nidus_spec *spec = *state;

	spec->cwd = "src";
	refuses(spec, EINVAL, "cwd src: a path inside the sandbox must begin with /");
}

static void test_pass_fds(void **state)
{
	struct nidus_spec *spec = *state;

	nidus_spec_add_pass_fd(spec, 7);
	accepts(spec);
	nidus_spec_add_pass_fd(spec, 7);
	refuses(spec, EINVAL, "pass_fds 7: given twice");
	spec->pass_fds[1] = 2;
	refuses(spec, EINVAL, "pass_fds 2: must be 3 or higher");
}

/* ---- names ---- */

static void test_names(void **state)
{
	static const char *const good[] = { "a", "web-1", "A.b_c" };
	static const char *const bad[] = { "", "-a", ".", "a b", "a/b", "\xc3\xa4" };
	struct nidus_spec *spec = *state;
	struct fault fault;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		spec->name = good[i];
		accepts(spec);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		spec->name = bad[i];
		assert_int_equal(nidus_spec_check(spec, &fault), -1);
		assert_memory_equal(fault.what, "name ", 5);
	}
}

static void test_name_length(void **state)
{
	struct nidus_spec *spec = *state;
	char name[NIDUS_NAME_MAX + 2] = { 0 };
	struct fault fault;

	memset(name, 'n', NIDUS_NAME_MAX);
	spec->name = name;
	accepts(spec);
	name[NIDUS_NAME_MAX] = 'n';
	assert_int_equal(nidus_spec_check(spec, &fault), -1);
}

static void test_labels(void **state)
{
	struct nidus_spec *spec = *state;

	nidus_spec_add_label(spec, "com.example/role", "any text, even = and \xc3\xa4");
	accepts(spec);
	spec->labels[0].value = "two\nlines";
	refuses(spec, EINVAL, "labels com.example/role: a value must not contain control bytes");
}

static void test_hostname(void **state)
{
	struct nidus_spec *spec = *state;
	struct fault fault;

	spec->hostname = "box-1.example";
	accepts(spec);
	spec->hostname = "a_b";
	assert_int_equal(nidus_spec_check(spec, &fault), -1);
	spec->hostname = "box";
	spec->share = 1u << NIDUS_NS_UTS;
	refuses(spec, EINVAL, "hostname: needs its own uts namespace");
}

static void test_control_bytes_never_reach_the_message(void **state)
{
	struct nidus_spec *spec = *state;
	struct fault fault;

	spec->name = "\x1b[2Jx";
	assert_int_equal(nidus_spec_check(spec, &fault), -1);
	assert_null(strchr(fault.what, 0x1b));
}

static void test_lock_wait_needs_lock_file(void **state)
{
	struct nidus_spec *spec = *state;

	spec->lock_wait_us = 1000000;
	refuses(spec, EINVAL, "lock_wait_us: needs lock_file");
}

/* ---- file operations ---- */

static void test_relative_destination(void **state)
{
	add(*state, NIDUS_BIND, "/usr", "usr");
	refuses(*state, EINVAL, "bind /usr usr: a path inside the sandbox must begin with /");
}

static void test_dotdot_destination(void **state)
{
	add(*state, NIDUS_TMPFS, NULL, "/a/../b");
	refuses(*state, EINVAL, "tmpfs /a/../b: a path inside the sandbox must not contain \"..\"");
}

static void test_two_dots_in_a_name_are_fine(void **state)
{
	add(*state, NIDUS_TMPFS, NULL, "/a..b/...");
	accepts(*state);
}

static void test_empty_source(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NIDUS_BIND, "", "/x");
	spec->mounts[0].read_only = true;
	spec->mounts[0].optional = true;
	refuses(spec, EINVAL, "bind  /x: a path must not be empty");
}

static void test_missing_fd(void **state)
{
	add(*state, NIDUS_FILE, NULL, "/x");
	refuses(*state, EINVAL, "file -1 /x: not a descriptor");
}

static void test_perms(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NIDUS_TMPFS, NULL, "/x");
	spec->mounts[0].perms = 07777;
	accepts(spec);
	spec->mounts[0].perms = 010000;
	refuses(spec, EINVAL, "tmpfs /x: permissions 10000: must be 0 to 7777");
	spec->mounts[0].perms = 0755;
	spec->mounts[0].kind = NIDUS_PROC;
	refuses(spec, EINVAL, "proc /x: permissions 755: this operation takes none");
}

static void test_size_belongs_to_tmpfs(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NIDUS_DIR, NULL, "/x");
	spec->mounts[0].size = 4096;
	refuses(spec, EINVAL, "dir /x: takes no size: only a tmpfs does");
}

static void test_overlay_needs_sources(void **state)
{
	add(*state, NIDUS_TMP_OVERLAY, NULL, "/x");
	refuses(*state, EINVAL, "tmp_overlay /x: needs at least 1 overlay source right before it");
}

static void test_read_only_overlay_needs_two(void **state)
{
	add(*state, NIDUS_OVERLAY_SRC, "/a", NULL);
	add(*state, NIDUS_RO_OVERLAY, NULL, "/x");
	refuses(*state, EINVAL, "ro_overlay /x: needs at least 2 overlay sources right before it");
}

static void test_dangling_overlay_source(void **state)
{
	add(*state, NIDUS_OVERLAY_SRC, "/a", NULL);
	refuses(*state, EINVAL, "overlay_src /a: must come right before an overlay");
	add(*state, NIDUS_TMPFS, NULL, "/t");
	add(*state, NIDUS_TMP_OVERLAY, NULL, "/x");
	refuses(*state, EINVAL, "overlay_src /a: must come right before an overlay");
}

static void test_each_overlay_has_sources_of_its_own(void **state)
{
	add(*state, NIDUS_OVERLAY_SRC, "/a", NULL);
	add(*state, NIDUS_TMP_OVERLAY, NULL, "/x");
	accepts(*state);
	add(*state, NIDUS_TMP_OVERLAY, NULL, "/y");
	refuses(*state, EINVAL, "tmp_overlay /y: needs at least 1 overlay source right before it");
}

static void test_one_root(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NIDUS_TMPFS, NULL, "/");
	accepts(spec);
	add(spec, NIDUS_BIND, "/srv", "//");
	refuses(spec, EINVAL, "bind /srv //: must come before every other file operation");
}

static void test_root_twice(void **state)
{
	struct nidus_spec *spec = *state;

	spec->root = "/srv/tree";
	accepts(spec);
	add(spec, NIDUS_BIND, "/srv", "/");
	refuses(spec, EINVAL, "bind /srv /: root already sets the root");
}

static void test_root_by_overlay(void **state)
{
	add(*state, NIDUS_OVERLAY_SRC, "/a", NULL);
	add(*state, NIDUS_TMP_OVERLAY, NULL, "/");
	add(*state, NIDUS_REMOUNT_RO, NULL, "/");
	accepts(*state);
}

static void test_root_that_may_be_missing(void **state)
{
	struct nidus_spec *spec = *state;

	add(spec, NIDUS_BIND, "/srv", "/");
	spec->mounts[0].optional = true;
	refuses(spec, EINVAL, "bind /srv /: the root can't be left out");
}

static void test_proc_as_root(void **state)
{
	add(*state, NIDUS_PROC, NULL, "/");
	refuses(*state, EINVAL, "proc /: can't be the root");
}

static void test_shared_mount_namespace(void **state)
{
	struct nidus_spec *spec = *state;

	spec->share = 1u << NIDUS_NS_MNT;
	accepts(spec);
	add(spec, NIDUS_TMPFS, NULL, "/x");
	refuses(spec, EINVAL, "tmpfs /x: cannot be used with share mnt");
	spec->mount_count = 0;
	spec->root = "/srv";
	refuses(spec, EINVAL, "root: cannot be used with share mnt");
}

/* ---- identity ---- */

static void test_user_none(void **state)
{
	struct nidus_spec *spec = *state;

	spec->has_user = true;
	spec->uid = UINT32_MAX;
	refuses(spec, EINVAL, "user 4294967295:0: ids must be at most 4294967294");
}

static void test_id_ranges(void **state)
{
	struct nidus_spec *spec = *state;
	struct nidus_id_range first = { 0, 100000, 1000 }, second = { 1000, 200000, 1 };

	spec->userns = NIDUS_USERNS_MAP;
	refuses(spec, EINVAL, "userns: a map needs a range");
	nidus_spec_add_id_range(spec, &first);
	nidus_spec_add_id_range(spec, &second);
	accepts(spec);
	spec->id_ranges[1].inside = 999;
	refuses(spec, EINVAL, "userns 999:200000:1: overlaps another range");
	spec->id_ranges[1] = (struct nidus_id_range){ 1000, 99999, 2 };
	refuses(spec, EINVAL, "userns 1000:99999:2: overlaps another range");
	spec->id_ranges[1] = (struct nidus_id_range){ UINT32_MAX, 5, 1 };
	refuses(spec, EINVAL, "userns 4294967295:5:1: ids must be at most 4294967294");
}

static void test_unknown_capability(void **state)
{
	struct nidus_spec *spec = *state;

	spec->caps = 1ull << 63;
	refuses(spec, EINVAL, "caps 0x8000000000000000: unknown capability");
}

static void test_share_and_join(void **state)
{
	struct nidus_spec *spec = *state;

	spec->join[NIDUS_NS_IPC] = "/proc/1/ns/ipc";
	accepts(spec);
	spec->share = 1u << NIDUS_NS_IPC;
	refuses(spec, EINVAL, "share ipc: cannot be used with join ipc");
}

static void test_pid_namespace_is_never_shared(void **state)
{
	struct nidus_spec *spec = *state;

	spec->share = 1u << NIDUS_NS_PID;
	refuses(spec, EINVAL, "share pid: a sandbox always has its own pid namespace");
	spec->share = 0;
	spec->join[NIDUS_NS_PID] = "/proc/1/ns/pid";
	refuses(spec, EINVAL, "join pid: a sandbox always has its own pid namespace");
}

static void test_user_network_ends_with_its_spawner(void **state)
{
	struct nidus_spec *spec = *state;

	spec->net = NIDUS_NET_USER;
	accepts(spec);
	spec->outlive_parent = true;
	refuses(spec, EINVAL,
		"outlive_parent: cannot be used with net user, whose program ends with the parent");
}

static void test_share_user_means_host(void **state)
{
	struct nidus_spec *spec = *state;

	spec->share = 1u << NIDUS_NS_USER;
	accepts(spec);
	spec->userns = NIDUS_USERNS_KEEP;
	refuses(spec, EINVAL, "share user: cannot be used with userns keep or a map");
}

static void test_nest_needs_ids_and_mounts_of_its_own(void **state)
{
	struct nidus_spec *spec = *state;
	const struct nidus_landlock port = { NIDUS_LANDLOCK_BIND_TCP, NULL, 80 };
	const struct nidus_landlock file = { NIDUS_LANDLOCK_RX, "/usr", 0 };
	struct nidus_id_range range = { 0, 100000, 10 };

	spec->nest = true;
	accepts(spec);
	spec->share = 1u << NIDUS_NS_MNT;
	refuses(spec, EINVAL, "nest: needs a mount namespace of its own");
	spec->share = 1u << NIDUS_NS_USER;
	refuses(spec, EINVAL, "nest: needs a user namespace of its own, with ids of its own");
	spec->share = 0;
	spec->userns = NIDUS_USERNS_KEEP;
	refuses(spec, EINVAL, "nest: needs a user namespace of its own, with ids of its own");
	spec->userns = NIDUS_USERNS_MAP;
	spec->id_ranges = &range;
	spec->id_range_count = 1;
	accepts(spec);
	range.outside = 0;
	refuses(spec, EINVAL, "nest: needs a user namespace of its own, with ids of its own");
	spec->userns = NIDUS_USERNS_AUTO;
	spec->id_range_count = 0;
	nidus_spec_add_landlock(spec, &port);
	accepts(spec);
	nidus_spec_add_landlock(spec, &file);
	refuses(spec, EINVAL, "nest: cannot be used with landlock: Landlock refuses all mounts");
}

static void test_landlock_path(void **state)
{
	struct nidus_spec *spec = *state;
	struct nidus_landlock rule = { NIDUS_LANDLOCK_RO, "usr", 0 };

	nidus_spec_add_landlock(spec, &rule);
	refuses(spec, EINVAL, "landlock usr: a path inside the sandbox must begin with /");
}

/* ---- limits ---- */

static void test_memory(void **state)
{
	struct nidus_spec *spec = *state;

	spec->memory_bytes = 1 << 20;
	accepts(spec);
	spec->memory_bytes = 512 << 10;
	refuses(spec, EINVAL, "memory_bytes 512K: must be at least 1M");
}

static void test_swap_needs_memory(void **state)
{
	struct nidus_spec *spec = *state;

	spec->swap_bytes = 0;
	refuses(spec, EINVAL, "swap_bytes: needs memory_bytes");
}

static void test_counts(void **state)
{
	struct nidus_spec *spec = *state;

	spec->pids = 4194305;
	refuses(spec, EINVAL, "pids 4194305: must be 1 to 4194304");
	spec->pids = 0;
	spec->io_weight = 10001;
	refuses(spec, EINVAL, "io_weight 10001: must be 1 to 10000");
	spec->io_weight = 0;
	spec->millicpus = 5;
	refuses(spec, EINVAL, "cpus 0.005: must be 0.01 to 8192");
}

static void test_durations(void **state)
{
	struct nidus_spec *spec = *state;

	spec->wall_us = 999;
	refuses(spec, EINVAL, "wall_us 999us: must be 1ms to 315360000s");
	spec->wall_us = 0;
	spec->grace_us = 3600000001;
	refuses(spec, EINVAL, "grace_us 3600000001us: must be 0s to 3600s");
	spec->grace_us = 0;
	spec->memory_interval_us = 20000000;
	refuses(spec, EINVAL, "memory_interval_us 20s: must be 1ms to 10s");
}

static void test_cpuset(void **state)
{
	static const char *const good[] = { "0", "0-2", "0-2,5", "1,3,5-6" };
	static const char *const bad[] = { "", ",", "1,", "-1", "3-1", "1-", "a", "1 2", "1234567" };
	struct nidus_spec *spec = *state;
	struct fault fault;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		spec->cpuset = good[i];
		accepts(spec);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		spec->cpuset = bad[i];
		if (nidus_spec_check(spec, &fault) == 0)
			fail_msg("accepted --cpuset %s", bad[i]);
	}
}

static void test_rlimits(void **state)
{
	struct nidus_spec *spec = *state;
	struct nidus_rlimit limit = { RLIMIT_NOFILE, 20, 10 };

	nidus_spec_add_rlimit(spec, &limit);
	refuses(spec, EINVAL, "rlimits 20:10: the soft limit is higher than the hard one");
	limit.hard = RLIM_INFINITY;
	nidus_spec_add_rlimit(spec, &limit);
	assert_int_equal(spec->rlimit_count, 1);
	accepts(spec);
}

/* ---- how it runs ---- */

static void test_one_terminal(void **state)
{
	struct nidus_spec *spec = *state;

	spec->foreground = true;
	refuses(spec, EINVAL, "foreground: only possible with the caller's terminal");
	spec->terminal = true;
	accepts(spec);
	spec->tty = true;
	refuses(spec, EINVAL, "tty: cannot be used with the caller's own terminal");
}

static void test_hold(void **state)
{
	struct nidus_spec *spec = *state;

	spec->hold_step = STEP_EXEC;
	accepts(spec);
	spec->hold_step = STEP_CLONE;
	refuses(spec, EINVAL, "hold_step 10: must be a step from namespaces to exec");
}

/* ---- network ---- */

static struct ip_addr address(const char *text)
{
	struct ip_addr addr;

	assert_true(ip_addr_parse(text, &addr));
	return addr;
}

static void publish(struct nidus_spec *spec, const char *addr, uint16_t host_port, uint16_t port,
		    uint8_t proto)
{
	struct net_publish entry = { .proto = proto, .host_port = host_port, .port = port };

	if (addr)
		entry.addr = address(addr);
	assert_int_equal(nidus_spec_add_publish(spec, &entry), 0);
}

static void rule(struct nidus_spec *spec, bool allow, const char *dst, uint16_t port, uint8_t proto)
{
	struct net_rule entry = { .allow = allow, .proto = proto, .port = port };

	assert_true(ip_prefix_parse(dst, &entry.dst));
	assert_int_equal(nidus_spec_add_net_rule(spec, &entry), 0);
}

static void test_network_kinds(void **state)
{
	struct nidus_spec *spec = *state;

	spec->net = NIDUS_NET_NAT;
	accepts(spec);
	spec->net = NIDUS_NET_USER;
	accepts(spec);
	spec->net = NIDUS_NET_PATH;
	refuses(spec, EINVAL, "net: a path must not be empty");
	spec->net_path = "./ns";
	accepts(spec);
	spec->net = (enum nidus_net)9;
	refuses(spec, EINVAL, "net 9: unknown");
}

static void test_network_and_namespaces(void **state)
{
	struct nidus_spec *spec = *state;

	spec->share = 1u << NIDUS_NS_NET;
	spec->net = NIDUS_NET_HOST;
	accepts(spec);
	spec->net = NIDUS_NET_NAT;
	refuses(spec, EINVAL, "share net: cannot be used with net nat");
	spec->share = 0;
	spec->join[NIDUS_NS_NET] = "/run/netns/x";
	refuses(spec, EINVAL, "join net: cannot be used with net");
}

static void test_network_options_need_a_network(void **state)
{
	struct nidus_spec *spec = *state;

	publish(spec, NULL, 80, 80, IPPROTO_TCP);
	refuses(spec, EINVAL, "net_options.publish: needs net nat or user");
	spec->net = NIDUS_NET_USER;
	accepts(spec);
	spec->net_options.publish_count = 0;
	spec->net = NIDUS_NET_HOST;
	spec->net_options.dns[spec->net_options.dns_count++] = address("192.0.2.53");
	refuses(spec, EINVAL, "net_options.dns: needs net nat or user");
	spec->net_options.dns_count = 0;
	spec->net_options.peer = "web";
	refuses(spec, EINVAL, "net_options.peer: needs net nat");
}

static void test_what_user_mode_cannot_do(void **state)
{
	struct nidus_spec *spec = *state;

	spec->net = NIDUS_NET_USER;
	spec->net_options.has_forward = true;
	refuses(spec, EINVAL, "net_options.forward: cannot be used with net user; needs net nat");
	assert_true(ip_prefix_parse("10.9.0.0/24", &spec->net_options.pool4));
	refuses(spec, EINVAL, "net_options.pool4/6: cannot be used with net user; needs net nat");
	assert_int_equal(nidus_spec_add_host_port(spec, 53), 0);
	refuses(spec, EINVAL, "net_options.host_ports: cannot be used with net user; needs net nat");
	spec->net_options.peer = "web";
	refuses(spec, EINVAL, "net_options.peer: cannot be used with net user; needs net nat");
	rule(spec, false, "10.0.0.0/8", 0, 0);
	refuses(spec, EINVAL, "net_options.rules: cannot be used with net user; needs net nat");
	spec->net = NIDUS_NET_NAT;
	accepts(spec);
}

static void test_published_ports(void **state)
{
	struct nidus_spec *spec = *state;

	spec->net = NIDUS_NET_NAT;
	publish(spec, NULL, 80, 80, IPPROTO_TCP);
	publish(spec, NULL, 80, 80, IPPROTO_UDP);
	publish(spec, "192.0.2.1", 81, 80, IPPROTO_TCP);
	publish(spec, "192.0.2.2", 81, 80, IPPROTO_TCP);
	accepts(spec);
	publish(spec, "192.0.2.1", 80, 8080, IPPROTO_TCP);
	refuses(spec, EINVAL, "net_options.publish 192.0.2.1:80:8080/tcp: already taken by net_options.publish 80:80/tcp");
}

static void test_published_values(void **state)
{
	struct nidus_spec *spec = *state;
	static const struct {
		const char *addr;
		uint16_t host_port, port;
		uint8_t proto;
		const char *object;
	} bad[] = {
		{ NULL, 0, 80, IPPROTO_TCP, "net_options.publish 0:80/tcp: ports must be 1 to 65535" },
		{ NULL, 80, 0, IPPROTO_UDP, "net_options.publish 80:0/udp: ports must be 1 to 65535" },
		{ NULL, 80, 80, IPPROTO_ICMP,
		  "net_options.publish: protocol 1: must be tcp or udp" },
		{ "::1", 80, 80, IPPROTO_TCP,
		  "net_options.publish [::1]:80:80/tcp: not supported; 127.0.0.1 is" },
		{ "0.0.0.0", 80, 80, IPPROTO_TCP,
		  "net_options.publish 0.0.0.0:80:80/tcp: leave out the address to publish on all addresses" },
	};

	spec->net = NIDUS_NET_NAT;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		spec->net_options.publish_count = 0;
		publish(spec, bad[i].addr, bad[i].host_port, bad[i].port, bad[i].proto);
		refuses(spec, EINVAL, bad[i].object);
	}
}

static void test_network_limits(void **state)
{
	struct nidus_spec *spec = *state;
	char dst[32];

	spec->net = NIDUS_NET_NAT;
	for (uint16_t i = 1; i <= NET_PUBLISH_MAX; i++)
		publish(spec, NULL, i, 80, IPPROTO_TCP);
	for (unsigned int i = 0; i < NET_RULES_MAX; i++) {
		snprintf(dst, sizeof(dst), "192.0.2.%u", i);
		rule(spec, i % 2 == 0, dst, 0, 0);
	}
	for (uint16_t i = 1; i <= NET_HOST_PORTS_MAX; i++)
		assert_int_equal(nidus_spec_add_host_port(spec, i), 0);
	accepts(spec);
	assert_int_equal(nidus_spec_add_host_port(spec, 1000), 0);
	refuses(spec, E2BIG, "net_options.host_ports: at most 64 are allowed");
	rule(spec, true, "198.51.100.1", 0, 0);
	refuses(spec, E2BIG, "net_options.rules: 129 rules: at most 128 are allowed");
	publish(spec, NULL, 1000, 80, IPPROTO_TCP);
	refuses(spec, E2BIG, "net_options.publish: 65 of them: at most 64 are allowed");
}

static void test_network_duplicates(void **state)
{
	struct nidus_spec *spec = *state;
	struct ip_addr dns = address("192.0.2.53");

	spec->net = NIDUS_NET_NAT;
	nidus_spec_add_dns(spec, &dns);
	nidus_spec_add_dns(spec, &dns);
	refuses(spec, EINVAL, "net_options.dns 192.0.2.53: given twice");
	nidus_spec_add_host_port(spec, 53);
	nidus_spec_add_host_port(spec, 53);
	refuses(spec, EINVAL, "net_options.host_ports 53: given twice");
	rule(spec, true, "fd00::/8", 443, 0);
	rule(spec, true, "fd00::/8", 443, IPPROTO_TCP);
	rule(spec, false, "fd00::/8", 443, 0);
	refuses(spec, EINVAL, "net_options.rules [fd00::/8]:443: already given in net_options.rules");
}

static void test_name_servers(void **state)
{
	struct nidus_spec *spec = *state;
	struct ip_addr dns = address("0.0.0.0");

	spec->net = NIDUS_NET_USER;
	nidus_spec_add_dns(spec, &dns);
	refuses(spec, EINVAL, "net_options.dns 0.0.0.0: the unspecified address can't be a name server");
	for (int i = 1; i < NET_DNS_MAX; i++)
		assert_int_equal(nidus_spec_add_dns(spec, &dns), 0);
	assert_int_equal(nidus_spec_add_dns(spec, &dns), -1);
	assert_int_equal(errno, E2BIG);
}

static void only_dns(struct nidus_spec *spec, const char *text)
{
	spec->net_options.dns[0] = address(text);
	spec->net_options.dns_count = 1;
}

static void test_closed_name_servers(void **state)
{
	static const char *const closed[] = { "127.0.0.53", "::1", "fe80::1", "fd00:ec2::254" };
	static const enum nidus_net kinds[] = { NIDUS_NET_NAT, NIDUS_NET_USER };
	struct nidus_spec *spec = *state;
	char object[160];

	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		only_dns(spec, closed[i]);
		snprintf(object, sizeof(object),
			 "net_options.dns %s: closed inside; use an address that is not loopback, "
			 "link-local or a cloud's metadata service", closed[i]);
		for (size_t k = 0; k < 2; k++) {
			spec->net = kinds[k];
			refuses(spec, EINVAL, object);
		}
	}
}

static void test_name_servers_that_a_rule_opens(void **state)
{
	struct nidus_spec *spec = *state;

	spec->net = NIDUS_NET_NAT;
	only_dns(spec, "169.254.169.253");
	refuses(spec, EINVAL, "net_options.dns 169.254.169.253: link-local and metadata addresses are closed "
			      "inside; net_options.rules 169.254.169.253:53 opens it");
	rule(spec, true, "169.254.169.253", 53, IPPROTO_TCP);
	rule(spec, true, "169.254.169.254", 53, 0);
	refuses(spec, EINVAL, "net_options.dns 169.254.169.253: link-local and metadata addresses are closed "
			      "inside; net_options.rules 169.254.169.253:53 opens it");
	rule(spec, true, "169.254.169.253", 53, IPPROTO_UDP);
	accepts(spec);
}

static void test_azures_resolver(void **state)
{
	struct nidus_spec *spec = *state;

	only_dns(spec, "168.63.129.16");
	spec->net = NIDUS_NET_NAT;
	accepts(spec);
	spec->net = NIDUS_NET_USER;
	refuses(spec, EINVAL, "net_options.dns 168.63.129.16: closed inside; use an address that is "
			      "not loopback, link-local or a cloud's metadata service");
}

static void test_pools(void **state)
{
	struct nidus_spec *spec = *state;

	spec->net = NIDUS_NET_NAT;
	assert_true(ip_prefix_parse("10.9.0.0/32", &spec->net_options.pool4));
	assert_true(ip_prefix_parse("fd00::/127", &spec->net_options.pool6));
	accepts(spec);
	assert_true(ip_prefix_parse("0.0.0.0/0", &spec->net_options.pool4));
	refuses(spec, EINVAL, "net_options.pool4/6 0.0.0.0/0: a pool is a /8 or smaller");
	assert_true(ip_prefix_parse("127.0.0.0/16", &spec->net_options.pool4));
	refuses(spec, EINVAL, "net_options.pool4/6 127.0.0.0/16: loopback, link-local, multicast and reserved "
		"addresses can't be leased");
}

static void test_peer(void **state)
{
	struct nidus_spec *spec = *state;

	spec->net = NIDUS_NET_NAT;
	spec->net_options.peer = "team-1.web_x";
	accepts(spec);
	spec->net_options.peer = "";
	refuses(spec, EINVAL, "net_options.peer : must be at most 64 letters, digits, _ . and -, and begin "
		"with a letter or digit");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults),
		TEST(test_environment_is_a_copy),
		TEST(test_what_is_inherited_is_counted),
		TEST(test_setenv_replaces),
		TEST(test_many_variables),
		TEST(test_setenv_refuses_bad_names),
		TEST(test_home_is_marked_when_chosen),
		TEST(test_clearenv),
		TEST(test_cleanenv),
		TEST(test_ignored_signals_are_the_callers),
		TEST(test_arrays_grow),
		TEST(test_later_label_replaces),
		TEST(test_arena_large_and_small),
		TEST(test_no_command),
		TEST(test_command_too_large),
		TEST(test_value_of_bad_variable_is_not_told),
		TEST(test_relative_chdir),
		TEST(test_pass_fds),
		TEST(test_names),
		TEST(test_name_length),
		TEST(test_labels),
		TEST(test_hostname),
		TEST(test_control_bytes_never_reach_the_message),
		TEST(test_lock_wait_needs_lock_file),
		TEST(test_relative_destination),
		TEST(test_dotdot_destination),
		TEST(test_two_dots_in_a_name_are_fine),
		TEST(test_empty_source),
		TEST(test_missing_fd),
		TEST(test_perms),
		TEST(test_size_belongs_to_tmpfs),
		TEST(test_overlay_needs_sources),
		TEST(test_read_only_overlay_needs_two),
		TEST(test_dangling_overlay_source),
		TEST(test_each_overlay_has_sources_of_its_own),
		TEST(test_one_root),
		TEST(test_root_twice),
		TEST(test_root_by_overlay),
		TEST(test_root_that_may_be_missing),
		TEST(test_proc_as_root),
		TEST(test_shared_mount_namespace),
		TEST(test_user_none),
		TEST(test_id_ranges),
		TEST(test_unknown_capability),
		TEST(test_share_and_join),
		TEST(test_pid_namespace_is_never_shared),
		TEST(test_user_network_ends_with_its_spawner),
		TEST(test_share_user_means_host),
		TEST(test_nest_needs_ids_and_mounts_of_its_own),
		TEST(test_landlock_path),
		TEST(test_memory),
		TEST(test_swap_needs_memory),
		TEST(test_counts),
		TEST(test_durations),
		TEST(test_cpuset),
		TEST(test_rlimits),
		TEST(test_one_terminal),
		TEST(test_hold),
		TEST(test_network_kinds),
		TEST(test_network_and_namespaces),
		TEST(test_network_options_need_a_network),
		TEST(test_what_user_mode_cannot_do),
		TEST(test_published_ports),
		TEST(test_published_values),
		TEST(test_network_limits),
		TEST(test_network_duplicates),
		TEST(test_name_servers),
		TEST(test_closed_name_servers),
		TEST(test_name_servers_that_a_rule_opens),
		TEST(test_azures_resolver),
		TEST(test_pools),
		TEST(test_peer),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
