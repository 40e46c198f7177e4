/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a program outside of a sandbox: for the wrapper role, and for each
 * service of the machine role.
 *
 *     parent                         child
 *     program_fork ----------------> returns 0
 *                                    … whatever the role does there …
 *     program_await <--- exec, or -- program_execute: identity, confinement, exec
 *                        a fault
 *
 * Between the two is a close-on-exec pipe: its end tells that the exec succeeded,
 * a fault on it that it did not. Signals stay blocked in the parent until then, so
 * that none reaches a process that is not the program yet.
 */
#ifndef NIDUS_INIT_PROGRAM_H
#define NIDUS_INIT_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "account.h"
#include "../fault.h"
#include "signals.h"

struct program {
	char *const *argv;             /* argv[0] is searched in the PATH of envp */
	char *const *envp;             /* LISTEN_PID, where it names the parent, becomes the child's */
	const char *chdir;             /* after the change of identity; NULL: stay */
	const struct account *account; /* NULL: stay who we are */
	const char *seccomp;           /* file of struct sock_filter (`nidus seccomp`); NULL: none */
	int parent_death_signal;       /* what the kernel sends it when we die; 0: nothing */
	bool drop_caps;                /* all, the bounding set included */
	bool no_new_privs;
};

struct program_start {
	pid_t pid; /* of the other: of the child in the parent, of the parent in the child */
	int fd;    /* parent: readable once it is decided; child: where faults go */
};

/*
 * Returns 0 in the child, 1 in the parent, -1 with the fault filled in (STEP_FORK).
 * The child has all of the parent's descriptors and every signal blocked.
 */
int program_fork(struct program_start *start, struct fault *fault);

/*
 * In the child: never returns. A failure of the role's own is told with
 * program_fail. Steps: STEP_USER, STEP_CHDIR, STEP_SECCOMP, STEP_EXEC.
 */
void program_execute(const struct program *program, struct program_start *start,
		     const struct signals *signals) __attribute__((noreturn));
void program_fail(struct program_start *start, const struct fault *fault) __attribute__((noreturn));

/* The same, of a call that has set errno. */
void program_refuse(struct program_start *start, uint32_t step, const char *what)
	__attribute__((noreturn));

/*
 * In the parent: blocks until the exec is decided, unless start->fd polls readable
 * already, and closes it. 0: the program runs. -1: the fault says why not; the
 * child is a zombie, or about to be one.
 */
int program_await(struct program_start *start, struct fault *fault);

/* "NAME=…" in envp, where it stands; NULL: it does not. `name` with its "=". */
char **program_variable(char *const *envp, const char *name);

/* `first`, then what `rest` has, as a new vector. NULL and errno. */
char **program_vector(const char *first, char *const *rest);

/* 127 where there is no such program, 126 where it may not be executed, 125 for all else. */
int program_fault_status(const struct fault *fault);

#endif
