/* SPDX-License-Identifier: Apache-2.0 */
/* The one object that is built anew for a new commit. */
#include "version.h"

/* The build says both; checkers and tests that compile this file alone do not. */
#ifndef NIDUS_INIT_VERSION
#define NIDUS_INIT_VERSION "0.0.0"
#endif
#ifndef NIDUS_INIT_GIT
#define NIDUS_INIT_GIT "0000000"
#endif

const char version_number[] = NIDUS_INIT_VERSION;
const char version_git[] = NIDUS_INIT_GIT;
