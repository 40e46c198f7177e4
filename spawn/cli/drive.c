/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of `nidus run`: waits for the sandbox, for signals and for the
 * terminal, and lets each of them take one step at a time.
 */
#include "drive.h"
#include "program.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../record/recover.h"
#include "cli.h"
#include "cwd.h"
#include "detach.h"
#include "ending.h"
#include "signals.h"

#define GC_MAX 4 /* records that one run cleans up: more is the job of nidus gc */

enum { SANDBOX, SIGNALS, PARENT, RELAY, POLL_FDS = RELAY + RELAY_POLL_FDS };

/* Init may be gone by now: then its end matters, not that it can't be reached. */
static void note(const char *what, int rc, const struct fault *fault)
{
	char text[512];

	if (rc < 0)
		cli_say(CLI_LOG_DEBUG, "%s: %s", what, nidus_fault_text(fault, text, sizeof(text)));
}

static void forward(struct drive *drive, int signal)
{
	struct fault fault;

	note("signal", nidus_signal(drive->sandbox, signal, &fault), &fault);
}

/* Before the workload runs: a signal to end takes effect, all others wait for the start. */
static void on_early_signal(struct drive *drive, int signal)
{
	struct fault fault;

	if (signal == SIGTERM || signal == SIGINT)
		note("stop", nidus_stop(drive->sandbox, &fault), &fault);
	else if (signal == SIGCONT && nidus_get_phase(drive->sandbox) == NIDUS_HELD)
		note("release", nidus_release(drive->sandbox, &fault), &fault);
	else if (drive->early_count < DRIVE_EARLY_MAX)
		drive->early[drive->early_count++] = signal;
	else
		cli_say(CLI_LOG_WARN, "signal %d dropped: %d others already wait for the start",
			signal, DRIVE_EARLY_MAX);
}

static void on_running_signal(struct drive *drive, int signal, bool from_kernel)
{
	struct terminal *terminal = drive->terminal;
	struct fault fault;

	switch (signal) {
	case SIGCONT:
		note("continue", terminal_continue(terminal, drive->sandbox, &fault), &fault);
		return;
	case SIGTSTP:
		forward(drive, signal);
		/* if it shares our terminal, its report of a stop stops us: all stop or none */
		if (!terminal->shared)
			terminal_suspend(terminal, signal);
		return;
	case SIGWINCH:
		if (drive->relay.master >= 0) {
			terminal_copy_size(drive->relay.master);
			if (from_kernel)
				return;
		}
		forward(drive, signal);
		return;
	default:
		forward(drive, signal);
	}
}

static void on_signal(struct drive *drive, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;
	bool from_kernel = info->ssi_code > 0; /* SI_USER is 0, codes of other senders negative */

	if (signals_is_own(info))
		return;
	/* only meant for this process: its child, its use of the terminal */
	if (from_kernel && (signal == SIGCHLD || signal == SIGTTIN || signal == SIGTTOU))
		return;
	switch (nidus_get_phase(drive->sandbox)) {
	case NIDUS_STARTING:
	case NIDUS_HELD:
		on_early_signal(drive, signal);
		break;
	case NIDUS_RUNNING:
		on_running_signal(drive, signal, from_kernel);
		break;
	case NIDUS_ENDING:
	case NIDUS_GONE:
		if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT)
			drive->impatient = true;
		break;
	}
}

static void read_signals(struct drive *drive)
{
	struct signalfd_siginfo info;

	/* bounded by what the kernel queues: one read per signal */
	while (read(drive->signal_fd, &info, sizeof(info)) == sizeof(info))
		on_signal(drive, &info);
}

/* Removes what dead spawners left: only a few records, and not during the start. */
static void collect_garbage(void)
{
	char path[STATE_PATH_MAX], text[512];
	struct recover_result result = { .failed = 0 };
	struct fault fault;
	cleanup_fd int root_fd = state_find_root(path, &fault);

	if (root_fd < 0 || recover_gc(root_fd, 0, GC_MAX, &result, &fault) < 0)
		cli_say(CLI_LOG_WARN, "gc: %s", nidus_fault_text(&fault, text, sizeof(text)));
	else if (result.failed > 0)
		cli_say(CLI_LOG_WARN, "gc: %u left on record: %s", result.failed,
			nidus_fault_text(&result.fault, text, sizeof(text)));
	program_collect_rest();
}

static void tell_parent(struct drive *drive)
{
	struct fault fault;

	drive->told_cwd = drive->told_weaker = true;
	if (detach_tell(drive->tell_fd, nidus_id(drive->sandbox), nidus_result(drive->sandbox),
			NULL, 0) < 0)
		note("stop", nidus_stop(drive->sandbox, &fault), &fault);
	detach_settle(drive->spec);
}

static void on_running(struct drive *drive)
{
	int master = nidus_take_tty(drive->sandbox);

	drive->was_running = true;
	if (master >= 0) {
		relay_start(&drive->relay, master);
		terminal_make_raw(drive->terminal);
	}
	for (size_t i = 0; i < drive->early_count; i++)
		on_running_signal(drive, drive->early[i], false);
	drive->early_count = 0;
	if (*drive->tell_fd >= 0)
		tell_parent(drive);
	collect_garbage();
	if (drive->request->detach)
		program_rest();
}

/* With --detach the parent has the caller's stderr. */
static void tell_cwd(struct drive *drive)
{
	const struct nidus_result *result = nidus_result(drive->sandbox);

	if (drive->told_cwd || *drive->tell_fd >= 0 || result->lost_cwd.step == STEP_NONE)
		return;
	if (!cwd_is_named(drive->spec))
		return; /* told if the command fails */
	drive->told_cwd = true;
	ending_say_cwd(drive->request, &result->lost_cwd);
}

static void tell_weaker(struct drive *drive)
{
	const struct nidus_result *result = nidus_result(drive->sandbox);

	if (drive->told_weaker || *drive->tell_fd >= 0 || result->setup_us == 0)
		return;
	drive->told_weaker = true;
	ending_say_weaker(drive->spec, result->weaker, result->weaker_count);
}

static void on_phase(struct drive *drive, enum nidus_phase phase)
{
	struct fault fault;
	int stopped;

	tell_cwd(drive);
	tell_weaker(drive);
	if (phase == NIDUS_HELD && !drive->was_held) {
		drive->was_held = true;
		cli_say(CLI_LOG_WARN, "held before %s; kill -CONT %d continues",
			nidus_step_name(drive->spec->hold_step), getpid());
	}
	if (phase == NIDUS_RUNNING && !drive->was_running)
		on_running(drive);
	/* one that ended within a step did run; its terminal has its output */
	if (phase >= NIDUS_ENDING && !drive->was_running &&
	    nidus_result(drive->sandbox)->setup_us > 0)
		on_running(drive);
	if (phase >= NIDUS_ENDING)
		relay_finish(&drive->relay);
	stopped = nidus_take_stopped(drive->sandbox);
	if (stopped > 0 && phase == NIDUS_RUNNING)
		note("stop", terminal_stop(drive->terminal, drive->sandbox, stopped, &fault),
		     &fault);
}

static void fill_poll(struct drive *drive, enum nidus_phase phase, struct pollfd fds[POLL_FDS])
{
	fds[SANDBOX] = (struct pollfd){ .fd = nidus_fd(drive->sandbox), .events = POLLIN };
	fds[SIGNALS] = (struct pollfd){ .fd = drive->signal_fd, .events = POLLIN };
	/* a pipe without a reader reports POLLERR even if not requested */
	fds[PARENT] = (struct pollfd){ .fd = *drive->tell_fd };
	if (phase == NIDUS_GONE)
		fds[SANDBOX].fd = -1;
	if (phase >= NIDUS_RUNNING)
		fds[PARENT].fd = -1;
	relay_poll(&drive->relay, drive->terminal, fds + RELAY);
}

static bool is_finished(const struct drive *drive, enum nidus_phase phase)
{
	return phase == NIDUS_GONE && (drive->impatient || relay_is_done(&drive->relay));
}

int drive_sandbox(struct drive *drive, struct fault *fault)
{
	enum nidus_phase phase = nidus_get_phase(drive->sandbox);
	struct pollfd fds[POLL_FDS];

	relay_init(&drive->relay);
	while (!is_finished(drive, phase)) {
		fill_poll(drive, phase, fds);
		/* without a timeout: init enforces the workload's limits */
		if (poll(fds, POLL_FDS, -1) < 0 && errno != EINTR)
			return fault_set(fault, STEP_WATCH, errno, "poll");
		/* the parent of --detach is gone: nobody would know about the sandbox */
		if (fds[PARENT].fd >= 0 && fds[PARENT].revents) {
			fd_close(drive->tell_fd);
			note("stop", nidus_stop(drive->sandbox, fault), fault);
		}
		phase = nidus_step(drive->sandbox);
		on_phase(drive, phase);
		if (fds[SIGNALS].revents)
			read_signals(drive);
		relay_step(&drive->relay, fds + RELAY);
	}
	relay_close(&drive->relay);
	return 0;
}
