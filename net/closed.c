/* SPDX-License-Identifier: Apache-2.0 */
/* The closed addresses: --net nat puts them in its table, --net user makes them unreachable. */
#include "closed.h"

#include <netinet/in.h>
#include <sys/socket.h>

/*
 * The loopback of the host (reachable over a link with route_localnet), link-local
 * addresses, which include the metadata service of most clouds (169.254.169.254), and
 * metadata services at other addresses.
 */
static const char *const closed[] = {
	"127.0.0.0/8",
	"169.254.0.0/16",
	"100.100.100.200", /* Alibaba Cloud */
	"fe80::/10",
	"fd00:ec2::254",   /* Amazon EC2 */
	"fd20:ce::254",    /* Google Compute Engine */
	"fd00:42::42",     /* Scaleway */
};

_Static_assert(sizeof(closed) / sizeof(closed[0]) < CLOSED_MAX, "the caller may add one more");

size_t closed_list(struct ip_prefix prefixes[CLOSED_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (ip_prefix_parse(closed[i], &prefixes[count]))
			count++;
	return count;
}

size_t closed_list_all(struct ip_prefix prefixes[CLOSED_MAX])
{
	size_t count = closed_list(prefixes);

	if (ip_prefix_parse(CLOSED_BUT_DNS, &prefixes[count]))
		count++;
	return count;
}

bool closed_contains(const struct ip_addr *addr)
{
	struct ip_prefix prefixes[CLOSED_MAX];
	size_t count = closed_list(prefixes);

	if (ip_prefix_parse("::1", &prefixes[count]))
		count++;
	for (size_t i = 0; i < count; i++)
		if (ip_prefix_contains(&prefixes[i], addr))
			return true;
	return false;
}

bool closed_can_be_opened(const struct ip_addr *addr)
{
	return addr->family == AF_INET && addr->bytes[0] != 127 && closed_contains(addr);
}

bool closed_opened_by(const struct net_rule *rule)
{
	return rule->allow && rule->port != 0 && rule->dst.len == 32 &&
	       closed_can_be_opened(&rule->dst.addr);
}

bool closed_reaches_dns(const struct net_rule *rules, size_t count, const struct ip_addr *addr)
{
	if (!closed_contains(addr))
		return true;
	for (size_t i = 0; i < count; i++)
		if (closed_opened_by(&rules[i]) && rules[i].port == CLOSED_DNS_PORT &&
		    rules[i].proto != IPPROTO_TCP && ip_addr_equal(&rules[i].dst.addr, addr))
			return true;
	return false;
}
