/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sandboxes of others: ending those on record, and finishing the removal that a dead
 * owner began. Used by gc, kill, stop and by every run (a bounded pass).
 */
#ifndef NIDUS_RECOVER_H
#define NIDUS_RECOVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../init/fault.h"
#include "../spec/arena.h"
#include "list.h"

struct recover_result {
	uint32_t removed;   /* sandboxes */
	uint32_t resources;
	uint32_t failed;    /* left on record; the last fault is below */
	uint32_t skipped;   /* alive or too young */
	struct fault fault;
};

enum recover_outcome {
	RECOVER_REMOVED,
	RECOVER_FAILED,  /* the fault says why; stays on record */
	RECOVER_ALIVE,   /* owned, or alone */
	RECOVER_YOUNG,
	RECOVER_PENDING, /* just killed, and a bounded pass does not wait for it */
	RECOVER_GONE,    /* another process removed it meanwhile */
};

struct recover_item {
	char id[STATE_ID_LEN + 1];
	const char *name; /* NULL */
	enum recover_outcome outcome;
	uint32_t resources; /* removed */
	struct fault fault;
};

/*
 * Removes what dead owners left: takes the record's lock (never waiting for it), kills
 * init if it lives and may not outlive its owner, and removes everything on the trail
 * (removal.h). Each removal is retried with a bound; what still fails stays on record
 * (JOURNAL_CLEANUP_FAILED).
 * older_than_us: only records at least that old.
 * max: examine at most that many, starting anywhere (0: all of them). A run passes a
 * small number, and such a pass never waits.
 * -1 only if the state root can't be read.
 */
int recover_gc(int root_fd, uint64_t older_than_us, uint32_t max, struct recover_result *result,
	       struct fault *fault);

/* The same for all records, with one item for each in the arena. */
int recover_gc_items(int root_fd, uint64_t older_than_us, struct arena *arena,
		     struct recover_item **items, size_t *count, struct recover_result *result,
		     struct fault *fault);

/* The same for one record. item->name is in the arena. */
void recover_remove(int root_fd, const char *id, struct arena *arena, struct recover_item *item);

/*
 * Ends, or signals, one sandbox that may be alive: with `cancel` it is first marked
 * `canceled`, then PID 1 gets the signal by its pidfd. ESRCH: there is no PID 1 any more,
 * or not yet (the mark is left anyway). KILL ends the sandbox at once, init forwards
 * other signals.
 */
int recover_signal(int root_fd, const struct record *record, int signal, bool cancel,
		   struct fault *fault);

#endif
