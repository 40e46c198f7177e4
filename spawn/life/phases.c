/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole life of a sandbox: theory of operation.
 *
 * Two processes share one contract (init/contract.h). The spawner, which is this code, runs
 * with the caller's privileges and does all that needs them: names, locks, cgroups, id
 * maps, opening what only the caller may open. nidus-init, started by clone.c from a sealed
 * memfd, is PID 1 inside and carries out a plan.
 *
 * Every resource is written to the journal before it exists. This process holds a lock
 * (flock) on the journal's directory, and the kernel releases it when the process dies:
 * whoever finds it free (recover.c) removes what is on record. So neither a failure here
 * nor a SIGKILL between any two lines leaves anything behind for good.
 *
 * The phases, in order; each returns a verdict, and this file decides what follows:
 *
 *   take.c   everything needed before there is a process: groups.c, network.c, join.c
 *   clone.c  PID 1: memfd.c makes the plan and the image, child.c is the child until its exec
 *   watch.c  everything until its death: reports.c from inside, oom.c from the kernel
 *   end.c    why it ended (judge.c), and the removal (removal.h)
 */
#include "phases.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "network.h"

#define EVENTS_MAX 8
#define BIRTH_WAIT_MS 100 /* a write to its files failed: if it is dying, that takes a moment */
#define DEATH_WAIT_MS 10000

static int send_go(struct nidus_sandbox *sandbox, struct fault *fault)
{
	/*
	 * Somebody may have asked for the end while there was no PID 1 to signal. They look
	 * for one again after setting the mark, and this looks for the mark after putting PID 1
	 * on record, so one of the two sees it. The death of PID 1 is the next event.
	 */
	if (state_is_canceled(&sandbox->resources.state)) {
		sandbox->evidence.canceled = true;
		sandbox_kill_init(sandbox);
		return 0;
	}
	if (sandbox_control(sandbox, CONTROL_GO, 0, fault) < 0)
		return -1;
	sandbox->evidence.go_sent = true;
	sandbox_mark(sandbox, NIDUS_AT_GO);
	return 0;
}

/* From the clone to GO, or to waiting for block_fd. The pidfd is watched first. */
static int bring_up(struct nidus_sandbox *sandbox, bool into_cgroup, struct fault *fault)
{
	int must_wait;

	if (clone_init(sandbox, into_cgroup, fault) < 0 || watch_init(sandbox, fault) < 0 ||
	    clone_settle(sandbox, fault) < 0)
		return -1;
	sandbox_mark(sandbox, NIDUS_AT_SETTLED);
	if (!sandbox->prepared.complete && take_rest(sandbox, fault) < 0)
		return -1;
	if (clone_plan(sandbox, fault) < 0 || network_attach(sandbox, fault) < 0)
		return -1;
	must_wait = watch_block(sandbox, fault);
	return must_wait == 0 ? send_go(sandbox, fault) : must_wait < 0 ? -1 : 0;
}

/* Linux 6.18 kills a child cloned into a group on which cgroup.kill was used before. */
static bool was_killed_at_birth(const struct nidus_sandbox *sandbox)
{
	return sandbox->channels.into_cgroup && !sandbox->evidence.canceled &&
	       !sandbox->evidence.has_fault && sandbox->phase == NIDUS_STARTING &&
	       (!sandbox->evidence.go_sent || sandbox->evidence.go_unread) &&
	       sandbox->evidence.wait_code == CLD_KILLED &&
	       sandbox->evidence.wait_status == SIGKILL;
}

static int bring_up_again(struct nidus_sandbox *sandbox, struct fault *fault)
{
	sandbox_hang_up(sandbox);
	sandbox->evidence.go_sent = sandbox->evidence.go_unread = false;
	return bring_up(sandbox, false, fault);
}

static int launch(struct nidus_sandbox *sandbox, struct fault *fault)
{
	int may_clone;

	if (take_first(sandbox, fault) < 0)
		return -1;
	may_clone = take_may_clone(sandbox, fault);
	if (may_clone < 0 || (may_clone == 0 && take_rest(sandbox, fault) < 0) ||
	    watch_begin(sandbox, fault) < 0)
		return -1;
	if (bring_up(sandbox, true, fault) == 0)
		return 0;
	if (!sandbox->channels.into_cgroup || !sandbox_await_death(sandbox, BIRTH_WAIT_MS) ||
	    !sandbox_reap_init(sandbox) || !was_killed_at_birth(sandbox))
		return -1;
	return bring_up_again(sandbox, fault);
}

static void begin_end(struct nidus_sandbox *sandbox)
{
	sandbox->phase = NIDUS_ENDING;
	sandbox_let_go(sandbox);
	sandbox_arm(sandbox, 0);
	end_begin(sandbox);
}

static void obey(struct nidus_sandbox *sandbox, enum verdict verdict);

/* Reads everything that init has reported so far. */
static void hear(struct nidus_sandbox *sandbox)
{
	enum verdict verdict;

	while ((verdict = reports_read(sandbox)) != VERDICT_WAIT)
		obey(sandbox, verdict);
}

static void on_go(struct nidus_sandbox *sandbox)
{
	struct fault fault;

	/* the same look may have found PID 1 dead, and judged it already */
	if (sandbox->phase == NIDUS_ENDING || send_go(sandbox, &fault) == 0)
		return;
	if (fault.err == EPIPE) /* PID 1 died, which is the next event and says why */
		return;
	sandbox->evidence.has_fault = true;
	sandbox->result.fault = fault;
	sandbox_kill_init(sandbox);
}

/* A requested end has its own deadline, which later reports of init must not move. */
static bool has_deadline(const struct nidus_sandbox *sandbox)
{
	return sandbox->evidence.canceled || sandbox->evidence.oom_reported;
}

static void on_ready(struct nidus_sandbox *sandbox)
{
	const struct nidus_spec *spec = sandbox->spec;
	uint64_t ms = 0;

	/* init enforces the wall clock limit; this is in case it can't */
	if (spec->wall_us)
		ms = (spec->wall_us + spec->grace_us) / 1000 + SANDBOX_SLACK_MS;
	sandbox->phase = NIDUS_RUNNING;
	sandbox_mark(sandbox, NIDUS_AT_READY);
	if (!has_deadline(sandbox))
		sandbox_arm(sandbox, ms);
}

static void on_death(struct nidus_sandbox *sandbox)
{
	struct fault unused;

	hear(sandbox); /* what it wrote before it died */
	reports_read_control(sandbox);
	if (!sandbox_reap_init(sandbox) || sandbox->phase == NIDUS_ENDING)
		return;
	if (was_killed_at_birth(sandbox)) {
		if (bring_up_again(sandbox, &sandbox->result.fault) == 0)
			return;
		sandbox->evidence.has_fault = true;
		sandbox_kill_init(sandbox);
		/* its death is the next event */
		if (sandbox->channels.pid_fd >= 0 &&
		    (sandbox_watch_fd(sandbox, sandbox->channels.pid_fd, EPOLLIN, &unused) == 0 ||
		     unused.err == EEXIST))
			return;
	}
	end_read(sandbox);
	begin_end(sandbox);
}

static void obey(struct nidus_sandbox *sandbox, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_WAIT:
	case VERDICT_NOTED:
		break;
	case VERDICT_GO:
		on_go(sandbox);
		break;
	case VERDICT_HELD:
		sandbox->phase = NIDUS_HELD;
		if (!has_deadline(sandbox))
			sandbox_arm(sandbox, 0);
		break;
	case VERDICT_READY:
		on_ready(sandbox);
		break;
	case VERDICT_KILL:
		sandbox_kill_init(sandbox);
		break;
	case VERDICT_DEAD:
		on_death(sandbox);
		break;
	case VERDICT_GONE:
		sandbox->phase = NIDUS_GONE;
		if (sandbox->result.cleaned)
			sandbox_mark(sandbox, NIDUS_AT_REMOVED);
		break;
	}
}

void phases_step(struct nidus_sandbox *sandbox)
{
	struct epoll_event events[EVENTS_MAX];
	int count;

	if (sandbox->phase == NIDUS_GONE)
		return;
	count = epoll_wait(sandbox->channels.epoll_fd, events, EVENTS_MAX, 0);
	for (int i = 0; i < count; i++) {
		if (events[i].data.fd == sandbox->channels.report_fd)
			hear(sandbox);
		else
			obey(sandbox, watch_event(sandbox, events[i].data.fd));
	}
	if (sandbox->phase == NIDUS_ENDING)
		obey(sandbox, end_try(sandbox));
}

/* Steps until it is gone; a launch that failed early has no epoll_fd yet. */
static void remove_all(struct nidus_sandbox *sandbox)
{
	struct pollfd ready = { .fd = sandbox->channels.epoll_fd, .events = POLLIN };

	obey(sandbox, end_try(sandbox));
	for (int i = 0; i < SANDBOX_RETRIES && sandbox->phase == NIDUS_ENDING; i++) {
		poll(&ready, 1, 2 * SANDBOX_RETRY_MS);
		phases_step(sandbox);
	}
}

/* A failed launch ends in the same way; the fault is its whole result. */
static void abandon(struct nidus_sandbox *sandbox, const struct fault *fault)
{
	sandbox->evidence.has_fault = true;
	sandbox->result.fault = *fault;
	if (sandbox->channels.pid_fd >= 0) {
		sandbox_kill_init(sandbox);
		sandbox_await_death(sandbox, DEATH_WAIT_MS);
	}
	/* the child may have reported why before the parent noticed its death, or reaped it */
	hear(sandbox);
	sandbox_reap_init(sandbox);
	begin_end(sandbox);
	remove_all(sandbox);
}

int phases_start(struct nidus_sandbox *sandbox, struct fault *fault)
{
	if (launch(sandbox, fault) == 0)
		return 0;
	abandon(sandbox, fault);
	*fault = sandbox->result.fault; /* init may have reported a better one */
	return -1;
}

int phases_release(struct nidus_sandbox *sandbox, struct fault *fault)
{
	if (sandbox->phase != NIDUS_HELD)
		return fault_set(fault, STEP_WATCH, EINVAL, "release: not held");
	if (sandbox_control(sandbox, CONTROL_RELEASE, 0, fault) < 0)
		return -1;
	sandbox->phase = NIDUS_STARTING;
	sandbox_arm(sandbox, SANDBOX_HANDSHAKE_MS);
	return 0;
}

void phases_finish(struct nidus_sandbox *sandbox)
{
	struct pollfd ready = { .fd = sandbox->channels.epoll_fd, .events = POLLIN };

	sandbox->evidence.canceled = true;
	for (int i = 0; i < SANDBOX_RETRIES && sandbox->phase != NIDUS_GONE; i++) {
		sandbox_kill_init(sandbox);
		poll(&ready, 1, DEATH_WAIT_MS / SANDBOX_RETRIES);
		phases_step(sandbox);
	}
}
