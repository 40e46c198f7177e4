/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network of one sandbox on this host (--net nat): its own address, a routed veth
 * without a bridge, a way out, published ports, an egress policy. It uses only netlink, and
 * its cost does not grow with the number of sandboxes.
 *
 * Order of use: net_open, net_choose, [write the claims on record], net_take (before the
 * clone: leases, elements), net_attach (after the clone, before GO: link, addresses,
 * routes, up and usable), ... net_read, net_remove for each claim. After a crash: net_find
 * and net_remove, for each claim on record.
 *
 *   inside                          host
 *   eth0  A4/32 A6/128  ----------  nd<id>   (no address of its own)
 *   default via 169.254.1.1, fe80::1         route A4/32, A6/128 dev nd<id>
 *   permanent neighbours both ways: no ARP, no NDP, no packet lost at the start;
 *   the gateways are names for the host's MAC; nobody has these addresses
 */
#ifndef NIDUS_NET_H
#define NIDUS_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../init/fault.h"
#include "ip.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NET_POOL4 "10.213.0.0/16"       /* default pools */
#define NET_POOL6 "fd6e:6964:7573::/64" /* ULA (RFC 4193) */
#define NET_LINK_GROUP 0x6e64           /* IFLA_GROUP of our links */
#define NET_PUBLISH_MAX 64
#define NET_RULES_MAX 128
#define NET_DNS_MAX 8
#define NET_HOST_PORTS_MAX 64
#define NET_PEER_MAX 64                 /* bytes of a peer label */
#define NET_UP_MS 2000                  /* for both ends to be operational */

struct net_publish {
	uint8_t proto;            /* IPPROTO_TCP, IPPROTO_UDP */
	struct ip_addr addr;      /* of the host; family 0: any */
	uint16_t host_port, port; /* host byte order */
};

struct net_rule {
	bool allow;
	struct ip_prefix dst;
	uint8_t proto;            /* 0: any */
	uint16_t port;            /* 0: any */
};

/* What was asked for. The caller owns the arrays. */
struct net_options {
	struct net_publish *publish;
	size_t publish_count;
	struct net_rule *rules;   /* --net-allow and --net-deny in order; the first match decides;
				     an allow among them makes deny the default */
	size_t rule_count;
	const char *peer;         /* --net-peer LABEL: reaches others with the same label; NULL: none */
	uint16_t *host_ports;     /* --net-host-ports: of services of the host */
	size_t host_port_count;
	struct ip_addr dns[NET_DNS_MAX]; /* --dns; none: the host's */
	size_t dns_count;
	struct ip_prefix pool4, pool6;   /* family 0: the configured or default pool */
	bool has_forward, forward;       /* --net-forward: may turn ip forwarding on */
};

struct net_usage {
	uint64_t rx_bytes, tx_bytes; /* as the sandbox sees it; UINT64_MAX: unknown */
};

struct net; /* one sandbox's network; opaque */

enum net_resource {
	NET_LEASE,    /* address */
	NET_LINK,     /* its name */
	NET_ELEMENTS, /* id */
	NET_POOL,     /* the unreachable route of a pool, shared by all who have addresses of it */
	NET_FORWARD,  /* that forwarding is turned on: undone only if the sandbox never got ready */
};

/* A resource to be journalled before it is taken, with the text that names it. */
#define NET_CLAIM_MAX 2048
struct net_claim {
	enum net_resource resource;
	char text[NET_CLAIM_MAX];
};
#define NET_CLAIMS_MAX 7

/*
 * Opens sockets, ensures the table. Takes no resource. `options` must live as long, `config` is
 * copied. state_fd: the state root.
 */
struct net_config;
int net_open(const struct net_options *options, const struct net_config *config, int state_fd,
	     const char *id, struct net **net, struct fault *fault);
/*
 * Chooses the addresses under the lock of the leases, which is held until net_take (or
 * net_free), so be quick in between. `claims` gets what net_take is going to take.
 */
int net_choose(struct net *net, struct net_claim claims[NET_CLAIMS_MAX], size_t *count,
	       struct fault *fault);
/*
 * Takes it: forwarding, pools, leases, then elements. 1: another state root has an address, start again with
 * net_choose (a bounded number of times). After -1, remove what was claimed.
 */
int net_take(struct net *net, struct fault *fault);
/* pid: PID 1 of the sandbox, cloned with a network namespace of its own. */
int net_attach(struct net *net, pid_t pid, struct fault *fault);
/* The addresses: for events and /etc/hosts. family 0: none. */
void net_addresses(const struct net *net, struct ip_addr *addr4, struct ip_addr *addr6);
/* The name servers of options or configuration, in place of the host's. Returns how many. */
size_t net_dns(const struct net *net, const struct ip_addr **servers);
void net_read(const struct net *net, struct net_usage *usage);

/* For net_remove, when the spawner of the sandbox is dead. Opens nothing yet. */
int net_find(int state_fd, const char *id, struct net **net, struct fault *fault);
/*
 * Removes one resource in the journal: links before elements before leases before pools before
 * forwarding. What other sandboxes need stays. Idempotent. When
 * the spawner calls it, the link is not deleted but goes with its namespace, asynchronously.
 */
int net_remove(struct net *net, enum net_resource resource, const char *text, struct fault *fault);
/* Closes everything, removes nothing. NULL is fine. */
void net_free(struct net *net);

#ifdef __cplusplus
}
#endif

#endif
