/* SPDX-License-Identifier: Apache-2.0 */
/* Job control: who has the terminal, and what happens on ^Z, fg and bg. */
#include "terminal.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "signals.h"

#define TTY STDIN_FILENO

static bool is_foreground(void)
{
	return tcgetpgrp(TTY) == getpgrp();
}

void terminal_open(struct terminal *terminal, const struct nidus_spec *spec)
{
	memset(terminal, 0, sizeof(*terminal));
	terminal->controlling = tcgetpgrp(TTY) >= 0; /* ENOTTY: any other terminal, or none */
	terminal->relayed = spec->tty;
	terminal->shared = terminal->controlling && !spec->tty && !spec->new_session;
	terminal->given = terminal->shared && is_foreground();
	terminal->has_ours = isatty(TTY) && tcgetattr(TTY, &terminal->ours) == 0;
}

bool terminal_may_read(const struct terminal *terminal)
{
	return !terminal->controlling || is_foreground();
}

/* With every signal blocked, SIGTTOU can't stop us for doing this from the background. */
static void take_back(struct terminal *terminal)
{
	if (terminal->given)
		tcsetpgrp(TTY, getpgrp()); /* only fails if the terminal is gone */
	terminal->given = false;
}

static void leave_raw(struct terminal *terminal)
{
	/* only fails if the terminal is gone */
	if (terminal->raw)
		tcsetattr(TTY, TCSADRAIN, &terminal->ours);
	terminal->raw = false;
}

int terminal_stop(struct terminal *terminal, struct nidus_sandbox *sandbox, int signal,
		  struct fault *fault)
{
	bool had = terminal->given;

	/* Without a terminal there is no job control: a sandbox that stops itself must
	 * not stop the process that watches its limits. */
	if (!terminal->shared)
		return 0;
	/* A shell's fg of a job that ran in the background sends no signal: that
	 * the terminal is ours shows when the workload wants it. */
	if (!had && (signal == SIGTTIN || signal == SIGTTOU) && is_foreground())
		return terminal_continue(terminal, sandbox, fault);
	take_back(terminal);
	if (had && terminal->has_ours) {
		terminal->has_theirs = tcgetattr(TTY, &terminal->theirs) == 0;
		tcsetattr(TTY, TCSADRAIN, &terminal->ours);
	}
	/* What the terminal sent only to the workload's group is meant for the whole job,
	 * including other commands of a pipeline; a SIGSTOP was meant for one process. */
	if (signal == SIGSTOP)
		signals_stop_self(SIGTSTP, false);
	else
		signals_stop_self(signal, true);
	return 0;
}

void terminal_suspend(struct terminal *terminal, int signal)
{
	if (!terminal->controlling)
		return;
	leave_raw(terminal);
	signals_stop_self(signal, false);
}

int terminal_continue(struct terminal *terminal, struct nidus_sandbox *sandbox,
		      struct fault *fault)
{
	bool foreground = terminal->controlling && is_foreground();

	if (terminal->relayed)
		terminal_make_raw(terminal);
	if (!terminal->shared || terminal->given)
		return nidus_signal(sandbox, SIGCONT, fault);
	if (!foreground)
		return nidus_resume(sandbox, false, fault);
	if (terminal->has_theirs)
		tcsetattr(TTY, TCSADRAIN, &terminal->theirs);
	terminal->has_theirs = false;
	if (nidus_resume(sandbox, true, fault) < 0)
		return -1;
	terminal->given = true;
	return 0;
}

void terminal_make_raw(struct terminal *terminal)
{
	struct termios raw = terminal->ours;

	if (!terminal->has_ours || !terminal_may_read(terminal))
		return;
	cfmakeraw(&raw);
	if (tcsetattr(TTY, TCSADRAIN, &raw) == 0)
		terminal->raw = true;
}

/* Of the first of the standard streams that is a terminal. False: none. */
static bool find_size(struct winsize *size)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (ioctl(fd, TIOCGWINSZ, size) == 0)
			return true;
	return false;
}

void terminal_give_size(struct nidus_spec *spec)
{
	struct winsize size;

	if (!spec->tty || !find_size(&size))
		return;
	spec->tty_rows = size.ws_row;
	spec->tty_cols = size.ws_col;
}

void terminal_copy_size(int master)
{
	struct winsize size;

	if (find_size(&size))
		ioctl(master, TIOCSWINSZ, &size); /* only fails once the pty is gone */
}

void terminal_close(struct terminal *terminal)
{
	leave_raw(terminal);
	take_back(terminal);
}
