/* SPDX-License-Identifier: Apache-2.0 */
/* The network in words: what spawn/life/network.c and net/ will set up. */
#include <netinet/in.h>
#include <string.h>

#include "../../net/usermode.h"
#include "parts.h"
#include "../spec/rule_text.h"

static void print_pools(const struct explain *explain, const struct explain_spawner *asked)
{
	const struct net_options *net = &asked->spec->net_options;
	const struct net_config *config = asked->config;
	const struct ip_prefix *pool4 = net->pool4.addr.family ? &net->pool4 : &config->pool4;
	const struct ip_prefix *pool6 = net->pool6.addr.family ? &net->pool6 : &config->pool6;
	char text[IP_TEXT_MAX];

	explain_line(explain, "network", "nat: its own address, behind this host's");
	explain_label(explain, "address");
	fprintf(explain->out, "from %s, chosen at the start\n", ip_prefix_text(pool4, text));
	explain_label(explain, "address");
	fprintf(explain->out, "from %s, if the host forwards IPv6\n", ip_prefix_text(pool6, text));
}

static void print_publishes(const struct explain *explain, const struct net_options *net)
{
	char addr[IP_TEXT_MAX];

	for (size_t i = 0; i < net->publish_count; i++) {
		const struct net_publish *publish = &net->publish[i];

		explain_label(explain, "publish");
		fprintf(explain->out, "port %u/%s of %s, to port %u inside\n", publish->host_port,
			publish->proto == IPPROTO_UDP ? "udp" : "tcp",
			publish->addr.family ? ip_addr_text(&publish->addr, addr)
					     : "every host address",
			publish->port);
	}
}

static void print_rules(const struct explain *explain, const struct net_options *net)
{
	char text[SPEC_RULE_TEXT_MAX];
	bool any_allow = false;

	for (size_t i = 0; i < net->rule_count; i++) {
		any_allow |= net->rules[i].allow;
		explain_label(explain, "rule");
		fprintf(explain->out, "%s %s\n", net->rules[i].allow ? "allow" : "deny",
			spec_rule_text(&net->rules[i], text));
	}
	explain_line(explain, "rule", any_allow ? "deny everything else"
						: "allow everything else that sandboxes may reach");
	if (net->peer) {
		explain_label(explain, "peers");
		explain_text(explain, net->peer, strlen(net->peer));
		fputc('\n', explain->out);
	}
	if (net->host_port_count == 0)
		return;
	explain_label(explain, "host ports");
	for (size_t i = 0; i < net->host_port_count; i++)
		fprintf(explain->out, "%s%u", i > 0 ? " " : "", net->host_ports[i]);
	fputc('\n', explain->out);
}

static void print_dns(const struct explain *explain, const struct ip_addr *servers, size_t count,
		      const char *otherwise)
{
	char text[IP_TEXT_MAX];

	explain_label(explain, "dns");
	for (size_t i = 0; i < count; i++)
		fprintf(explain->out, "%s%s", i > 0 ? " " : "", ip_addr_text(&servers[i], text));
	fprintf(explain->out, "%s\n", count > 0 ? "" : otherwise);
	explain_line(explain, "names", "its own /etc/resolv.conf, /etc/hosts and /etc/hostname, "
				       "where its root has a place for them");
}

static void print_nat(const struct explain *explain, const struct explain_spawner *asked)
{
	const struct net_options *net = &asked->spec->net_options;
	bool own_dns = net->dns_count > 0;

	print_pools(explain, asked);
	if (!asked->may_nat)
		explain_line(explain, "network",
			     "refused here: needs CAP_NET_ADMIN and CAP_SYS_ADMIN");
	explain_line(explain, "forwarding",
		     (net->has_forward ? net->forward : asked->config->forward)
			     ? "turned on if the host has it off"
			     : "as the host has it; refused if it is off for IPv4");
	print_publishes(explain, net);
	print_rules(explain, net);
	print_dns(explain, own_dns ? net->dns : asked->config->dns,
		  own_dns ? net->dns_count : asked->config->dns_count,
		  "the host's servers, looked up at the start");
}

static void print_user(const struct explain *explain, const struct net_options *net)
{
	explain_line(explain, "network",
		     "user: by slirp4netns, else by pasta, looked up at the start");
	print_publishes(explain, net);
	print_dns(explain, net->dns, net->dns_count,
		  NET_USER_DNS ", from which that program asks the host's servers");
}

static void print_namespace(const struct explain *explain, const char *path)
{
	explain_label(explain, "network");
	fputs("the namespace at ", explain->out);
	explain_text(explain, path, strlen(path));
	fputc('\n', explain->out);
}

void explain_network(const struct explain *explain, const struct explain_spawner *asked)
{
	const struct nidus_spec *spec = asked->spec;

	switch (spec->net) {
	case NIDUS_NET_NAT:
		print_nat(explain, asked);
		return;
	case NIDUS_NET_USER:
		print_user(explain, &spec->net_options);
		return;
	case NIDUS_NET_PATH:
		print_namespace(explain, spec->net_path);
		return;
	case NIDUS_NET_HOST:
		explain_line(explain, "network", "the caller's");
		return;
	case NIDUS_NET_NONE:
		break;
	}
	if (spec->join[NIDUS_NS_NET])
		print_namespace(explain, spec->join[NIDUS_NS_NET]);
	else
		explain_line(explain, "network", spec->share & 1u << NIDUS_NS_NET
							 ? "the caller's"
							 : "none: loopback only");
}
