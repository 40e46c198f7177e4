/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What else on this host decides about the packets of sandboxes: the chains of other tables.
 * A verdict of ours is not final, but a drop of any chain is. Only chains are read: whether
 * a rule before the policy accepts a packet is not known.
 */
#ifndef NIDUS_NET_SURVEY_H
#define NIDUS_NET_SURVEY_H

#include <stdbool.h>

#include "../init/fault.h"

#define NET_SURVEY_NAMES_MAX 100

struct net_survey {
	/* "ip filter FORWARD, ip6 filter FORWARD": base chains with policy drop at that hook, as
	 * many as fit; "" where there are none. */
	char forward[NET_SURVEY_NAMES_MAX];
	char input[NET_SURVEY_NAMES_MAX];
	char prerouting[NET_SURVEY_NAMES_MAX];
	bool has_docker;    /* its chain for rules of the administrator exists */
	bool has_firewalld; /* its policy is accept, but its last rule in forward is a reject */
	bool has_legacy;    /* a filter table of legacy xtables exists, which can't be read here */
};

/*
 * Reads the chains of all tables in this network namespace; needs CAP_NET_ADMIN in it
 * (EPERM). Fault: STEP_NETWORK.
 */
int net_survey_read(struct net_survey *survey, struct fault *fault);

/* Takes one chain of the answer. Pure; a chain that comes twice counts once. */
struct nft_reply_chain;
void net_survey_chain(struct net_survey *survey, const struct nft_reply_chain *chain);

#endif
