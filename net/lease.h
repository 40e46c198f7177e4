/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address leases: one file per leased address in <state root>/leases/, named by
 * the address, its content the instance id, made with O_EXCL under a flock on
 * leases/lock. Probing starts where a hash of the instance id points and goes on
 * in strides of another, which visit every address of the pool: deterministic
 * for an id, and a range that the host uses is soon left behind.
 *
 * Under the lock a file without content is what a maker left that died between
 * making and writing it: nobody's.
 */
#ifndef NIDUS_NET_LEASE_H
#define NIDUS_NET_LEASE_H

#include "../init/fault.h"
#include "ip.h"

#define LEASE_PROBES_MAX 65536   /* addresses looked at for one lease */
#define LEASE_QUESTIONS_MAX 4096 /* of them, for how many the host is asked */
#define LEASE_LOCK_MS 10000      /* for others to finish theirs */

/* Tells whether the host uses an address already; -1 with a fault when it can't tell. */
typedef int lease_is_used(const struct ip_addr *addr, void *arg, bool *used, struct fault *fault);
/* The lock on all leases: what is chosen under it stays nobody's until it is made. */
struct lease_lock {
	int dir_fd, lock_fd; /* -1: not held */
};

void lease_lock_init(struct lease_lock *lock);
/* Held for too long by another: ETIMEDOUT. state_fd: the state root. */
int lease_lock(struct lease_lock *lock, int state_fd, struct fault *fault);
/* Closes it; not held is fine. */
void lease_unlock(struct lease_lock *lock);

/*
 * Chooses an address of the pool for `id`, and makes nothing. At most the whole pool is
 * probed, up to the maxima above. Pool exhausted: ENOSPC with the pool as object. is_used
 * may be NULL.
 */
int lease_choose(const struct lease_lock *lock, const struct ip_prefix *pool, const char *id,
		 lease_is_used *is_used, void *arg, struct ip_addr *addr, struct fault *fault);

/* Makes the lease that was chosen under the same lock. */
int lease_make(const struct lease_lock *lock, const char *id, const struct ip_addr *addr,
	       struct fault *fault);

/* Releases it when `id` holds it, or nobody; a missing one, or another's, is no error. */
int lease_release(int state_fd, const char *id, const struct ip_addr *addr, struct fault *fault);

/*
 * Every lease, with its id ("": nobody's), for gc and the census: each may
 * release it, and stops the listing by returning anything but 0. Without the lock:
 * leases that come and go meanwhile may be missing.
 */
typedef int lease_each(const struct ip_addr *addr, const char *id, void *arg);
int lease_list(int state_fd, lease_each *each, void *arg, struct fault *fault);

#endif
