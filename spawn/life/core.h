/* SPDX-License-Identifier: Apache-2.0 */
/* Core dumps: a crash inside must not start a program outside. */
#ifndef NIDUS_CORE_H
#define NIDUS_CORE_H

#include "sandbox.h"

/*
 * With kernel.core_pattern "|program" the kernel starts that program for every crash, in the
 * host's namespaces and as root, with bytes that the workload chose; not if RLIMIT_CORE is 1.
 * The plan sets that where it may be set. Where the caller's hard limit is 0, this raises it for
 * PID 1, which takes privilege; what can't be closed is a degraded event.
 */
void core_settle(struct nidus_sandbox *sandbox);

#endif
