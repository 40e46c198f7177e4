/* SPDX-License-Identifier: Apache-2.0 */
/* What the groups of probes share. */
#ifndef NIDUS_CHECK_PROBE_H
#define NIDUS_CHECK_PROBE_H

#include "check.h"

#define CHECK_PROBE_TIMED_OUT (-1)
#define CHECK_PROBE_KILLED (-2)

/* A new item: missing, unless found later. */
struct check_item *check_add(struct check *check, const char *name, bool required,
			     const char *means, const char *how);

void check_found(struct check_item *item, enum check_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Runs `probe` in a child. Returns what it returned: 0 or an errno; or one of the
 * two values above. The child never returns into the caller's code.
 */
int check_probe(int (*probe)(void *arg), void *arg);

/* Sets the item to ok with `detail`, or to missing with a text for what check_probe returned. */
void check_found_probe(struct check_item *item, int result, const char *detail);

/* In a probe: enters a new user namespace with the caller's ids mapped to 0. 0 or an errno. */
int check_enter_userns(void);

/* A number from a file of /proc; -1 if there is none. */
long check_read_number(const char *path);

/* The full path of a program in the fixed directories (never $PATH), or NULL. */
const char *check_find_program(const char *name, char *path, size_t size);

/* The groups, in the order in which they are shown. */
void check_kernel(struct check *check);
void check_namespaces(struct check *check);
void check_mounts(struct check *check);
void check_confinement(struct check *check);
void check_cgroups(struct check *check);
void check_network(struct check *check);
void check_ids(struct check *check);

#endif
