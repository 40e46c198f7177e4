/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System call names to numbers: those of libseccomp, and newer ones than the release that
 * most distributions have (2.5.4 ends with Linux 5.17). From 424 on, a call has the same
 * number on every architecture of seccomp_prologue.h.
 */
#ifndef NIDUS_SECCOMP_NAMES_H
#define NIDUS_SECCOMP_NAMES_H

#include <seccomp.h>
#include <stddef.h>
#include <string.h>

/* file_setattr, Linux 6.17: the newest call known here and judged in seccomp_table.h. */
#define SECCOMP_NEWEST 469

static const struct {
	const char *name;
	int number;
} seccomp_newer_calls[] = {
	{ "cachestat", 451 },        /* 6.5 */
	{ "fchmodat2", 452 },        /* 6.6 */
	{ "map_shadow_stack", 453 },
	{ "futex_wake", 454 },       /* 6.7 */
	{ "futex_wait", 455 },
	{ "futex_requeue", 456 },
	{ "statmount", 457 },        /* 6.8 */
	{ "listmount", 458 },
	{ "lsm_get_self_attr", 459 },
	{ "lsm_set_self_attr", 460 },
	{ "lsm_list_modules", 461 },
	{ "mseal", 462 },            /* 6.10 */
	{ "setxattrat", 463 },       /* 6.13 */
	{ "getxattrat", 464 },
	{ "listxattrat", 465 },
	{ "removexattrat", 466 },
	{ "open_tree_attr", 467 },   /* 6.15 */
	{ "file_getattr", 468 },     /* 6.17 */
	{ "file_setattr", 469 },
};

/*
 * The native number. Below 0, but not __NR_SCMP_ERROR: only other architectures have the
 * call. __NR_SCMP_ERROR: unknown.
 */
static inline int seccomp_number(const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number != __NR_SCMP_ERROR)
		return number;
	for (size_t i = 0; i < sizeof(seccomp_newer_calls) / sizeof(seccomp_newer_calls[0]); i++)
		if (strcmp(seccomp_newer_calls[i].name, name) == 0)
			return seccomp_newer_calls[i].number;
	return __NR_SCMP_ERROR;
}

#endif
