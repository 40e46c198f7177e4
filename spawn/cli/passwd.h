/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/passwd and /etc/group of the host, read as files: nothing is loaded to ask others. */
#ifndef NIDUS_CLI_PASSWD_H
#define NIDUS_CLI_PASSWD_H

#include <stdbool.h>
#include <stdint.h>

/* A user by name, with the number of its group. false: no such user. */
bool passwd_user(const char *name, uint32_t *uid, uint32_t *gid);

/* A group by name. false: no such group. */
bool passwd_group(const char *name, uint32_t *gid);

#endif
