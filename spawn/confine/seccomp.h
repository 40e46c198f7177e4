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

/* Bits: where the built-in filter differs. */
enum seccomp_variant {
	SECCOMP_PLAIN = 0,
	/* also refuses to make files set-user-ID or set-group-ID: for sandboxes whose files
	 * belong to a more powerful user outside */
	SECCOMP_NO_SETID = 1 << 0,
	/* the limit of core dumps is the workload's own business */
	SECCOMP_FREE_CORE = 1 << 1,
	/* the workload itself is PID 1, and may set its own limits by that number */
	SECCOMP_AS_PID_1 = 1 << 2,
	/* namespaces and mounts are allowed: sandboxes may be made inside */
	SECCOMP_NEST = 1 << 3,
	SECCOMP_VARIANTS = 1 << 4,
};

/* The built-in filter; `variant`: an or of the bits. */
void seccomp_default(unsigned variant, struct seccomp_filter *filter);

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
