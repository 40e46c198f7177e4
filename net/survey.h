/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who else on this host decides about the packets of sandboxes: other tables' chains.
 * A verdict of ours is not the last word, as a drop of any chain is final. Only read,
 * and only chains: whether a rule before the policy lets a packet pass is not known.
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
	bool has_docker;    /* its chain for rules of the administrator's is there */
	bool has_firewalld; /* its policy is accept, but its last rule in forward a reject */
	bool has_legacy;    /* a filter table of xtables' legacy variant, which is not seen */
};

/*
 * Reads the chains of all tables in this network namespace; needs CAP_NET_ADMIN in it
 * (EPERM). Fault: STEP_NETWORK.
 */
int net_survey_read(struct net_survey *survey, struct fault *fault);

/* One chain of the answer. Pure; one told twice counts once. */
struct nft_reply_chain;
void net_survey_chain(struct net_survey *survey, const struct nft_reply_chain *chain);

#endif
