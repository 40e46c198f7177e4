/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the sandboxes on record, all or one of them, and their status. */
#ifndef NIDUS_LIST_H
#define NIDUS_LIST_H

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
	RECORD_ALONE,    /* owner gone, init lives on as configured */
	RECORD_DEAD,     /* owner gone: gc removes it */
	RECORD_FAILED,   /* dead, and an earlier removal failed */
};

struct record {
	char id[STATE_ID_LEN + 1];
	const char *name; /* NULL */
	enum record_status status;
	pid_t owner_pid, init_pid; /* 0: unknown, or gone */
	int init_fd;               /* record_find, _load: verified pidfd; -1: gone */
	double created;            /* seconds since the epoch */
	const char *command;       /* argv[0] as it was asked for; NULL */
	const char **argv;         /* record_list: as ps(1) shows them now; NULL: unknown */
	size_t argc;
	const char **addresses;    /* leased */
	size_t address_count;
	const char **ports;        /* published: "8080:80/tcp" */
	size_t port_count;
	const char **labels;       /* "K=V" */
	size_t label_count;
	uint64_t grace_us;
	struct fault cleanup;      /* RECORD_FAILED: what failed last */
};

/* "starting", "running", … Never NULL. */
const char *record_status_name(enum record_status status);

/* True if the owner lives, or init without it. */
bool record_is_living(const struct record *record);

/*
 * All records below the root, newest last, text in the arena. Launches and removals
 * may go on at the same time: records that vanish meanwhile are left out. Opens no
 * pidfds: there may be more sandboxes than descriptors.
 */
int record_list(int root_fd, struct arena *arena, struct record **records, size_t *count,
		 struct fault *fault);

#define RECORD_PREFIX_MIN 4 /* digits: the shortest prefix accepted in place of an id */

/*
 * One record by name, id, or unique prefix of an id. ENOENT, or EEXIST if it is
 * ambiguous. Close it with record_close.
 */
int record_find(int root_fd, const char *name_or_id, struct arena *arena, struct record *record,
		 struct fault *fault);

/* The record of exactly this id. ENOENT: gone. */
int record_load(int root_fd, const char *id, struct arena *arena, struct record *record,
		 struct fault *fault);

/* Closes the pidfds of records. */
void record_close(struct record *records, size_t count);

/* True if the owner is gone and init lives on: then the name stays taken. */
bool record_is_alone(int root_fd, const char *id);

/* The ids of all records below the root, in no particular order. */
int record_ids(int root_fd, struct arena *arena, char (**ids)[STATE_ID_LEN + 1], size_t *count,
	       struct fault *fault);

#endif
