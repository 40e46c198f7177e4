/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of validation, spec_check.c and spec_check_….c, share. */
#ifndef NIDUS_SPEC_CHECK_H
#define NIDUS_SPEC_CHECK_H

#include "spec.h"

#define SPEC_RULE_TEXT_MAX (IP_TEXT_MAX + 32)

/*
 * Refuses: a STEP_OPTIONS fault with that object, its end cut off where it is
 * too long and control bytes replaced, since the object holds what was typed.
 * Returns -1.
 */
int spec_refuse(struct fault *fault, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A path that a fault may quote whole: longer ones are refused as such. */
int spec_check_path(const char *option, const char *path, struct fault *fault);

/* The same of a path inside: absolute, and without "..". */
int spec_check_inside(const char *option, const char *path, struct fault *fault);

/* One part each. */
int spec_check_mounts(const struct nidus_spec *spec, struct fault *fault);
int spec_check_identity(const struct nidus_spec *spec, struct fault *fault);
int spec_check_limits(const struct nidus_spec *spec, struct fault *fault);
int spec_check_network(const struct nidus_spec *spec, struct fault *fault);

/* "10.0.0.0/8:53/udp", "[fd00::/8]:443": where a rule applies, as the command line says it. */
const char *spec_rule_text(const struct net_rule *rule, char text[SPEC_RULE_TEXT_MAX]);

/* A letter or digit, then letters, digits and `extra`. Of ASCII alone. */
bool spec_is_word(const char *text, const char *extra);

#endif
