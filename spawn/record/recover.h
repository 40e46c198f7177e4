/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others left: ending sandboxes on record, finishing the removal that a dead
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
	uint32_t failed;    /* left on record, with the last fault below */
	uint32_t skipped;   /* alive or too young */
	struct fault fault;
};

enum recover_outcome {
	RECOVER_REMOVED,
	RECOVER_FAILED,  /* the fault says why; stays on record */
	RECOVER_ALIVE,   /* owned, or alone */
	RECOVER_YOUNG,
	RECOVER_PENDING, /* a bounded pass does not wait for what was killed just now */
	RECOVER_GONE,    /* another one removed it meanwhile */
};

struct recover_item {
	char id[STATE_ID_LEN + 1];
	const char *name; /* NULL */
	enum recover_outcome outcome;
	uint32_t resources; /* removed */
	struct fault fault;
};

/*
 * Removes what dead owners left: takes the record's lock (never waits for one),
 * kills init where it lives and was not told to outlive, kills and removes the
 * cgroups, the files, the name, the directory last. Each removal is retried
 * with a bound; what still fails stays on record (JOURNAL_CLEANUP_FAILED).
 * older_than_us: only records at least that old.
 * max: look at that many at most, starting anywhere (0: at all) — a run passes a
 * small number, and such a pass never waits.
 * -1 only where the state root can't be read.
 */
int recover_gc(int root_fd, uint64_t older_than_us, uint32_t max, struct recover_result *result,
	       struct fault *fault);

/* All of them, and one item each into the arena. */
int recover_gc_items(int root_fd, uint64_t older_than_us, struct arena *arena,
		     struct recover_item **items, size_t *count, struct recover_result *result,
		     struct fault *fault);

/* The same for one record. item->name is in the arena. */
void recover_remove(int root_fd, const char *id, struct arena *arena, struct recover_item *item);

/*
 * Ends, or signals, one sandbox that may be alive: marks it `canceled` where
 * `cancel` says so, then sends the signal to PID 1 by its pidfd. ESRCH: no PID 1
 * (any more, or yet: then the mark alone was left). KILL ends the sandbox at
 * once, init forwards the others.
 */
int recover_signal(int root_fd, const struct record *record, int signal, bool cancel,
		   struct fault *fault);

#endif
