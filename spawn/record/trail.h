/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sandbox acquired, in memory: either read from its journal, or kept by the owner
 * along with the journal. removal.h takes a trail.
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
 * For the owner: a resource is about to be acquired. Adds it to the trail, then to the
 * journal; after -1 it must not be acquired.
 */
int trail_intend(struct trail *trail, struct arena *arena, struct journal *journal,
		 enum journal_kind kind, const char *argument, struct fault *fault);
/* For the owner: all of a kind are gone by themselves. Returns how many were not marked yet. */
size_t trail_strike(struct trail *trail, enum journal_kind kind);

/* ENOENT: no journal. Entries and text in the arena. */
int trail_read(struct trail *trail, int dir_fd, struct arena *arena, struct fault *fault);
const char *trail_find(const struct trail *trail, enum journal_kind kind);

/* A pidfd of init; -1: gone, or not visible from here. */
int trail_open_init(const struct trail *trail);

/* The groups on record that exist; close with cg_close. */
int trail_open_groups(const struct trail *trail, const char *id, struct cg *cg,
		      struct fault *fault);

/* True if init may outlive its owner, and lives; init_fd from trail_open_init. */
bool trail_is_alone(const struct trail *trail, const char *id, int init_fd);

/* Creation time in seconds since the epoch, from the journal, else from the directory. */
double trail_created(const struct trail *trail, int dir_fd);

#endif
