/* SPDX-License-Identifier: Apache-2.0 */
/* The network of a sandbox, as its phases need it, whatever the mode. */
#ifndef NIDUS_NETWORK_H
#define NIDUS_NETWORK_H

#include "sandbox.h"

/* True where this process has the capabilities that --net nat needs. */
bool network_may_nat(void);

/*
 * Before the clone: refuses what can't be had here; nat: lease and elements, each
 * journaled first; the files that tell about names.
 */
int network_prepare(struct nidus_sandbox *sandbox, struct fault *fault);

/* After the clone and the id maps, before GO: the network is usable when this returns.
 * May be called again for another PID 1. */
int network_attach(struct nidus_sandbox *sandbox, struct fault *fault);

/* The counters into the result, while the link is still there. */
void network_read(struct nidus_sandbox *sandbox);

/* PID 1 is dead, and with it the workload: what takes its time to end may begin to. */
void network_begin_end(struct nidus_sandbox *sandbox);

/* Reaps the rootless network's program, once it has ended: nothing left to remove. */
void network_reap(struct nidus_sandbox *sandbox);

/* The rootless network's program has ended while the sandbox lives: told as an event. */
void network_on_helper_end(struct nidus_sandbox *sandbox);

#endif
