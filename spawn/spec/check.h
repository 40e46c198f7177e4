/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of validation: check.c calls one after the other. */
#ifndef NIDUS_SPEC_CHECK_H
#define NIDUS_SPEC_CHECK_H

#include "spec.h"

int spec_check_mounts(const struct nidus_spec *spec, struct fault *fault);
int spec_check_identity(const struct nidus_spec *spec, struct fault *fault);
int spec_check_limits(const struct nidus_spec *spec, struct fault *fault);
int spec_check_network(const struct nidus_spec *spec, struct fault *fault);

#endif
