/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table `inet nidus`. Chains, sets and maps are created once; a sandbox adds and
 * removes elements (and, if it has an egress policy, its own chain), in one transaction.
 * Built with libnftnl, sent by rtnl.h. Rules recognize our links by their group,
 * NET_LINK_GROUP, in which every link must be created.
 *
 *   guard        prerouting raw   from our links only: the source must be the link's
 *                                 (@own4, @own6); 127/8, link-local and metadata
 *                                 addresses dropped (@closed4, @closed6), except
 *                                 for what @open4 names
 *   publish      prerouting nat   published ports, where the destination is local: dnat by
 *   publish_own  output nat       protocol . address . port, protocol . port (@pub…); the same
 *                                 for the host itself and its loopback
 *   to_host      input filter     from our links: established, echo, @host_ports; no more
 *   pass         forward filter   established; to a sandbox from elsewhere: published ports only
 *     from_sandbox                to one with the same peer label (@peers: jump peer_<label>);
 *                                 then what its policy (@policies: jump pol_<id>) and the
 *                                 isolation allow
 *   leave        postrouting nat  masquerade what leaves our links for others (@src4, @src6),
 *                                 hairpins, and the host's loopback to a sandbox
 *
 * Every element carries the instance id as its comment. Chain and set of a peer label are
 * made by the first sandbox that has it, and removed with the last.
 */
#ifndef NIDUS_NET_NFT_H
#define NIDUS_NET_NFT_H

#include "ip.h"
#include "net.h"
#include "rtnl.h"

#define NFT_TABLE "nidus"
#define NFT_LINK_PREFIX "nd" /* our links' names: "nd" and the instance id */
#define NFT_ID_MAX 13        /* of an instance id: a link's name has 15 */
#define NFT_ID_CHARS "0123456789abcdefghijklmnopqrstuvwxyz"

/* Everything that one sandbox has in the table. Add and delete take the same value. */
struct nft_sandbox {
	const char *id, *ifname;
	struct ip_addr addr4, addr6;  /* family 0: none */
	const struct net_publish *publish;
	size_t publish_count;
	const struct net_rule *rules; /* in order; the first that matches decides */
	size_t rule_count;
	bool default_deny;            /* for what no rule matches: an --net-allow was given */
	const char *peer;             /* its peer label; NULL: none */
	const uint16_t *host_ports;   /* tcp and udp ports of the host it may reach */
	size_t host_port_count;
};

/*
 * Creates the table if it is missing or has an older layout (recognized by the comment of a
 * chain); concurrent makers agree. EBUSY: it has another layout, and sandboxes in it.
 * EEXIST: a table of this name that does not belong to nidus.
 */
int nft_ensure_table(struct rtnl *nft, struct fault *fault);
/*
 * All of it, or nothing. ENOENT: no table. EADDRINUSE: another sandbox has a published port;
 * the fault says which port and sandbox. EEXIST: another element exists. EOPNOTSUPP:
 * --publish [::1]. EAFNOSUPPORT: --publish on an address of a family that the sandbox lacks.
 */
int nft_add_sandbox(struct rtnl *nft, const struct nft_sandbox *sandbox, struct fault *fault);
/* Whether any sandbox has an address of the prefix. Reads a whole set. */
int nft_has_address(struct rtnl *nft, const struct ip_prefix *prefix, bool *has,
		    struct fault *fault);
/* Idempotent: what is missing is not an error, and nothing of another sandbox is removed. */
int nft_delete_sandbox(struct rtnl *nft, const struct nft_sandbox *sandbox, struct fault *fault);
/* For recovery, which knows only the id: removes every element whose comment or link name has
 * it, and its chain. Reads all elements. */
int nft_delete_by_id(struct rtnl *nft, const char *id, struct fault *fault);
/* For gc and the census: calls `each` once for every instance id that has anything in the
 * table. It returns 0, or -1 with errno to stop. */
typedef int nft_each(const char *id, void *arg);
int nft_list(struct rtnl *nft, nft_each *each, void *arg, struct fault *fault);
/* Removes the table: for uninstall and tests. */
int nft_delete_table(struct rtnl *nft, struct fault *fault);


#endif
