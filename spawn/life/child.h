/* SPDX-License-Identifier: Apache-2.0 */
/* What runs in the new process between clone3 and the exec of nidus-init. */
#ifndef NIDUS_CHILD_H
#define NIDUS_CHILD_H

#include <stddef.h>
#include <stdint.h>

struct child {
	int image_fd;      /* sealed memfd of nidus-init */
	int plan_fd, control_fd, report_fd; /* what init is started with */
	const int *stdio;  /* three descriptors that become 0, 1, 2 */
	uint64_t ignored;  /* signals that the workload finds ignored: bit n-1 is signal n */
	const int *keep;   /* descriptors for init; their close-on-exec flag is cleared */
	size_t keep_count;
};

/*
 * Turns the clone into nidus-init. Uses only async-signal-safe calls, since the caller may
 * have threads. Never returns.
 */
void child_exec_init(const struct child *child) __attribute__((noreturn));

#endif
