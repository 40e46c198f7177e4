/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children that ended or were stopped, in bounded helpings: orphans may come faster than
 * they are reaped, and signals and limits are to be looked at in between.
 *
 *     struct reap reap = REAP_HELPING;
 *
 *     while (reap_next(&reap))
 *             … reap.info …
 *     // reap.more, reap.no_children
 */
#ifndef NIDUS_INIT_REAP_H
#define NIDUS_INIT_REAP_H

#include <signal.h>
#include <stdbool.h>

#define REAP_AT_ONCE 64
#define REAP_HELPING {.left = REAP_AT_ONCE}

struct reap {
	int left;         /* of the helping */
	bool more;        /* it is over before the children are */
	bool no_children; /* the kernel says so */
	siginfo_t info;   /* si_code CLD_STOPPED: it has not ended */
};

/* One that has ended is a zombie until the next call: its number, and its group's, are its own. */
bool reap_next(struct reap *reap);

#endif
