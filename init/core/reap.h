/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Children that ended or were stopped, in batches of bounded size: orphans may come faster
 * than they are reaped, and signals and limits must be checked in between.
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
	int left;         /* of the batch */
	bool more;        /* the batch is over and there may be more children to reap */
	bool no_children; /* ECHILD */
	siginfo_t info;   /* si_code CLD_STOPPED: it has not ended */
};

/* One that has ended stays a zombie until the next call, so its pid and group are not reused. */
bool reap_next(struct reap *reap);

#endif
