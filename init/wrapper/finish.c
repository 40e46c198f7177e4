/* SPDX-License-Identifier: Apache-2.0 */
/* The exit, and the status it returns to our parent. */
#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../contract.h"
#include "../kernel_abi.h"
#include "supervisor.h"

#define EXIT_TIMEOUT 124 /* as in `nidus run` and timeout(1) */
#define EXIT_MEMORY 137

int finish_status(const struct wrapper *w)
{
	unsigned status = (unsigned)w->status & 0xff;

	if (w->code != CLD_EXITED)
		status = (128 + status) & 0xff;
	return w->options.remap[status / 32] & 1u << (status % 32) ? 0 : (int)status;
}

/* No core dump of our own: RLIMIT_CORE prevents one to a file, dumpable one to a pipe. */
static void die_by(int signal)
{
	static const struct sigaction plain; /* SIG_DFL */
	static const uint64_t none[2];       /* struct rlimit64 */

	syscall(SYS_prlimit64, 0, RLIMIT_CORE, none, NULL);
	prctl(PR_SET_DUMPABLE, 0);
	sigaction(signal, &plain, NULL); /* EINVAL for KILL, which needs none */
	kill(getpid(), signal);
	sys_sigmask(SIG_SETMASK, ~(1ull << (signal - 1))); /* other signals stay pending */
}

void finish(struct wrapper *w)
{
	int status;

	if (w->running) { /* uninterruptible: it will die of the KILL, but later */
		w->code = CLD_KILLED;
		w->status = SIGKILL;
	}
	status = finish_status(w);
	report_write(w, NULL);
	tell(w, EVENT_GOODBYE, status, 0);
	if (w->reason >= REASON_WALL)
		_exit(w->reason == REASON_MEMORY ? EXIT_MEMORY : EXIT_TIMEOUT);
	if (w->options.die_as_child && w->code != CLD_EXITED && status != 0 && getpid() != 1)
		die_by(w->status);
	_exit(status);
}

static int refused_status(const struct wrapper *w, const struct fault *fault)
{
	if (w->code == CLD_KILLED || w->code == CLD_DUMPED) /* before its exec */
		return finish_status(w);
	switch (w->options.as) {
	case AS_NIDUS:
		return program_fault_status(fault);
	case AS_TINI:
		if (fault->step == STEP_EXEC && (fault->err == ENOENT || fault->err == EACCES))
			return fault->err == ENOENT ? 127 : 126;
		return 1;
	case AS_DUMB_INIT:
		return fault->step == STEP_EXEC ? 2 : 1;
	default:
		return 1;
	}
}

void finish_refused(struct wrapper *w, const struct fault *fault)
{
	tell_fault(w, fault);
	report_write(w, fault);
	_exit(refused_status(w, fault));
}

void finish_failed(struct wrapper *w, uint32_t step, const char *what)
{
	struct fault fault;

	fault_errno(&fault, step, what);
	finish_refused(w, &fault);
}
