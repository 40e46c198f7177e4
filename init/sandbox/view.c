/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STEP_ROOT to STEP_TTY: all that the workload will see. Done by init, or with
 * PLAN_AS_PID_1 by the workload's process: its procfs must be made by a process in the pid
 * namespace that it shows, and while the old root is still there.
 */
#include "sandbox.h"

/* Before anything is set in a network namespace that the workload's process has made. */
static int meet_first(struct init *in, struct fault *fault)
{
	return plan_has(&in->plan, PLAN_FORK_FIRST) ? launch_meet(in, fault) : 0;
}

int view_build(struct init *in, struct fault *fault)
{
	static const struct {
		uint32_t step;
		int (*run)(struct init *in, struct fault *fault);
	} stages[] = {
		{STEP_ROOT, root_build},
		{STEP_PIVOT, root_enter},
		{STEP_COUNT, meet_first},
		{STEP_HOST, kernel_set},
		{STEP_TTY, tty_open},
	};

	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		if (control_hold(in, stages[i].step, fault) < 0 || stages[i].run(in, fault) < 0)
			return -1;
	return 0;
}
