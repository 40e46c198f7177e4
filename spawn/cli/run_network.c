/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `nidus run`: the network. nidus_spec_check knows which go together. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/values.h"
#include "run_set.h"

#define ADDR_TEXT_MAX 64 /* "addr/len" of either family, with the NUL */
#define PORT_DIGITS_MAX 5
#define PUBLISH_FORM                                                                               \
	"must be [ADDR:]PORT:PORT[/tcp|/udp], such as 8080:80 or [2001:db8::1]:53:53/udp"
#define RULE_FORM "must be CIDR[:PORT[/tcp|/udp]], such as 10.0.0.0/8:443/tcp or [fd00::/8]:53"
#define POOL_FORM                                                                                  \
	"must be a prefix without host bits, /8 or smaller, such as " NET_POOL4 " or " NET_POOL6

/* ---- pieces ---- */

static bool parse_port(const char *text, size_t len, uint16_t *port)
{
	uint64_t number;

	if (len > PORT_DIGITS_MAX || !values_digits(text, len, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

/* "/tcp", "/udp" or, if neither is given, "". */
static bool parse_proto(const char *text, uint8_t unsaid, uint8_t *proto)
{
	*proto = unsaid;
	if (text[0] == '\0')
		return true;
	*proto = strcmp(text, "/udp") == 0 ? IPPROTO_UDP : IPPROTO_TCP;
	return strcmp(text, "/udp") == 0 || strcmp(text, "/tcp") == 0;
}

static bool copy_piece(char piece[ADDR_TEXT_MAX], const char *text, size_t len)
{
	if (len >= ADDR_TEXT_MAX)
		return false;
	memcpy(piece, text, len);
	piece[len] = '\0';
	return true;
}

/*
 * The address before the last part: "[...]" for IPv6, plain for IPv4. *rest gets what
 * follows it. An IPv6 address without brackets could be split at any of its colons, so
 * it is refused instead of guessed.
 */
static bool take_address(const char *text, char piece[ADDR_TEXT_MAX], bool *is_v6,
			 const char **rest)
{
	size_t len;

	*is_v6 = text[0] == '[';
	if (*is_v6)
		text++;
	len = strcspn(text, *is_v6 ? "]" : ":");
	*rest = text + len;
	if (*is_v6 && *(*rest)++ != ']')
		return false;
	return copy_piece(piece, text, len);
}

/* ---- options ---- */

int run_set_net(struct nidus_spec *spec, const struct run_option *option, const char *value,
		   struct fault *fault)
{
	static const struct {
		const char *name;
		enum nidus_net net;
	} kinds[] = {
		{ "none", NIDUS_NET_NONE }, { "host", NIDUS_NET_HOST },
		{ "nat", NIDUS_NET_NAT },   { "user", NIDUS_NET_USER },
	};

	spec->net_path = NULL;
	if (strchr(value, '/')) {
		spec->net = NIDUS_NET_PATH;
		spec->net_path = value;
		return 0;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(value, kinds[i].name) != 0)
			continue;
		spec->net = kinds[i].net;
		return 0;
	}
	return run_refuse(fault, option, value,
			  "must be none, host, nat, user, or a path, which has a /");
}

/* "PORT:PORT[/PROTO]" */
static bool parse_ports(const char *text, struct net_publish *publish)
{
	size_t first = strcspn(text, ":"), second;
	const char *inside = text + first + 1;

	if (text[first] != ':')
		return false;
	second = strcspn(inside, "/");
	return parse_port(text, first, &publish->host_port) &&
	       parse_port(inside, second, &publish->port) &&
	       parse_proto(inside + second, IPPROTO_TCP, &publish->proto);
}

static bool parse_publish(const char *value, struct net_publish *publish)
{
	const char *rest, *colon = strchr(value, ':');
	char addr[ADDR_TEXT_MAX];
	bool is_v6;

	memset(publish, 0, sizeof(*publish));
	if (value[0] != '[' && (!colon || !strchr(colon + 1, ':')))
		return parse_ports(value, publish);
	return take_address(value, addr, &is_v6, &rest) && rest[0] == ':' &&
	       ip_addr_parse(addr, &publish->addr) &&
	       publish->addr.family == (is_v6 ? AF_INET6 : AF_INET) &&
	       parse_ports(rest + 1, publish);
}

int run_add_publish(struct nidus_spec *spec, const struct run_option *option,
		       const char *value, struct fault *fault)
{
	struct net_publish publish;

	if (!parse_publish(value, &publish))
		return run_refuse(fault, option, value, PUBLISH_FORM);
	return nidus_spec_add_publish(spec, &publish) < 0 ? run_no_memory(fault, option) : 0;
}

static bool parse_rule(const char *value, struct net_rule *rule)
{
	const char *rest;
	char dst[ADDR_TEXT_MAX];
	bool is_v6;
	size_t len;

	/* with a length and without a port, a plain IPv6 prefix is unambiguous */
	if (value[0] != '[' && strchr(value, '/') && ip_prefix_parse(value, &rule->dst))
		return true;
	if (!take_address(value, dst, &is_v6, &rest) || !ip_prefix_parse(dst, &rule->dst) ||
	    rule->dst.addr.family != (is_v6 ? AF_INET6 : AF_INET))
		return false;
	if (rest[0] == '\0')
		return true;
	if (*rest++ != ':')
		return false;
	len = strcspn(rest, "/");
	return parse_port(rest, len, &rule->port) && rule->port > 0 &&
	       parse_proto(rest + len, 0, &rule->proto);
}

/* Why a prefix is refused: `form`, unless only its host bits are wrong. It has `least` bits. */
static const char *why_prefix(const char *text, uint8_t least, const char *form,
			      char why[FAULT_WHY_MAX])
{
	char piece[ADDR_TEXT_MAX], shown[IP_TEXT_MAX];
	struct ip_prefix meant, right;
	const char *rest;
	bool is_v6;

	/* all of it, or "[fd00::1/8]:53" and "10.0.0.1/8:53" */
	if (!ip_prefix_round(text, &meant)) {
		if (!take_address(text, piece, &is_v6, &rest))
			return form;
		text = piece;
	}
	if (!ip_prefix_round(text, &meant) || ip_prefix_parse(text, &right) || meant.len < least)
		return form;
	snprintf(why, FAULT_WHY_MAX, "has bits set beyond its length; did you mean %s?",
		 ip_prefix_text(&meant, shown));
	return why;
}

int run_add_rule(struct nidus_spec *spec, const struct run_option *option,
		 enum run_verdict verdict, const char *value, struct fault *fault)
{
	struct net_rule rule = { .allow = verdict == RUN_ALLOW };
	char why[FAULT_WHY_MAX];

	if (!parse_rule(value, &rule))
		return run_refuse(fault, option, value, why_prefix(value, 0, RULE_FORM, why));
	return nidus_spec_add_net_rule(spec, &rule) < 0 ? run_no_memory(fault, option) : 0;
}

int run_add_host_ports(struct nidus_spec *spec, const struct run_option *option,
			  const char *value, struct fault *fault)
{
	const char *at = value;
	uint16_t port;
	size_t len;

	for (;; at += len + 1) {
		len = strcspn(at, ",");
		if (!parse_port(at, len, &port) || port == 0)
			return run_refuse(fault, option, value,
					  "must be ports from 1 to 65535 (try 53,8080)");
		if (nidus_spec_add_host_port(spec, port) < 0)
			return run_no_memory(fault, option);
		if (at[len] == '\0')
			return 0;
	}
}

int run_add_dns(struct nidus_spec *spec, const struct run_option *option, const char *value,
		   struct fault *fault)
{
	struct ip_addr addr;

	if (!ip_addr_parse(value, &addr))
		return run_refuse(fault, option, value,
				  "must be an IPv4 or IPv6 address (try 192.0.2.53)");
	if (nidus_spec_add_dns(spec, &addr) < 0)
		return run_refuse(fault, option, value,
				  "too many name servers: at most 8 are allowed");
	_Static_assert(NET_DNS_MAX == 8, "the number in the message above");
	return 0;
}

int run_set_pool(struct run_parse *parse, const struct run_option *option, const char *value,
		    struct fault *fault)
{
	struct net_options *net = &parse->spec->net_options;
	char why[FAULT_WHY_MAX];
	struct ip_prefix pool;
	unsigned int family;

	/* without a length it would be a pool of one address, which must be explicit */
	if (!strchr(value, '/'))
		return run_refuse(fault, option, value, POOL_FORM);
	if (!ip_prefix_parse(value, &pool))
		return run_refuse(fault, option, value, why_prefix(value, 8, POOL_FORM, why));
	family = pool.addr.family == AF_INET ? 1 : 2;
	if (parse->pools & family)
		return run_refuse(fault, option, value, "at most one of IPv4 and one of IPv6");
	parse->pools |= family;
	*(family == 1 ? &net->pool4 : &net->pool6) = pool;
	return 0;
}

int run_set_forward(struct nidus_spec *spec, const struct run_option *option,
		       const char *value, struct fault *fault)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return run_refuse(fault, option, value, "must be yes or no");
	spec->net_options.has_forward = true;
	spec->net_options.forward = yes;
	return 0;
}
