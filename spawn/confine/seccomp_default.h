/* SPDX-License-Identifier: Apache-2.0 */
/* The default filters, as seccomp-gen makes them when nidus is built. */
#ifndef NIDUS_SECCOMP_DEFAULT_H
#define NIDUS_SECCOMP_DEFAULT_H

#include <linux/filter.h>
#include <stddef.h>

extern const struct sock_filter seccomp_default_code[];
extern const size_t seccomp_default_count;
extern const struct sock_filter seccomp_no_setid_code[];
extern const size_t seccomp_no_setid_count;

#endif
