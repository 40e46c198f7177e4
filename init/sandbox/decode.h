/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan that has been checked completely, as pointers into its bytes.
 */
#ifndef NIDUS_DECODE_H
#define NIDUS_DECODE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "../contract.h"

struct plan_view {
	const char *bytes;
	const struct plan_header *header;
	const struct plan_ref *exec;
	const struct plan_ref *argv;
	const struct plan_ref *envp;
	const struct plan_mount *mounts;
	const struct plan_rlimit *rlimits;
	const struct plan_sysctl *sysctls;
	const struct plan_landlock *landlock;
	const struct sock_filter *seccomp;
	const int32_t *pass_fds;
	const int32_t *hold_fds;
};

/*
 * Checks the `size` bytes at `bytes` (8-byte aligned) and fills *view, which points into
 * them. Pure: no system call, no state. After success every array and string of the view
 * lies inside the bytes, and every string ends in a NUL and contains no other. Fault:
 * STEP_PLAN, the object names the field.
 */
int decode_plan(const void *bytes, size_t size, struct plan_view *view, struct fault *fault);

/* The string of a checked reference; "" if it is empty or absent. */
static inline const char *plan_string(const struct plan_view *view, struct plan_ref ref)
{
	return ref.len > 0 ? view->bytes + ref.off : "";
}

/* Whether PLAN_MOUNT_F_BELOW can refer to it. */
static inline int plan_makes_base(const struct plan_mount *mount)
{
	return (mount->kind == PLAN_MOUNT_PROC || mount->kind == PLAN_MOUNT_SCRATCH) &&
	       !(mount->flags & PLAN_MOUNT_F_BELOW);
}

static inline int plan_has(const struct plan_view *view, uint64_t flag)
{
	return (view->header->flags & flag) != 0;
}

#endif
