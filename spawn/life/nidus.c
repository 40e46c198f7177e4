/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of nidus.h that take a sandbox, in the same order. */
#include "../nidus.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "phases.h"

int nidus_start(const struct nidus_spec *spec, struct nidus_sandbox **out, struct fault *fault)
{
	struct nidus_sandbox *sandbox = sandbox_new(spec);

	*out = NULL;
	if (!sandbox)
		return fault_set(fault, STEP_STATE, ENOMEM, NULL);
	if (phases_start(sandbox, fault) < 0) {
		nidus_free(sandbox);
		return -1;
	}
	*out = sandbox;
	return 0;
}

int nidus_fd(const struct nidus_sandbox *sandbox)
{
	return sandbox->channels.epoll_fd;
}

enum nidus_phase nidus_step(struct nidus_sandbox *sandbox)
{
	phases_step(sandbox);
	return sandbox->phase;
}

enum nidus_phase nidus_get_phase(const struct nidus_sandbox *sandbox)
{
	return sandbox->phase;
}

const char *nidus_id(const struct nidus_sandbox *sandbox)
{
	return sandbox->resources.state.id;
}

pid_t nidus_pid(const struct nidus_sandbox *sandbox)
{
	return sandbox->channels.pid;
}

int nidus_signal(struct nidus_sandbox *sandbox, int signal, struct fault *fault)
{
	if (signal < 1 || signal > 64 || signal == SIGKILL || signal == SIGSTOP)
		return fault_set(fault, STEP_WATCH, EINVAL, "signal");
	return sandbox_control(sandbox, CONTROL_SIGNAL, (uint32_t)signal, fault);
}

/*
 * Init ends the workload, so that it can report it. If it doesn't do so in time, or has not
 * been sent GO yet, killing it ends everything as well.
 */
static int cancel(struct nidus_sandbox *sandbox, uint32_t kind, uint64_t ms, struct fault *fault)
{
	if (sandbox->phase >= NIDUS_ENDING)
		return 0;
	sandbox->evidence.canceled = true;
	if (!sandbox->evidence.go_sent || sandbox_control(sandbox, kind, 0, fault) < 0)
		sandbox_kill_init(sandbox);
	else
		sandbox_arm(sandbox, ms);
	return 0;
}

int nidus_stop(struct nidus_sandbox *sandbox, struct fault *fault)
{
	return cancel(sandbox, CONTROL_STOP, sandbox->spec->grace_us / 1000 + SANDBOX_SLACK_MS,
		      fault);
}

int nidus_kill(struct nidus_sandbox *sandbox, struct fault *fault)
{
	return cancel(sandbox, CONTROL_KILL, SANDBOX_SLACK_MS, fault);
}

int nidus_release(struct nidus_sandbox *sandbox, struct fault *fault)
{
	return phases_release(sandbox, fault);
}

int nidus_resume(struct nidus_sandbox *sandbox, bool foreground, struct fault *fault)
{
	return sandbox_control(sandbox, CONTROL_RESUME, foreground, fault);
}

int nidus_take_stopped(struct nidus_sandbox *sandbox)
{
	int signal = sandbox->evidence.stopped_signal;

	sandbox->evidence.stopped_signal = 0;
	return signal;
}

int nidus_take_tty(struct nidus_sandbox *sandbox)
{
	return fd_take(&sandbox->channels.tty_fd);
}

const struct nidus_result *nidus_result(const struct nidus_sandbox *sandbox)
{
	return &sandbox->result;
}

void nidus_free(struct nidus_sandbox *sandbox)
{
	if (!sandbox)
		return;
	phases_finish(sandbox);
	sandbox_free(sandbox);
}
