/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_text.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

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
