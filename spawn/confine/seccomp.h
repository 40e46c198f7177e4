/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seccomp filters. The default one is a table (seccomp_table.h: a system call, a condition,
 * an errno and a reason per row), compiled by libseccomp when nidus is built, so that a
 * launch doesn't pay for it.
 */
#ifndef NIDUS_SECCOMP_H
#define NIDUS_SECCOMP_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "../../init/fault.h"

struct seccomp_filter {
	const struct sock_filter *code;
	size_t count;
	void *owned; /* malloc'ed code of a compiled file, otherwise NULL */
};

/*
 * The built-in filter. With no_setid it also refuses to make files set-user-ID or
 * set-group-ID, for sandboxes whose files belong to a more powerful user outside.
 */
void seccomp_default(bool no_setid, struct seccomp_filter *filter);

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
