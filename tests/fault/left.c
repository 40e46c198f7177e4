/* SPDX-License-Identifier: Apache-2.0 */
#include "left.h"

#include <dirent.h>
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"

#define KERNEL_MS 10000
#define ITEMS_MAX 4096
#define ITEM_MAX 512
#define WHAT_MAX (ITEM_MAX + 32)

struct list {
	char (*items)[ITEM_MAX];
	int count;
};

static struct list before, now;
static const char *own_directory, *state_root;
static char what_left[WHAT_MAX];

__attribute__((format(printf, 2, 3))) static void add(struct list *list, const char *format, ...)
{
	va_list args;

	if (list->count == ITEMS_MAX)
		errx(1, "more than %d things to watch", ITEMS_MAX);
	va_start(args, format);
	vsnprintf(list->items[list->count++], ITEM_MAX, format, args);
	va_end(args);
}

/* Lines of a file, without their counts (`words` are kept of each; 0: the whole line). */
static void add_lines(struct list *list, const char *kind, const char *path, int words)
{
	char line[ITEM_MAX * 4];
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof(line), file)) {
		char *end = line;

		for (int i = 0; words && i < words && *end; i++) {
			end += strspn(end, " \t");
			end += strcspn(end, " \t\n");
		}
		if (words)
			*end = '\0';
		line[strcspn(line, "\n")] = '\0';
		add(list, "%s %.480s", kind, line);
	}
	if (file)
		fclose(file);
}

/* Names in a directory; below it, too, as deep as `depth` says. */
static void add_names(struct list *list, const char *kind, const char *path, int depth)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char below[ITEM_MAX];

	while (directory && (entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof(below), "%.250s/%.250s", path, entry->d_name);
		add(list, "%s %.480s", kind, below);
		if (depth > 0 && entry->d_type == DT_DIR)
			add_names(list, kind, below, depth - 1);
	}
	if (directory)
		closedir(directory);
}

static void add_directories(struct list *list, const char *kind, const char *path)
{
	int first = list->count, kept = first;
	struct stat st;

	add_names(list, kind, path, 0);
	for (int i = first; i < list->count; i++)
		if (lstat(strchr(list->items[i], '/'), &st) == 0 && S_ISDIR(st.st_mode))
			memmove(list->items[kept++], list->items[i], ITEM_MAX);
	list->count = kept;
}

/* The groups of ours below every hierarchy that is mounted. */
static void add_groups(struct list *list)
{
	char line[ITEM_MAX * 4], point[256], path[ITEM_MAX];
	FILE *file = fopen("/proc/self/mountinfo", "re");

	while (file && fgets(line, sizeof(line), file)) {
		const char *type = strstr(line, " - cgroup");

		if (!type || sscanf(line, "%*s %*s %*s %*s %255s", point) != 1)
			continue;
		snprintf(path, sizeof(path), "%s/nidus", point);
		add_directories(list, "group", path);
		snprintf(path, sizeof(path), "%s/tests/nidus", point);
		add_directories(list, "group", path);
	}
	if (file)
		fclose(file);
}

static bool is_furniture(const char *item)
{
	const char *name = strrchr(item, '/') + 1;

	return strcmp(name, "lock") == 0 || strcmp(name, "names") == 0 ||
	       strcmp(name, "leases") == 0 || strcmp(name, "ids") == 0;
}

/* Directories that hold records, names and leases, and their locks, are made once and stay. */
static void add_state(struct list *list)
{
	int first = list->count, kept = first;

	add_names(list, "state", state_root, 1);
	for (int i = first; i < list->count; i++)
		if (!is_furniture(list->items[i]))
			memmove(list->items[kept++], list->items[i], ITEM_MAX);
	list->count = kept;
}

static int order(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void look(struct list *list)
{
	if (!list->items)
		list->items = malloc(sizeof(*list->items) * ITEMS_MAX);
	if (!list->items)
		err(1, "lists");
	list->count = 0;
	add_lines(list, "mount", "/proc/self/mountinfo", 0);
	add_groups(list);
	add_state(list);
	add_lines(list, "link", "/proc/net/dev", 1);
	add_lines(list, "address", "/proc/net/if_inet6", 0);
	add_lines(list, "local", "/proc/net/route", 3);
	add_lines(list, "route", "/proc/net/ipv6_route", 2);
	add_names(list, "file", "/tmp", 0);
	add_names(list, "file", "/dev/shm", 0);
	add_names(list, "file", "/var/tmp", 0);
	add_names(list, "file", "/run", 0);
	add_names(list, "file", own_directory, 3);
	qsort(list->items, (size_t)list->count, ITEM_MAX, order);
}

void left_note(const char *directory, const char *state)
{
	own_directory = directory;
	state_root = state;
	look(&before);
}

static bool differ(const struct list *some, const struct list *others, const char *word,
		   const char *kind)
{
	for (int i = 0; i < some->count; i++) {
		if (kind && strncmp(some->items[i], kind, strlen(kind)) != 0)
			continue;
		/* made once, with the first network, and kept */
		if (strcmp(some->items[i], "file /run/nidus") == 0)
			continue;
		if (bsearch(some->items[i], others->items, (size_t)others->count, ITEM_MAX, order))
			continue;
		snprintf(what_left, sizeof(what_left), "%s: %s", word, some->items[i]);
		return true;
	}
	return false;
}

bool left_nothing(const char **what)
{
	look(&now);
	*what = what_left;
	return !differ(&now, &before, "left", NULL) && !differ(&before, &now, "removed", "mount") &&
	       !differ(&before, &now, "removed", "file");
}

bool left_nothing_soon(const char **what)
{
	const struct timespec pause = { 0, 2000000 };
	long deadline = trace_now_ms() + KERNEL_MS;

	while (!left_nothing(what)) {
		if (!strstr(*what, ": group") && !strstr(*what, ": link") &&
		    !strstr(*what, ": address") && !strstr(*what, ": route"))
			return false;
		if (trace_now_ms() > deadline)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}
