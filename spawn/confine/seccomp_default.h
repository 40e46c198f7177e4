/* SPDX-License-Identifier: Apache-2.0 */
/* The default filters, as seccomp-gen makes them when nidus is built. */
#ifndef NIDUS_SECCOMP_DEFAULT_H
#define NIDUS_SECCOMP_DEFAULT_H

#include "seccomp.h"

/* By the bits of enum seccomp_variant. */
extern const struct seccomp_filter seccomp_defaults[SECCOMP_VARIANTS];

#endif
