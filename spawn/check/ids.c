/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: more than one id inside for ordinary users. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "probe.h"

#define LINE_MAX_BYTES 512
#define PASSWD_LINES_MAX 100000 /* lines read at most: the file may be very long */

/* The login name of a user, only from /etc/passwd (no NSS in a static program). */
static bool find_login(unsigned uid, char *login, size_t size)
{
	FILE *file = fopen("/etc/passwd", "re");
	char line[LINE_MAX_BYTES];
	bool found = false;

	for (int i = 0; file && !found && i < PASSWD_LINES_MAX && fgets(line, sizeof(line), file); i++) {
		char *name_end = strchr(line, ':'), *id = name_end ? strchr(name_end + 1, ':') : NULL;

		if (!id || strtoul(id + 1, NULL, 10) != uid)
			continue;
		snprintf(login, size, "%.*s", (int)(name_end - line), line);
		found = true;
	}
	if (file)
		fclose(file);
	return found;
}

/* How many ids /etc/subuid or /etc/subgid gives to the user, by name or by number. */
static unsigned long count_sub_ids(const char *path, unsigned uid, const char *login)
{
	FILE *file = fopen(path, "re");
	char line[LINE_MAX_BYTES], number[16];
	unsigned long total = 0;

	snprintf(number, sizeof(number), "%u", uid);
	for (int i = 0; file && i < PASSWD_LINES_MAX && fgets(line, sizeof(line), file); i++) {
		char *start = strchr(line, ':'), *count = start ? strchr(start + 1, ':') : NULL;

		if (!count)
			continue;
		*start = '\0';
		if (strcmp(line, number) == 0 || (login[0] && strcmp(line, login) == 0))
			total += strtoul(count + 1, NULL, 10);
	}
	if (file)
		fclose(file);
	return total;
}

/* Installed, and privileged: set-user-ID root or with file capabilities. */
static bool helper_works(const char *name)
{
	char path[64], value[64];
	struct stat st;

	if (!check_find_program(name, path, sizeof(path)) || stat(path, &st) < 0)
		return false;
	return (st.st_uid == 0 && st.st_mode & S_ISUID) ||
	       getxattr(path, "security.capability", value, sizeof(value)) > 0;
}

static void check_helpers(struct check *check)
{
	struct check_item *item = check_add(check, "newuidmap", false,
		"ordinary users get 65536 ids inside; without it only the own id",
		"install uidmap (Debian, Ubuntu) or shadow-utils (Fedora, Arch, Alpine)");
	bool uid = helper_works("newuidmap"), gid = helper_works("newgidmap");

	if (uid && gid)
		check_found(item, CHECK_OK, "newuidmap and newgidmap are installed%s",
			    geteuid() == 0 ? " (root needs none)" : "");
	else if (geteuid() == 0)
		check_found(item, CHECK_OK, "not installed; root needs none, other users would");
	else
		check_found(item, CHECK_LIMITED, "%s%s%s: missing, or not privileged",
			    uid ? "" : "newuidmap", uid || gid ? "" : ", ", gid ? "" : "newgidmap");
}

static void check_sub_ids(struct check *check)
{
	struct check_item *item = check_add(check, "sub-ids", false,
		"the ids outside for the additional ids inside",
		"as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER");
	unsigned uid = geteuid();
	char login[64] = "";
	unsigned long uids, gids;

	if (uid == 0) {
		check_found(item, CHECK_OK, "root needs none");
		return;
	}
	if (!find_login(uid, login, sizeof(login)))
		login[0] = '\0'; /* not in the file: sub-ids may still be given by number */
	uids = count_sub_ids("/etc/subuid", uid, login);
	gids = count_sub_ids("/etc/subgid", uid, login);
	check_found(item, uids && gids ? CHECK_OK : CHECK_LIMITED,
		    "%lu user and %lu group ids for uid %u", uids, gids, uid);
}

void check_ids(struct check *check)
{
	check_helpers(check);
	check_sub_ids(check);
}
