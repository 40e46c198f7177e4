/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal: a sandbox's resources, each written down before it is acquired.
 * Text lines, one write each: KIND SPACE ARGUMENT NEWLINE; in arguments
 * backslash, newline and other control bytes are \xHH. A torn last line (no
 * newline) is ignored by readers: what it announces had not begun.
 *
 * Resource kinds are what removal.h removes. The others identify the sandbox for list,
 * wait and recovery.
 */
#ifndef NIDUS_JOURNAL_H
#define NIDUS_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../init/fault.h"
#include "../spec/arena.h"

enum journal_kind {
	/* identity */
	JOURNAL_VERSION,  /* "1" */
	JOURNAL_BOOT,     /* boot id, inode of the pid namespace that the pids belong to */
	JOURNAL_OWNER,    /* "PID STARTTIME": spawner or watcher (for people; the lock counts) */
	JOURNAL_CREATED,  /* seconds since the epoch, nanoseconds: "S.N" */
	JOURNAL_COMMAND,  /* argv[0] only: arguments may hold secrets */
	JOURNAL_LABEL,    /* K=V */
	JOURNAL_PUBLISH,  /* a published port: "8080:80/tcp" */
	JOURNAL_GRACE,    /* microseconds, for stop */
	JOURNAL_OUTLIVE,  /* "1": init outlives its owner: dead only when init is dead */
	/* resources */
	JOURNAL_NAME,     /* the claimed name */
	JOURNAL_IDS,      /* first id of a leased range */
	JOURNAL_CGROUP,   /* absolute path of one group */
	JOURNAL_INIT,     /* "PID STARTTIME" of PID 1 */
	JOURNAL_LEASE,    /* an address */
	JOURNAL_LINK,     /* name of the end on the host */
	JOURNAL_NFT,      /* instance id: all its elements in our nftables table */
	JOURNAL_POOL,     /* a pool of addresses: its unreachable route, if nobody else needs it */
	JOURNAL_FORWARD,  /* how forwarding was, which stays on once the workload runs (net.h) */
	JOURNAL_HELPER,   /* "PID STARTTIME" of slirp4netns or pasta */
	JOURNAL_STUB,     /* absolute path of a mount point made on the host (stub.h) */
	/* history */
	JOURNAL_READY,    /* the workload runs */
	JOURNAL_EXITED,   /* "REASON EXIT_CODE SIGNAL" */
	JOURNAL_CLEANUP_FAILED, /* "STEP ERRNO OBJECT" */
	JOURNAL_KIND_COUNT
};

#define JOURNAL_LINE_MAX 17408 /* bytes: a path of PATH_MAX with every byte escaped, and the kind */

struct journal {
	int fd; /* append-only; -1: closed */
};

struct journal_entry {
	enum journal_kind kind;
	const char *argument; /* unescaped, in the arena */
	bool is_removed;      /* in memory only: removal.h has removed it */
};

/* Creates <dir_fd>/journal with version, boot id, owner and creation time. */
int journal_create(struct journal *journal, int dir_fd, struct fault *fault);

/* Opens a dead owner's journal for appending; a torn last line is cut off. */
int journal_open(struct journal *journal, int dir_fd, struct fault *fault);

/* One line, one write. A command that is too long for a line is cut; anything else is E2BIG. */
int journal_write(struct journal *journal, enum journal_kind kind, const char *argument,
		  struct fault *fault);

/* Reads all whole lines; entries and text in the arena. Unknown kinds are
 * skipped (a newer version wrote them). Bounded at 1 MiB. */
int journal_read(int dir_fd, struct arena *arena, struct journal_entry **entries, size_t *count,
		 struct fault *fault);
/* The same from an open descriptor; the file may have been removed since. */
int journal_read_fd(int fd, struct arena *arena, struct journal_entry **entries, size_t *count,
		    struct fault *fault);

/* The argument of the last entry of a kind; NULL: none. */
const char *journal_find(const struct journal_entry *entries, size_t count,
			 enum journal_kind kind);

void journal_close(struct journal *journal);

#endif
