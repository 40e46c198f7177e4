/* SPDX-License-Identifier: Apache-2.0 */
/* The version of nidus-init, from the build (mk/init.mk). */
#ifndef NIDUS_WRAPPER_VERSION_H
#define NIDUS_WRAPPER_VERSION_H

extern const char version_number[]; /* "0.1.0" */
extern const char version_git[];    /* first hex digits of the commit; zeros: unknown */

#endif
