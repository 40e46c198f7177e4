/* SPDX-License-Identifier: Apache-2.0 */
/* The workload's process, from the fork to its exec. */
#ifndef NIDUS_INIT_START_H
#define NIDUS_INIT_START_H

#include "sandbox.h"

/*
 * Confines this process and executes the workload. Returns only on failure: -1
 * with the fault filled in. in->start_fd is the way to init, or -1 in init's own
 * place (PLAN_AS_PID_1), where the close-on-exec report pipe tells of the exec.
 */
int start_workload(struct init *in, struct fault *fault);

#endif
