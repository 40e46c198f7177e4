/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the death of PID 1 until nothing is left. When the pidfd of PID 1 becomes readable,
 * the kernel has killed and reaped the whole pid namespace; what remains is on the host,
 * and on the trail. A removal that fails may be tried again.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "../../init/clock.h"
#include "../../init/fd.h"
#include "../record/removal.h"
#include "judge.h"
#include "network.h"
#include "phases.h"

static uint64_t or_unset(uint64_t value)
{
	return value == CG_UNKNOWN ? NIDUS_UNSET : value;
}

static void set_peak(struct nidus_result *result, uint64_t bytes, enum nidus_memory_source source)
{
	result->memory_peak = bytes;
	result->memory_source = source;
}

/*
 * A group counts what is charged to it: a process moved in, or a file that others have read,
 * brings memory that it doesn't count. So the kernel's figure of the largest process is the
 * least that was used.
 */
static void read_groups(struct nidus_sandbox *sandbox)
{
	struct nidus_result *result = &sandbox->result;
	struct cg_usage usage;

	/* even a look for files that aren't there takes time, at the end of each short program */
	if (sandbox->spec->usage_unread && sandbox->resources.cg_wanted == 0)
		cg_no_usage(&usage);
	else
		cg_read(&sandbox->resources.cg, &usage);
	if (usage.memory_peak != CG_UNKNOWN)
		set_peak(result, usage.memory_peak, NIDUS_MEMORY_CGROUP);
	result->pids_peak = or_unset(usage.pids_peak);
	if (result->pids_peak != NIDUS_UNSET && result->pids_peak > 0)
		result->pids_peak--; /* without PID 1, as for the limit */
	result->pids_max_hits = or_unset(usage.pids_max_hits);
	result->oom_kills = or_unset(usage.oom_kills);
	result->cpu_throttled_us = or_unset(usage.cpu_throttled_us);
	result->cpu_user_us = or_unset(usage.cpu_user_us);
	result->cpu_sys_us = or_unset(usage.cpu_sys_us);
	if (!sandbox->evidence.has_exited_record)
		return;
	result->max_rss = sandbox->evidence.exited.u.exited.max_rss_bytes;
	if (result->memory_source == NIDUS_MEMORY_UNKNOWN && sandbox->prepared.monitor_bytes)
		set_peak(result, sandbox->evidence.exited.u.exited.memory_peak,
			 NIDUS_MEMORY_MONITOR);
	if (result->memory_source == NIDUS_MEMORY_UNKNOWN || result->memory_peak < result->max_rss)
		set_peak(result, result->max_rss, NIDUS_MEMORY_MAX_RSS);
	if (result->cpu_user_us == NIDUS_UNSET || result->cpu_sys_us == NIDUS_UNSET) {
		result->cpu_user_us = sandbox->evidence.exited.u.exited.cpu_user_us;
		result->cpu_sys_us = sandbox->evidence.exited.u.exited.cpu_sys_us;
	}
	result->zombies_reaped = sandbox->evidence.exited.u.exited.zombies_reaped;
}

/* Nothing more will be read. What takes time to end is asked to end now. */
static void stop_listening(struct nidus_sandbox *sandbox)
{
	sandbox_hang_up(sandbox);
	fd_close(&sandbox->channels.oom_fd);
	fd_close(&sandbox->channels.oom_timer_fd);
	network_begin_end(sandbox);
}

/* Nobody counts refused writes; but output of ours that is a file shows how large it has become. */
static bool is_output_full(const struct nidus_spec *spec)
{
	uint64_t limit = RLIM_INFINITY;
	struct stat file;

	for (size_t i = 0; i < spec->rlimit_count; i++)
		if (spec->rlimits[i].resource == RLIMIT_FSIZE)
			limit = spec->rlimits[i].soft;
	if (limit == RLIM_INFINITY || spec->tty)
		return false;
	for (int fd = 1; fd <= 2; fd++)
		if (fstat(spec->stdio[fd], &file) == 0 && S_ISREG(file.st_mode) &&
		    (uint64_t)file.st_size >= limit)
			return true;
	return false;
}

void end_read(struct nidus_sandbox *sandbox)
{
	sandbox->evidence.output_full = is_output_full(sandbox->spec);
	stop_listening(sandbox);
	read_groups(sandbox);
	network_read(sandbox);
}

static void tell(struct nidus_sandbox *sandbox)
{
	const struct nidus_result *result = &sandbox->result;
	struct fault ignored;
	char text[80];

	snprintf(text, sizeof(text), "%s %d %d", nidus_reason_name(result->reason),
		 result->exit_code, result->signal);
	/* for nidus wait: a full disk must not prevent removing the rest */
	journal_write(&sandbox->resources.journal, JOURNAL_EXITED, text, &ignored);
	if (result->fault.step != STEP_NONE)
		events_failed(&sandbox->events, &result->fault);
	events_exited(&sandbox->events, result);
}

void end_begin(struct nidus_sandbox *sandbox)
{
	if (!sandbox->evidence.ending_us)
		sandbox->evidence.ending_us = clock_now_us(); /* there never was a PID 1 */
	stop_listening(sandbox);
	sandbox->evidence.canceled_on_record = state_is_canceled(&sandbox->resources.state);
	judge(&sandbox->evidence, &sandbox->result);
	tell(sandbox);
}

static int remove_resources(struct nidus_sandbox *sandbox, struct fault *fault)
{
	struct removal removal = {
		.state = &sandbox->resources.state,
		.trail = &sandbox->resources.trail,
		.cg = &sandbox->resources.cg,
		/* freed later: closing its nftables socket takes 10 ms, for the kernel to finish */
		.net = sandbox->resources.net,
		.name_fd = sandbox->resources.name.fd,
	};
	int ret;

	network_reap(sandbox);
	ret = removal_run(&removal, fault);
	sandbox->resources.removed += removal.removed;
	return ret;
}

static void end_report(struct nidus_sandbox *sandbox)
{
	struct fault fault; /* a missing reader is not a fault of the sandbox */

	sandbox->result.events_lost = sandbox->events.lost;
	sandbox->result.events_errno = sandbox->events.lost_errno;
	if (sandbox->spec->report_fd >= 0 &&
	    report_write(sandbox->spec->report_fd, sandbox->resources.state.id, sandbox->spec,
			 &sandbox->result, &fault) < 0)
		sandbox->result.report_errno = fault.err;
}

static void give_up(struct nidus_sandbox *sandbox, const struct fault *fault)
{
	char text[FAULT_WHAT_MAX + 32];
	struct fault ignored;

	sandbox->result.cleanup = *fault;
	snprintf(text, sizeof(text), "%s %d %s", nidus_step_name(fault->step), fault->err,
		 fault->what);
	journal_write(&sandbox->resources.journal, JOURNAL_CLEANUP_FAILED, text, &ignored);
	events_cleanup_failed(&sandbox->events, fault);
	state_close(&sandbox->resources.state);
}

enum verdict end_try(struct nidus_sandbox *sandbox)
{
	struct fault fault;

	if (remove_resources(sandbox, &fault) == 0) {
		sandbox->result.cleaned = true;
		events_cleaned(&sandbox->events, sandbox->resources.removed,
			       clock_now_us() - sandbox->evidence.ending_us);
	} else if (++sandbox->resources.removal_tries < SANDBOX_RETRIES) {
		sandbox_arm(sandbox, SANDBOX_RETRY_MS);
		return VERDICT_WAIT;
	} else {
		give_up(sandbox, &fault);
	}
	name_close(&sandbox->resources.name);
	network_reap(sandbox);
	end_report(sandbox);
	journal_close(&sandbox->resources.journal);
	fd_close(&sandbox->resources.lock_file_fd);
	return VERDICT_GONE;
}
