/* SPDX-License-Identifier: Apache-2.0 */
/* File operations, and faults about them, in the words of the command line. */
#ifndef NIDUS_SPEC_OPTION_H
#define NIDUS_SPEC_OPTION_H

#include "spec.h"

/* "--ro-bind-try"; NULL: no such kind. */
const char *spec_mount_option(const struct nidus_mount *mount);

/* The fault's object becomes the operation as it was given: "--bind ./job /job". */
void spec_blame_mount(const struct nidus_mount *mount, struct fault *fault);

/*
 * The same of a fault of init's, whose object is a path of the plan: step and errno
 * stay. One that no option of the spec asked for is left as it is. `cwd` is where
 * relative sources start; NULL: nowhere.
 */
void spec_blame(const struct nidus_spec *spec, const char *cwd, struct fault *fault);

#endif
