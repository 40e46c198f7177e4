/* SPDX-License-Identifier: Apache-2.0 */
/* What recover.c and recover_list.c share: a journal that was read, and its place. */
#ifndef NIDUS_RECORD_H
#define NIDUS_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "../../cgroup/cgroup.h"
#include "../spec/arena.h"
#include "journal.h"
#include "state.h"

struct trail {
	struct journal_entry *entries;
	size_t count;
	enum journal_place place; /* of the processes in it */
};

/* ENOENT: no journal. */
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

/* The ids of all records below the root, in no order. */
int record_ids(int root_fd, struct arena *arena, char (**ids)[STATE_ID_LEN + 1], size_t *count,
	       struct fault *fault);

#endif
