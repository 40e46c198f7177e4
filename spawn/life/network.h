/* SPDX-License-Identifier: Apache-2.0 */
/* The network of a sandbox, for its phases, in every mode. */
#ifndef NIDUS_NETWORK_H
#define NIDUS_NETWORK_H

#include "sandbox.h"

/* True if this process has the capabilities that a nat network needs. */
bool network_may_nat(void);

/*
 * Before the clone: refuses what is not possible here; for nat, takes the lease and adds the
 * elements, each journaled first; makes the files that resolve names.
 */
int network_prepare(struct nidus_sandbox *sandbox, struct fault *fault);

/* After the clone and the id maps, before GO: the network is usable when this returns.
 * May be called again for a second PID 1. */
int network_attach(struct nidus_sandbox *sandbox, struct fault *fault);

/* Copies the counters into the result, while the link still exists. */
void network_read(struct nidus_sandbox *sandbox);

/* PID 1 is dead, and with it the workload: asks what takes time to end to end now. */
void network_begin_end(struct nidus_sandbox *sandbox);

/* Reaps the program of a user network once it has ended; nothing is left to remove then. */
void network_reap(struct nidus_sandbox *sandbox);

/* The program of a user network has ended while the sandbox lives: reports it as an event. */
void network_on_helper_end(struct nidus_sandbox *sandbox);

#endif
