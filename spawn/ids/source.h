/* SPDX-License-Identifier: Apache-2.0 */
/* Private to ids: everything that the choice of ids depends on. */
#ifndef NIDUS_IDS_SOURCE_H
#define NIDUS_IDS_SOURCE_H

#include "ids.h"

#define SUBID_RANGES_MAX 16
#define IDS_RANGE 65536u /* ids of a range that is one sandbox's alone */

/* The caller and its machine. Texts are NULL if they are not needed or not there. */
struct ids_source {
	uint32_t uid, gid;     /* effective */
	bool privileged;       /* root with CAP_SETUID and CAP_SETGID in its user namespace */
	bool setgroups_denied; /* already in the caller's user namespace */
	bool has_helpers;      /* newuidmap and newgidmap are installed and can work */
	char *uid_map, *gid_map;          /* /proc/self/uid_map, gid_map */
	char *passwd, *subuid, *subgid;   /* of /etc */
	ids_is_leased *is_leased;         /* NULL: none is */
	void *arg;                        /* of is_leased */
};

/* ids_choose, but without looking at the machine. */
int ids_choose_from(const struct ids_source *source, const struct nidus_spec *spec,
		    const char *instance_id, struct ids *ids, struct fault *fault);

/* range.c: the ranges of AUTO for root. 0: there is nothing to choose; -1 with errno, ENOSPC if
 * somebody has each. */
int ids_choose_root_ranges(const struct ids_source *source, const char *instance_id,
			   struct ids *ids);

/* The name of `uid` in a passwd text, from the first line that matches; false: none. */
bool subid_user_name(const char *passwd, uint32_t uid, char *name, size_t size);

/* The same of the user's home. */
bool subid_user_home(const char *passwd, uint32_t uid, char *home, size_t size);

/*
 * The ranges that a subuid or subgid text (subuid(5)) gives to the user, by name
 * (may be NULL) or by number, in order. Malformed lines are ignored. Returns how
 * many, at most `max`; `outside` and `count` of each are set.
 */
size_t subid_parse(const char *text, const char *name, uint32_t uid,
		   struct nidus_id_range *ranges, size_t max);

/* Whether a line of the text gives any of these ids to anybody. */
bool subid_overlaps(const char *text, uint32_t first, uint32_t count);

/* helper.c: the path of "newuidmap" or "newgidmap" if it can do its work; NULL with errno,
 * ENOENT: there is none. */
const char *ids_helper_find(const char *name);
/* Both helpers for `child`, with a bound of 10 s. */
int ids_helper_run(const struct ids *ids, pid_t child, struct fault *fault);

#endif
