/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init's decoder, on a plan made by hand that uses every array and field:
 * it is taken as it is, refused where it lies, and never read out of bounds,
 * whatever byte of it is changed and wherever it is cut off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "../../init/sandbox/decode.c"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- making a plan ---- */

struct maker {
	_Alignas(8) char bytes[8192];
	uint32_t size;
	struct plan_header header;
	struct plan_mount mounts[16];
	uint32_t mount_count;
};

static struct plan_ref put_string(struct maker *m, const char *text)
{
	struct plan_ref ref = {m->size, (uint32_t)strlen(text)};

	memcpy(m->bytes + m->size, text, ref.len + 1u);
	m->size += ref.len + 1u;
	return ref;
}

static struct plan_array put_array(struct maker *m, const void *data, size_t count, size_t element)
{
	struct plan_array array;

	m->size = (m->size + 7u) & ~7u;
	array.off = m->size;
	array.count = (uint32_t)count;
	memcpy(m->bytes + m->size, data, count * element);
	m->size += (uint32_t)(count * element);
	return array;
}

static struct plan_mount *put_mount(struct maker *m, uint32_t kind, const char *src,
				    const char *dst)
{
	struct plan_mount *mount = &m->mounts[m->mount_count++];

	mount->kind = kind;
	mount->fd = -1;
	mount->mode = 0755;
	if (src)
		mount->src = put_string(m, src);
	if (dst)
		mount->dst = put_string(m, dst);
	return mount;
}

static void put_mounts(struct maker *m)
{
	struct plan_mount *mount;

	put_mount(m, PLAN_MOUNT_BIND, "/", "/")->flags = PLAN_MOUNT_F_RDONLY;
	put_mount(m, PLAN_MOUNT_TMPFS, NULL, "/tmp")->size = 65536;
	put_mount(m, PLAN_MOUNT_PROC, NULL, "/proc");
	put_mount(m, PLAN_MOUNT_LAYER, "/lower1", NULL);
	put_mount(m, PLAN_MOUNT_LAYER, "/lower2", NULL);
	mount = put_mount(m, PLAN_MOUNT_OVERLAY, "/upper", "/mnt");
	mount->src2 = put_string(m, "/work");
	mount = put_mount(m, PLAN_MOUNT_FILE, NULL, "/tmp/file");
	mount->fd = 9;
	put_mount(m, PLAN_MOUNT_SYMLINK, "target", "/tmp/link");
	mount = put_mount(m, PLAN_MOUNT_BIND, "/data", "/data");
	mount->flags = PLAN_MOUNT_F_PIN_FD | PLAN_MOUNT_F_TRY;
	mount->fd = 10;
}

static void put_command(struct maker *m)
{
	struct plan_ref exec[] = {put_string(m, "/bin/prog"), put_string(m, "/usr/bin/prog")};
	struct plan_ref argv[] = {put_string(m, "prog"), {0, 0}, put_string(m, "argument")};
	struct plan_ref envp[] = {put_string(m, "A=B")};

	m->header.exec = put_array(m, exec, COUNT(exec), sizeof(exec[0]));
	m->header.argv = put_array(m, argv, COUNT(argv), sizeof(argv[0]));
	m->header.envp = put_array(m, envp, COUNT(envp), sizeof(envp[0]));
	m->header.hostname = put_string(m, "host");
	m->header.cwd = put_string(m, "/home");
}

static void put_rest(struct maker *m)
{
	const struct plan_rlimit rlimit = {7, 0, 10, 20};
	const int32_t pass_fds[] = {3, 12}, hold_fds[] = {13};
	const struct sock_filter filter[] = {{6, 0, 0, 0x7fff0000}};
	struct plan_sysctl sysctl = {.name = put_string(m, "kernel/x")};
	struct plan_landlock rules[2] = {{.kind = PLAN_LANDLOCK_PATH, .access = 4},
					 {.kind = PLAN_LANDLOCK_PORT, .port = 80, .access = 1}};

	sysctl.value = put_string(m, "1");
	rules[0].path = put_string(m, "/usr");
	m->header.rlimits = put_array(m, &rlimit, 1, sizeof(rlimit));
	m->header.sysctls = put_array(m, &sysctl, 1, sizeof(sysctl));
	m->header.landlock = put_array(m, rules, 2, sizeof(rules[0]));
	m->header.landlock_fs = 15;
	m->header.landlock_net = 3;
	m->header.seccomp = put_array(m, filter, 1, sizeof(filter[0]));
	m->header.pass_fds = put_array(m, pass_fds, 2, sizeof(pass_fds[0]));
	m->header.hold_fds = put_array(m, hold_fds, 1, sizeof(hold_fds[0]));
}

static void finish(struct maker *m)
{
	m->header.size = m->size;
	memcpy(m->bytes, &m->header, sizeof(m->header));
}

static int set_up(void **state)
{
	struct maker *m = calloc(1, sizeof(*m));

	if (!m)
		return -1;
	m->size = sizeof(m->header);
	m->header = (struct plan_header){
		.magic = PLAN_MAGIC,
		.version = CONTRACT_VERSION,
		.header_size = sizeof(m->header),
		.hold_step = STEP_EXEC,
		.flags = PLAN_NEW_USERNS | PLAN_NO_NEW_PRIVS | PLAN_FOREGROUND,
		.control_fd = 4,
		.report_fd = 5,
		.tty_fd = 6,
		.cpu_usage_fd = 7,
		.cpu_usage_form = PLAN_CPU_STAT,
		.oom_score_adj = 500,
		.wall_us = 1000000,
		.memory_bytes = 1u << 20,
	};
	put_command(m);
	put_mounts(m);
	m->header.mounts = put_array(m, m->mounts, m->mount_count, sizeof(m->mounts[0]));
	put_rest(m);
	finish(m);
	*state = m;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

/* ---- reading all of it ---- */

static volatile uint64_t sum; /* so that the reads happen */

static void read_string(const struct plan_view *view, struct plan_ref ref)
{
	const char *text = plan_string(view, ref);

	assert_int_equal(strlen(text), ref.len);
	sum += ref.len;
}

static void read_strings(const struct plan_view *view, const struct plan_ref *refs, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		read_string(view, refs[i]);
}

static void read_bytes(const void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum += ((const unsigned char *)data)[i];
}

static void read_all(const struct plan_view *view)
{
	const struct plan_header *h = view->header;

	read_string(view, h->hostname);
	read_string(view, h->cwd);
	read_strings(view, view->exec, h->exec.count);
	read_strings(view, view->argv, h->argv.count);
	read_strings(view, view->envp, h->envp.count);
	for (uint32_t i = 0; i < h->mounts.count; i++) {
		read_string(view, view->mounts[i].src);
		read_string(view, view->mounts[i].src2);
		read_string(view, view->mounts[i].dst);
	}
	for (uint32_t i = 0; i < h->sysctls.count; i++) {
		read_string(view, view->sysctls[i].name);
		read_string(view, view->sysctls[i].value);
	}
	for (uint32_t i = 0; i < h->landlock.count; i++)
		read_string(view, view->landlock[i].path);
	read_bytes(view->rlimits, h->rlimits.count * sizeof(view->rlimits[0]));
	read_bytes(view->seccomp, h->seccomp.count * sizeof(view->seccomp[0]));
	read_bytes(view->pass_fds, h->pass_fds.count * sizeof(view->pass_fds[0]));
	read_bytes(view->hold_fds, h->hold_fds.count * sizeof(view->hold_fds[0]));
}

/* Decodes a copy of exactly that size, so that a sanitizer sees the first byte too far. */
static int decode(const void *bytes, size_t size, struct fault *fault)
{
	char *copy = malloc(size ? size : 1);
	struct plan_view view;
	int result;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	memset(fault, 0, sizeof(*fault));
	result = decode_plan(copy, size, &view, fault);
	if (result == 0) {
		read_all(&view);
	} else {
		assert_int_equal(result, -1);
		assert_int_equal(fault->step, STEP_PLAN);
		assert_true(fault->err > 0);
		assert_true(strlen(fault->what) > 0);
	}
	free(copy);
	return result;
}

static void assert_refused(const struct maker *m, const char *what)
{
	struct fault fault;

	assert_int_equal(decode(m->bytes, m->size, &fault), -1);
	assert_string_equal(fault.what, what);
}

static struct plan_mount *mount_in(struct maker *m, uint32_t index)
{
	void *first = m->bytes + m->header.mounts.off; /* aligned by put_array */

	return (struct plan_mount *)first + index;
}

/* ---- the tests ---- */

static void test_a_valid_plan_is_taken(void **state)
{
	struct maker *m = *state;
	struct plan_view view;
	struct fault fault = {0};

	assert_int_equal(decode_plan(m->bytes, m->size, &view, &fault), 0);
	read_all(&view);
	assert_string_equal(plan_string(&view, view.exec[1]), "/usr/bin/prog");
	assert_string_equal(plan_string(&view, view.argv[1]), "");
	assert_string_equal(plan_string(&view, view.mounts[5].src2), "/work");
	assert_int_equal(view.pass_fds[1], 12);
	assert_int_equal(view.landlock[1].port, 80);
}

static void test_every_truncation_is_refused(void **state)
{
	struct maker *m = *state;
	struct fault fault;

	for (uint32_t size = 0; size < m->size; size++)
		assert_int_equal(decode(m->bytes, size, &fault), -1);
}

/* The header tells the shorter size, so that the bounds of what lies behind it must. */
static void test_every_truncation_with_its_size_is_refused(void **state)
{
	struct maker *m = *state;
	struct fault fault;

	for (uint32_t size = sizeof(m->header); size < m->size; size++) {
		m->header.size = size;
		memcpy(m->bytes, &m->header, sizeof(m->header));
		assert_int_equal(decode(m->bytes, size, &fault), -1);
	}
}

static void test_every_flipped_byte_stays_in_bounds(void **state)
{
	static const unsigned char flips[] = {0x01, 0x02, 0x08, 0x40, 0x80, 0xff};
	struct maker *m = *state;
	struct fault fault;

	for (uint32_t at = 0; at < m->size; at++) {
		for (size_t i = 0; i < COUNT(flips); i++) {
			m->bytes[at] = (char)((unsigned char)m->bytes[at] ^ flips[i]);
			decode(m->bytes, m->size, &fault);
			m->bytes[at] = (char)((unsigned char)m->bytes[at] ^ flips[i]);
		}
	}
	assert_int_equal(decode(m->bytes, m->size, &fault), 0);
}

static void test_misaligned_bytes_are_refused(void **state)
{
	struct maker *m = *state;
	struct plan_view view;
	struct fault fault = {0};

	memmove(m->bytes + 4, m->bytes, m->size);
	assert_int_equal(decode_plan(m->bytes + 4, m->size, &view, &fault), -1);
}

static void test_unknown_flag_is_refused(void **state)
{
	struct maker *m = *state;

	m->header.flags |= PLAN_FLAGS_ALL + 1;
	finish(m);
	assert_refused(m, "flags");
}

static int decode_below(void **state, uint32_t base, uint32_t kind, const char *path)
{
	struct maker *m = *state;
	struct plan_view view;
	struct fault fault;

	put_mount(m, base, NULL, "/proc");
	put_mount(m, kind, NULL, path)->flags = PLAN_MOUNT_F_BELOW;
	m->header.mounts = put_array(m, m->mounts, m->mount_count, sizeof(m->mounts[0]));
	finish(m);
	return decode_plan(m->bytes, m->size, &view, &fault);
}

static void test_what_is_below_a_mount_has_its_path_in_front(void **state)
{
	assert_int_equal(decode_below(state, PLAN_MOUNT_PROC, PLAN_MOUNT_MASK, "/proc/kcore"), 0);
}
static void test_what_is_beside_a_mount_is_not_below_it(void **state)
{
	assert_int_equal(decode_below(state, PLAN_MOUNT_PROC, PLAN_MOUNT_MASK, "/process"), -1);
}
static void test_a_mount_is_not_below_itself(void **state)
{
	assert_int_equal(decode_below(state, PLAN_MOUNT_PROC, PLAN_MOUNT_MASK, "/proc"), -1);
}

static void test_reserved_bytes_are_refused(void **state)
{
	struct maker *m = *state;

	m->header.reserved[0] = 1;
	finish(m);
	assert_refused(m, "reserved");
}

static void test_other_version_is_refused(void **state)
{
	struct maker *m = *state;

	m->header.version++;
	finish(m);
	assert_refused(m, "version");
}

static void test_too_many_elements_are_refused(void **state)
{
	struct maker *m = *state;

	m->header.argv.count = PLAN_STRINGS_MAX + 1;
	finish(m);
	assert_refused(m, "argv");
}

/* 2^29 elements of 8 bytes: an end computed in 32 bits would be back at the start. */
static void test_overflowing_array_is_refused(void **state)
{
	struct maker *m = *state;

	m->header.seccomp.count = 1u << 29;
	finish(m);
	assert_refused(m, "seccomp");
}

static void test_misaligned_array_is_refused(void **state)
{
	struct maker *m = *state;

	m->header.rlimits.off += 4;
	finish(m);
	assert_refused(m, "rlimits");
}

static void test_string_with_inner_nul_is_refused(void **state)
{
	struct maker *m = *state;

	m->bytes[m->header.cwd.off + 2] = '\0';
	assert_refused(m, "cwd");
}

static void test_string_without_nul_is_refused(void **state)
{
	struct maker *m = *state;

	m->bytes[m->header.hostname.off + m->header.hostname.len] = 'x';
	assert_refused(m, "hostname");
}

static void test_string_that_wraps_around_is_refused(void **state)
{
	struct maker *m = *state;

	m->header.hostname.len = UINT32_MAX;
	finish(m);
	assert_refused(m, "hostname");
}

static void test_no_command_is_refused(void **state)
{
	struct maker *m = *state;

	m->header.exec.count = 0;
	finish(m);
	assert_refused(m, "command");
}

static void test_first_mount_must_be_the_root(void **state)
{
	struct maker *m = *state;

	mount_in(m, 0)->dst = mount_in(m, 1)->dst;
	assert_refused(m, "mounts: the first must be at /");
}

static void test_first_mount_must_be_a_tree(void **state)
{
	struct maker *m = *state;

	mount_in(m, 0)->kind = PLAN_MOUNT_DIR;
	assert_refused(m, "mounts: the first must be a tree");
}

static void test_mounts_without_a_root_of_our_own_are_refused(void **state)
{
	struct maker *m = *state;

	m->header.flags |= PLAN_NO_ROOT;
	finish(m);
	assert_refused(m, "mounts: root");
}

static void test_relative_destination_is_refused(void **state)
{
	struct maker *m = *state;

	m->bytes[mount_in(m, 1)->dst.off] = 'x';
	assert_refused(m, "mounts: dst");
}

static void test_unknown_mount_kind_is_refused(void **state)
{
	struct maker *m = *state;

	mount_in(m, 2)->kind = PLAN_MOUNT_KIND_END;
	assert_refused(m, "mounts: kind");
}

static void test_unknown_mount_flag_is_refused(void **state)
{
	struct maker *m = *state;

	mount_in(m, 2)->flags = PLAN_MOUNT_F_ALL + 1;
	assert_refused(m, "mounts: flags");
}

static void test_a_tree_is_for_binds_and_layers(void **state)
{
	struct maker *m = *state;
	struct plan_view view;
	struct fault fault;

	for (uint32_t i = 3; i <= 5; i++) { /* two layers and their overlay */
		mount_in(m, i)->flags = PLAN_MOUNT_F_TREE_FD;
		mount_in(m, i)->fd = 11;
	}
	assert_int_equal(decode_plan(m->bytes, m->size, &view, &fault), 0);
	mount_in(m, 4)->flags = PLAN_MOUNT_F_PIN_FD;
	assert_refused(m, "mounts: flags");
	mount_in(m, 4)->flags = PLAN_MOUNT_F_TREE_FD;
	mount_in(m, 1)->flags = PLAN_MOUNT_F_TREE_FD;
	mount_in(m, 1)->fd = 11;
	assert_refused(m, "mounts: flags");
}

static void test_a_tree_without_an_upper_directory_is_refused(void **state)
{
	struct maker *m = *state;
	struct plan_mount *overlay = mount_in(m, 5);

	overlay->flags = PLAN_MOUNT_F_TREE_FD;
	overlay->fd = 11;
	overlay->src = overlay->src2 = (struct plan_ref){0, 0};
	assert_refused(m, "mounts: upper");
}

static void test_mount_that_needs_a_descriptor_is_refused_without(void **state)
{
	struct maker *m = *state;

	mount_in(m, 6)->fd = -1;
	assert_refused(m, "mounts: fd");
}

static void test_overlay_without_layers_is_refused(void **state)
{
	struct maker *m = *state;

	mount_in(m, 3)->kind = PLAN_MOUNT_BIND;
	mount_in(m, 3)->dst = mount_in(m, 1)->dst;
	mount_in(m, 4)->kind = PLAN_MOUNT_BIND;
	mount_in(m, 4)->dst = mount_in(m, 1)->dst;
	assert_refused(m, "mounts: overlay without layers");
}

static void test_descriptors_must_ascend(void **state)
{
	struct maker *m = *state;
	int32_t *fds = (int32_t *)(void *)(m->bytes + m->header.pass_fds.off);

	fds[1] = 3;
	assert_refused(m, "pass_fds");
}

static void test_the_channels_are_not_passed_on(void **state)
{
	struct maker *m = *state;
	int32_t *fds = (int32_t *)(void *)(m->bytes + m->header.pass_fds.off);

	fds[0] = m->header.control_fd;
	assert_refused(m, "pass_fds");
}

static void test_limits_that_nobody_keeps_are_refused(void **state)
{
	struct maker *m = *state;

	m->header.flags |= PLAN_AS_PID_1;
	m->header.memory_bytes = 1 << 20;
	finish(m);
	assert_refused(m, "a watched memory limit with as-pid-1");
}

static void test_access_that_is_not_handled_is_refused(void **state)
{
	struct maker *m = *state;

	m->header.landlock_fs = 1;
	finish(m);
	assert_refused(m, "landlock: access");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_valid_plan_is_taken),
		TEST(test_every_truncation_is_refused),
		TEST(test_every_truncation_with_its_size_is_refused),
		TEST(test_every_flipped_byte_stays_in_bounds),
		TEST(test_misaligned_bytes_are_refused),
		TEST(test_unknown_flag_is_refused),
		TEST(test_reserved_bytes_are_refused),
		TEST(test_what_is_below_a_mount_has_its_path_in_front),
		TEST(test_what_is_beside_a_mount_is_not_below_it),
		TEST(test_a_mount_is_not_below_itself),
		TEST(test_other_version_is_refused),
		TEST(test_too_many_elements_are_refused),
		TEST(test_overflowing_array_is_refused),
		TEST(test_misaligned_array_is_refused),
		TEST(test_string_with_inner_nul_is_refused),
		TEST(test_string_without_nul_is_refused),
		TEST(test_string_that_wraps_around_is_refused),
		TEST(test_no_command_is_refused),
		TEST(test_first_mount_must_be_the_root),
		TEST(test_first_mount_must_be_a_tree),
		TEST(test_mounts_without_a_root_of_our_own_are_refused),
		TEST(test_relative_destination_is_refused),
		TEST(test_unknown_mount_kind_is_refused),
		TEST(test_unknown_mount_flag_is_refused),
		TEST(test_a_tree_is_for_binds_and_layers),
		TEST(test_a_tree_without_an_upper_directory_is_refused),
		TEST(test_mount_that_needs_a_descriptor_is_refused_without),
		TEST(test_overlay_without_layers_is_refused),
		TEST(test_descriptors_must_ascend),
		TEST(test_the_channels_are_not_passed_on),
		TEST(test_limits_that_nobody_keeps_are_refused),
		TEST(test_access_that_is_not_handled_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
