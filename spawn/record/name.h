/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of living sandboxes: <root>/names/<name> contains the id, and is locked (flock) by
 * the owner as long as the name is taken. Knows nothing about the contents of records.
 */
#ifndef NIDUS_NAME_H
#define NIDUS_NAME_H

#include <stdbool.h>

#include "state.h"

#define NAME_TEXT_MAX 80 /* with the NUL */

struct name {
	int fd; /* locked; -1: none */
	char text[NAME_TEXT_MAX];
};

/*
 * Takes the lock of a name: only one caller can hold it. `before` gets the id that the name
 * belonged to until now, or "". EEXIST, with the name as object and the holder's id as
 * reason: its owner lives.
 */
int name_lock(struct name *name, int root_fd, const char *text, char before[STATE_ID_LEN + 1],
	      struct fault *fault);

/*
 * Assigns a locked name to `id`. still_taken: the sandbox that had it before lives on
 * without its owner; then this is refused as above. After a failure the lock is released.
 */
int name_claim(struct name *name, int root_fd, const char *id, bool still_taken,
	       struct fault *fault);

/* Releases the lock, and leaves the file. */
void name_close(struct name *name);

/* The id that holds, or held, a name. Returns 0 or an errno; ENOENT: none does. */
int name_read(int root_fd, const char *text, char id[STATE_ID_LEN + 1]);

/*
 * Removes the file of a name. With an id: only if the name belongs to that record; with NULL:
 * only if its id has no record left. held_fd: the caller's lock on it; -1: it is locked first.
 * Returns 1 if removed, 0 if it is held, another's or gone, -1 with errno.
 */
int name_drop(int root_fd, const char *text, const char *id, int held_fd);

/* Opens names/ for reading its entries; -1 with errno. */
int name_open_all(int root_fd);

#endif
