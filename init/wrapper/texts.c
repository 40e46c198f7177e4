/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Help, usage and version texts of the four command lines, and the prefixes of their
 * messages. Those of the peers are copied exactly: scripts and dockerd read them.
 */
#include "texts.h"

#include <unistd.h>

#include "../text.h"
#include "version.h"

static const char help_nidus[] =
	"Usage: nidus-init [OPTIONS] [--] PROGRAM [ARG...]\n"
	"       nidus-init poweroff|reboot|halt\n"
	"       nidus-init --machine [--config PATH] [-- PROGRAM...]: run like a machine\n"
	"\n"
	"  --wait-all --kill-all --grace DUR --pre-stop-delay DUR --rewrite SIG:SIG\n"
	"  --restart on-failure|always --restart-limit N --die-as-child\n"
	"  --timeout DUR --cpu-time DUR --memory SIZE --memory-signal SIG\n"
	"  --report FD|PATH --ready-fd N --ready-notify\n"
	"  --drop-caps --no-new-privs --seccomp FILE --user U[:G] --chdir DIR\n"
	"  --subreaper --parent-death-signal SIG --verbose --warn-reap --group\n"
	"  --remap CODE --licence --help: long names of letters below\n"
	"\n"
	"DUR: 500ms 2s 1m 1h. SIZE: 64K 128M 2G. SIG: TERM 15 RTMIN+3. See nidus-init(8).\n"
	"\n";

static const char help_tini[] =
	"\1 (tini version \2 - git.\3)\n"
	"Usage: \1 [OPTIONS] PROGRAM -- [ARGS] | --version\n"
	"\n"
	"Execute a program under the supervision of a valid init process (\1)\n"
	"\n";

static const char help_dumb_init[] =
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
	"Full help is available online at https://github.com/Yelp/dumb-init\n";

static const char help_catatonit[] =
	"usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]\n"
	"\n"
	"options:\n"
	"  -g              Forward signals to pid1's process group.\n"
	"  -h              Print this help page.\n"
	"  -L              Print license information.\n"
	"  -P              Run in pause mode (no program is run and quit on SIGINT).\n"
	"  -V, --version   Print version information.\n";

/* For tini and for our own help. */
static const char help_letters[] =
	"Command line options:\n"
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
	"\n";

void texts_tell(const struct wrapper_options *options, int fd, const char *text)
{
	const char *const words[] = { options->name, version_number, version_git, options->own };
	struct say say;

	say_begin(&say);
	say_words(&say, fd, text, words);
	say_send(&say, fd);
}

void texts_help(const struct wrapper_options *options, int fd)
{
	switch (options->as) {
	case AS_NIDUS:
		texts_tell(options, fd, help_nidus);
		texts_tell(options, fd, help_letters);
		break;
	case AS_TINI:
		texts_tell(options, fd, help_tini);
		texts_tell(options, fd, help_letters);
		break;
	case AS_DUMB_INIT:
		texts_tell(options, fd, help_dumb_init);
		break;
	case AS_CATATONIT:
		texts_tell(options, fd, help_catatonit);
		break;
	}
}

void texts_version(const struct wrapper_options *options)
{
	switch (options->as) {
	case AS_NIDUS:
		texts_tell(options, STDOUT_FILENO, "nidus-init \2\n");
		break;
	case AS_TINI:
		texts_tell(options, STDOUT_FILENO, "tini version \2 - git.\3\n");
		break;
	case AS_DUMB_INIT: /* on stderr, unlike the others */
		texts_tell(options, STDERR_FILENO, "dumb-init v1.2.5\n");
		break;
	case AS_CATATONIT:
		texts_tell(options, STDOUT_FILENO, "tini version \2_catatonit\n");
		break;
	}
}

void texts_licence(const struct wrapper_options *options)
{
	texts_tell(options, STDOUT_FILENO,
		   "nidus-init \2: Apache License, Version 2.0 (SPDX: Apache-2.0).\n"
		   "For its text see LICENSE of nidus or <https://www.apache.org/licenses/LICENSE-2.0>.\n");
}

/* \1: the name we were called by, without its directory; \2: our pid. */
static const char *prefix(enum personality as, unsigned level)
{
	static const char *const tini[] = {
		"[FATAL tini (\2)] ", "[WARN  tini (\2)] ", "[INFO  tini (\2)] ",
		"[DEBUG tini (\2)] ", "[TRACE tini (\2)] ",
	};
	static const char *const catatonit[] = {
		"ERROR (catatonit:\2): ", "WARN (catatonit:\2): ", "INFO (catatonit:\2): ",
		"DEBUG (catatonit:\2): ", "DEBUG (catatonit:\2): ",
	};

	switch (as) {
	case AS_TINI:
		return tini[level];
	case AS_DUMB_INIT:
		return "[dumb-init] ";
	case AS_CATATONIT:
		return catatonit[level];
	case AS_NIDUS:
		break;
	}
	return "\1: ";
}

void texts_begin(const struct wrapper_options *options, unsigned level, struct say *say)
{
	char digits[TEXT_NUMBER_MAX];
	const char *const words[] = {
		options->name,
		text_number(digits, (uint64_t)getpid(), 10),
	};

	say_begin(say);
	say_words(say, STDERR_FILENO, prefix(options->as, level), words);
}

void texts_end(struct say *say)
{
	say_text(say, "\n");
	say_offer(say);
}

void texts_line_of(const struct wrapper_options *options, const char *first,
		   const char *const *words, const char *second)
{
	struct say say;

	texts_begin(options, 0, &say);
	say_words(&say, STDERR_FILENO, first, words);
	say_words(&say, STDERR_FILENO, second, NULL);
	texts_end(&say);
}

void texts_line(const struct wrapper_options *options, const char *text)
{
	texts_line_of(options, text, NULL, "");
}
