/* SPDX-License-Identifier: Apache-2.0 */
/* Why a sandbox ended: a verdict from evidence that nothing inside can forge. Pure. */
#ifndef NIDUS_JUDGE_H
#define NIDUS_JUDGE_H

#include "sandbox.h"

/* Sets reason, exit code and wall time in `result`; counters and fault are already there. */
void judge(const struct evidence *evidence, struct nidus_result *result);

#endif
