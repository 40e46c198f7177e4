/* SPDX-License-Identifier: Apache-2.0 */
#include "passwd.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

/* Unlike getpwnam(3), fgetpwent(3) needs no module of the C library, which is static here. */
bool passwd_user(const char *name, uint32_t *uid, uint32_t *gid)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *entry = NULL;
	bool found = false;

	while (file && !found && (entry = fgetpwent(file)))
		found = strcmp(entry->pw_name, name) == 0;
	if (found) {
		*uid = entry->pw_uid;
		*gid = entry->pw_gid;
	}
	if (file)
		fclose(file);
	return found;
}

bool passwd_group(const char *name, uint32_t *gid)
{
	FILE *file = fopen("/etc/group", "re");
	struct group *entry = NULL;
	bool found = false;

	while (file && !found && (entry = fgetgrent(file)))
		found = strcmp(entry->gr_name, name) == 0;
	if (found)
		*gid = entry->gr_gid;
	if (file)
		fclose(file);
	return found;
}
