/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of the host that the default view would hand to a sandbox: which places to close. */
#ifndef NIDUS_SOCKETS_H
#define NIDUS_SOCKETS_H

#include "../plan/plan.h"
#include "../spec/arena.h"

#define SOCKETS_CLOSED_MAX 256 /* each costs a launch about 10 us */

struct sockets {
	struct plan_closed *closed; /* sockets, or directories of them; sorted */
	size_t count;
	size_t left_open; /* places more than that */
	int err;          /* errno: the list is not known, or not complete; 0 */
	struct arena arena;
};

/*
 * Finds those that are seen inside: `context` says what is hidden anyway. At most
 * SOCKETS_CLOSED_MAX places: if there are more, the directories of all of them. Does not
 * wait for a file system, whatever the names lead to. The caller frees the arena.
 */
void sockets_find(const struct nidus_spec *spec, const struct plan_context *context,
		  struct sockets *sockets);

#endif
