/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of nidus.h that take a sandbox, in the same order. */
#include "../nidus.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "phases.h"

/*
 * Records, memfds and leases are files, and a limit on file sizes raises SIGXFSZ beyond it: the
 * calls that write them must not end their caller. Nobody but the kernel sends that signal, and
 * it goes to the thread that wrote: so it is blocked in this thread, and taken if it came.
 */
struct quiet {
	bool was_blocked, was_pending;
};

static void quiet_begin(struct quiet *quiet)
{
	sigset_t one, before, pending;

	sigemptyset(&one);
	sigaddset(&one, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &one, &before);
	sigpending(&pending);
	quiet->was_blocked = sigismember(&before, SIGXFSZ);
	quiet->was_pending = sigismember(&pending, SIGXFSZ);
}

static void quiet_end(const struct quiet *quiet)
{
	const struct timespec at_once = { 0, 0 };
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, SIGXFSZ);
	if (!quiet->was_pending)
		while (sigtimedwait(&one, NULL, &at_once) < 0 && errno == EINTR)
			;
	if (!quiet->was_blocked)
		pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

int nidus_start(const struct nidus_spec *spec, struct nidus_sandbox **out, struct fault *fault)
{
	struct nidus_sandbox *sandbox = sandbox_new(spec);
	struct quiet quiet;

	*out = NULL;
	if (!sandbox)
		return fault_set(fault, STEP_STATE, ENOMEM, NULL);
	quiet_begin(&quiet);
	if (phases_start(sandbox, fault) == 0)
		*out = sandbox;
	quiet_end(&quiet);
	if (!*out)
		nidus_free(sandbox);
	return *out ? 0 : -1;
}

int nidus_fd(const struct nidus_sandbox *sandbox)
{
	return sandbox->channels.epoll_fd;
}

enum nidus_phase nidus_step(struct nidus_sandbox *sandbox)
{
	struct quiet quiet;

	quiet_begin(&quiet);
	phases_step(sandbox);
	quiet_end(&quiet);
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
	struct quiet quiet;

	if (!sandbox)
		return;
	quiet_begin(&quiet);
	phases_finish(sandbox);
	sandbox_free(sandbox);
	quiet_end(&quiet);
}
