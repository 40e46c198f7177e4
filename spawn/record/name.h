/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names among the living: <root>/names/<name>, flock'ed by the owner for as long as the
 * name is taken; its content is the id. Knows nothing of what stands in a record.
 */
#ifndef NIDUS_NAME_H
#define NIDUS_NAME_H

#include <stdbool.h>

#include "state.h"

#define NAME_TEXT_MAX 80 /* with the NUL */

struct name {
	int fd; /* flock'ed; -1: none */
	char text[NAME_TEXT_MAX];
};

/*
 * Takes the lock of a name: exactly one caller has it. `before` gets the id that the name
 * belonged to until now, "" for none. EEXIST, with the name and the holder's id as object:
 * its owner lives.
 */
int name_lock(struct name *name, int root_fd, const char *text, char before[STATE_ID_LEN + 1],
	      struct fault *fault);

/*
 * Makes a locked name that of `id`. still_taken: whoever had it before lives on without its
 * owner; then it is refused as above. After a failure the lock is gone.
 */
int name_claim(struct name *name, int root_fd, const char *id, bool still_taken,
	       struct fault *fault);

/* Frees the lock, and leaves the file. */
void name_close(struct name *name);

/* The id that holds, or held, a name; an errno, ENOENT: nobody. */
int name_read(int root_fd, const char *text, char id[STATE_ID_LEN + 1]);

/*
 * Removes the file of a name: with id, only if it is that record's; without, only if no
 * record of its id is left. held_fd: its lock, where the caller has it; else -1, and it is
 * locked first. Returns 1 when removed, 0 when it is held, another's or gone, -1 with errno.
 */
int name_drop(int root_fd, const char *text, const char *id, int held_fd);

/* names/ for reading its entries; -1 with errno. */
int name_open_all(int root_fd);

#endif
