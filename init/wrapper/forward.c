/* SPDX-License-Identifier: Apache-2.0 */
/* Forwards a signal to the program or its group, or to processes that it left behind. */
#include <errno.h>
#include <sys/signalfd.h>

#include "../kernel_abi.h"
#include "supervisor.h"

/* Keeps the value of a sigqueue(3); there is no such call for a group. */
static int queue(pid_t pid, int signal, const struct signalfd_siginfo *info)
{
	siginfo_t passed = {0};

	passed.si_code = SI_QUEUE;
	passed.si_pid = (pid_t)info->ssi_pid;
	passed.si_uid = info->ssi_uid;
	passed.si_value.sival_ptr = (void *)(uintptr_t)info->ssi_ptr;
	return (int)syscall(SYS_rt_sigqueueinfo, pid, signal, &passed);
}

static int deliver(const struct wrapper *w, int signal, const struct signalfd_siginfo *info)
{
	if (!w->running) { /* processes that it left behind */
		tree_signal(&w->tree, signal);
		return 0;
	}
	if (w->options.group)
		return job_signal(&w->job, signal);
	if (info && info->ssi_code == SI_QUEUE && queue(w->job.pid, signal, info) == 0)
		return 0;
	return kill(w->job.pid, signal);
}

void forward_send(struct wrapper *w, int signal, const struct signalfd_siginfo *info)
{
	if (deliver(w, signal, info) < 0)
		tell(w, EVENT_PASS_FAILED, signal, errno);
	else
		tell(w, EVENT_PASSED, signal, 0);
}
