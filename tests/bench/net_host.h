/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests/bench/net.c: a private "host" (network and mount namespace, /run of its
 * own), processes that stand in for sandboxes, and what is left on the host.
 */
#ifndef NIDUS_BENCH_NET_HOST_H
#define NIDUS_BENCH_NET_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "../../net/net.h"
#include "../unit/claims_live.h"

#define HOST_ID_SIZE 14

/* One sandbox, as the library has it. */
struct host_sandbox {
	char id[HOST_ID_SIZE];
	pid_t pid;   /* 0: its process is gone */
	struct net *net;
	struct claims claims;
	double add_us, detach_us, remove_us; /* detach: the part of remove that others wait for */
};

struct host_census {
	size_t links, element_ids, leases; /* ids that have any element */
};

/* -1: there can be no such host here, said on stderr. */
int host_make(void);
/* A state root in the host's /run, open. */
int host_state_fd(void);

/* A process in a network namespace of its own, that waits. -1 with errno. */
pid_t host_process_start(void);
void host_process_end(pid_t pid);

/* From net_open to net_attach; then net_remove and net_free; timed. -1: said on stderr. */
int host_add(struct host_sandbox *sandbox, unsigned int number);
int host_remove(struct host_sandbox *sandbox);

/* Until no link of that name is there: true. */
bool host_wait_gone(const char *link);
int host_count(struct host_census *census);

double host_now_us(void);

#endif
