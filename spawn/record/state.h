/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where sandboxes are on record: each has a directory, named by its instance id, below
 * the state root:
 *
 *     <root>/<id>/          locked (flock) by the living owner (spawner or watcher)
 *     <root>/<id>/journal   journal.h: resources, identity, history
 *     <root>/<id>/canceled  exists if somebody asked for the end (kill, stop)
 *     <root>/names/<name>   name.h
 *
 * The root is $NIDUS_STATE_DIR (for administrators and tests), else /run/nidus
 * for root, else $XDG_RUNTIME_DIR/nidus or /run/user/UID/nidus, if that directory belongs
 * to the user, else /tmp/nidus-UID. It is created with mode 0700, and refused if it is a
 * link, belongs to another user, or gives others access.
 *
 * Only the holder of the lock may change a record. A directory whose lock is free is
 * garbage. So is one whose creator is between its mkdir and its flock: if gc
 * takes the lock first, the creator notices and starts over with another id, so launches
 * wait neither for each other nor for gc. list and wait probe a lock by taking it shared
 * for an instant. Whoever wants it exclusively can tell a prober, and try again, from an
 * owner.
 */
#ifndef NIDUS_STATE_H
#define NIDUS_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/fault.h"

#define STATE_ID_LEN 12 /* lower-case hex digits: short enough for interface names */
#define STATE_PATH_MAX 512

struct state {
	char id[STATE_ID_LEN + 1];
	int root_fd; /* state root; owned */
	int dir_fd;  /* <root>/<id>, locked */
	char root_path[STATE_PATH_MAX];
};

/* Opens the state root, creating it if needed; `path` gets its path. Descriptor or -1. */
int state_open_root(char path[STATE_PATH_MAX], struct fault *fault);

/* The same without creating it: -1 with ENOENT if there never was a sandbox. */
int state_find_root(char path[STATE_PATH_MAX], struct fault *fault);

/* Chooses a random id, creates the directory and takes the lock. Descriptors are close-on-exec. */
int state_create(struct state *state, struct fault *fault);

/* Removes files and directory and closes everything. Idempotent; after
 * a failure it may be called again. */
int state_remove(struct state *state, struct fault *fault);

/* Closes without removing: what is on record stays for gc. */
void state_close(struct state *state);

/* True if somebody set the mark `canceled`. */
bool state_is_canceled(const struct state *state);

/* ---- for other processes: list, wait, gc ---- */

bool state_is_id(const char *text);

/* The directory of a record. -1 with errno; ENOENT: gone. */
int state_open_record(int root_fd, const char *id);

enum state_owner { STATE_OWNED, STATE_FREE, STATE_GONE };

/* Whether the record in dir_fd has a living owner. Never blocks. STATE_GONE: it is removed. */
enum state_owner state_probe(int dir_fd);

/*
 * Takes over the record of a dead owner: `state` is then as after state_create (with a copy
 * of root_fd, without root_path). 0, or -1 with the errno EWOULDBLOCK: it has an owner, or
 * ENOENT: gone meanwhile. Returns 1 if it was an empty directory, which is now removed;
 * `state` is then closed.
 */
int state_adopt(struct state *state, int root_fd, const char *id, struct fault *fault);

/* Sets the mark `canceled` in the record. ENOENT: gone. */
int state_cancel(int root_fd, const char *id, struct fault *fault);

#endif
