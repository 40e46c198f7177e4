/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program outside of a sandbox, for the wrapper role and for each service of the machine
 * role: its identity and confinement, from the work of the role in the child to the exec.
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
	char *const *argv;             /* argv[0] is looked up in the PATH of envp */
	char *const *envp;             /* a LISTEN_PID that names the parent becomes the child's */
	const char *chdir;             /* after the change of identity; NULL: stay */
	const struct account *account; /* NULL: keep the ids */
	const char *seccomp;           /* a file of struct sock_filter (`nidus seccomp`), or NULL */
	int parent_death_signal;       /* sent by the kernel when we die; 0: none */
	bool drop_caps;                /* all, including the bounding set */
	bool no_new_privs;
};

/*
 * In the child of start_fork: never returns. Its faults have the steps STEP_USER,
 * STEP_CHDIR, STEP_SECCOMP, STEP_EXEC.
 */
void program_execute(const struct program *program, struct job *job,
		     const struct signals *signals) __attribute__((noreturn));

/* The place of "NAME=…" in envp; NULL: not there. `name` includes the "=". */
char **program_variable(char *const *envp, const char *name);

/* 127: no such program; 126: it may not be executed; 125: anything else. */
int program_fault_status(const struct fault *fault);

#endif
