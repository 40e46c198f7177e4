/* SPDX-License-Identifier: Apache-2.0 */
/* Users inside and outside: chooses the id maps of a sandbox, and writes them. */
#ifndef NIDUS_IDS_H
#define NIDUS_IDS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../init/fault.h"
#include "../spec/spec.h"

struct ids {
	bool new_userns;
	bool deny_setgroups;  /* setgroups is not possible inside: "deny" is written before gid_map */
	bool use_helpers;     /* newuidmap and newgidmap write the maps */
	bool shifted;         /* the workload's id outside is not the caller's */
	/* HOST: one range, every id onto itself */
	struct nidus_id_range uid_map[NIDUS_ID_RANGES_MAX], gid_map[NIDUS_ID_RANGES_MAX];
	size_t uid_map_count, gid_map_count;
	uint32_t init_uid, init_gid; /* inside: PID 1 while it builds the sandbox */
	uint32_t watch_uid, watch_gid; /* PID 1 while the workload runs: not the workload's, if
					* the map has a second id */
	uint32_t work_uid, work_gid; /* inside: the workload */
	/* first ids outside of ranges that are this sandbox's alone, to be leased: of users, of
	 * groups if another; 0: none */
	uint32_t own_uids, own_gids;
};

/* Whether a living sandbox has the range that begins with this id; -1 with errno. */
typedef int ids_is_leased(uint32_t first, void *arg);

/*
 * Chooses ids for a checked spec.
 *   AUTO as root: 0..65535 onto a range chosen by the instance id from
 *     524288..1879048191, which no living sandbox has, and /etc/subuid and /etc/subgid
 *     give to nobody (ENOSPC: there is none); PID 1 is 0 (and 65534 while a workload of
 *     user 0 runs); the workload 65534 unless a user is given. In a
 *     container with fewer ids: onto all of them except 0, or onto the only one.
 *   AUTO as a user with sub-ids and newuidmap/newgidmap: the user's id onto itself
 *     (or onto the given user), the other inside ids of 0..65535 onto the sub-ids,
 *     as far as there are enough.
 *   AUTO as another user, KEEP: only the caller's id, onto the given user or itself.
 *   HOST: no namespace. MAP: as given; an ordinary user needs the helpers for it.
 * The instance id may be NULL if only the form matters (explain); is_leased may be NULL.
 * Reads /etc/subuid and /etc/subgid only with AUTO.
 * Fault: STEP_ID_MAP, e.g. a user that is not in the map, or a file that is there and can't be
 * read: its ids could be somebody's.
 */
int ids_choose(const struct nidus_spec *spec, const char *instance_id, ids_is_leased *is_leased,
	       void *arg, struct ids *ids, struct fault *fault);

/* The caller's home, as its line of /etc/passwd has it, and without links. "": none. */
struct ids_home {
	char path[PATH_MAX], real[PATH_MAX];
};

/*
 * A directory that does not belong to the caller is nobody's home: /usr/sbin is the daemons'.
 * -1 with a fault where that can't be found out: a home that is not known would not be hidden.
 */
int ids_find_home(struct ids_home *home, struct fault *fault);

/* Writes setgroups, uid_map and gid_map of `child`, an unreaped child of ours, or runs the
 * helpers, for at most 10 s. */
int ids_write(const struct ids *ids, pid_t child, struct fault *fault);

/* The outside id for an inside id; UINT32_MAX: not mapped. */
uint32_t ids_outside(const struct nidus_id_range *map, size_t count, uint32_t inside);

/*
 * For what is writable, of a privileged caller whose workload is shifted: clones the mount at
 * `place` (O_PATH; with AT_RECURSIVE in flags, those below it, too) and id-maps it so that what the caller owns on disk belongs to the
 * workload inside, and what the workload creates belongs to the caller; every other owner
 * stays unmapped. Returns the detached mount, or -1; EINVAL if a file system there
 * can't be id-mapped. The user namespace for this is created once and kept in *owner_ns
 * (start with -1; the caller closes it).
 */
int ids_clone_owned(const struct ids *ids, int place, unsigned int flags, int *owner_ns,
		    struct fault *fault);

#endif
