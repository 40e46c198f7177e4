/* SPDX-License-Identifier: Apache-2.0 */
/* Mount points below writable binds, made on the host before the start. */
#ifndef NIDUS_STUBS_H
#define NIDUS_STUBS_H

#include "sandbox.h"

/*
 * Puts on record and makes what file operations need to mount on below a writable bind.
 * Needs the sources. What can't be made here is left to init, which reports why it can't.
 */
int stubs_make(struct nidus_sandbox *sandbox, struct fault *fault);

#endif
