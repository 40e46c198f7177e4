/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this machine offers, found out by trying: every probe does the real thing in its
 * own child process and leaves nothing behind. (The kernel may load a module for a probe,
 * overlay or nf_tables, as it would for a user.)
 */
#ifndef NIDUS_CHECK_H
#define NIDUS_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#define CHECK_ITEMS_MAX 40
#define CHECK_DETAIL_MAX 256

enum check_status {
	CHECK_OK,
	CHECK_LIMITED, /* works partly, or for some users */
	CHECK_MISSING,
};

struct check_item {
	const char *name;
	enum check_status status;
	bool required;     /* without it `run` can't work at all */
	const char *means; /* what nidus needs it for, and what it does without */
	const char *how;   /* how to get it */
	char detail[CHECK_DETAIL_MAX]; /* what was found */
};

struct check {
	struct check_item items[CHECK_ITEMS_MAX];
	size_t count;
};

/* Probes everything as the calling user. Bounded: each probe ends within 250 ms. */
void check_machine(struct check *check);

/* True if no required item is missing. */
bool check_can_run(const struct check *check);

/* "ok", "limited", "missing". */
const char *check_status_name(enum check_status status);

#endif
