/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others left: finding sandboxes on record, ending them, finishing the
 * removal that a dead owner began. Used by gc, list, kill, stop, wait and by
 * every run (a bounded pass).
 */
#ifndef NIDUS_RECOVER_H
#define NIDUS_RECOVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../init/fault.h"
#include "../spec/arena.h"
#include "state.h"

enum record_status {
	RECORD_STARTING, /* owner alive, not ready */
	RECORD_RUNNING,
	RECORD_ENDING,   /* owner alive, workload gone */
	RECORD_ALONE,    /* owner gone, init lives on as it was told to */
	RECORD_DEAD,     /* owner gone: gc removes it */
	RECORD_FAILED,   /* dead, and a removal failed before */
};

struct record {
	char id[STATE_ID_LEN + 1];
	const char *name; /* NULL */
	enum record_status status;
	pid_t owner_pid, init_pid; /* 0: unknown, or gone */
	int init_fd;               /* recover_find, _load: verified pidfd; -1: gone */
	double created;            /* seconds since the epoch */
	const char *command;       /* NULL */
	const char **labels;       /* "K=V" */
	size_t label_count;
	uint64_t grace_us;
	struct fault cleanup;      /* RECORD_FAILED: what failed last */
};

/* "starting", "running", … Never NULL. */
const char *recover_status_name(enum record_status status);

/* The owner lives, or init without it. */
bool recover_is_living(const struct record *record);

/*
 * All records below the root, newest last, text in the arena. Races with living
 * launches and removals are normal: what vanishes meanwhile is left out. Opens
 * no pidfds: there may be more sandboxes than descriptors.
 */
int recover_list(int root_fd, struct arena *arena, struct record **records, size_t *count,
		 struct fault *fault);

#define RECOVER_PREFIX_MIN 4 /* digits of an id that may stand for it */

/*
 * One record by name, id, or unique prefix of an id. ENOENT, or EEXIST
 * where ambiguous. Close it with recover_close.
 */
int recover_find(int root_fd, const char *name_or_id, struct arena *arena, struct record *record,
		 struct fault *fault);

/* The record of exactly this id. ENOENT: gone. */
int recover_load(int root_fd, const char *id, struct arena *arena, struct record *record,
		 struct fault *fault);

/* Closes the pidfds of records. */
void recover_close(struct record *records, size_t count);

/* The owner is gone and init lives on: its name stays taken. */
bool recover_is_alone(int root_fd, const char *id);

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
