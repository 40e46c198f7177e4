/* SPDX-License-Identifier: Apache-2.0 */
/* A signal for a job. */
#include "job.h"

#include <signal.h>

#include "../kernel_abi.h"

/*
 * The group is made by the process itself, a moment after the fork, and may be left; then
 * a zombie in there can still take what is sent. KILL does no harm twice, and leaves nobody
 * time to leave.
 */
int job_signal(const struct job *job, int signal)
{
	int result = kill(-job->pid, signal);

	if (signal != SIGKILL && (pid_t)syscall(SYS_getpgid, job->pid) == job->pid)
		return result;
	return kill(job->pid, signal);
}
