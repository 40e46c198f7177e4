/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of the network: its kind, and the options that only some kinds take. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "../../net/closed.h"
#include "../../net/config.h"
#include "../../net/publish.h"
#include "check.h"
#include "refuse.h"
#include "rule_text.h"


static const char *const net_names[] = {
	[NIDUS_NET_NONE] = "none", [NIDUS_NET_HOST] = "host", [NIDUS_NET_NAT] = "nat",
	[NIDUS_NET_USER] = "user", [NIDUS_NET_PATH] = "PATH",
};

static enum nidus_option rule_option(const struct net_rule *rule)
{
	return rule->allow ? NIDUS_OPTION_NET_ALLOW : NIDUS_OPTION_NET_DENY;
}

/* ---- which option goes with which kind ---- */

/* The first given option that needs an address assigned by this host. */
static enum nidus_option nat_option(const struct net_options *net)
{
	if (net->rule_count > 0)
		return rule_option(&net->rules[0]);
	if (net->peer)
		return NIDUS_OPTION_NET_PEER;
	if (net->host_port_count > 0)
		return NIDUS_OPTION_NET_HOST_PORTS;
	if (net->pool4.addr.family || net->pool6.addr.family)
		return NIDUS_OPTION_NET_POOL;
	return net->has_forward ? NIDUS_OPTION_NET_FORWARD : NIDUS_OPTION_NONE;
}

static int check_kind(const struct nidus_spec *spec, struct fault *fault)
{
	const struct net_options *net = &spec->net_options;
	enum nidus_option option = nat_option(net);
	const char *kind = spec_word(spec, NIDUS_OPTION_NET);

	if ((unsigned int)spec->net > NIDUS_NET_PATH)
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_NET, fault, "%u", spec->net),
				   EINVAL, "unknown");
	if (spec->net == NIDUS_NET_PATH &&
	    spec_check_path(spec, NIDUS_OPTION_NET, spec->net_path, fault) < 0)
		return -1;
	if (spec->share & 1u << NIDUS_NS_NET && spec->net >= NIDUS_NET_NAT)
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_SHARE, fault, "net"), EINVAL,
				   "cannot be used with %s %s", kind, net_names[spec->net]);
	if (spec->net == NIDUS_NET_NAT)
		return 0;
	if (spec->outlive_parent && spec->net == NIDUS_NET_USER)
		return spec_refuse(
			spec_about(spec, NIDUS_OPTION_OUTLIVE_PARENT, fault), EINVAL,
			"cannot be used with %s user, whose program ends with the parent", kind);
	/* slirp4netns and pasta connect as the user: none of our rules sees that traffic */
	if (option && spec->net == NIDUS_NET_USER)
		return spec_refuse(spec_about(spec, option, fault), EINVAL,
				   "cannot be used with %s user; needs %s nat", kind, kind);
	if (option)
		return spec_refuse(spec_about(spec, option, fault), EINVAL, "needs %s nat", kind);
	if (spec->net == NIDUS_NET_USER)
		return 0;
	if (net->publish_count > 0 || net->dns_count > 0)
		return spec_refuse(spec_about(spec, net->publish_count > 0 ? NIDUS_OPTION_PUBLISH :
									     NIDUS_OPTION_DNS,
					      fault),
				   EINVAL, "needs %s nat or user", kind);
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

/* Whether one packet could match both. */
static bool publish_clash(const struct net_publish *a, const struct net_publish *b)
{
	return a->proto == b->proto && a->host_port == b->host_port &&
	       (a->addr.family == 0 || b->addr.family == 0 || ip_addr_equal(&a->addr, &b->addr));
}

static int check_publish(const struct nidus_spec *spec, size_t index, struct fault *fault)
{
	const struct net_publish *publish = &spec->net_options.publish[index];

	if (publish->proto != IPPROTO_TCP && publish->proto != IPPROTO_UDP)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_PUBLISH, fault), EINVAL,
				   "protocol %u: must be tcp or udp", publish->proto);
	spec_about_publish(spec, index, fault);
	if (publish->host_port == 0 || publish->port == 0)
		return spec_refuse(fault, EINVAL, "ports must be 1 to 65535");
	if (publish->addr.family == 0)
		return 0;
	if (is_unspecified(&publish->addr))
		return spec_refuse(fault, EINVAL,
				   "leave out the address to publish on all addresses");
	/* the kernel never routes ::1 off the host: IPv6 has no route_localnet */
	if (is_loopback6(&publish->addr))
		return spec_refuse(fault, EINVAL, "not supported; 127.0.0.1 is");
	return 0;
}

static int check_publishes(const struct nidus_spec *spec, struct fault *fault)
{
	const struct net_options *net = &spec->net_options;
	char other[PUBLISH_TEXT_MAX];

	if (net->publish_count > NET_PUBLISH_MAX)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_PUBLISH, fault), E2BIG,
				   "%zu of them: at most %d are allowed", net->publish_count,
				   NET_PUBLISH_MAX);
	for (size_t i = 0; i < net->publish_count; i++) {
		if (check_publish(spec, i, fault) < 0)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (publish_clash(&net->publish[k], &net->publish[i]))
				return spec_refuse(spec_about_publish(spec, i, fault), EINVAL,
						   "already taken by %s %s",
						   spec_word(spec, NIDUS_OPTION_PUBLISH),
						   publish_value_text(&net->publish[k], other));
	}
	return 0;
}

static bool rules_alike(const struct net_rule *a, const struct net_rule *b)
{
	return a->dst.len == b->dst.len && ip_addr_equal(&a->dst.addr, &b->dst.addr) &&
	       a->proto == b->proto && a->port == b->port;
}

static int check_rule(const struct nidus_spec *spec, size_t index, struct fault *fault)
{
	const struct net_rule *rules = spec->net_options.rules, *rule = &rules[index];
	enum nidus_option option = rule_option(rule);
	char text[SPEC_RULE_TEXT_MAX];

	if (rule->proto != 0 && rule->proto != IPPROTO_TCP && rule->proto != IPPROTO_UDP)
		return spec_refuse(spec_about(spec, option, fault), EINVAL,
				   "protocol %u: must be tcp or udp", rule->proto);
	if (rule->dst.addr.family != AF_INET && rule->dst.addr.family != AF_INET6)
		return spec_refuse(spec_about(spec, option, fault), EINVAL, "has no address");
	spec_about_value(spec, option, fault, "%s", spec_rule_text(rule, text));
	fault->index = (uint32_t)index;
	for (size_t i = 0; i < index; i++)
		if (rules_alike(&rules[i], rule))
			return spec_refuse(fault, EINVAL, "already given in %s",
					   spec_word(spec, rule_option(&rules[i])));
	return 0;
}

static int check_rules(const struct nidus_spec *spec, struct fault *fault)
{
	const struct net_options *net = &spec->net_options;

	if (net->rule_count > NET_RULES_MAX)
		return spec_refuse(spec_about(spec, rule_option(&net->rules[0]), fault), E2BIG,
				   "%zu rules: at most %d are allowed", net->rule_count,
				   NET_RULES_MAX);
	for (size_t i = 0; i < net->rule_count; i++)
		if (check_rule(spec, i, fault) < 0)
			return -1;
	return 0;
}

static int check_host_ports(const struct nidus_spec *spec, struct fault *fault)
{
	const struct net_options *net = &spec->net_options;
	const enum nidus_option option = NIDUS_OPTION_NET_HOST_PORTS;

	if (net->host_port_count > NET_HOST_PORTS_MAX)
		return spec_refuse(spec_about(spec, option, fault), E2BIG,
				   "at most %d are allowed", NET_HOST_PORTS_MAX);
	for (size_t i = 0; i < net->host_port_count; i++) {
		spec_about_value(spec, option, fault, "%u", net->host_ports[i]);
		if (net->host_ports[i] == 0)
			return spec_refuse(fault, EINVAL, "ports must be 1 to 65535");
		for (size_t k = 0; k < i; k++)
			if (net->host_ports[k] == net->host_ports[i])
				return spec_refuse(fault, EINVAL, "given twice");
	}
	return 0;
}

/* Whether a sandbox with this kind of network can reach a name server there. */
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

	if (spec->net == NIDUS_NET_NAT && closed_can_be_opened(addr))
		return spec_refuse(fault, EINVAL,
				   "link-local and metadata addresses are closed inside; "
				   "%s %s:%d opens it",
				   spec_word(spec, NIDUS_OPTION_NET_ALLOW),
				   ip_addr_text(addr, text), CLOSED_DNS_PORT);
	return spec_refuse(fault, EINVAL,
			   "closed inside; use an address that is not loopback, "
			   "link-local or a cloud's metadata service");
}

static int check_dns(const struct nidus_spec *spec, struct fault *fault)
{
	const struct net_options *net = &spec->net_options;
	char text[IP_TEXT_MAX];

	if (net->dns_count > NET_DNS_MAX)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_DNS, fault), E2BIG,
				   "at most %d are allowed", NET_DNS_MAX);
	for (size_t i = 0; i < net->dns_count; i++) {
		spec_about_value(spec, NIDUS_OPTION_DNS, fault, "%s",
				 ip_addr_text(&net->dns[i], text));
		if (is_unspecified(&net->dns[i]))
			return spec_refuse(fault, EINVAL,
					   "the unspecified address can't be a name server");
		if (!reaches_dns(spec, &net->dns[i]))
			return refuse_dns(spec, &net->dns[i], fault);
		for (size_t k = 0; k < i; k++)
			if (ip_addr_equal(&net->dns[k], &net->dns[i]))
				return spec_refuse(fault, EINVAL, "given twice");
	}
	return 0;
}

static int check_pool(const struct nidus_spec *spec, const struct ip_prefix *pool, uint8_t family,
		      struct fault *fault)
{
	char text[IP_TEXT_MAX];
	const char *why;

	if (pool->addr.family == 0)
		return 0;
	if (pool->addr.family != family)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_NET_POOL, fault), EINVAL,
				   "family %u instead of %u", pool->addr.family, family);
	why = config_pool_refused(pool);
	if (!why)
		return 0;
	return spec_refuse(spec_about_value(spec, NIDUS_OPTION_NET_POOL, fault, "%s",
					    ip_prefix_text(pool, text)),
			   EINVAL, "%s", why);
}

int spec_check_network(const struct nidus_spec *spec, struct fault *fault)
{
	const struct net_options *net = &spec->net_options;

	if (check_kind(spec, fault) < 0 || check_publishes(spec, fault) < 0 ||
	    check_rules(spec, fault) < 0 || check_host_ports(spec, fault) < 0 ||
	    check_dns(spec, fault) < 0 || check_pool(spec, &net->pool4, AF_INET, fault) < 0 ||
	    check_pool(spec, &net->pool6, AF_INET6, fault) < 0)
		return -1;
	if (net->peer && (!spec_is_word(net->peer, "_.-") || strlen(net->peer) > NET_PEER_MAX))
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_NET_PEER, fault, "%.80s",
						    net->peer),
				   EINVAL,
				   "must be at most %d letters, digits, _ . and -, and begin "
				   "with a letter or digit",
				   NET_PEER_MAX);
	return 0;
}
