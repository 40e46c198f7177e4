/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sandbox acquired, in memory: its journal, read back, or written along with it by
 * its owner. removal.h takes a trail.
 */
#ifndef NIDUS_TRAIL_H
#define NIDUS_TRAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "../../cgroup/cgroup.h"
#include "../spec/arena.h"
#include "journal.h"
#include "process.h"

struct trail {
	struct journal_entry *entries;
	size_t count;
	enum process_place place; /* of the processes in it */
};

/*
 * The owner's: a resource is about to be acquired. Into the trail, then on record; after -1
 * it must not be.
 */
int trail_intend(struct trail *trail, struct arena *arena, struct journal *journal,
		 enum journal_kind kind, const char *argument, struct fault *fault);
/* The owner's: all of a kind are gone without a removal. Returns how many were not yet. */
size_t trail_strike(struct trail *trail, enum journal_kind kind);

/* ENOENT: no journal. Entries and text in the arena. */
int trail_read(struct trail *trail, int dir_fd, struct arena *arena, struct fault *fault);
const char *trail_find(const struct trail *trail, enum journal_kind kind);

/* A pidfd of init; -1: gone, or not to be seen from here. */
int trail_open_init(const struct trail *trail);

/* The groups on record that exist. cg_close. */
int trail_open_groups(const struct trail *trail, const char *id, struct cg *cg,
		      struct fault *fault);

/* Init was told to outlive its owner, and lives; init_fd as from trail_open_init. */
bool trail_is_alone(const struct trail *trail, const char *id, int init_fd);

/* Seconds since the epoch, of the journal, else of the directory. */
double trail_created(const struct trail *trail, int dir_fd);

#endif
