/* SPDX-License-Identifier: Apache-2.0 */
/* Why a sandbox ended: from evidence to the reason and the exit code. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../../spawn/life/judge.h"

#define READY_US 1000
#define ENDING_US 51000

struct scene {
	const char *what;
	struct evidence evidence;
	uint64_t oom_kills, pids_max_hits;
	enum nidus_reason reason;
	int exit_code, signal;
};

/* The workload's own end, as init reports it. */
#define REPORTED(its_code, its_status, ...)                                                        \
	{                                                                                          \
		.ready_us = READY_US, .ending_us = ENDING_US, .has_exited_record = true,           \
		.exited.u.exited = { .code = (its_code), .status = (its_status), ##__VA_ARGS__ }   \
	}

/* … and its output is a file that has reached RLIMIT_FSIZE. */
#define FULL(its_code, its_status)                                                                 \
	{                                                                                          \
		.ready_us = READY_US, .ending_us = ENDING_US, .has_exited_record = true,           \
		.output_full = true,                                                               \
		.exited.u.exited = { .code = (its_code), .status = (its_status) }                  \
	}

static const struct scene scenes[] = {
	{ "status 0", REPORTED(CLD_EXITED, 0), .reason = NIDUS_EXITED },
	{ "status 7", REPORTED(CLD_EXITED, 7), .reason = NIDUS_EXITED, .exit_code = 7 },
	{ "a signal", REPORTED(CLD_KILLED, SIGTERM), .reason = NIDUS_SIGNALED,
	  .exit_code = 128 + SIGTERM, .signal = SIGTERM },
	{ "SIGSYS: a filter or a signal", REPORTED(CLD_DUMPED, SIGSYS), .reason = NIDUS_SIGNALED,
	  .exit_code = 128 + SIGSYS, .signal = SIGSYS },
	{ "SIGXFSZ without a full file", REPORTED(CLD_KILLED, SIGXFSZ), .reason = NIDUS_SIGNALED,
	  .exit_code = 128 + SIGXFSZ, .signal = SIGXFSZ },
	{ "SIGXFSZ and a full file", FULL(CLD_KILLED, SIGXFSZ), .reason = NIDUS_OUTPUT_LIMIT,
	  .exit_code = 128 + SIGXFSZ, .signal = SIGXFSZ },
	{ "a failure and a full file", FULL(CLD_EXITED, 1), .reason = NIDUS_OUTPUT_LIMIT,
	  .exit_code = 1 },
	{ "a full file and success", FULL(CLD_EXITED, 0), .reason = NIDUS_EXITED },
	{ "a full file and another signal", FULL(CLD_KILLED, SIGTERM), .reason = NIDUS_SIGNALED,
	  .exit_code = 128 + SIGTERM, .signal = SIGTERM },
	{ "the wall clock", REPORTED(CLD_KILLED, SIGKILL, .limit = LIMIT_WALL),
	  .reason = NIDUS_WALL_TIMEOUT, .exit_code = 124, .signal = SIGKILL },
	{ "cpu time", REPORTED(CLD_KILLED, SIGKILL, .limit = LIMIT_CPU),
	  .reason = NIDUS_CPU_TIMEOUT, .exit_code = 124, .signal = SIGKILL },
	{ "the memory monitor", REPORTED(CLD_KILLED, SIGKILL, .limit = LIMIT_MEMORY),
	  .reason = NIDUS_OOM, .exit_code = 137, .signal = SIGKILL },
	{ "137 alone is no oom", REPORTED(CLD_EXITED, 137), .reason = NIDUS_EXITED,
	  .exit_code = 137 },
	{ "the kernel's counter", REPORTED(CLD_EXITED, 1), .oom_kills = 1, .reason = NIDUS_OOM,
	  .exit_code = 137 },
	{ "refused forks", REPORTED(CLD_EXITED, 1), .pids_max_hits = 3,
	  .reason = NIDUS_PIDS_LIMIT, .exit_code = 1 },
	{ "refused forks that it survived", REPORTED(CLD_EXITED, 0), .pids_max_hits = 3,
	  .reason = NIDUS_EXITED },
	{ "a stop from inside the control socket", REPORTED(CLD_KILLED, SIGTERM, .by_stop = true),
	  .reason = NIDUS_CANCELED, .exit_code = 128 + SIGTERM, .signal = SIGTERM },
	{ "PID 1 killed", { .ready_us = READY_US, .ending_us = ENDING_US, .wait_code = CLD_KILLED,
			    .wait_status = SIGKILL },
	  .reason = NIDUS_INIT_LOST, .exit_code = 125, .signal = SIGKILL },
	{ "PID 1 killed by a limit of its own", { .ready_us = READY_US, .ending_us = ENDING_US,
						  .wait_code = CLD_KILLED, .wait_status = SIGKILL,
						  .init_cpu_limited = true },
	  .reason = NIDUS_INTERNAL, .exit_code = 125, .signal = SIGKILL },
	{ "PID 1 killed by oom", { .wait_code = CLD_KILLED, .wait_status = SIGKILL },
	  .oom_kills = 1, .reason = NIDUS_OOM, .exit_code = 137, .signal = SIGKILL },
	{ "PID 1 killed on request", { .wait_code = CLD_KILLED, .wait_status = SIGKILL,
				       .canceled = true },
	  .reason = NIDUS_CANCELED, .exit_code = 137, .signal = SIGKILL },
	{ "PID 1 killed by nidus kill", { .wait_code = CLD_KILLED, .wait_status = SIGKILL,
					  .canceled_on_record = true },
	  .reason = NIDUS_CANCELED, .exit_code = 137, .signal = SIGKILL },
	{ "a fault", { .has_fault = true }, .reason = NIDUS_START_ERROR, .exit_code = 125 },
	{ "a fault of PID 1 after the start", { .has_fault = true, .ready_us = READY_US,
						.ending_us = ENDING_US },
	  .reason = NIDUS_INTERNAL, .exit_code = 125 },
	{ "the same, and a record of the end", { .has_fault = true, .has_exited_record = true,
						 .ready_us = READY_US, .ending_us = ENDING_US },
	  .reason = NIDUS_INTERNAL, .exit_code = 125 },
	{ "a fault that came of nidus kill", { .has_fault = true, .canceled_on_record = true },
	  .reason = NIDUS_CANCELED, .exit_code = 125 },
};

static void each_end_has_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		const struct scene *scene = &scenes[i];
		struct nidus_result result = { .oom_kills = scene->oom_kills,
					       .pids_max_hits = scene->pids_max_hits };

		judge(&scene->evidence, &result);
		if (result.reason != scene->reason || result.exit_code != scene->exit_code ||
		    result.signal != scene->signal)
			fail_msg("%s: %s, exit code %d, signal %d", scene->what,
				 nidus_reason_name(result.reason), result.exit_code, result.signal);
	}
}

static void the_wall_time_is_that_of_the_workload(void **state)
{
	struct evidence evidence = REPORTED(CLD_EXITED, 0);
	struct nidus_result result = { 0 };

	(void)state;
	judge(&evidence, &result);
	assert_int_equal(result.wall_us, ENDING_US - READY_US);
	evidence.ready_us = 0;
	judge(&evidence, &result);
	assert_int_equal(result.wall_us, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_end_has_its_reason),
		cmocka_unit_test(the_wall_time_is_that_of_the_workload),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
