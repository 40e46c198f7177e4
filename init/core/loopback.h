/* SPDX-License-Identifier: Apache-2.0 */
/* The loopback interface of this network namespace. */
#ifndef NIDUS_INIT_LOOPBACK_H
#define NIDUS_INIT_LOOPBACK_H

#include "../fault.h"

/* Brings lo up unless it is. Fault: STEP_HOST. */
int loopback_up(struct fault *fault);

#endif
