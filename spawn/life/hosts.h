/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NIDUS_LIFE_HOSTS_H
#define NIDUS_LIFE_HOSTS_H

#include "../spec/spec.h"

/*
 * The text of /etc/hosts for a sandbox whose network is not made for it: that of its root, and
 * a line for its own host name. On the heap. NULL: nothing is to be changed, because the
 * sandbox has no host name of its own, or its root no such file, or the file knows the name.
 */
char *hosts_with_own_name(const struct nidus_spec *spec);

#endif
