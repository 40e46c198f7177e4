/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of the network: which kind, and what only some kinds can have. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "../../net/closed.h"
#include "../../net/config.h"
#include "../../net/publish.h"
#include "check.h"

#define PEER_MAX 64 /* bytes of a peer label */

static const char *const net_names[] = {
	[NIDUS_NET_NONE] = "none", [NIDUS_NET_HOST] = "host", [NIDUS_NET_NAT] = "nat",
	[NIDUS_NET_USER] = "user", [NIDUS_NET_PATH] = "PATH",
};

/* ---- as the command line says it ---- */

static const char *proto_name(uint8_t proto)
{
	return proto == IPPROTO_UDP ? "udp" : "tcp";
}

const char *spec_rule_text(const struct net_rule *rule, char text[SPEC_RULE_TEXT_MAX])
{
	bool is_v6 = rule->dst.addr.family == AF_INET6;
	char dst[IP_TEXT_MAX], port[16] = "";

	if (rule->port > 0)
		snprintf(port, sizeof(port), ":%u", rule->port);
	snprintf(text, SPEC_RULE_TEXT_MAX, "%s%s%s%s%s%s", is_v6 ? "[" : "",
		 ip_prefix_text(&rule->dst, dst), is_v6 ? "]" : "", port, rule->proto ? "/" : "",
		 rule->proto ? proto_name(rule->proto) : "");
	return text;
}

static const char *rule_option(const struct net_rule *rule)
{
	return rule->allow ? "--net-allow" : "--net-deny";
}

/* ---- which option goes with which kind ---- */

/* The first option given of those that need an address of the host's own giving. */
static const char *nat_option(const struct net_options *net)
{
	if (net->rule_count > 0)
		return rule_option(&net->rules[0]);
	if (net->peer)
		return "--net-peer";
	if (net->host_port_count > 0)
		return "--net-host-ports";
	if (net->pool4.addr.family || net->pool6.addr.family)
		return "--net-pool";
	return net->has_forward ? "--net-forward" : NULL;
}

static int check_kind(const struct nidus_spec *spec, struct fault *fault)
{
	const struct net_options *net = &spec->net_options;
	const char *option = nat_option(net);

	if ((unsigned int)spec->net > NIDUS_NET_PATH)
		return spec_refuse(fault, EINVAL, "--net %u: unknown", spec->net);
	if (spec->net == NIDUS_NET_PATH && spec_check_path("--net", spec->net_path, fault) < 0)
		return -1;
	if (spec->share & 1u << NIDUS_NS_NET && spec->net >= NIDUS_NET_NAT)
		return spec_refuse(fault, EINVAL, "--share net: not with --net %s",
				   net_names[spec->net]);
	if (spec->net == NIDUS_NET_NAT)
		return 0;
	if (spec->outlive_parent && spec->net == NIDUS_NET_USER)
		return spec_refuse(fault, EINVAL,
				   "--outlive-parent: not with --net user, whose helper ends with it");
	/* slirp4netns and pasta connect as the user: no rule of ours sees it */
	if (option && spec->net == NIDUS_NET_USER)
		return spec_refuse(fault, EINVAL, "%s: not with --net user; needs --net nat",
				   option);
	if (option)
		return spec_refuse(fault, EINVAL, "%s: needs --net nat", option);
	if (spec->net == NIDUS_NET_USER)
		return 0;
	if (net->publish_count > 0 || net->dns_count > 0)
		return spec_refuse(fault, EINVAL, "%s: needs --net nat or user",
				   net->publish_count > 0 ? "--publish" : "--dns");
	return 0;
}

/* ---- values ---- */

static bool is_unspecified(const struct ip_addr *addr)
{
	static const uint8_t zero[sizeof(addr->bytes)];

	return memcmp(addr->bytes, zero, sizeof(zero)) == 0;
}

static bool is_loopback6(const struct ip_addr *addr)
{
	struct ip_addr loopback;

	return ip_addr_parse("::1", &loopback) && ip_addr_equal(addr, &loopback);
}

/* Whether a packet can be meant for both. */
static bool publish_clash(const struct net_publish *a, const struct net_publish *b)
{
	return a->proto == b->proto && a->host_port == b->host_port &&
	       (a->addr.family == 0 || b->addr.family == 0 || ip_addr_equal(&a->addr, &b->addr));
}

static int check_publish(const struct net_publish *publish, struct fault *fault)
{
	char text[PUBLISH_TEXT_MAX];

	if (publish->proto != IPPROTO_TCP && publish->proto != IPPROTO_UDP)
		return spec_refuse(fault, EINVAL, "--publish: protocol %u: allowed are tcp and udp",
				   publish->proto);
	publish_text(publish, text);
	if (publish->host_port == 0 || publish->port == 0)
		return spec_refuse(fault, EINVAL, "%s: allowed are ports 1 to 65535",
				   text);
	if (publish->addr.family == 0)
		return 0;
	if (is_unspecified(&publish->addr))
		return spec_refuse(fault, EINVAL,
				   "%s: without an address it is on all of the host's",
				   text);
	/* the kernel never routes ::1 off the host: there is no route_localnet for IPv6 */
	if (is_loopback6(&publish->addr))
		return spec_refuse(fault, EINVAL,
				   "%s: unsupported; 127.0.0.1 is supported", text);
	return 0;
}

static int check_publishes(const struct net_options *net, struct fault *fault)
{
	char text[PUBLISH_TEXT_MAX], other[PUBLISH_TEXT_MAX];

	if (net->publish_count > NET_PUBLISH_MAX)
		return spec_refuse(fault, E2BIG, "%zu of --publish: allowed are %d",
				   net->publish_count, NET_PUBLISH_MAX);
	for (size_t i = 0; i < net->publish_count; i++) {
		if (check_publish(&net->publish[i], fault) < 0)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (publish_clash(&net->publish[k], &net->publish[i]))
				return spec_refuse(fault, EINVAL, "%s: taken by %s",
						   publish_text(&net->publish[i], text),
						   publish_text(&net->publish[k], other));
	}
	return 0;
}

static bool rules_alike(const struct net_rule *a, const struct net_rule *b)
{
	return a->dst.len == b->dst.len && ip_addr_equal(&a->dst.addr, &b->dst.addr) &&
	       a->proto == b->proto && a->port == b->port;
}

static int check_rules(const struct net_options *net, struct fault *fault)
{
	char text[SPEC_RULE_TEXT_MAX];

	if (net->rule_count > NET_RULES_MAX)
		return spec_refuse(fault, E2BIG, "%zu of --net-allow and --net-deny: allowed are %d",
				   net->rule_count, NET_RULES_MAX);
	for (size_t i = 0; i < net->rule_count; i++) {
		const struct net_rule *rule = &net->rules[i];

		if (rule->proto != 0 && rule->proto != IPPROTO_TCP && rule->proto != IPPROTO_UDP)
			return spec_refuse(fault, EINVAL, "%s: protocol %u: allowed are tcp and udp",
					   rule_option(rule), rule->proto);
		if (rule->dst.addr.family != AF_INET && rule->dst.addr.family != AF_INET6)
			return spec_refuse(fault, EINVAL, "%s: without an address",
					   rule_option(rule));
		for (size_t k = 0; k < i; k++)
			if (rules_alike(&net->rules[k], rule))
				return spec_refuse(fault, EINVAL, "%s %s: given before, in %s",
						   rule_option(rule), spec_rule_text(rule, text),
						   rule_option(&net->rules[k]));
	}
	return 0;
}

static int check_host_ports(const struct net_options *net, struct fault *fault)
{
	if (net->host_port_count > NET_HOST_PORTS_MAX)
		return spec_refuse(fault, E2BIG, "--net-host-ports: allowed are %d",
				   NET_HOST_PORTS_MAX);
	for (size_t i = 0; i < net->host_port_count; i++) {
		if (net->host_ports[i] == 0)
			return spec_refuse(fault, EINVAL,
					   "--net-host-ports 0: allowed are ports 1 to 65535");
		for (size_t k = 0; k < i; k++)
			if (net->host_ports[k] == net->host_ports[i])
				return spec_refuse(fault, EINVAL, "--net-host-ports %u: given twice",
						   net->host_ports[i]);
	}
	return 0;
}

/* Whether a sandbox with such a network can ask a name server there. */
static bool reaches_dns(const struct nidus_spec *spec, const struct ip_addr *addr)
{
	const struct net_options *net = &spec->net_options;
	struct ip_addr but_dns;

	if (spec->net == NIDUS_NET_USER && ip_addr_parse(CLOSED_BUT_DNS, &but_dns) &&
	    ip_addr_equal(addr, &but_dns))
		return false;
	return closed_reaches_dns(net->rules, net->rule_count, addr);
}

static int refuse_dns(const struct nidus_spec *spec, const struct ip_addr *addr,
		      struct fault *fault)
{
	char text[IP_TEXT_MAX];

	ip_addr_text(addr, text);
	if (spec->net == NIDUS_NET_NAT && closed_can_be_opened(addr))
		return spec_refuse(fault, EINVAL,
				   "--dns %s: link-local and metadata addresses are closed inside; "
				   "--net-allow %s:%d opens it",
				   text, text, CLOSED_DNS_PORT);
	return spec_refuse(fault, EINVAL,
			   "--dns %s: closed inside; allowed are addresses that are not loopback, "
			   "link-local or a cloud's metadata service",
			   text);
}

static int check_dns(const struct nidus_spec *spec, struct fault *fault)
{
	const struct net_options *net = &spec->net_options;
	char text[IP_TEXT_MAX];

	if (net->dns_count > NET_DNS_MAX)
		return spec_refuse(fault, E2BIG, "--dns: allowed are %d", NET_DNS_MAX);
	for (size_t i = 0; i < net->dns_count; i++) {
		if (is_unspecified(&net->dns[i]))
			return spec_refuse(fault, EINVAL, "--dns %s: the address of nobody",
					   ip_addr_text(&net->dns[i], text));
		if (!reaches_dns(spec, &net->dns[i]))
			return refuse_dns(spec, &net->dns[i], fault);
		for (size_t k = 0; k < i; k++)
			if (ip_addr_equal(&net->dns[k], &net->dns[i]))
				return spec_refuse(fault, EINVAL, "--dns %s: given twice",
						   ip_addr_text(&net->dns[i], text));
	}
	return 0;
}

static int check_pool(const struct ip_prefix *pool, uint8_t family, struct fault *fault)
{
	char text[IP_TEXT_MAX];
	const char *why;

	if (pool->addr.family == 0)
		return 0;
	if (pool->addr.family != family)
		return spec_refuse(fault, EINVAL, "--net-pool: family %u in place of %u",
				   pool->addr.family, family);
	why = config_pool_refused(pool);
	return why ? spec_refuse(fault, EINVAL, "--net-pool %s: %s", ip_prefix_text(pool, text),
				 why) : 0;
}

int spec_check_network(const struct nidus_spec *spec, struct fault *fault)
{
	const struct net_options *net = &spec->net_options;

	if (check_kind(spec, fault) < 0 || check_publishes(net, fault) < 0 ||
	    check_rules(net, fault) < 0 || check_host_ports(net, fault) < 0 ||
	    check_dns(spec, fault) < 0 || check_pool(&net->pool4, AF_INET, fault) < 0 ||
	    check_pool(&net->pool6, AF_INET6, fault) < 0)
		return -1;
	if (net->peer && (!spec_is_word(net->peer, "_.-") || strlen(net->peer) > PEER_MAX))
		return spec_refuse(fault, EINVAL,
				   "--net-peer %.80s: allowed are at most %d letters, digits, "
				   "_ . and -, the first a letter or digit",
				   net->peer, PEER_MAX);
	return 0;
}
