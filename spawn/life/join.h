/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces of others: --join NS=PATH. The thread that clones steps into them
 * for the moment of the clone and back: init could not, from a new user
 * namespace that doesn't own them.
 */
#ifndef NIDUS_JOIN_H
#define NIDUS_JOIN_H

#include "sandbox.h"

/* Opens the paths and checks that each is a namespace of the kind it is named for. */
int join_open(const struct nidus_spec *spec, int fds[NIDUS_NS_COUNT], struct fault *fault);

/* Steps the calling thread in; `back` gets what join_leave needs. */
int join_enter(const int fds[NIDUS_NS_COUNT], int back[NIDUS_NS_COUNT], struct fault *fault);

/* Steps back out and closes `back`. -1: the thread is not where it was. */
int join_leave(int back[NIDUS_NS_COUNT], struct fault *fault);

/* CLONE_NEW* of an enum nidus_ns. */
uint64_t join_clone_flag(int ns);

#endif
