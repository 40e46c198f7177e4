/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the cgroup hierarchies: texts of /proc from machines of each kind, and
 * the choice of a parent among directories made to look like a hierarchy (a
 * missing cgroup.procs stands for one that can't be written: works as root too).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../cgroup/backend.h"

static char base[128];

static int make_base(void **state)
{
	(void)state;
	strcpy(base, "/tmp/nidus-test-find-XXXXXX");
	return mkdtemp(base) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_base(void **state)
{
	(void)state;
	return nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put_file(const char *dir, const char *file, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s/%s", base, dir, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void put_dir(const char *dir)
{
	char path[512];

	snprintf(path, sizeof(path), "%s%s", base, dir);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void put_v2_group(const char *dir, const char *controllers)
{
	put_file(dir, "cgroup.procs", "");
	put_file(dir, "cgroup.subtree_control", "");
	put_file(dir, "cgroup.controllers", controllers);
}

static void parse(const char *text, struct cg_mounts *mounts)
{
	memset(mounts, 0, sizeof(*mounts));
	assert_int_equal(cg_parse_mounts(text, strlen(text), mounts), strlen(text));
}

static void assert_under_base(const char *path, const char *below)
{
	char expected[512];

	snprintf(expected, sizeof(expected), "%s%s", base, below);
	assert_string_equal(path, expected);
}

static void parses_pure_v2(void **state)
{
	struct cg_mounts m;

	(void)state;
	parse("24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	      "30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 "
	      "cgroup2 rw,nsdelegate,memory_recursiveprot\n",
	      &m);
	assert_string_equal(m.v2.point, "/sys/fs/cgroup");
	assert_string_equal(m.v2.root, "/");
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		assert_string_equal(m.v1[i].point, "");
}

static void parses_hybrid(void **state)
{
	struct cg_mounts m;

	(void)state;
	parse("31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
	      "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
	      "34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n"
	      "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
	      "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n"
	      "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
	      &m);
	assert_string_equal(m.v2.point, "/sys/fs/cgroup/unified");
	assert_string_equal(m.v1[CG_MEMORY].point, "/sys/fs/cgroup/memory");
	assert_string_equal(m.v1[CG_CPUSET].point, "/sys/fs/cgroup/cpuset");
	assert_string_equal(m.v1[CG_CPU].point, "/sys/fs/cgroup/cpu,cpuacct");
	assert_string_equal(m.v1[CG_CPUACCT].point, "/sys/fs/cgroup/cpu,cpuacct");
	assert_string_equal(m.v1[CG_PIDS].point, "");
}

static void cpu_is_not_found_in_cpuset(void **state)
{
	struct cg_mounts m;

	(void)state;
	parse("34 31 0:31 / /c rw - cgroup cgroup rw,cpuset\n", &m);
	assert_string_equal(m.v1[CG_CPU].point, "");
	assert_string_equal(m.v1[CG_CPUSET].point, "/c");
}

static void unescapes_mount_points(void **state)
{
	struct cg_mounts m;

	(void)state;
	parse("41 31 0:38 / /mnt/a\\040b\\134c rw - cgroup2 none rw\n", &m);
	assert_string_equal(m.v2.point, "/mnt/a b\\c");
}

static void prefers_writable_mounts(void **state)
{
	struct cg_mounts m;

	(void)state;
	parse("41 31 0:38 / /ro ro,nosuid - cgroup2 none rw\n"
	      "42 31 0:38 /part /part rw - cgroup2 none rw\n"
	      "43 31 0:38 / /whole rw - cgroup2 none rw\n"
	      "44 31 0:38 / /later rw - cgroup2 none rw\n",
	      &m);
	assert_string_equal(m.v2.point, "/whole");
}

static void leaves_out_odd_lines(void **state)
{
	struct cg_mounts m;
	char text[2048], point[CG_PATH_MAX + 8];

	(void)state;
	parse("\n \n-\n - \n1 2 3\n"
	      "41 31 0:38 / /a rw\n"
	      "41 31 0:38 / /a rw -\n"
	      "41 31 0:38 / /a rw - cgroup2\n"
	      "41 31 0:38 / relative rw - cgroup2 x rw\n"
	      "41 31 0:38 / /nul\\000x rw - cgroup2 x rw\n"
	      "41 31 0:38 / /a rw - cgroup2x x rw\n"
	      "41 31 0:38 / /a rw shared:1 master:2 - cgroup x\n",
	      &m);
	assert_string_equal(m.v2.point, "");
	memset(point, 'p', sizeof(point));
	point[0] = '/';
	point[sizeof(point) - 1] = '\0';
	snprintf(text, sizeof(text), "41 31 0:38 / %s rw - cgroup2 x rw\n", point);
	parse(text, &m);
	assert_string_equal(m.v2.point, "");
}

static void a_directory_named_like_a_mount_line_is_no_mount(void **state)
{
	struct cg_mounts m;

	(void)state;
	/* Spaces in names are escaped by the kernel: the fields can't be forged. */
	parse("41 31 0:38 / /tmp/x\\040-\\040cgroup2\\040a\\040rw rw - tmpfs cgroup2 rw\n", &m);
	assert_string_equal(m.v2.point, "");
}

static void keeps_an_unfinished_line_for_later(void **state)
{
	static const char text[] = "1 2 3 / /x rw - tmpfs x rw\n41 31 0:38 / /v2 rw - cgro";
	struct cg_mounts m;

	(void)state;
	memset(&m, 0, sizeof(m));
	assert_int_equal(cg_parse_mounts(text, strlen(text), &m), 27);
	assert_string_equal(m.v2.point, "");
}

static void parses_own_group(void **state)
{
	char path[64];

	(void)state;
	assert_true(cg_parse_own("9:name=systemd:/x\n4:memory:/y\n0::/user.slice/a.scope\n", path,
				 sizeof(path)));
	assert_string_equal(path, "/user.slice/a.scope");
	assert_false(cg_parse_own("4:memory:/y\n", path, sizeof(path)));
	assert_false(cg_parse_own("", path, sizeof(path)));
	assert_false(cg_parse_own("0::relative\n", path, sizeof(path)));
	assert_false(cg_parse_own("10::/x\n", path, sizeof(path)));
	assert_false(cg_parse_own("0::/longer-than-the-room\n", path, 8));
}

static void parses_controllers(void **state)
{
	(void)state;
	assert_int_equal(cg_parse_controllers("cpuset cpu io memory hugetlb pids rdma misc\n"),
			 CG_BIT(CG_CPUSET) | CG_BIT(CG_CPU) | CG_BIT(CG_IO) | CG_BIT(CG_MEMORY) |
				 CG_BIT(CG_PIDS));
	assert_int_equal(cg_parse_controllers(""), 0);
	assert_int_equal(cg_parse_controllers("\n"), 0);
	assert_int_equal(cg_parse_controllers("memoryx xpids"), 0);
}

static void parses_counters(void **state)
{
	static const char text[] = "low 0\noom 7\noom_kill 3\noom_group_kill 1\nbad x\nhalf";

	(void)state;
	assert_int_equal(cg_parse_key(text, "oom_kill"), 3);
	assert_int_equal(cg_parse_key(text, "oom"), 7);
	assert_int_equal(cg_parse_key(text, "kill"), CG_UNKNOWN);
	assert_int_equal(cg_parse_key(text, "bad"), CG_UNKNOWN);
	assert_int_equal(cg_parse_key(text, "half"), CG_UNKNOWN);
	assert_int_equal(cg_parse_number("max\n"), CG_UNKNOWN);
	assert_int_equal(cg_parse_number("99999999999999999999999\n"), CG_UNKNOWN);
	assert_int_equal(cg_parse_number("-1"), CG_UNKNOWN);
	assert_int_equal(cg_parse_number("12\n"), 12);
}

static void mounts_at_base(struct cg_mounts *m)
{
	memset(m, 0, sizeof(*m));
	snprintf(m->v2.point, sizeof(m->v2.point), "%s", base);
	strcpy(m->v2.root, "/");
}

static void root_takes_the_top_of_v2(void **state)
{
	struct cg_mounts m;
	struct cg_machine machine;

	(void)state;
	put_v2_group("", "cpu memory pids\n");
	mounts_at_base(&m);
	cg_choose(&m, "/system.slice/x.service", true, &machine);
	assert_int_equal(machine.mode, CG_V2);
	assert_under_base(machine.v2_parent, "/nidus");
	assert_int_equal(machine.v2_controls, CG_BIT(CG_MEMORY) | CG_BIT(CG_PIDS) | CG_BIT(CG_CPU) |
						      CG_BIT(CG_CPUACCT) | CG_BIT(CG_FREEZER));
}

static void user_takes_the_topmost_delegated_group(void **state)
{
	struct cg_mounts m;
	struct cg_machine machine;

	(void)state;
	put_dir("/user.slice");
	put_dir("/user.slice/user@1.service");
	put_v2_group("/user.slice/user@1.service", "memory pids\n");
	put_dir("/user.slice/user@1.service/app.slice");
	put_v2_group("/user.slice/user@1.service/app.slice", "memory\n");
	mounts_at_base(&m);
	cg_choose(&m, "/user.slice/user@1.service/app.slice", false, &machine);
	assert_int_equal(machine.mode, CG_V2_DELEGATED);
	assert_under_base(machine.v2_parent, "/user.slice/user@1.service/nidus");
	assert_true(machine.v2_controls & CG_BIT(CG_PIDS));
	assert_string_equal(machine.why_not, "");
}

static void a_group_beside_the_delegated_one_is_not_enough(void **state)
{
	struct cg_mounts m;
	struct cg_machine machine;

	(void)state;
	put_dir("/user.slice");
	put_dir("/user.slice/session.scope");
	put_dir("/user.slice/user@1.service");
	put_v2_group("/user.slice/user@1.service", "memory\n");
	mounts_at_base(&m);
	cg_choose(&m, "/user.slice/session.scope", false, &machine);
	assert_int_equal(machine.mode, CG_NONE);
	assert_string_equal(machine.v2_parent, "");
	assert_non_null(strstr(machine.why_not, "session.scope"));
}

static void a_part_mounted_is_taken_from_its_top(void **state)
{
	struct cg_mounts m;
	struct cg_machine machine;

	(void)state;
	put_dir("/sub");
	put_v2_group("/sub", "pids\n");
	mounts_at_base(&m);
	strcpy(m.v2.root, "/docker/abc");
	cg_choose(&m, "/docker/abc/sub", false, &machine);
	assert_under_base(machine.v2_parent, "/sub/nidus");
	cg_choose(&m, "/docker/abcd/sub", false, &machine);
	assert_int_equal(machine.mode, CG_NONE);
	cg_choose(&m, "/../other", false, &machine);
	assert_int_equal(machine.mode, CG_NONE);
}

static void a_populated_inner_group_passes_on_only_what_it_does(void **state)
{
	struct cg_mounts m;
	struct cg_machine machine;

	(void)state;
	put_v2_group("", "cpu memory pids\n");
	put_file("", "cgroup.events", "populated 1\n");
	put_file("", "cgroup.procs", "17\n");
	put_file("", "cgroup.subtree_control", "pids\n");
	mounts_at_base(&m);
	cg_choose(&m, "/", true, &machine);
	assert_true(machine.v2_controls & CG_BIT(CG_PIDS));
	assert_false(machine.v2_controls & CG_BIT(CG_MEMORY));
}

static void hybrid_takes_both(void **state)
{
	struct cg_mounts m;
	struct cg_machine machine;

	(void)state;
	put_dir("/unified");
	put_v2_group("/unified", "\n");
	put_dir("/memory");
	put_file("/memory", "cgroup.procs", "");
	mounts_at_base(&m);
	snprintf(m.v2.point, sizeof(m.v2.point), "%s/unified", base);
	snprintf(m.v1[CG_MEMORY].point, sizeof(m.v1[0].point), "%s/memory", base);
	cg_choose(&m, "/", true, &machine);
	assert_int_equal(machine.mode, CG_HYBRID);
	assert_under_base(machine.v2_parent, "/unified/nidus");
	assert_under_base(machine.v1_parent[CG_MEMORY], "/memory/nidus");
	assert_string_equal(machine.v1_parent[CG_PIDS], "");
	assert_false(machine.v2_controls & CG_BIT(CG_MEMORY));
}

static void none_says_why(void **state)
{
	struct cg_mounts m;
	struct cg_machine machine;

	(void)state;
	memset(&m, 0, sizeof(m));
	cg_choose(&m, NULL, true, &machine);
	assert_int_equal(machine.mode, CG_NONE);
	assert_string_equal(machine.why_not, "no cgroup file system is mounted");
	mounts_at_base(&m);
	cg_choose(&m, "/", true, &machine);
	assert_int_equal(machine.mode, CG_NONE);
	assert_non_null(strstr(machine.why_not, base));
}

static void plan_on_hybrid_makes_v1_groups_only_where_wanted(void **state)
{
	struct cg_machine machine = { .mode = CG_HYBRID, .v2_parent = "/u/nidus" };
	uint32_t missing;
	struct cg cg;

	(void)state;
	machine.v2_controls = CG_BIT(CG_CPUACCT) | CG_BIT(CG_FREEZER);
	strcpy(machine.v1_parent[CG_MEMORY], "/m/nidus");
	strcpy(machine.v1_parent[CG_FREEZER], "/f/nidus");
	cg_plan(&machine, "abc", 0, &cg, &missing);
	assert_string_equal(cg.v2_path, "/u/nidus/abc");
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		assert_string_equal(cg.v1_path[i], "");
	cg_plan(&machine, "abc", CG_BIT(CG_MEMORY) | CG_BIT(CG_PIDS) | CG_BIT(CG_CPUACCT), &cg,
		&missing);
	assert_string_equal(cg.v1_path[CG_MEMORY], "/m/nidus/abc");
	assert_string_equal(cg.v1_path[CG_CPUACCT], "");
	assert_int_equal(missing, CG_BIT(CG_PIDS));
}

static void plan_on_v1_tracks_with_the_freezer(void **state)
{
	struct cg_machine machine = { .mode = CG_V1 };
	uint32_t missing;
	struct cg cg;

	(void)state;
	strcpy(machine.v1_parent[CG_PIDS], "/p/nidus");
	strcpy(machine.v1_parent[CG_FREEZER], "/f/nidus");
	cg_plan(&machine, "abc", 0, &cg, &missing);
	assert_string_equal(cg.v1_path[CG_FREEZER], "/f/nidus/abc");
	assert_string_equal(cg.v1_path[CG_PIDS], "");
	assert_int_equal(missing, 0);
	machine.v1_parent[CG_FREEZER][0] = '\0';
	cg_plan(&machine, "abc", 0, &cg, &missing);
	assert_string_equal(cg.v1_path[CG_PIDS], "/p/nidus/abc");
}

static void groups_are_shown_by_the_name_of_their_hierarchy(void **state)
{
	struct cg_machine machine = { .v2_parent = "/sys/fs/cgroup/unified/nidus", .v2_beside = true };
	struct cg_view views[CG_CONTROL_COUNT + 1];
	struct cg cg;

	(void)state;
	strcpy(machine.v1_parent[CG_MEMORY], "/nidus/x/memory/nidus");
	strcpy(machine.v1_parent[CG_CPU], "/nidus/x/cpu,cpuacct/nidus");
	strcpy(machine.v1_parent[CG_CPUACCT], "/nidus/x/cpu,cpuacct/nidus");
	cg_plan(&machine, "abc", CG_BIT(CG_MEMORY) | CG_BIT(CG_CPU) | CG_BIT(CG_CPUACCT), &cg, NULL);
	assert_int_equal(cg_list_views(&cg, views), 3);
	assert_string_equal(views[0].name, "memory");
	assert_string_equal(views[0].path, "/nidus/x/memory/nidus/abc");
	assert_string_equal(views[1].name, "cpu,cpuacct");
	assert_string_equal(views[2].name, "unified");
	assert_string_equal(views[2].path, "/sys/fs/cgroup/unified/nidus/abc");
	cg_plan(&machine, "abc", 0, &cg, NULL);
	assert_int_equal(cg_list_views(&cg, views), 1);
	assert_string_equal(views[0].name, "unified");
	machine.v2_beside = false;
	cg_plan(&machine, "abc", 0, &cg, NULL);
	assert_int_equal(cg_list_views(&cg, views), 1);
	assert_string_equal(views[0].name, "");
	cg_init(&cg);
	assert_int_equal(cg_list_views(&cg, views), 0);
}

static void plan_refuses_names_that_are_paths(void **state)
{
	static const char *const names[] = { "", ".", "..", "../x", "a/b", ".hidden", "a\nb" };
	struct cg_machine machine = { .mode = CG_V2, .v2_parent = "/u/nidus" };
	struct cg cg;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cg_plan(&machine, names[i], 0, &cg, NULL);
		assert_false(cg_exists(&cg));
	}
}

static void limits_without_a_group_are_faults(void **state)
{
	struct fault fault;
	struct cg cg;

	(void)state;
	cg_init(&cg);
	assert_int_equal(cg_limit_memory(&cg, 0, &fault), 0);
	assert_int_equal(cg_limit_memory(&cg, 1 << 20, &fault), -1);
	assert_int_equal(cg_limit_pids(&cg, 5, &fault), -1);
	assert_int_equal(cg_limit_cpu(&cg, 1500, &fault), -1);
	assert_int_equal(cg_clone_fd(&cg), -1);
}

static void adopt_takes_only_groups_of_that_name(void **state)
{
	struct fault fault;
	struct cg cg;
	char path[256];

	(void)state;
	cg_init(&cg);
	assert_int_equal(cg_adopt(&cg, "abc", "/tmp/other", &fault), -1);
	assert_int_equal(cg_adopt(&cg, "abc", "relative/abc", &fault), -1);
	put_dir("/abc");
	snprintf(path, sizeof(path), "%s/abc", base);
	assert_int_equal(cg_adopt(&cg, "abc", path, &fault), -1); /* not a cgroup tree */
	assert_false(cg_exists(&cg));
	snprintf(path, sizeof(path), "%s/gone", base);
	assert_int_equal(cg_adopt(&cg, "gone", path, &fault), 0);
	assert_false(cg_exists(&cg));
}

static void bfq_weights_keep_the_default(void **state)
{
	(void)state;
	assert_int_equal(cg_bfq_weight(1), 1);
	assert_int_equal(cg_bfq_weight(100), 100);
	assert_int_equal(cg_bfq_weight(10000), 1000);
}

#define on_disk(test) cmocka_unit_test_setup_teardown(test, make_base, remove_base)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_pure_v2),
		cmocka_unit_test(parses_hybrid),
		cmocka_unit_test(cpu_is_not_found_in_cpuset),
		cmocka_unit_test(unescapes_mount_points),
		cmocka_unit_test(prefers_writable_mounts),
		cmocka_unit_test(leaves_out_odd_lines),
		cmocka_unit_test(a_directory_named_like_a_mount_line_is_no_mount),
		cmocka_unit_test(keeps_an_unfinished_line_for_later),
		cmocka_unit_test(parses_own_group),
		cmocka_unit_test(parses_controllers),
		cmocka_unit_test(parses_counters),
		on_disk(root_takes_the_top_of_v2),
		on_disk(user_takes_the_topmost_delegated_group),
		on_disk(a_group_beside_the_delegated_one_is_not_enough),
		on_disk(a_part_mounted_is_taken_from_its_top),
		on_disk(a_populated_inner_group_passes_on_only_what_it_does),
		on_disk(hybrid_takes_both),
		on_disk(none_says_why),
		cmocka_unit_test(plan_on_hybrid_makes_v1_groups_only_where_wanted),
		cmocka_unit_test(plan_on_v1_tracks_with_the_freezer),
		cmocka_unit_test(groups_are_shown_by_the_name_of_their_hierarchy),
		cmocka_unit_test(plan_refuses_names_that_are_paths),
		cmocka_unit_test(limits_without_a_group_are_faults),
		on_disk(adopt_takes_only_groups_of_that_name),
		cmocka_unit_test(bfq_weights_keep_the_default),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
