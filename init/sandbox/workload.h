/* SPDX-License-Identifier: Apache-2.0 */
/* The workload's process, from the fork to its exec. */
#ifndef NIDUS_INIT_WORKLOAD_H
#define NIDUS_INIT_WORKLOAD_H

#include "sandbox.h"

/*
 * Confines this process and executes the workload. Returns only on failure: -1
 * with the fault filled in. in->job.note is the way to init, or NULL in init's own
 * place (PLAN_AS_PID_1), where the close-on-exec report pipe tells of the exec.
 */
int workload_execute(struct init *in, struct fault *fault);

#endif
