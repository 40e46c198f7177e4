/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NIDUS_SPEC_RULE_TEXT_H
#define NIDUS_SPEC_RULE_TEXT_H

#include "../../net/net.h"

#define SPEC_RULE_TEXT_MAX (IP_TEXT_MAX + 32)

/* "10.0.0.0/8:53/udp", "[fd00::/8]:443": where a network rule applies. Returns text. */
const char *spec_rule_text(const struct net_rule *rule, char text[SPEC_RULE_TEXT_MAX]);

#endif
