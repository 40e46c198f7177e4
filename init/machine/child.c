/* SPDX-License-Identifier: Apache-2.0 */
/* How the process of a service tells PID 1 what it could not do. */
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
