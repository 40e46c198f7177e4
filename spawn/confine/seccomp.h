/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seccomp filters. The default one is a table (seccomp_table.h: a system call, a condition,
 * an errno and a reason per row), compiled by libseccomp when nidus is built, so that a
 * launch doesn't pay for it.
 */
#ifndef NIDUS_SECCOMP_H
#define NIDUS_SECCOMP_H

#include <linux/filter.h>
#include <stddef.h>

#include "../../init/fault.h"

struct seccomp_filter {
	const struct sock_filter *code;
	size_t count;
	void *owned; /* malloc'ed code of a compiled file, otherwise NULL */
};

/* Variants of the built-in filter. */
#define SECCOMP_NO_SETID (1u << 0)  /* no set-user-ID and set-group-ID files either, for sandboxes
				     * whose files belong to a more powerful user outside */
#define SECCOMP_FREE_CORE (1u << 1) /* the limit of core dumps is the workload's own business */
#define SECCOMP_VARIANTS 4

/* The built-in filter, with those options. */
void seccomp_default(unsigned options, struct seccomp_filter *filter);

/*
 * Compiles a profile in the OCI/Docker JSON form (defaultAction,
 * architectures, syscalls with names, action, errnoRet, args; Docker's archMap,
 * includes and excludes, evaluated for a workload without capabilities). Strict: an
 * unknown key, action or operator is refused with its name and place; an unknown
 * system call is skipped if the default action refuses it, as other tools do, and an
 * error if the default action would allow it. Fault: STEP_SECCOMP.
 */
int seccomp_compile(const char *path, struct seccomp_filter *filter, struct fault *fault);

void seccomp_free(struct seccomp_filter *filter);

#endif
