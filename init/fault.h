/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one error type. A fault says which step failed, with which errno, on
 * which object; which option it is about; and what is wrong where the errno does
 * not say it. It is a plain value: fixed size, copyable, far below PIPE_BUF, so
 * that the init can send it over a pipe exactly as the library returns it.
 *
 * Functions that can fail return 0 (or a descriptor) on success and -1 with the
 * fault filled in. Nothing below the command line prints.
 */
#ifndef NIDUS_FAULT_H
#define NIDUS_FAULT_H

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FAULT_WHAT_MAX 232 /* bytes, with the NUL; a longer object keeps its end */
#define FAULT_WHY_MAX 208  /* bytes, with the NUL; a longer sentence keeps its beginning */

struct fault {
	uint32_t step;             /* enum step, contract.h */
	int32_t err;               /* errno; 0 where no system call is to blame */
	uint32_t option;           /* enum nidus_option, spawn/spec/option.h; 0: about none */
	uint32_t index;            /* which one, of an option that is a list */
	char what[FAULT_WHAT_MAX]; /* the object: a path, an option, a cgroup file */
	char why[FAULT_WHY_MAX];   /* in place of the errno's text; of init a bare name (exec.h) */
};

static_assert(sizeof(struct fault) == 456, "a fault is part of the wire format");

/*
 * Fills `fault` and returns -1, so that a failing function can end in
 * `return fault_set(fault, STEP_X, errno, path);`. `what` may be NULL. If the object is too
 * long for the field, its end is kept: that is where paths differ.
 */
static inline int fault_set(struct fault *fault, uint32_t step, int err, const char *what)
{
	size_t len = what ? strlen(what) : 0;
	size_t skip = len < FAULT_WHAT_MAX ? 0 : len - (FAULT_WHAT_MAX - 1);

	memset(fault, 0, sizeof(*fault));
	fault->step = step;
	fault->err = err;
	if (len > 0)
		memcpy(fault->what, what + skip, len - skip);
	return -1;
}

/* Adds to a fault which option it is about. Returns -1. */
static inline int fault_about(struct fault *fault, uint32_t option, uint32_t index)
{
	fault->option = option;
	fault->index = index;
	return -1;
}

/* Adds to a fault what is wrong, in place of what its errno would say. Returns -1. */
static inline int fault_because(struct fault *fault, const char *why)
{
	size_t len = strlen(why);

	if (len >= FAULT_WHY_MAX)
		len = FAULT_WHY_MAX - 1;
	memcpy(fault->why, why, len);
	fault->why[len] = '\0';
	return -1;
}

/* The same as fault_set with errno, as most faults are. */
static inline int fault_errno(struct fault *fault, uint32_t step, const char *what)
{
	return fault_set(fault, step, errno, what);
}

#endif
