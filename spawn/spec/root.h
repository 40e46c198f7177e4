/* SPDX-License-Identifier: Apache-2.0 */
/* What a spec makes of its root and namespaces, before anything of it is carried out. */
#ifndef NIDUS_SPEC_ROOT_H
#define NIDUS_SPEC_ROOT_H

#include "spec.h"

/* True when the sandbox has no mount namespace of its own to build a root in. */
bool spec_leaves_root(const struct nidus_spec *spec);

/* True when the network namespace is the caller's. */
bool spec_shares_net(const struct nidus_spec *spec);

/* The operation that makes the root, or -1. */
ssize_t spec_find_root(const struct nidus_spec *spec);

/* True without a root of the caller's choice. */
bool spec_has_default_root(const struct nidus_spec *spec);

/* The directory outside that the root is a view of; NULL: it is made inside. */
const char *spec_root_source(const struct nidus_spec *spec);

/* True when the root is a view of the host's, with the host's paths. */
bool spec_shows_host(const struct nidus_spec *spec);

/* True if an operation from `from` on covers `path` or something above it. */
bool spec_covers(const struct nidus_spec *spec, size_t from, const char *path);

#endif
