/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The administrator's settings for networks of sandboxes: a small file of lines
 * `key = value`, # begins a comment, every key at most once.
 *
 *     pool4 = 10.213.0.0/16          where IPv4 addresses are leased from
 *     pool6 = fd6e:6964:7573::/64    the same for IPv6
 *     forward = no                   whether ip forwarding may be turned on
 *     dns = 192.0.2.53 2001:db8::53  name servers instead of the host's
 *     mtu = 1400                     of the sandboxes' links
 *
 * An option on the command line takes precedence over the file.
 */
#ifndef NIDUS_NET_CONFIG_H
#define NIDUS_NET_CONFIG_H

#include "../init/fault.h"
#include "ip.h"
#include "net.h"

#define CONFIG_PATH "/etc/nidus/nidus.conf"
#define CONFIG_PATH_ENV "NIDUS_CONFIG" /* names another file */
#define CONFIG_BYTES_MAX 65536
#define CONFIG_MTU_MIN 1280 /* the minimum of IPv6 (RFC 8200, 5) */
#define CONFIG_MTU_MAX 65535

struct net_config {
	struct ip_prefix pool4, pool6;
	bool has_forward, forward;
	struct ip_addr dns[NET_DNS_MAX];
	size_t dns_count;
	uint32_t mtu; /* 0: the kernel's */
};

/* What an empty file means. */
void config_init(struct net_config *config);

/*
 * Reads the lines of a text into `config`. Pure. A bad line is EINVAL with
 * "PATH:LINE: what is wrong and what is allowed"; no line is ignored.
 */
int config_parse(const char *text, size_t len, const char *path, struct net_config *config,
		 struct fault *fault);

/* The same for an open file. Fault: STEP_NETWORK, `path`; EFBIG beyond CONFIG_BYTES_MAX. */
int config_read(int fd, const char *path, struct net_config *config, struct fault *fault);

/* Whether a sandbox with these rules can ask all name servers of the file. */
int config_check_dns(const struct net_config *config, const struct net_rule *rules, size_t count,
		     struct fault *fault);

/*
 * Why nothing can be leased from the prefix, as text that follows "POOL: "; NULL if it can
 * be a pool: it is at least 8 bits long and contains no reserved addresses.
 */
const char *config_pool_refused(const struct ip_prefix *pool);

#endif
