/* SPDX-License-Identifier: Apache-2.0 */
/* The default filters, as seccomp-gen makes them when nidus is built. */
#ifndef NIDUS_SECCOMP_DEFAULT_H
#define NIDUS_SECCOMP_DEFAULT_H

#include "seccomp.h"

/* By options: SECCOMP_NO_SETID, SECCOMP_FREE_CORE. */
extern const struct seccomp_filter seccomp_defaults[SECCOMP_VARIANTS];

#endif
