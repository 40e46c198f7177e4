/* SPDX-License-Identifier: Apache-2.0 */
/* How the process of a service reports a failed step to PID 1. */
#include "../core/start.h"
#include "role.h"

static struct job *child;

void child_is(struct job *job)
{
	child = job;
}

int child_must(int result, uint32_t step, const char *object)
{
	if (result < 0)
		start_refuse(child, step, object);
	return result;
}
