/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/passwd and /etc/group of the host, read as files: nothing is loaded to ask others. */
#ifndef NIDUS_CLI_PASSWD_H
#define NIDUS_CLI_PASSWD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The home of a user; false: there is none, or no absolute one. */
bool passwd_home(uid_t uid, char home[PATH_MAX]);

/* A user by name, with the number of its group. false: no such user. */
bool passwd_user(const char *name, uint32_t *uid, uint32_t *gid);

/* A group by name. false: no such group. */
bool passwd_group(const char *name, uint32_t *gid);

#endif
