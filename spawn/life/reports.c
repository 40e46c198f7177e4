/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what init sends: its reports, and a descriptor over the control socket. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../../init/small_file.h"
#include "../spec/refuse.h"
#include "../spec/root.h"
#include "phases.h"

#define SIGNAL_MAX 64

/* The pid of the workload on this machine: the only child of PID 1. 0: already gone. */
static pid_t workload_pid(const struct nidus_sandbox *sandbox)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", sandbox->channels.pid,
		 sandbox->channels.pid);
	return small_file_read(AT_FDCWD, path, text, sizeof(text)) > 0
		       ? (pid_t)strtol(text, NULL, 10)
		       : 0;
}

static void note_ready(struct nidus_sandbox *sandbox, uint64_t at_us)
{
	struct fault ignored;

	oom_score_release(sandbox);
	sandbox_mark_at(sandbox, NIDUS_AT_EXEC, at_us);
	sandbox->evidence.ready_us = at_us;
	sandbox->result.setup_us = at_us - sandbox->evidence.started_us;
	/* history for list and wait: a full disk must not end a running sandbox */
	journal_write(&sandbox->resources.journal, JOURNAL_READY, "1", &ignored);
	trail_strike(&sandbox->resources.trail, JOURNAL_FORWARD);
	if (sandbox->events.fd >= 0)
		events_setup_finished(&sandbox->events, workload_pid(sandbox),
				      sandbox->result.setup_us);
}

static const char *limit_name(uint32_t kind)
{
	switch (kind) {
	case LIMIT_WALL:
		return "wall";
	case LIMIT_CPU:
		return "cpu";
	case LIMIT_MEMORY:
		return "memory";
	default:
		return "unknown";
	}
}

/* A degraded setup. A lost directory counts only if the caller could expect it inside. */
static void on_degraded(struct nidus_sandbox *sandbox, struct fault what)
{
	char why[FAULT_WHAT_MAX + 128];

	what.what[FAULT_WHAT_MAX - 1] = '\0';
	what.why[FAULT_WHY_MAX - 1] = '\0';
	snprintf(why, sizeof(why), "%s", what.what);
	if (what.step == STEP_CHDIR) {
		if (!spec_shows_host(sandbox->spec))
			return;
		sandbox->result.lost_cwd = what;
		snprintf(why, sizeof(why), "%s: %s: it starts in /", what.what, strerror(what.err));
	}
	if (what.option == NIDUS_OPTION_DNS) {
		sandbox_degrade(sandbox, spec_word(sandbox->spec, NIDUS_OPTION_DNS),
				"the root has no /etc/resolv.conf, and no place for one");
		return;
	}
	sandbox_degrade(sandbox, nidus_step_name(what.step), why);
}

/* Init's exec_blame gives only the name of what is in the way. */
static void word_exec(const struct ids *ids, struct fault *fault)
{
	size_t len = strlen(fault->why);
	char why[FAULT_WHY_MAX];

	if (fault->step != STEP_EXEC || (fault->err != EACCES && fault->err != ELIBACC))
		return;
	if (fault->err == EACCES && len == 0)
		return;
	if (fault->err == EACCES)
		snprintf(why, sizeof(why), "user %u may not enter %.150s", ids->work_uid, fault->why);
	else if (len > 0 && fault->why[len - 1] == '\r')
		snprintf(why, sizeof(why),
			 "the lines of this script end in CR LF, and its interpreter \"%.*s\\r\" "
			 "does not exist; remove the CRs", (int)(len > 90 ? 90 : len - 1), fault->why);
	else
		snprintf(why, sizeof(why), "its interpreter %.120s%sdoes not exist inside",
			 fault->why, len > 0 ? " " : "");
	fault_because(fault, why);
}

/* What mount_too_revealing of the kernel refuses, with the errno of a lack of privilege. */
static void word_proc(const struct nidus_spec *spec, struct fault *fault)
{
	bool asked = fault->option == NIDUS_OPTION_MOUNTS && fault->index < spec->mount_count &&
		     spec->mounts[fault->index].kind == NIDUS_PROC;

	if (fault->step == STEP_ROOT && fault->err == EPERM &&
	    (asked || strcmp(fault->what, "/proc") == 0))
		spec_fault(fault, fault->step, fault->err,
			   "the kernel makes no new one where parts of the old one are covered, as "
			   "in a sandbox that was started without %s",
			   spec_word(spec, NIDUS_OPTION_NEST));
}

static void on_fault(struct nidus_sandbox *sandbox, const struct fault *fault)
{
	sandbox->evidence.has_fault = true;
	sandbox->result.fault = *fault;
	sandbox->result.fault.what[FAULT_WHAT_MAX - 1] = '\0';
	sandbox->result.fault.why[FAULT_WHY_MAX - 1] = '\0';
	word_exec(&sandbox->prepared.ids, &sandbox->result.fault);
	word_proc(sandbox->spec, &sandbox->result.fault);
	spec_blame(sandbox->spec, &sandbox->result.fault);
	view_blame_hidden(&sandbox->prepared.view, sandbox->spec, &sandbox->result.fault);
}

static enum verdict on_report(struct nidus_sandbox *sandbox, const struct report *report)
{
	switch (report->kind) {
	case REPORT_FAULT:
		on_fault(sandbox, &report->u.fault);
		break;
	case REPORT_HELD:
		return VERDICT_HELD;
	case REPORT_READY:
		note_ready(sandbox, report->at_us);
		return VERDICT_READY;
	case REPORT_STOPPED:
		sandbox->evidence.stopped_signal = (int)report->u.stopped.signal;
		break;
	case REPORT_LIMIT:
		/* an oom kill was reported when the kernel notified it */
		if (!sandbox->evidence.oom_reported)
			events_limit(&sandbox->events, limit_name(report->u.limit.kind),
				     report->u.limit.used, report->u.limit.limit);
		break;
	case REPORT_EXITED:
		sandbox->evidence.has_exited_record = true;
		sandbox->evidence.exited = *report;
		sandbox_mark_at(sandbox, NIDUS_AT_EXITED, report->at_us);
		break;
	case REPORT_DEGRADED:
		on_degraded(sandbox, report->u.fault);
		break;
	default:
		break;
	}
	return VERDICT_NOTED;
}

/* Reports that are lost, or can't be right: nothing is known any further, and the sandbox ends here. */
static enum verdict refuse(struct nidus_sandbox *sandbox, int err)
{
	sandbox->evidence.has_fault = true;
	fault_set(&sandbox->result.fault, STEP_WATCH, err, "report");
	fd_close(&sandbox->channels.report_fd);
	return VERDICT_KILL;
}

static bool is_stop(uint32_t signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* Which reports are valid, and when: a stop report stops the caller, READY ends a deadline. */
static bool is_report(const struct nidus_sandbox *sandbox, const struct report *report)
{
	if (report->magic != REPORT_MAGIC || report->version != CONTRACT_VERSION)
		return false;
	switch (report->kind) {
	case REPORT_HELD:
	case REPORT_READY:
		return sandbox->phase == NIDUS_STARTING;
	case REPORT_STOPPED:
		return is_stop(report->u.stopped.signal);
	case REPORT_EXITED:
		return report->u.exited.code == CLD_EXITED || report->u.exited.status <= SIGNAL_MAX;
	default:
		return report->kind != 0 && report->kind < REPORT_KIND_END;
	}
}

enum verdict reports_read(struct nidus_sandbox *sandbox)
{
	struct report report;
	ssize_t n;

	if (sandbox->channels.report_fd < 0)
		return VERDICT_WAIT;
	do
		n = read(sandbox->channels.report_fd, &report, sizeof(report));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return VERDICT_WAIT;
	if (n < 0)
		return refuse(sandbox, errno);
	if (n == 0) { /* it is dead or dying; or a report failed, and then nothing more will come */
		fd_close(&sandbox->channels.report_fd);
		return VERDICT_KILL;
	}
	if (n != sizeof(report) || !is_report(sandbox, &report))
		return refuse(sandbox, EPROTO);
	return on_report(sandbox, &report);
}

/* Init sends a single thing over the control socket: the master of the pty. */
void reports_read_control(struct nidus_sandbox *sandbox)
{
	struct control message;
	char space[CMSG_SPACE(sizeof(int))];
	struct iovec part = { &message, sizeof(message) };
	struct msghdr header = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = space,
				 .msg_controllen = sizeof(space) };
	struct cmsghdr *cmsg;
	ssize_t n;

	if (sandbox->channels.control_fd < 0)
		return;
	n = recvmsg(sandbox->channels.control_fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 && errno == ECONNRESET)
		sandbox->evidence.go_unread = true; /* it died before it read all that was sent */
	if (n <= 0) {
		fd_close(&sandbox->channels.control_fd);
		return;
	}
	cmsg = CMSG_FIRSTHDR(&header);
	if (cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS &&
	    cmsg->cmsg_len == CMSG_LEN(sizeof(int))) {
		fd_close(&sandbox->channels.tty_fd);
		memcpy(&sandbox->channels.tty_fd, CMSG_DATA(cmsg), sizeof(int));
	}
}
