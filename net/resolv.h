/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that tell a sandbox about names: /etc/resolv.conf made from the
 * host's, /etc/hosts, /etc/hostname. Pure but for resolv_read.
 *
 * A host often names only a stub on its own loopback (127.0.0.53 of
 * systemd-resolved, a local dnsmasq), which no sandbox reaches: in its place come
 * the servers that the stub asks, from where resolv_read knows to find them.
 */
#ifndef NIDUS_NET_RESOLV_H
#define NIDUS_NET_RESOLV_H

#include "../init/fault.h"
#include "ip.h"

#define RESOLV_HOST_MAX 16384 /* bytes of one file of the host's */
#define RESOLV_TEXT_MAX 4096  /* bytes of a file for a sandbox, with the NUL */
#define RESOLV_SERVERS_MAX 8  /* name servers in it; glibc asks the first three */

/* What the host says: texts, NUL-terminated, "" where there is none. */
struct resolv_host {
	char conf[RESOLV_HOST_MAX];      /* /etc/resolv.conf */
	char upstreams[RESOLV_HOST_MAX]; /* of its stubs, in the same form */
};

/*
 * Reads both below `root_fd` (of /): upstreams only where conf names no server
 * that can be reached from a sandbox, and from the first of these that does:
 * /run/systemd/resolve/resolv.conf, /run/NetworkManager/no-stub-resolv.conf,
 * /run/dnsmasq/resolv.conf, the files in /run/resolvconf/interface. A file that is
 * missing or not for us to read is none; one that is too long is EFBIG.
 */
int resolv_read(int root_fd, struct resolv_host *host, struct fault *fault);

/* How many servers of such a text can be reached from a sandbox. */
size_t resolv_count(const char *text);

/*
 * The text of /etc/resolv.conf: the servers of `dns` if there are any, else the
 * host's that are not on loopback or link-local addresses, else the upstreams';
 * the host's search list and options. Returns the number of servers: 0 means that
 * the host has none that a sandbox could reach (the text says so, too), for the
 * caller to tell.
 */
size_t resolv_conf(const struct resolv_host *host, const struct ip_addr *dns, size_t dns_count,
		   char text[RESOLV_TEXT_MAX]);

/*
 * The text of /etc/hosts: localhost, and `hostname` (NULL: none) at the sandbox's
 * addresses (NULL or family 0: none), or at 127.0.1.1 where it has none.
 */
void resolv_hosts(const char *hostname, const struct ip_addr *addr4, const struct ip_addr *addr6,
		  char text[RESOLV_TEXT_MAX]);

/* The text of /etc/hostname. */
void resolv_hostname(const char *hostname, char text[RESOLV_TEXT_MAX]);

#endif
