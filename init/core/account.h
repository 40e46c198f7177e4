/* SPDX-License-Identifier: Apache-2.0 */
/* Users and groups by name, from /etc/passwd and /etc/group, read in pieces. */
#ifndef NIDUS_INIT_ACCOUNT_H
#define NIDUS_INIT_ACCOUNT_H

#include <stdint.h>

#include "../fault.h"

#define ACCOUNT_GROUPS_MAX 32 /* supplementary; a user in more is refused */

struct account {
	uint32_t uid, gid;
	uint32_t groups[ACCOUNT_GROUPS_MAX];
	uint32_t group_count;
};

/*
 * "USER[:GROUP]", each a name or a number. A number needs no entry: its group comes
 * from the entry if there is one, else it is the same number. Groups that list the
 * user become supplementary unless GROUP is given. Fault: STEP_USER, the object names
 * the part that is wrong.
 */
int account_find(const char *text, struct account *account, struct fault *fault);

#endif
