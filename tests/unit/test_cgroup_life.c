/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a group: made, entered, killed, adopted, removed. */
#include "cgroup_live.h"

#include <linux/sched.h>
#include <sys/syscall.h>

static void no_limits_means_one_group(void **state)
{
	struct cg cg;

	(void)state;
	need(machine.v2_parent[0], "cgroup2 tree");
	make(&machine, 0, &cg);
	assert_true(cg_clone_fd(&cg) >= 0);
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		assert_string_equal(cg.v1_path[i], "");
	assert_true(cg_is_empty(&cg));
	end(&cg);
}

static void the_quick_way_finds_the_same_place(void **state)
{
	struct cg_machine quick, whole;

	(void)state;
	need(machine.v2_parent[0], "cgroup2 tree");
	cg_find(&whole);
	cg_find_place(&quick);
	assert_string_equal(quick.v2_parent, whole.v2_parent);
	assert_int_equal(quick.v2_beside, whole.v2_beside);
}

static void a_child_is_cloned_into_the_group(void **state)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	struct fault fault;
	struct cg cg;
	int status;
	pid_t pid;

	(void)state;
	need(machine.v2_parent[0], "cgroup2 tree");
	make(&machine, 0, &cg);
	args.cgroup = (uint64_t)cg_clone_fd(&cg);
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_false(cg_is_empty(&cg));
	assert_int_equal(cg_wait_empty(&cg, 20, &fault), -1);
	assert_int_equal(fault.err, ETIMEDOUT);
	assert_ok(cg_kill(&cg, &fault));
	assert_int_equal(cg_clone_fd(&cg), -1);
	assert_ok(cg_wait_empty(&cg, WAIT_MS, &fault));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	end(&cg);
}

static void v1_alone_kills_a_whole_tree(void **state)
{
	struct cg_machine v1 = machine;
	struct fault fault;
	struct cg cg;
	int go;
	pid_t pid;

	(void)state;
	need(machine.v1_parent[CG_FREEZER][0], "v1 freezer");
	v1.mode = CG_V1;
	v1.v2_parent[0] = '\0';
	v1.v2_controls = 0;
	make(&v1, CG_BIT(CG_PIDS) | CG_BIT(CG_CPUACCT), &cg);
	pid = start_in(&cg, &go);
	if (pid == 0) {
		for (int i = 0; i < 6; i++)
			fork(); /* 64 processes */
		for (;;)
			pause();
	}
	assert_int_equal(write(go, "x", 1), 1);
	close(go);
	assert_ok(cg_kill(&cg, &fault));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	end(&cg);
}

static void v1_without_a_freezer_kills_too(void **state)
{
	struct cg_machine v1 = machine;
	struct cg cg;
	int go;
	pid_t pid;

	(void)state;
	need(machine.v1_parent[CG_PIDS][0], "v1 pids controller");
	v1.mode = CG_V1;
	v1.v2_parent[0] = '\0';
	v1.v2_controls = 0;
	v1.v1_parent[CG_FREEZER][0] = '\0';
	make(&v1, CG_BIT(CG_PIDS), &cg);
	pid = start_in(&cg, &go);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	end(&cg);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(go);
}

static void groups_made_below_are_removed(void **state)
{
	struct cg cg;
	char path[CG_PATH_MAX + 64];
	size_t at;
	pid_t pid;
	int go;

	(void)state;
	need(machine.v2_parent[0], "cgroup2 tree");
	make(&machine, 0, &cg);
	at = (size_t)snprintf(path, sizeof(path), "%s", cg.v2_path);
	for (int i = 0; i < 5; i++) {
		snprintf(path + at, sizeof(path) - at, "/subx");
		assert_int_equal(mkdir(path, 0755), 0);
		at += (size_t)snprintf(path + at, sizeof(path) - at, "/sub");
		assert_int_equal(mkdir(path, 0755), 0);
	}
	pid = start_in(&cg, &go);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	end(&cg);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(go);
}

static void removing_twice_is_no_error(void **state)
{
	struct fault fault;
	struct cg cg;

	(void)state;
	need(true, "");
	make(&machine, 0, &cg);
	assert_ok(cg_remove(&cg, &fault));
	assert_ok(cg_kill(&cg, &fault));
	assert_true(cg_is_empty(&cg));
	assert_ok(cg_remove(&cg, &fault));
	cg_close(&cg);
	assert_ok(cg_remove(&cg, &fault));
}

static void a_group_with_a_process_is_not_removed(void **state)
{
	struct fault fault;
	struct cg cg;
	int go;
	pid_t pid;

	(void)state;
	need(true, "");
	make(&machine, 0, &cg);
	pid = start_in(&cg, &go);
	if (pid == 0)
		_exit(0);
	assert_int_equal(cg_remove(&cg, &fault), -1);
	assert_int_equal(fault.err, EBUSY);
	assert_int_equal(let_go(pid, go), 0);
	end(&cg);
}

static void an_existing_group_is_a_fault_and_stays(void **state)
{
	struct fault fault;
	struct cg cg, again;

	(void)state;
	need(true, "");
	make(&machine, 0, &cg);
	serial--;
	plan(&machine, 0, &again);
	assert_int_equal(cg_create(&again, 0, &fault), -1);
	assert_int_equal(fault.err, EEXIST);
	assert_int_equal(again.v2_fd, -1);
	end(&cg);
}

static void a_failed_create_leaves_nothing(void **state)
{
	struct fault fault;
	struct cg cg;
	struct stat st;

	(void)state;
	need(machine.v2_parent[0] && machine.v1_parent[CG_PIDS][0], "hybrid hierarchy");
	plan(&machine, CG_BIT(CG_MEMORY) | CG_BIT(CG_PIDS), &cg);
	mkdir(machine.v1_parent[CG_PIDS], 0755); /* EEXIST is fine */
	assert_int_equal(mkdir(cg.v1_path[CG_PIDS], 0755), 0);
	assert_int_equal(cg_create(&cg, CG_BIT(CG_MEMORY) | CG_BIT(CG_PIDS), &fault), -1);
	assert_int_equal(fault.err, EEXIST);
	assert_int_equal(stat(cg.v1_path[CG_PIDS], &st), 0);
	assert_int_equal(rmdir(cg.v1_path[CG_PIDS]), 0);
	assert_absent(&cg);
}

static void sixteen_at_once_share_a_new_parent(void **state)
{
	const uint32_t wanted = CG_BIT(CG_CPUACCT) |
				(machine.v1_parent[CG_CPUSET][0] ? CG_BIT(CG_CPUSET) : 0);
	pid_t pids[16];
	int status;

	(void)state;
	need(true, "");
	remove_parents(NULL);
	for (int i = 0; i < 16; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct fault fault;
			struct cg cg;
			char id[32];

			snprintf(id, sizeof(id), "nidus-test-c%d", i);
			cg_plan(&machine, id, wanted, &cg, NULL);
			if (cg_create(&cg, wanted, &fault) < 0 ||
			    cg_enter(&cg, getpid(), false, &fault) < 0) {
				fprintf(stderr, "# %s: %s\n", fault.what, strerror(fault.err));
				_exit(1);
			}
			_exit(0);
		}
	}
	for (int i = 0; i < 16; i++) {
		struct fault fault;
		struct cg cg;
		char id[32];

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
		snprintf(id, sizeof(id), "nidus-test-c%d", i);
		cg_plan(&machine, id, wanted, &cg, NULL);
		assert_ok(cg_remove(&cg, &fault)); /* by path alone */
	}
}

static void groups_are_adopted_by_path(void **state)
{
	uint32_t wanted = machine.v1_parent[CG_MEMORY][0] ? CG_BIT(CG_MEMORY) : 0;
	struct fault fault;
	struct cg cg, adopted;
	const char *id;
	int go;
	pid_t pid;

	(void)state;
	need(machine.v2_parent[0], "cgroup2 tree");
	make(&machine, wanted, &cg);
	id = strrchr(cg.v2_path, '/') + 1;
	pid = start_in(&cg, &go);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	cg_init(&adopted);
	assert_ok(cg_adopt(&adopted, id, cg.v2_path, &fault));
	assert_ok(cg_adopt(&adopted, id, cg.v2_path, &fault)); /* twice is once */
	if (wanted) {
		assert_ok(cg_adopt(&adopted, id, cg.v1_path[CG_MEMORY], &fault));
		assert_string_equal(adopted.v1_path[CG_MEMORY], cg.v1_path[CG_MEMORY]);
	}
	assert_int_equal(cg_adopt(&adopted, "other", cg.v2_path, &fault), -1);
	end(&adopted);
	assert_absent(&cg);
	cg_close(&cg);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(go);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limits_means_one_group),
		cmocka_unit_test(the_quick_way_finds_the_same_place),
		cmocka_unit_test(a_child_is_cloned_into_the_group),
		cmocka_unit_test(v1_alone_kills_a_whole_tree),
		cmocka_unit_test(v1_without_a_freezer_kills_too),
		cmocka_unit_test(groups_made_below_are_removed),
		cmocka_unit_test(removing_twice_is_no_error),
		cmocka_unit_test(a_group_with_a_process_is_not_removed),
		cmocka_unit_test(an_existing_group_is_a_fault_and_stays),
		cmocka_unit_test(a_failed_create_leaves_nothing),
		cmocka_unit_test(sixteen_at_once_share_a_new_parent),
		cmocka_unit_test(groups_are_adopted_by_path),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, find_machine, remove_parents);
}
