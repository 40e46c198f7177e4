/* SPDX-License-Identifier: Apache-2.0 */
/* /sys/fs/cgroup in the plan: the sandbox's own groups, read-only, and nothing else. */
#include "plan_fixture.h"

#include <stdio.h>

#include "../../init/sandbox/decode.c"

static struct cg groups;
static struct plan_view view;

static void read_plan(struct fixture *f)
{
	struct fault fault = { 0 };

	fixture_make(f);
	if (decode_plan(f->plan.bytes, f->plan.size, &view, &fault) < 0)
		fail_msg("refused by the decoder: errno %d, %s", fault.err, fault.what);
}

/* What is done below /sys, in order: "kind place source", a line each. */
static const char *below_sys(struct fixture *f)
{
	static const char *const kinds[PLAN_MOUNT_KIND_END] = {
		[PLAN_MOUNT_BIND] = "bind",	    [PLAN_MOUNT_SCRATCH] = "private",
		[PLAN_MOUNT_SYMLINK] = "symlink",   [PLAN_MOUNT_MASK] = "mask",
		[PLAN_MOUNT_REMOUNT_RO] = "closed",
	};
	static char text[4096];
	size_t len = 0;

	read_plan(f);
	text[0] = '\0';
	for (uint32_t i = 0; i < view.header->mounts.count; i++) {
		const struct plan_mount *mount = &view.mounts[i];
		const char *dst = plan_string(&view, mount->dst);

		if (strncmp(dst, "/sys", 4) != 0 ||
		    (mount->kind == PLAN_MOUNT_MASK && strcmp(dst, "/sys/fs/cgroup") != 0))
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s %s %s\n",
					kinds[mount->kind] ? kinds[mount->kind] : "?", dst,
					plan_string(&view, mount->src));
		if (mount->kind == PLAN_MOUNT_BIND)
			assert_int_equal(mount->flags & (PLAN_MOUNT_F_RDONLY | PLAN_MOUNT_F_NOSUID |
							 PLAN_MOUNT_F_NODEV | PLAN_MOUNT_F_NOEXEC |
							 PLAN_MOUNT_F_RECURSIVE),
					 PLAN_MOUNT_F_RDONLY | PLAN_MOUNT_F_NOSUID |
						 PLAN_MOUNT_F_NODEV | PLAN_MOUNT_F_NOEXEC);
	}
	return text;
}

static int set_up(void **state)
{
	struct fixture *f;

	if (fixture_set_up(state) < 0)
		return -1;
	f = *state;
	cg_init(&groups);
	strcpy(groups.v2_path, "/sys/fs/cgroup/nidus/id");
	f->context.groups = &groups;
	return 0;
}

static void use_v1(void)
{
	groups.v2_beside = true;
	strcpy(groups.v2_path, "/sys/fs/cgroup/unified/nidus/id");
	strcpy(groups.v1_path[CG_MEMORY], "/sys/fs/cgroup/memory/nidus/id");
	strcpy(groups.v1_path[CG_CPU], "/sys/fs/cgroup/cpu,cpuacct/nidus/id");
}

static void test_cgroup2_alone_is_mounted_there_itself(void **state)
{
	assert_string_equal(below_sys(*state), "bind /sys/fs/cgroup /sys/fs/cgroup/nidus/id\n");
}

static void test_each_v1_group_has_its_place_and_its_links(void **state)
{
	use_v1();
	assert_string_equal(below_sys(*state),
			    "private /sys/fs/cgroup \n"
			    "bind /sys/fs/cgroup/memory /sys/fs/cgroup/memory/nidus/id\n"
			    "bind /sys/fs/cgroup/cpu,cpuacct /sys/fs/cgroup/cpu,cpuacct/nidus/id\n"
			    "symlink /sys/fs/cgroup/cpu cpu,cpuacct\n"
			    "symlink /sys/fs/cgroup/cpuacct cpu,cpuacct\n"
			    "bind /sys/fs/cgroup/unified /sys/fs/cgroup/unified/nidus/id\n"
			    "closed /sys/fs/cgroup \n");
}

static void test_without_a_group_the_place_is_empty(void **state)
{
	struct fixture *f = *state;

	f->context.groups = NULL;
	assert_string_equal(below_sys(f), "mask /sys/fs/cgroup \n");
	cg_init(&groups);
	f->context.groups = &groups;
	assert_string_equal(below_sys(f), "mask /sys/fs/cgroup \n");
}

static void test_another_namespace_of_groups_shows_none(void **state)
{
	struct fixture *f = *state;

	f->spec.join[NIDUS_NS_CGROUP] = "/proc/1/ns/cgroup";
	assert_string_equal(below_sys(f), "mask /sys/fs/cgroup \n");
}

static void test_what_the_caller_puts_there_stays(void **state)
{
	struct fixture *f = *state;

	fixture_add(f, NIDUS_TMPFS, NULL, "/sys");
	assert_string_equal(below_sys(f), "private /sys \n");
}

static void test_a_root_of_the_callers_with_an_empty_sys(void **state)
{
	struct fixture *f = *state;

	f->spec.root = "/image";
	assert_string_equal(below_sys(f), "bind /sys/fs/cgroup /sys/fs/cgroup/nidus/id\n");
	f->context.has_bare_sys = true;
	assert_string_equal(below_sys(f), "private /sys \n"
					  "bind /sys/fs/cgroup /sys/fs/cgroup/nidus/id\n"
					  "closed /sys \n");
	use_v1();
	groups.v1_path[CG_CPU][0] = '\0';
	assert_string_equal(below_sys(f),
			    "private /sys \n"
			    "bind /sys/fs/cgroup/memory /sys/fs/cgroup/memory/nidus/id\n"
			    "bind /sys/fs/cgroup/unified /sys/fs/cgroup/unified/nidus/id\n"
			    "closed /sys \n");
	f->context.groups = NULL;
	assert_string_equal(below_sys(f), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_cgroup2_alone_is_mounted_there_itself),
		TEST(test_each_v1_group_has_its_place_and_its_links),
		TEST(test_without_a_group_the_place_is_empty),
		TEST(test_another_namespace_of_groups_shows_none),
		TEST(test_what_the_caller_puts_there_stays),
		TEST(test_a_root_of_the_callers_with_an_empty_sys),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
