/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joining existing namespaces. The cloning thread enters them for the moment of the clone:
 * init could not, because its new user namespace doesn't own them.
 */
#ifndef NIDUS_JOIN_H
#define NIDUS_JOIN_H

#include "sandbox.h"

/* Opens the paths and checks that each is a namespace of the given kind. */
int join_open(const struct nidus_spec *spec, int fds[NIDUS_NS_COUNT], struct fault *fault);

/* Makes the calling thread enter them; `back` gets what join_leave needs. */
int join_enter(const int fds[NIDUS_NS_COUNT], int back[NIDUS_NS_COUNT], struct fault *fault);

/* Goes back and closes `back`. -1: the thread is not in its old namespaces. */
int join_leave(int back[NIDUS_NS_COUNT], struct fault *fault);

/* CLONE_NEW* of an enum nidus_ns. */
uint64_t join_clone_flag(int ns);

#endif
