/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of other tables that may block a sandbox. */
#include "survey.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"
#include "nft_reply.h"

#define LEGACY_NAMES_MAX 256 /* bytes: there are five tables at most */

static const char *family_name(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	default: /* arp, bridge, netdev: routed packets do not pass there */
		return NULL;
	}
}

static void add_name(char names[NET_SURVEY_NAMES_MAX], const char *family,
		     const struct nft_reply_chain *chain)
{
	char name[2 * NFT_NAME_BYTES + 16];
	size_t len = strlen(names);

	snprintf(name, sizeof(name), "%s %s %s", family, chain->table, chain->name);
	/* A dump that was restarted returns some twice. */
	if (len > 0 && strstr(names, name))
		return;
	if (len > 0 && len + strlen(name) + 3 > NET_SURVEY_NAMES_MAX)
		return;
	snprintf(names + len, NET_SURVEY_NAMES_MAX - len, "%s%s", len > 0 ? ", " : "", name);
}

void net_survey_chain(struct net_survey *survey, const struct nft_reply_chain *chain)
{
	const char *family = family_name(chain->family);

	if (!family || (chain->family == NFPROTO_INET && strcmp(chain->table, NFT_TABLE) == 0))
		return;
	if (strcmp(chain->name, "DOCKER-USER") == 0)
		survey->has_docker = true;
	if (!chain->is_base)
		return;
	if (chain->hook == NF_INET_FORWARD && strcmp(chain->table, "firewalld") == 0)
		survey->has_firewalld = true;
	if (chain->policy != NF_DROP)
		return;
	if (chain->hook == NF_INET_FORWARD)
		add_name(survey->forward, family, chain);
	else if (chain->hook == NF_INET_LOCAL_IN)
		add_name(survey->input, family, chain);
	else if (chain->hook == NF_INET_PRE_ROUTING)
		add_name(survey->prerouting, family, chain);
}

static int take_chain(const struct nlmsghdr *message, void *arg)
{
	struct nft_reply_chain chain;

	if (nft_reply_chain(message, &chain) < 0)
		return -1;
	net_survey_chain(arg, &chain);
	return 0;
}

/* Whether the file lists the filter table; without the file there are none. */
static bool has_legacy_filter(const char *path)
{
	char names[LEGACY_NAMES_MAX] = "\n";

	small_file_read(AT_FDCWD, path, names + 1, sizeof(names) - 1);
	return strstr(names, "\nfilter\n");
}

int net_survey_read(struct net_survey *survey, struct fault *fault)
{
	_Alignas(8) uint8_t bytes[NFT_REQUEST_BYTES];
	struct nlmsghdr *request = nft_request(bytes, NFT_MSG_GETCHAIN, NLM_F_DUMP);
	struct rtnl nft = { .is_open = false };
	int result;

	memset(survey, 0, sizeof(*survey));
	survey->has_legacy = has_legacy_filter("/proc/net/ip_tables_names") ||
			     has_legacy_filter("/proc/net/ip6_tables_names");
	((struct nfgenmsg *)mnl_nlmsg_get_payload(request))->nfgen_family = NFPROTO_UNSPEC;
	if (rtnl_open(&nft, NETLINK_NETFILTER, fault) < 0)
		return -1;
	result = rtnl_get(&nft, request, take_chain, NULL, survey, fault);
	rtnl_close(&nft);
	return result;
}
