/* SPDX-License-Identifier: Apache-2.0 */
/* The only object that is rebuilt for each commit. */
#include "version.h"

/* The build defines both; checkers and tests that compile only this file do not. */
#ifndef NIDUS_INIT_VERSION
#define NIDUS_INIT_VERSION "0.0.0"
#endif
#ifndef NIDUS_INIT_GIT
#define NIDUS_INIT_GIT "0000000"
#endif

const char version_number[] = NIDUS_INIT_VERSION;
const char version_git[] = NIDUS_INIT_GIT;
