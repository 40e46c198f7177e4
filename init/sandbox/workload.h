/* SPDX-License-Identifier: Apache-2.0 */
/* The workload process, from the fork to its exec. */
#ifndef NIDUS_INIT_WORKLOAD_H
#define NIDUS_INIT_WORKLOAD_H

#include "sandbox.h"

/*
 * Confines this process and executes the workload. Returns only on failure: -1 with the
 * fault filled in. in->job.note leads to init.
 */
int workload_execute(struct init *in, struct fault *fault);

#endif
