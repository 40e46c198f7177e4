/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STEP_ROOT to STEP_TTY: all that the workload will see. Done by init, or with
 * PLAN_AS_PID_1 by the workload's process: its procfs must be made by a process in the pid
 * namespace that it shows, and while the old root is still there.
 */
#include "sandbox.h"

struct view_stage {
	uint32_t step;
	int (*run)(struct init *in, struct fault *fault);
};

static int run_two(struct init *in, const struct view_stage *stages, struct fault *fault)
{
	for (int i = 0; i < 2; i++)
		if (control_hold(in, stages[i].step, fault) < 0 || stages[i].run(in, fault) < 0)
			return -1;
	return 0;
}

int view_enter(struct init *in, struct fault *fault)
{
	static const struct view_stage stages[] = {
		{STEP_ROOT, root_build},
		{STEP_PIVOT, root_enter},
	};

	return run_two(in, stages, fault);
}

int view_set(struct init *in, struct fault *fault)
{
	static const struct view_stage stages[] = {
		{STEP_HOST, kernel_set},
		{STEP_TTY, tty_open},
	};

	return run_two(in, stages, fault);
}
