/* SPDX-License-Identifier: Apache-2.0 */
/* Why a sandbox ended: a verdict from evidence that the inside can't make. Pure. */
#ifndef NIDUS_JUDGE_H
#define NIDUS_JUDGE_H

#include "sandbox.h"

/* Reason, exit code and wall time into `result`, where counters and fault stand already. */
void judge(const struct nidus_spec *spec, const struct evidence *evidence,
	   struct nidus_result *result);

#endif
