/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages. Scripts may read the messages of an init that we replace: under its name they
 * have its words, but all go to stderr.
 */
#include "../contract.h"
#include "../say.h"
#include "../values.h"
#include "supervisor.h"
#include "texts.h"

#define PERSONALITIES (AS_CATATONIT + 1)

/* The message for an event; without a text there is none. Packed: half of the table is empty. */
struct __attribute__((packed)) line {
	uint8_t level; /* the lowest verbosity that prints it */
	/*
	 * % stands for the next number, $ for the next as the name of a signal, ! for the
	 * next as an error, @ for the program.
	 */
	const char *text;
};

static const struct line lines[EVENT_COUNT][PERSONALITIES] = {
	[EVENT_SUBREAPER] = {
		[AS_TINI] = {4, "Registered as child subreaper"},
	},
	[EVENT_STARTED] = {
		[AS_NIDUS] = {2, "started as %: @"},
		[AS_TINI] = {2, "Spawned child process '@' with pid '%'"},
		[AS_CATATONIT] = {3, "pid1 (%) spawned: @"},
	},
	[EVENT_FORKED] = {
		[AS_DUMB_INIT] = {3, "Child spawned with PID %."},
	},
	[EVENT_CHILD_SIGNAL] = {
		[AS_TINI] = {3, "Received SIGCHLD"},
		[AS_DUMB_INIT] = {3, "Received signal %."},
	},
	[EVENT_RECEIVED] = {
		[AS_DUMB_INIT] = {3, "Received signal %."},
	},
	[EVENT_TRANSLATED] = {
		[AS_NIDUS] = {3, "$ becomes $"},
		[AS_TINI] = {3, "$ becomes $"},
		[AS_DUMB_INIT] = {3, "Translating signal % to %."},
	},
	[EVENT_PASSED] = {
		[AS_NIDUS] = {3, "$ passed on"},
		[AS_TINI] = {3, "Passing signal: '$'"},
		[AS_DUMB_INIT] = {3, "Forwarded signal % to children."},
	},
	[EVENT_DROPPED] = {
		[AS_NIDUS] = {3, "$ dropped"},
		[AS_TINI] = {3, "$ dropped"},
		[AS_DUMB_INIT] = {3, "Not forwarding signal 0 to children (ignored)."},
	},
	[EVENT_PASS_FAILED] = {
		[AS_NIDUS] = {1, "$ not passed on: !"},
		[AS_TINI] = {1, "Child was dead when forwarding signal"},
		[AS_CATATONIT] = {1, "forwarding of signal % to pid1 failed: !"},
	},
	[EVENT_REAPED_EXITED] = {
		[AS_NIDUS] = {3, "reaped %: exited with %"},
		[AS_TINI] = {3, "Reaped child with pid: '%'"},
		[AS_DUMB_INIT] = {3, "A child with PID % exited with exit status %."},
		[AS_CATATONIT] = {3, "child process % exited with code %"},
	},
	[EVENT_REAPED_SIGNALED] = {
		[AS_NIDUS] = {3, "reaped %: $"},
		[AS_TINI] = {3, "Reaped child with pid: '%'"},
		[AS_DUMB_INIT] = {3, "A child with PID % was terminated by signal %."},
		[AS_CATATONIT] = {3, "child process % exited due to signal %"},
	},
	[EVENT_NO_CHILDREN] = {
		[AS_TINI] = {4, "No child to wait"},
		[AS_CATATONIT] = {3, "got ECHILD: no children left to monitor"},
	},
	[EVENT_NO_ZOMBIES] = {
		[AS_TINI] = {4, "No child to reap"},
	},
	[EVENT_ORPHAN] = {
		[AS_NIDUS] = {1, "reaped an orphan: %"},
		[AS_TINI] = {1, "Reaped zombie process with pid=%"},
	},
	[EVENT_PROGRAM_EXITED] = {
		[AS_NIDUS] = {2, "exited with %"},
		[AS_TINI] = {2, "Main child exited normally (with status '%')"},
	},
	[EVENT_PROGRAM_SIGNALED] = {
		[AS_NIDUS] = {2, "ended by $"},
		[AS_TINI] = {2, "Main child exited with signal (with signal '$')"},
	},
	[EVENT_GOODBYE] = {
		[AS_TINI] = {4, "Exiting: child has exited"},
		[AS_DUMB_INIT] = {3, "Child exited with status %. Goodbye."},
	},
	[EVENT_TERMINAL_SIGNAL] = {
		[AS_DUMB_INIT] = {3, "Ignoring tty hand-off signal %."},
	},
	[EVENT_SUSPEND] = {
		[AS_DUMB_INIT] = {3, "Suspending self due to TTY signal."},
	},
	[EVENT_NOT_DETACHED] = {
		[AS_DUMB_INIT] = {3, "Unable to detach from controlling tty (errno=% !)."},
	},
	[EVENT_DETACHED_LEADER] = {
		[AS_DUMB_INIT] = {3, "Detached from controlling tty, ignoring the first SIGHUP and SIGCONT we receive."},
	},
	[EVENT_DETACHED] = {
		[AS_DUMB_INIT] = {3, "Detached from controlling tty, but was not session leader."},
	},
	[EVENT_NOT_ATTACHED] = {
		[AS_DUMB_INIT] = {3, "Unable to attach to controlling tty (errno=% !)."},
	},
	[EVENT_SESSION] = {
		[AS_DUMB_INIT] = {3, "setsid complete."},
	},
	[EVENT_RESTART] = {
		[AS_NIDUS] = {1, "starting again in % ms"},
		[AS_TINI] = {1, "starting again in % ms"},
	},
	[EVENT_LIMIT_WALL] = {
		[AS_NIDUS] = {1, "time limit"},
		[AS_TINI] = {1, "time limit"},
	},
	[EVENT_LIMIT_CPU] = {
		[AS_NIDUS] = {1, "cpu time limit"},
		[AS_TINI] = {1, "cpu time limit"},
	},
	[EVENT_LIMIT_MEMORY] = {
		[AS_NIDUS] = {1, "memory limit"},
		[AS_TINI] = {1, "memory limit"},
	},
	[EVENT_NO_REAPER] = {
		[AS_NIDUS] = {1, "can't adopt orphans: !"},
		[AS_TINI] = {1, "can't adopt orphans: !"},
	},
	[EVENT_EXEC_FAILED] = {
		[AS_TINI] = {0, "exec @ failed: !"},
		[AS_DUMB_INIT] = {0, "@: !"},
		[AS_CATATONIT] = {0, "failed to exec pid1: !"},
	},
	[EVENT_LIMIT_LOST] = {
		[AS_NIDUS] = {1, "a limit can't be enforced any more: !"},
		[AS_TINI] = {1, "a limit can't be enforced any more: !"},
	},
};

/* What strsignal(3) says, which tini prints, in the order of their numbers, from 1. */
static const char signal_texts[] =
	"Hangup\0Interrupt\0Quit\0Illegal instruction\0Trace/breakpoint trap\0Aborted\0Bus error\0"
	"Floating point exception\0Killed\0User defined signal 1\0Segmentation fault\0"
	"User defined signal 2\0Broken pipe\0Alarm clock\0Terminated\0Stack fault\0Child exited\0"
	"Continued\0Stopped (signal)\0Stopped\0Stopped (tty input)\0Stopped (tty output)\0"
	"Urgent I/O condition\0CPU time limit exceeded\0File size limit exceeded\0"
	"Virtual timer expired\0Profiling timer expired\0Window changed\0I/O possible\0"
	"Power failure\0Bad system call\0Real-time signal ";

#define TEXT_REALTIME 32 /* the last text; the signals from 34 on have it, and a number behind it */
#define REALTIME_MIN 34

static void say_signal(const struct wrapper *w, struct say *say, int signal)
{
	char name[16];

	if (w->options.as != AS_TINI || signal == 32 || signal == 33) {
		say_text(say, values_signal_name(signal, name));
		return;
	}
	say_text(say, values_nth(signal_texts, signal < TEXT_REALTIME ? signal : TEXT_REALTIME));
	if (signal >= REALTIME_MIN)
		say_number(say, (uint64_t)(signal - REALTIME_MIN));
}

static void fill_in(const struct wrapper *w, struct say *say, char what, int value)
{
	if (what == '%')
		say_number(say, (uint64_t)value);
	else if (what == '$')
		say_signal(w, say, value);
	else if (what == '!')
		say_errno(say, value);
	else
		say_text(say, w->options.program[0]);
}

static void say_line(const struct wrapper *w, const struct line *line, int first, int second)
{
	struct say say;

	texts_begin(&w->options, line->level, &say);
	for (const char *text = line->text; *text; text++) {
		const char one[] = { *text, '\0' };

		if (!strchr("%$!@", *text)) {
			say_text(&say, one);
			continue;
		}
		fill_in(w, &say, *text, first);
		if (*text != '@')
			first = second;
	}
	texts_end(&say);
}

void tell(const struct wrapper *w, enum event event, int first, int second)
{
	const struct line *line = &lines[event][w->options.as];

	if (line->text && w->options.verbosity >= line->level)
		say_line(w, line, first, second);
}

void tell_fault(const struct wrapper *w, const struct fault *fault)
{
	struct say say;

	if (fault->step == STEP_EXEC && w->options.as != AS_NIDUS) {
		tell(w, EVENT_EXEC_FAILED, fault->err, 0);
		return;
	}
	texts_begin(&w->options, 0, &say);
	say_fault(&say, fault);
	texts_end(&say);
}
