/* SPDX-License-Identifier: Apache-2.0 */
#include "groups.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 1024
#define PF_EXITING 0x4u /* of the kernel's sched.h */

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list; list += *list == ',')
		if (strncmp(list, word, len) == 0 &&
		    (list[len] == ',' || list[len] == '\0' || list[len] == '\n'))
			return true;
		else
			list += strcspn(list, ",");
	return false;
}

/* Where the hierarchy of a controller is mounted; cgroup2's if none of its own is. */
static bool find_mount(const char *controller, char *point, bool *v2)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[4 * PATH_SIZE], at[PATH_SIZE], type[64], options[PATH_SIZE];
	bool found = false;

	while (file && fgets(line, sizeof(line), file)) {
		const char *rest = strstr(line, " - ");

		if (!rest || sscanf(line, "%*s %*s %*s %*s %1023s", at) != 1 ||
		    sscanf(rest, " - %63s %*s %1023s", type, options) != 2)
			continue;
		if (strcmp(type, "cgroup") == 0 && has_word(options, controller)) {
			snprintf(point, PATH_SIZE, "%s", at);
			*v2 = false;
			found = true;
			break;
		}
		if (strcmp(type, "cgroup2") == 0) {
			snprintf(point, PATH_SIZE, "%s", at);
			*v2 = true;
			found = true;
		}
	}
	if (file)
		fclose(file);
	return found;
}

static bool find_group(pid_t pid, const char *controller, bool v2, char *group)
{
	char path[64], line[PATH_SIZE], *controllers, *where;
	FILE *file;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		controllers = strchr(line, ':');
		where = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!where)
			continue;
		*where = '\0';
		found = v2 ? controllers[1] == '\0' : has_word(controllers + 1, controller);
		if (found)
			snprintf(group, PATH_SIZE, "%s", where + 1);
	}
	if (file)
		fclose(file);
	return found;
}

static const char *check(pid_t pid, const char *controller, const char *v1_file,
			 const char *v2_file, const char *wanted)
{
	static char why[PATH_SIZE * 4];
	char point[PATH_SIZE], group[PATH_SIZE], path[PATH_SIZE * 3], is[64] = "nothing";
	FILE *file;
	bool v2;

	if (!find_mount(controller, point, &v2) || !find_group(pid, controller, v2, group))
		return "it has no group";
	snprintf(path, sizeof(path), "%s%s/%s", point, group, v2 ? v2_file : v1_file);
	file = fopen(path, "re");
	if (file && fgets(is, sizeof(is), file))
		is[strcspn(is, "\n")] = '\0';
	if (file)
		fclose(file);
	if (strcmp(is, wanted) == 0)
		return NULL;
	snprintf(why, sizeof(why), "%s holds %s, not %s", path, is, wanted);
	return why;
}

/* A process that is on its way out has left its groups. */
static bool is_ending(pid_t pid)
{
	char path[64], text[512], *rest;
	unsigned flags = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return true;
	rest = fgets(text, sizeof(text), file) ? strrchr(text, ')') : NULL;
	fclose(file);
	return !rest || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1 ||
	       flags & PF_EXITING;
}

const char *groups_check(pid_t pid, const char *memory, const char *pids)
{
	const char *why = check(pid, "memory", "memory.limit_in_bytes", "memory.max", memory);

	if (!why)
		why = check(pid, "pids", "pids.max", "pids.max", pids);
	return why && !is_ending(pid) ? why : NULL;
}
