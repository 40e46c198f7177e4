/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where sandboxes are on record: one directory each, named by instance id,
 * below the state root:
 *
 *     <root>/<id>/lock      flock'ed by the living owner (spawner or watcher)
 *     <root>/<id>/journal   journal.h: intents, identity, how it went
 *     <root>/<id>/canceled  there when somebody asked for the end (kill, stop)
 *     <root>/names/<name>   name.h
 *
 * The root is $NIDUS_STATE_DIR (for administrators and tests), else /run/nidus
 * for root, else $XDG_RUNTIME_DIR/nidus, else /run/user/UID/nidus, where that
 * directory is the user's own, else /tmp/nidus-UID: made 0700, and refused when
 * it is a link, somebody else's, or open to others.
 *
 * Who holds the lock may change a record, nobody else. A directory whose lock
 * is free, or missing, is garbage. A creator between its mkdir and its flock
 * looks like garbage too; a gc that takes the lock first simply wins, and the
 * creator, who sees that, starts over with another id: launches wait neither
 * for each other nor for a gc. Locks are probed (list, wait) by sharing them
 * for an instant, so whoever wants one exclusively tells a prober (tries again)
 * from an owner (does not).
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
	int dir_fd;  /* <root>/<id> */
	int lock_fd; /* flock'ed */
	char root_path[STATE_PATH_MAX];
};

/* Opens (makes) the state root; `path` gets its name. Descriptor or -1. */
int state_open_root(char path[STATE_PATH_MAX], struct fault *fault);

/* The same without making it: -1 with ENOENT when no sandbox was ever here. */
int state_find_root(char path[STATE_PATH_MAX], struct fault *fault);

/* A random id; makes the directory and takes the lock. All descriptors close-on-exec. */
int state_create(struct state *state, struct fault *fault);

/* Removes files and directory (the lock last) and closes everything. Idempotent; after
 * a failure it may be called again. */
int state_remove(struct state *state, struct fault *fault);

/* Closes without removing: what is on record stays for gc. */
void state_close(struct state *state);

/* True when somebody left the mark `canceled`. */
bool state_is_canceled(const struct state *state);

/* ---- for those who come after: list, wait, gc ---- */

bool state_is_id(const char *text);

/* The directory of a record. -1 with errno; ENOENT: gone. */
int state_open_record(int root_fd, const char *id);

enum state_owner { STATE_OWNED, STATE_FREE, STATE_GONE };

/* Whether the record in dir_fd has a living owner. Never blocks. STATE_GONE: no lock there. */
enum state_owner state_probe(int dir_fd);

/*
 * Takes over the record of a dead owner: `state` is as after state_create (with
 * a copy of root_fd, without root_path). 0, or -1 with the fault's errno
 * EWOULDBLOCK: owned; ENOENT: gone meanwhile. Returns 1 when it was an empty
 * shell and is removed now; `state` is closed then.
 */
int state_adopt(struct state *state, int root_fd, const char *id, struct fault *fault);

/* Leaves the mark `canceled` in the record. ENOENT: gone. */
int state_cancel(int root_fd, const char *id, struct fault *fault);

#endif
