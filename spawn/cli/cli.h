/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of the command line share: one file per verb, one table (main.c). */
#ifndef NIDUS_CLI_H
#define NIDUS_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/contract.h"
#include "../nidus.h"

/* Exit statuses of `run` beyond the workload's own; other verbs use 0, 1, 2 (usage). */
#define CLI_EXIT_TIME 124
#define CLI_EXIT_INTERNAL 125
#define CLI_EXIT_NOT_EXECUTABLE 126
#define CLI_EXIT_NOT_FOUND 127
#define CLI_EXIT_USAGE 2

enum cli_log_level { CLI_LOG_ERROR, CLI_LOG_WARN, CLI_LOG_INFO, CLI_LOG_DEBUG, CLI_LOG_TRACE };

/* Set once while options are parsed; read by the functions below. */
struct cli_log {
	enum cli_log_level level; /* default CLI_LOG_WARN */
	bool json;
	uint64_t started_us; /* CLOCK_MONOTONIC, when main began */
};
extern struct cli_log cli_log;

/*
 * One line on stderr, one write: "nidus: run: …", or with --log-format json an
 * object {ts, level, msg}. The message ends without a newline.
 */
void cli_say(enum cli_log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Takes --log-level and --log-format: the option's name and its value. */
int cli_parse_log(const char *option, const char *value, struct fault *fault);

/* The fault, once, at level error: "nidus: init: pivot_root /x: Invalid argument". */
void cli_fault(const struct fault *fault);

/* Refuses: STEP_OPTIONS with EINVAL, "option value: why"; value may be NULL. Returns -1. */
int cli_refuse(struct fault *fault, const char *option, const char *value, const char *why);

/* Flushes stdout. Returns `status`, or 1 with a message if that fails; without one if its reader left. */
int cli_finish(const char *verb, int status);

/*
 * Values of the command line. Pure. Each returns 0, or -1 with the fault naming
 * option, value, and what is allowed: "--timeout 5x: a duration is a number of
 * seconds, or one with …". The grammar is init/values.h's.
 */
int cli_parse_duration(const char *option, const char *text, uint64_t *us, struct fault *fault);
int cli_parse_size(const char *option, const char *text, uint64_t *bytes, struct fault *fault);
int cli_parse_number(const char *option, const char *text, uint64_t min, uint64_t max,
		     uint64_t *number, struct fault *fault);
/* Decimal processors, "1.5" to 1500. */
int cli_parse_millicpus(const char *option, const char *text, uint64_t *millicpus,
			struct fault *fault);
/* "TERM", "SIGTERM", "15", "RTMIN+3" to 1..64. */
int cli_parse_signal(const char *option, const char *text, int *signal, struct fault *fault);
/* An open descriptor's number; checked with fcntl. */
int cli_parse_fd(const char *option, const char *text, int *fd, struct fault *fault);

/* --cwd; AUTO where it is not given. */
enum run_cwd { RUN_CWD_AUTO, RUN_CWD_NONE, RUN_CWD_RO, RUN_CWD_RW };

/* An option, and where it was given. `line` is 0 and `file` NULL for the command line. */
struct run_option;
struct run_origin {
	const struct run_option *option;
	const char *const *values;
	const char *file;
	unsigned int line;
};

/* What the options of `run` mean beyond the spec: what concerns only the command line. */
struct run_request {
	bool explain, detach;
	enum run_cwd cwd;
	bool named_user;                       /* --user has names of this host's tables */
	bool report_strict;                    /* lost events and a lost report are a failure */
	const char *events_path, *report_path; /* NULL: none, or a descriptor is in the spec */
	const char *init_path;                 /* --init */
	bool help;
	/* with --profile: all that was set, in order; else none */
	struct run_origin *origins;
	size_t origin_count;
};

/*
 * Parses the arguments after "run" into spec and request. Reads only --args FD and the
 * files of --profile; stops at the first non-option. `spec` must be initialized.
 */
int cli_parse_run(int argc, char *const *argv, struct nidus_spec *spec, struct run_request *request,
		  struct fault *fault);

/*
 * --explain: prints the spawner's side and the plan of a checked spec. It looks at the
 * machine, but creates and writes nothing, and needs no privilege.
 */
int cli_explain(const struct nidus_spec *spec, const struct run_request *request,
		struct fault *fault);

/* Adds to a fault about an option of the spec which line of a profile has set that. */
void cli_blame_profile(const struct nidus_spec *spec, const struct run_request *request,
		       struct fault *fault);

/* What profiles have set, a line each, with its file and line. */
void cli_explain_profiles(const struct run_request *request);

/* Help texts: of nidus, without the verbs, which follow it; and of each verb. */
extern const char cli_help[], cli_help_run[], cli_help_list[], cli_help_wait[], cli_help_stop[],
	cli_help_kill[], cli_help_gc[], cli_help_check[], cli_help_init_binary[],
	cli_help_seccomp[], cli_help_version[];

/*
 * The verbs: argv[0] is the verb. Each returns the exit status. main handles --help and -h
 * of all but `run`.
 */
int cli_run(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_kill(int argc, char **argv);
int cli_stop(int argc, char **argv);
int cli_wait(int argc, char **argv);
int cli_gc(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_init_binary(int argc, char **argv);
int cli_seccomp(int argc, char **argv);
int cli_version(int argc, char **argv);
int cli_help_verb(int argc, char **argv);

#endif
