/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a sandbox resolves names with: /etc/resolv.conf made from that of the
 * host, /etc/hosts, /etc/hostname. Pure except for resolv_read.
 *
 * A host often names only a stub on its own loopback (127.0.0.53 of systemd-resolved, a
 * local dnsmasq), which no sandbox can reach. It is replaced by the servers that the stub
 * asks, which resolv_read finds.
 */
#ifndef NIDUS_NET_RESOLV_H
#define NIDUS_NET_RESOLV_H

#include "../init/fault.h"
#include "ip.h"

#define RESOLV_HOST_MAX 16384 /* bytes of one file of the host */
#define RESOLV_TEXT_MAX 4096  /* bytes of a file for a sandbox, with the NUL */
#define RESOLV_SERVERS_MAX 8  /* name servers in it; glibc asks the first three */

/* The files of the host: texts, NUL-terminated, "" if there is none. */
struct resolv_host {
	char conf[RESOLV_HOST_MAX];      /* /etc/resolv.conf */
	char upstreams[RESOLV_HOST_MAX]; /* of its stubs, in the same form */
};

/*
 * Reads both below `root_fd` (of /): upstreams only if conf names no server that a sandbox
 * can reach, and from the first of these files that does:
 * /run/systemd/resolve/resolv.conf, /run/NetworkManager/no-stub-resolv.conf,
 * /run/dnsmasq/resolv.conf, the files in /run/resolvconf/interface. A file that is
 * missing or not readable counts as none; one that is too long is EFBIG.
 */
int resolv_read(int root_fd, struct resolv_host *host, struct fault *fault);

/* How many servers in such a text a sandbox can reach. */
size_t resolv_count(const char *text);

/*
 * The text of /etc/resolv.conf: the servers of `dns` if there are any, otherwise those of
 * the host that are not on loopback or link-local addresses, otherwise the upstreams; and
 * the host's search list and options. Returns the number of servers: with 0, which the text
 * mentions too, the host has none that a sandbox could reach, and the caller reports that.
 */
size_t resolv_conf(const struct resolv_host *host, const struct ip_addr *dns, size_t dns_count,
		   char text[RESOLV_TEXT_MAX]);

/*
 * The text of /etc/hosts: localhost, and `hostname` (NULL: none) at the sandbox's
 * addresses (NULL or family 0: none), or at 127.0.1.1 if it has none.
 */
void resolv_hosts(const char *hostname, const struct ip_addr *addr4, const struct ip_addr *addr6,
		  char text[RESOLV_TEXT_MAX]);

/* The text of /etc/hostname. */
void resolv_hostname(const char *hostname, char text[RESOLV_TEXT_MAX]);

#endif
