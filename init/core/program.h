/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program outside of a sandbox, for the wrapper role and for each service of the machine
 * role: who it is and what confines it, from what the role does in the child to the exec.
 */
#ifndef NIDUS_INIT_PROGRAM_H
#define NIDUS_INIT_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "account.h"
#include "job.h"
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

/*
 * In the child of start_fork: never returns. Steps of its faults: STEP_USER, STEP_CHDIR,
 * STEP_SECCOMP, STEP_EXEC.
 */
void program_execute(const struct program *program, struct job *job,
		     const struct signals *signals) __attribute__((noreturn));

/* "NAME=…" in envp, where it stands; NULL: it does not. `name` with its "=". */
char **program_variable(char *const *envp, const char *name);

/* `first`, then what `rest` has, as a new vector. NULL and errno. */
char **program_vector(const char *first, char *const *rest);

/* 127 where there is no such program, 126 where it may not be executed, 125 for all else. */
int program_fault_status(const struct fault *fault);

#endif
