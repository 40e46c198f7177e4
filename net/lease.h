/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases: what one sandbox of a state root has, and no other: an address, or a range of ids.
 *
 * Addresses: one file per leased address in <state root>/leases/, named after the
 * address, with the instance id as its content, created with O_EXCL under a flock on
 * leases/lock. A hash of the instance id says where probing starts, another one the stride,
 * with which every address of the pool is visited: deterministic for an id, and a range
 * that the host uses is soon left behind.
 *
 * Under the lock, an empty file is a leftover: its maker died between creating and writing
 * it. It belongs to nobody. Ranges of ids (spawn/ids/) are leased in <state root>/ids/ in the
 * same way, named by their first id.
 */
#ifndef NIDUS_NET_LEASE_H
#define NIDUS_NET_LEASE_H

#include "../init/fault.h"
#include "ip.h"

#define LEASE_PROBES_MAX 65536   /* addresses tried for one lease */
#define LEASE_QUESTIONS_MAX 4096 /* of them, how many the host is asked about */
#define LEASE_LOCK_MS 10000      /* for other processes to finish theirs */

/* Finds out whether the host uses an address already; -1 with a fault if it can't. */
typedef int lease_is_used(const struct ip_addr *addr, void *arg, bool *used, struct fault *fault);

/* The lock on all leases: nobody else can take what is chosen under it. */
struct lease_lock {
	int dir_fd, lock_fd; /* -1: not held */
};

void lease_lock_init(struct lease_lock *lock);
/* ETIMEDOUT: another process held it for too long. state_fd: the state root. */
int lease_lock(struct lease_lock *lock, int state_fd, struct fault *fault);
/* Releases it, if it is held. */
void lease_unlock(struct lease_lock *lock);

/*
 * Chooses an address of the pool for `id`, and creates nothing. Probes at most the whole
 * pool, up to the maxima above. ENOSPC with the pool as object: the pool is exhausted.
 * is_used may be NULL.
 */
int lease_choose(const struct lease_lock *lock, const struct ip_prefix *pool, const char *id,
		 lease_is_used *is_used, void *arg, struct ip_addr *addr, struct fault *fault);

/* Creates the lease that was chosen under the same lock. */
int lease_make(const struct lease_lock *lock, const char *id, const struct ip_addr *addr,
	       struct fault *fault);

/* Whether any sandbox holds a lease of the pool. */
int lease_is_any(const struct lease_lock *lock, const struct ip_prefix *pool, bool *any,
		 struct fault *fault);

/* Releases the lease if `id` or nobody holds it. Missing, or another id's: not an error. */
int lease_release(int state_fd, const char *id, const struct ip_addr *addr, struct fault *fault);

#endif
