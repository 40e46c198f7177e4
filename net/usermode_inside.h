/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --net user has to do inside the network namespace of a sandbox, in a short-lived
 * child, because a process that enters a user namespace can't return. Private to
 * net/usermode*.c.
 */
#ifndef NIDUS_NET_USERMODE_INSIDE_H
#define NIDUS_NET_USERMODE_INSIDE_H

#include "usermode_child.h"

struct user_inside {
	struct user_child child;
	int go_fd, result_fd;
	struct fault no_filter; /* why there is no filter; STEP_NONE: there is one */
};

/* No child, and nothing open. */
void user_inside_init(struct user_inside *inside);
/*
 * Before there is a link: closes what closed.h lists, by a filter (nft_inside.h) and by
 * unreachable routes; the workload has no capability to remove either. Where the kernel has no
 * nf_tables, the routes are all there is: no_filter then says why. Configures IPv6 without
 * waits: no duplicate detection, router solicitations at once. Returns when that is done.
 */
int user_inside_enter(struct user_inside *inside, pid_t init_pid, int64_t until_ms,
		      struct fault *fault);
/* Once the link is up: waits for the IPv6 address and default route, at most a second. */
int user_inside_wait_ipv6(struct user_inside *inside, int64_t until_ms, struct fault *fault);
/* Ends the child, whatever it does; once more is fine. */
void user_inside_leave(struct user_inside *inside);

#endif
