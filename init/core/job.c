/* SPDX-License-Identifier: Apache-2.0 */
/* A signal for a job. */
#include "job.h"

#include <signal.h>

#include "../kernel_abi.h"

/*
 * The process makes its group itself, a moment after the fork, and may leave it; then a
 * zombie in that group can still swallow the signal. So the process gets it directly
 * unless it leads the group, and KILL in any case: it may leave between the two calls,
 * and a second KILL does no harm.
 */
int job_signal(const struct job *job, int signal)
{
	int result = kill(-job->pid, signal);

	if (signal != SIGKILL && (pid_t)syscall(SYS_getpgid, job->pid) == job->pid)
		return result;
	return kill(job->pid, signal);
}
