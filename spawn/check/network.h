/* SPDX-License-Identifier: Apache-2.0 */
/* Describes what was found about the network of the host. Pure. */
#ifndef NIDUS_CHECK_NETWORK_H
#define NIDUS_CHECK_NETWORK_H

#include "../../net/survey.h"
#include "../../net/usermode.h"
#include "check.h"

/*
 * on4, on6: the kernel's switches, -1 if there is none (a host without IPv6).
 * may_turn_on: the configuration allows nidus to turn forwarding on.
 */
void check_say_forwarding(struct check_item *item, long on4, long on6, bool may_turn_on);

/* result: 0, or why there is no survey, as check_probe returns it. */
void check_say_firewall(struct check_item *item, int result, const struct net_survey *survey);

/*
 * result: 0, or why a user network doesn't work, as check_probe returns it; the fault has the
 * same errno if net_user_find knows more. The hint fits the cause.
 */
void check_say_user_network(struct check_item *item, int result,
			    const struct net_user_program *program, const struct fault *fault);

#endif
