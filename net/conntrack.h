/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that the kernel tracks for longer than sandboxes live. A tracked connection
 * keeps its translation: to a sandbox that is gone, whose address the next one may have; or to
 * the host itself, if it began while nobody had published the port.
 *
 * A kernel without nf_conntrack_netlink can't be asked: then nothing is forgotten, and such
 * connections end by their own time-outs.
 */
#ifndef NIDUS_NET_CONNTRACK_H
#define NIDUS_NET_CONNTRACK_H

#include "net.h"
#include "rtnl.h"

/* Forgets what a sandbox with this address sent or answered. nft: a socket of nfnetlink. */
int conntrack_forget_address(struct rtnl *nft, const struct ip_addr *addr, struct fault *fault);
/*
 * Forgets connections of a family (AF_INET, AF_INET6) to a published UDP port of this host that
 * are not translated. Takes milliseconds, and is of no use for TCP: a connection that nobody
 * accepted is closed, and the next one is translated. `host` is asked which addresses are the host's own.
 */
int conntrack_forget_published(struct rtnl *nft, struct rtnl *host,
			       const struct net_publish *publish, uint8_t family,
			       struct fault *fault);

#endif
