/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that really limit, and counters that count. */
#include "cgroup_live.h"

#include <poll.h>
#include <sys/mman.h>

#include "../../init/contract.h"

#define MIB (1024ull * 1024)

static void memory_is_limited_and_counted(void **state)
{
	struct cg_usage usage;
	struct fault fault;
	struct pollfd oom = { .fd = -1 };
	struct cg cg;
	int go, status;
	pid_t pid;

	(void)state;
	need_control(CG_MEMORY, "memory controller");
	make(&machine, CG_BIT(CG_MEMORY), &cg);
	assert_ok(cg_limit_memory(&cg, 32 * MIB, &fault));
	if (cg_limit_swap(&cg, 32 * MIB, 0, &fault) < 0)
		assert_int_equal(fault.err, ENOENT); /* no swap accounting */
	oom.fd = cg_oom_fd(&cg, &oom.events);
	assert_true(oom.fd >= 0);
	assert_int_equal(poll(&oom, 1, 0), 0);
	pid = start_in(&cg, &go);
	if (pid == 0) {
		char *p = mmap(NULL, 128 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		for (size_t i = 0; p != MAP_FAILED && i < 128 * MIB; i += 4096)
			p[i] = 1;
		_exit(0);
	}
	status = let_go(pid, go);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(poll(&oom, 1, WAIT_MS), 1);
	close(oom.fd);
	cg_read(&cg, &usage);
	assert_int_equal(usage.oom_kills, 1);
	if (usage.memory_peak != CG_UNKNOWN)
		assert_in_range(usage.memory_peak, 16 * MIB, 32 * MIB);
	end(&cg);
}

static void memory_can_be_raised_over_memsw(void **state)
{
	struct fault fault;
	struct cg cg;

	(void)state;
	need_control(CG_MEMORY, "memory controller");
	make(&machine, CG_BIT(CG_MEMORY), &cg);
	assert_ok(cg_limit_memory(&cg, 32 * MIB, &fault));
	if (cg_limit_swap(&cg, 32 * MIB, 8 * MIB, &fault) == 0) {
		assert_ok(cg_limit_memory(&cg, 64 * MIB, &fault));
		assert_ok(cg_limit_swap(&cg, 64 * MIB, UINT64_MAX, &fault));
	}
	end(&cg);
}

static void pids_are_limited_and_counted(void **state)
{
	struct cg_usage usage;
	struct fault fault;
	struct cg cg;
	int go, status;
	pid_t pid;

	(void)state;
	need_control(CG_PIDS, "pids controller");
	make(&machine, CG_BIT(CG_PIDS), &cg);
	assert_ok(cg_limit_pids(&cg, 3, &fault));
	pid = start_in(&cg, &go);
	if (pid == 0) {
		int made = 0;

		while (made < 10) {
			pid_t child = fork();

			if (child == 0) {
				pause();
				_exit(0);
			}
			if (child < 0)
				break;
			made++;
		}
		_exit(made);
	}
	status = let_go(pid, go);
	assert_int_equal(WEXITSTATUS(status), 2);
	cg_read(&cg, &usage);
	assert_int_equal(usage.pids_current, 2);
	assert_true(usage.pids_max_hits >= 1);
	end(&cg);
}

static void cpu_is_limited_down_to_a_thousandth(void **state)
{
	struct fault fault;
	struct cg cg;

	(void)state;
	need_control(CG_CPU, "cpu controller");
	make(&machine, CG_BIT(CG_CPU), &cg);
	assert_ok(cg_limit_cpu(&cg, 1500, &fault));
	if (cg.v1_fd[CG_CPU] >= 0)
		assert_int_equal(cg_file_number(cg.v1_fd[CG_CPU], "cpu.cfs_quota_us"), 150000);
	assert_ok(cg_limit_cpu(&cg, 1, &fault));
	end(&cg);
}

static void a_process_can_enter_a_cpuset(void **state)
{
	struct fault fault;
	struct cg cg;
	int go;
	pid_t pid;

	(void)state;
	need_control(CG_CPUSET, "cpuset controller");
	make(&machine, CG_BIT(CG_CPUSET), &cg);
	assert_ok(cg_limit_cpuset(&cg, "0", &fault));
	pid = start_in(&cg, &go);
	if (pid == 0)
		_exit(sysconf(_SC_NPROCESSORS_ONLN) >= 1 ? 7 : 8);
	assert_int_equal(WEXITSTATUS(let_go(pid, go)), 7);
	assert_int_equal(cg_limit_cpuset(&cg, "99999", &fault), -1);
	assert_non_null(strstr(fault.what, "cpuset.cpus"));
	end(&cg);
}

static void the_processors_to_choose_from_are_a_list(void **state)
{
	char cpus[1024];
	struct fault fault;
	struct cg cg;

	(void)state;
	need_control(CG_CPUSET, "cpuset controller");
	make(&machine, CG_BIT(CG_CPUSET), &cg);
	assert_int_equal(cg_read_cpus(&cg, cpus, sizeof(cpus)), 0);
	assert_true(cpus[0] != '\0' && cpus[strspn(cpus, "0123456789,-")] == '\0');
	assert_ok(cg_limit_cpuset(&cg, cpus, &fault));
	end(&cg);
}

static void io_weight_is_set_or_named_as_missing(void **state)
{
	struct fault fault;
	struct cg cg;

	(void)state;
	need_control(CG_IO, "io controller");
	make(&machine, CG_BIT(CG_IO), &cg);
	if (cg_limit_io_weight(&cg, 200, &fault) < 0) {
		assert_int_equal(fault.err, ENOENT);
		assert_non_null(strstr(fault.what, "weight"));
	}
	end(&cg);
}

static void cpu_time_is_counted_of_the_group(void **state)
{
	struct cg_usage usage;
	struct cg cg;
	uint32_t form;
	char text[64];
	int go, fd;
	pid_t pid;

	(void)state;
	need_control(CG_CPUACCT, "cpu time accounting");
	make(&machine, CG_BIT(CG_CPUACCT), &cg);
	fd = cg_cpu_fd(&cg, &form);
	assert_true(fd >= 0);
	assert_int_equal(form, cg.v2_fd >= 0 ? PLAN_CPU_STAT : PLAN_CPU_ACCT);
	assert_true(read(fd, text, sizeof(text)) > 0);
	close(fd);
	pid = start_in(&cg, &go);
	if (pid == 0) {
		volatile unsigned spin = 0;

		while (spin < 50000000)
			spin++;
		_exit(0);
	}
	let_go(pid, go);
	cg_read(&cg, &usage);
	assert_in_range(usage.cpu_usage_us, 10000, 5000000);
	assert_in_range(usage.cpu_user_us, 1, usage.cpu_usage_us + 1000);
	end(&cg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_limited_and_counted),
		cmocka_unit_test(memory_can_be_raised_over_memsw),
		cmocka_unit_test(pids_are_limited_and_counted),
		cmocka_unit_test(cpu_is_limited_down_to_a_thousandth),
		cmocka_unit_test(a_process_can_enter_a_cpuset),
		cmocka_unit_test(the_processors_to_choose_from_are_a_list),
		cmocka_unit_test(io_weight_is_set_or_named_as_missing),
		cmocka_unit_test(cpu_time_is_counted_of_the_group),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, find_machine, remove_parents);
}
