/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs commands under ptrace and does something to one system call of one of their processes.
 *
 * A process is named by where it came from: the command's first word ("run", "gc", "stop"),
 * then ".N" for its Nth child. The first process of a new pid namespace is "init", its
 * children are "init.N". Calls are counted from the exec of nidus, in a child from its first.
 * An exec other than nidus's and nidus-init's ends the tracing of that process: what it then
 * runs (the workload, newuidmap) runs free.
 */
#ifndef NIDUS_FAULT_TRACE_H
#define NIDUS_FAULT_TRACE_H

#include <stdbool.h>
#include <sys/types.h>

#define TRACE_NAME_MAX 48

enum shot_kind { SHOT_NONE, SHOT_KILL_BEFORE, SHOT_KILL_AFTER, SHOT_ERROR };

struct shot {
	char process[TRACE_NAME_MAX];
	long call; /* 1: the first */
	enum shot_kind kind;
	int error; /* of SHOT_ERROR */
};

/* What became of the shot, and of everybody. */
struct trace_report {
	bool fired;
	int number; /* of the system call that was hit */
	long first_argument;
	int crash; /* a signal that no program should get, 0: none */
	char crashed[TRACE_NAME_MAX];
};

/* The calls of one process, in order; -1: the loader's, whose failures are not nidus's. */
struct trace_calls {
	char process[TRACE_NAME_MAX];
	int *numbers;
	long count;
};

struct trace_command {
	char *const *argv;
	char *const *environment;
	uid_t uid; /* 0: stays root */
	int out, err; /* for its 1 and 2; 0 is /dev/null */
	int pass; /* a descriptor to inherit under its number, -1: none */
};

/* Before the first command of a run. With `shot` NULL, the calls of all are noted down. */
void trace_begin(const struct shot *shot);

/* Starts the command; with `name` NULL, it is not traced. Returns its pid. */
pid_t trace_start(const struct trace_command *command, const char *name);

/*
 * Serves all tracees until `pid` has ended (its wait status in `status`), or `until` (where
 * not NULL) says so: returns 1; or until `deadline_ms` of CLOCK_MONOTONIC: returns 0. With
 * `pid` 0: until no process at all is left.
 */
int trace_serve(pid_t pid, int *status, bool (*until)(void), long deadline_ms);

/* Kills whatever is left, and waits for it. False: something would not die. */
bool trace_kill_all(void);

const struct trace_report *trace_result(void);

/* What was noted down; valid until the next trace_begin(NULL). */
const struct trace_calls *trace_noted(int *count);

long trace_now_ms(void);

#endif
