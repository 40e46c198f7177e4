/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people read, in plain words. Only phrases_pack.c includes this. Peers' words
 * are theirs: scripts and dockerd read them.
 */
#ifndef NIDUS_WRAPPER_PHRASES_H
#define NIDUS_WRAPPER_PHRASES_H

#include "../phrase.h"
#include "supervisor.h"

#define PHRASE_COUNT (PHRASE_EVENT + 4 * (EVENT_LIMIT_LOST + 1))

/* One for each of enum personality. */
#define FOUR(first, nidus, tini, dumb, catatonit) [first] = (nidus), (tini), (dumb), (catatonit)

/*
 * An event. The first character is the verbosity from which on it is said; empty:
 * nothing is. % stands for the next number, $ for the next as a signal's name, ! for
 * the next as an error, @ for the program.
 */
#define EVENT(event, nidus, tini, dumb, catatonit) \
	FOUR(PHRASE_EVENT + 4 * (event), nidus, tini, dumb, catatonit)
#define DUMB(event, text) EVENT(event, "", "", text, "")
#define OWN(event, text) EVENT(event, text, text, "", "") /* the other two have none of this */

static const char *const phrases[PHRASE_COUNT] = {
	[PHRASE_NONE] = "",

	/* In the order of say.c's numbers; the names as nidus_step_name has them. */
	[PHRASE_STEP] = "step ",
	"state", "cgroup", "seccomp", "network", "namespaces", "root",
	"host", "tty", "limits", "fork", "user", "chdir",
	"exec", "watch", "cleanup", "--report", "--ready-fd",

	[PHRASE_ERROR] = "error ",
	"Operation not permitted",
	"No such file or directory",
	"Input/output error",
	"No such device or address",
	"Argument list too long",
	"Exec format error",
	"Bad file descriptor",
	"Resource temporarily unavailable",
	"Cannot allocate memory",
	"Permission denied",
	"Device or resource busy",
	"File exists",
	"No such device",
	"Not a directory",
	"Is a directory",
	"Invalid argument",
	"Too many open files",
	"Inappropriate ioctl for device",
	"Text file busy",
	"No space left on device",
	"Read-only file system",
	"File name too long",
	"Function not implemented",
	"Too many levels of symbolic links",
	"not open for writing",

	/* \1: what we were called, without its directory; \2: our pid. */
	FOUR(PHRASE_LEVEL,
	     "\1: ", "[FATAL tini (\2)] ", "[dumb-init] ", "ERROR (catatonit:\2): "),
	"\1: ", "[WARN  tini (\2)] ", "[dumb-init] ", "WARN (catatonit:\2): ",
	"\1: ", "[INFO  tini (\2)] ", "[dumb-init] ", "INFO (catatonit:\2): ",
	"\1: ", "[DEBUG tini (\2)] ", "[dumb-init] ", "DEBUG (catatonit:\2): ",
	"\1: ", "[TRACE tini (\2)] ", "[dumb-init] ", "DEBUG (catatonit:\2): ",

	/* In these: \1 what we were called, \2 our version, \3 our commit, \4 argv[0]. */
	FOUR(PHRASE_HELP,
	     "Usage: nidus-init [OPTIONS] [--] PROGRAM [ARG...]\n"
	     "       nidus-init poweroff|reboot|halt\n"
	     "       nidus-init --machine [--config PATH] [-- PROGRAM...]: a container like a machine\n"
	     "\n"
	     "  --wait-all --kill-all --grace DUR --pre-stop-delay DUR --rewrite SIG:SIG\n"
	     "  --restart on-failure|always --restart-limit N --die-as-child\n"
	     "  --timeout DUR --cpu-time DUR --memory SIZE --memory-signal SIG\n"
	     "  --report FD|PATH --ready-fd N --ready-notify\n"
	     "  --drop-caps --no-new-privs --seccomp FILE --user U[:G] --chdir DIR\n"
	     "  --subreaper --parent-death-signal SIG --verbose --warn-reap --group\n"
	     "  --remap CODE --licence --help: the letters below, by name\n"
	     "\n"
	     "DUR: 500ms 2s 1m 1h. SIZE: 64K 128M 2G. SIG: TERM 15 RTMIN+3. See nidus-init(8).\n"
	     "\n",

	     "\1 (tini version \2 - git.\3)\n"
	     "Usage: \1 [OPTIONS] PROGRAM -- [ARGS] | --version\n"
	     "\n"
	     "Execute a program under the supervision of a valid init process (\1)\n"
	     "\n",

	     "dumb-init v1.2.5\n"
	     "Usage: \4 [option] command [[arg] ...]\n"
	     "\n"
	     "dumb-init is a simple process supervisor that forwards signals to children.\n"
	     "It is designed to run as PID1 in minimal container environments.\n"
	     "\n"
	     "Optional arguments:\n"
	     "   -c, --single-child   Run in single-child mode.\n"
	     "                        In this mode, signals are only proxied to the\n"
	     "                        direct child and not any of its descendants.\n"
	     "   -r, --rewrite s:r    Rewrite received signal s to new signal r before proxying.\n"
	     "                        To ignore (not proxy) a signal, rewrite it to 0.\n"
	     "                        This option can be specified multiple times.\n"
	     "   -v, --verbose        Print debugging information to stderr.\n"
	     "   -h, --help           Print this help message and exit.\n"
	     "   -V, --version        Print the current version and exit.\n"
	     "\n"
	     "Full help is available online at https://github.com/Yelp/dumb-init\n",

	     "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n"
	     "\n"
	     "options:\n"
	     "  -g              Forward signals to pid1's process group.\n"
	     "  -h              Print this help page.\n"
	     "  -L              Print license information.\n"
	     "  -P              Run in pause mode (no program is run and quit on SIGINT).\n"
	     "  -V, --version   Print version information.\n"),

	FOUR(PHRASE_VERSION,
	     "nidus-init \2\n",
	     "tini version \2 - git.\3\n",
	     "dumb-init v1.2.5\n", /* the one whose language this is */
	     "tini version \2_catatonit\n"),

	/* tini's, and of our own help. */
	[PHRASE_HELP_LETTERS] =
	     ("Command line options:\n"
	      "\n"
	      "  --version: Show version and exit.\n"
	      "  -h: Show this help message and exit.\n"
	      "  -s: Register as a process subreaper (requires Linux >= 3.4).\n"
	      "  -p SIGNAL: Trigger SIGNAL when parent dies, e.g. \"-p SIGKILL\".\n"
	      "  -v: Generate more verbose output. Repeat up to 3 times.\n"
	      "  -w: Print a warning when processes are getting reaped.\n"
	      "  -g: Send signals to the child's process group.\n"
	      "  -e EXIT_CODE: Remap EXIT_CODE (from 0 to 255) to 0 (can be repeated).\n"
	      "  -l: Show license and exit.\n"
	      "\n"
	      "Environment variables:\n"
	      "\n"
	      "  TINI_SUBREAPER: Register as a process subreaper (requires Linux >= 3.4).\n"
	      "  TINI_VERBOSITY: Set the verbosity level (default: 1).\n"
	      "  TINI_KILL_PROCESS_GROUP: Send signals to the child's process group.\n"
	      "\n"),
	[PHRASE_LICENCE] =
	     ("nidus-init \2: Apache License, Version 2.0 (SPDX: Apache-2.0).\n"
	      "Its text: LICENSE of nidus, and <https://www.apache.org/licenses/LICENSE-2.0>.\n"),
	[PHRASE_USAGE_DUMB_INIT] =
	     ("Usage: \4 [option] program [args]\n"
	      "Try \4 --help for full usage.\n"),
	[PHRASE_USAGE_CATATONIT] =
	     "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n",
	[PHRASE_REWRITE_DUMB_INIT] =
	     ("Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.\n"
	      "This option can be specified multiple times.\n"
	      "Use --help for full usage.\n"),

	/* What would have been allowed, in the order of enum option_kind. */
	[PHRASE_WRONG_VALUE] = "must not be empty",
	"a duration is a number of seconds, or one with ms, s, m or h, as in 2, 500ms, 1m",
	"a size is a number of bytes, or one with K, M, G or T, as in 64K, 2G",
	"a signal is a name or a number of 1 to 64, as in TERM, 15, RTMIN+3",
	"must be a number, 0 to 2147483647",
	"allowed are 0 to 255",
	"allowed are on-failure and always",
	"two signals, as in TERM:QUIT or 15:3; the second may be 0: dropped",
	[PHRASE_NEVER_PASSED] = "KILL, STOP and CHLD are never passed on",
	[PHRASE_NOT_ZERO] = "must be more than 0",
	[PHRASE_NOT_OPTION] = "must not begin with -; a path can be ./-",
	/* In front of what would have been allowed: \1 the option, \2 the value. */
	[PHRASE_WRONG_LETTER] = "-\1 \2: ",
	[PHRASE_WRONG_LETTER_TINI] = "Not a valid option for -\1: \2", /* tini tells no more */
	[PHRASE_WRONG_NAME] = "--\1 \2: ",

	[PHRASE_NO_PROGRAM] = "no program to run; see --help",
	[PHRASE_NO_PROGRAM_CATATONIT] = "missing program name",
	[PHRASE_LOG_CATATONIT] = "CATATONIT_LOG is reserved for future use",
	[PHRASE_DEBUG_DUMB_INIT] = "Running in debug mode.",
	[PHRASE_SETSID_DUMB_INIT] = "Not running in setsid mode.",
	[PHRASE_SIGNAL_NEEDS_MEMORY] = "--memory-signal needs --memory",
	[PHRASE_LIMIT_NEEDS_RESTART] = "--restart-limit needs --restart",
	[PHRASE_NOBODY_TO_NOTIFY] =
	     "--ready-notify has nobody to tell: no --ready-fd, no NOTIFY_SOCKET",

	[PHRASE_VERB_ALONE] =
	     "nidus-init: poweroff, reboot and halt have no arguments; a program goes behind --\n",
	[PHRASE_SANDBOX] = "nidus-init: --sandbox is for nidus alone\n",

	/* As getopt_long(3) has them: \1 argv[0], \2 the option. */
	[PHRASE_INVALID_OPTION] = "\1: invalid option -- '\2'\n",
	[PHRASE_LETTER_NEEDS_VALUE] = "\1: option requires an argument -- '\2'\n",
	[PHRASE_AMBIGUOUS_OPTION] =
	     "\1: option '--\2' is ambiguous; possibilities: '--\3' '--\4'\n",
	[PHRASE_UNKNOWN_OPTION] = "\1: unrecognized option '--\2'\n",
	[PHRASE_NO_VALUE_ALLOWED] = "\1: option '--\2' doesn't allow an argument\n",
	[PHRASE_NAME_NEEDS_VALUE] = "\1: option '--\2' requires an argument\n",

	/* The report; the numbers' keys in the order that they are put together in. */
	[PHRASE_REPORT] = "reason=exited",
	"reason=stopped",
	"reason=wall_timeout",
	"reason=cpu_timeout",
	"reason=memory_limit",
	"reason=signaled",
	"reason=start_error\nmessage=",
	"\nexit_code=",
	"\nsignal=",
	"\nwall_us=",
	"\ncpu_user_us=",
	"\ncpu_sys_us=",
	"\nmax_rss_bytes=",
	"\nmemory_peak=",
	"\nzombies_reaped=",
	"\nrestarts=",
	"\npid=",

	EVENT(EVENT_SUBREAPER, "", "4Registered as child subreaper", "", ""),
	EVENT(EVENT_STARTED,
	      "2started as %: @", "2Spawned child process '@' with pid '%'",
	      "3Child spawned with PID %.", "3pid1 (%) spawned: @"),
	EVENT(EVENT_CHILD_SIGNAL, "", "3Received SIGCHLD", "", ""),
	DUMB(EVENT_RECEIVED, "3Received signal %."),
	EVENT(EVENT_TRANSLATED,
	      "3$ becomes $", "3$ becomes $", "3Translating signal % to %.", ""),
	EVENT(EVENT_PASSED,
	      "3$ passed on", "3Passing signal: '$'", "3Forwarded signal % to children.", ""),
	EVENT(EVENT_DROPPED,
	      "3$ dropped", "3$ dropped", "3Not forwarding signal % to children (ignored).", ""),
	EVENT(EVENT_PASS_FAILED,
	      "1$ not passed on: !", "1Child was dead when forwarding signal",
	      "", "1forwarding of signal % to pid1 failed: !"),
	EVENT(EVENT_REAPED_EXITED,
	      "3reaped %: exited with %", "3Reaped child with pid: '%'",
	      "3A child with PID % exited with exit status %.",
	      "3child process % exited with code %"),
	EVENT(EVENT_REAPED_SIGNALED,
	      "3reaped %: $", "3Reaped child with pid: '%'",
	      "3A child with PID % was terminated by signal %.",
	      "3child process % exited due to signal %"),
	EVENT(EVENT_ORPHAN,
	      "1reaped an orphan: %", "1Reaped zombie process with pid=%", "", ""),
	EVENT(EVENT_PROGRAM_EXITED,
	      "2exited with %", "2Main child exited normally (with status '%')", "", ""),
	EVENT(EVENT_PROGRAM_SIGNALED,
	      "2ended by $", "2Main child exited with signal (with signal '$')", "", ""),
	EVENT(EVENT_GOODBYE,
	      "", "4Exiting: child has exited", "3Child exited with status %. Goodbye.", ""),
	DUMB(EVENT_TERMINAL_SIGNAL, "3Ignoring tty hand-off signal %."),
	DUMB(EVENT_SUSPEND, "3Suspending self due to TTY signal."),
	DUMB(EVENT_NOT_DETACHED, "3Unable to detach from controlling tty (errno=% !)."),
	DUMB(EVENT_DETACHED_LEADER,
	     "3Detached from controlling tty, ignoring the first SIGHUP and SIGCONT we receive."),
	DUMB(EVENT_DETACHED,
	     "3Detached from controlling tty, but was not session leader."),
	DUMB(EVENT_NOT_ATTACHED, "3Unable to attach to controlling tty (errno=% !)."),
	DUMB(EVENT_SESSION, "3setsid complete."),
	OWN(EVENT_RESTART, "1starts again in % ms"),
	OWN(EVENT_LIMIT_WALL, "1time limit"),
	OWN(EVENT_LIMIT_CPU, "1cpu time limit"),
	OWN(EVENT_LIMIT_MEMORY, "1memory limit"),
	OWN(EVENT_NO_REAPER, "1orphans go elsewhere: !"),
	EVENT(EVENT_EXEC_FAILED, "", "0exec @ failed: !", "0@: !", "0failed to exec pid1: !"),
	OWN(EVENT_LIMIT_LOST, "1a limit can't be kept any more: !"),
};

#endif
