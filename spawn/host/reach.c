/* SPDX-License-Identifier: Apache-2.0 */
#include "reach.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../spec/path.h"

#define LINKS_MAX 40 /* as in the kernel: MAXSYMLINKS */

static bool is_within_any(const char *path, const char *const *dirs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (path_is_within(path, dirs[i]))
			return true;
	return false;
}

/* dir/name, or for ".." the directory above. False: too long. */
static bool append(char dir[PATH_MAX], const char *name, size_t len)
{
	size_t used = strlen(dir);

	if (len == 2 && name[0] == '.' && name[1] == '.') {
		char *slash = strrchr(dir, '/');

		if (slash)
			*slash = '\0';
		return true;
	}
	if (used + 1 + len >= PATH_MAX)
		return false;
	dir[used] = '/';
	memcpy(dir + used + 1, name, len);
	dir[used + 1 + len] = '\0';
	return true;
}

/* Looks at `path` in the tree; a link's target goes to `target`, which is empty for others. */
static bool look(const char *root, const char *path, char target[PATH_MAX])
{
	char whole[2 * PATH_MAX];
	struct stat st;
	ssize_t len;

	target[0] = '\0';
	snprintf(whole, sizeof(whole), "%s%s", root, path);
	if (lstat(whole, &st) < 0)
		return false;
	if (!S_ISLNK(st.st_mode))
		return true;
	len = readlink(whole, target, PATH_MAX - 1);
	if (len <= 0)
		return false;
	target[len] = '\0';
	return true;
}

bool host_enters(const char *root, const char *path, const char *const *hidden, size_t hidden_count,
		 char at[PATH_MAX])
{
	char rest[PATH_MAX], target[PATH_MAX], done[PATH_MAX] = "", spliced[PATH_MAX];
	const char *next = rest, *name;
	unsigned int links = 0;
	size_t len;

	if (snprintf(rest, sizeof(rest), "%s", path) >= PATH_MAX)
		return false;
	while ((name = path_next(&next, &len))) { /* bounded by LINKS_MAX */
		snprintf(at, PATH_MAX, "%s", done);
		if (!append(at, name, len))
			return false;
		if (is_within_any(at, hidden, hidden_count))
			return strlen(at) + strlen(next) < PATH_MAX && strcat(at, next);
		if (at[0] == '\0') { /* ".." led back to the root */
			done[0] = '\0';
			continue;
		}
		if (!look(root, at, target))
			return false;
		if (target[0] == '\0') {
			strcpy(done, at);
			continue;
		}
		if (++links > LINKS_MAX)
			return false;
		if (target[0] == '/')
			done[0] = '\0';
		if (snprintf(spliced, sizeof(spliced), "%s/%s", target, next) >= PATH_MAX)
			return false;
		strcpy(rest, spliced);
		next = rest;
	}
	return false;
}
