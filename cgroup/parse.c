/* SPDX-License-Identifier: Apache-2.0 */
/* Parses the texts of /proc and of cgroup files. Opens nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"

#define MOUNT_FIELDS 6 /* id, parent, device, root, point, options: before the optional ones */

static const char *const v1_names[CG_CONTROL_COUNT] = {
	[CG_MEMORY] = "memory",	  [CG_PIDS] = "pids", [CG_CPU] = "cpu",
	[CG_CPUSET] = "cpuset",	  [CG_IO] = "blkio",  [CG_CPUACCT] = "cpuacct",
	[CG_FREEZER] = "freezer",
};

static const char *const v2_names[CG_CONTROL_COUNT] = {
	[CG_MEMORY] = "memory", [CG_PIDS] = "pids", [CG_CPU] = "cpu",
	[CG_CPUSET] = "cpuset", [CG_IO] = "io",
};

/* A run of bytes without a terminator. */
struct span {
	const char *at;
	size_t len;
};

static bool span_is(struct span span, const char *text)
{
	return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

/* Cuts the text up to `stop` off *rest; false when *rest is used up. */
static bool next_span(struct span *rest, char stop, struct span *out)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, stop, rest->len);
	out->at = rest->at;
	out->len = end ? (size_t)(end - rest->at) : rest->len;
	rest->at += out->len + (end ? 1 : 0);
	rest->len -= out->len + (end ? 1 : 0);
	return true;
}

static bool list_has(struct span list, const char *name)
{
	struct span word;

	while (next_span(&list, ',', &word))
		if (span_is(word, name))
			return true;
	return false;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Copies a path and decodes its \ooo escapes; false: too long or not absolute. */
static bool copy_path(struct span from, char *path, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < from.len; i++) {
		char c = from.at[i];

		if (c == '\\' && i + 3 < from.len && is_octal(from.at[i + 1]) &&
		    is_octal(from.at[i + 2]) && is_octal(from.at[i + 3])) {
			c = (char)((from.at[i + 1] - '0') << 6 | (from.at[i + 2] - '0') << 3 |
				   (from.at[i + 3] - '0'));
			i += 3;
		}
		if (c == '\0' || n + 1 >= size)
			return false;
		path[n++] = c;
	}
	path[n] = '\0';
	return path[0] == '/';
}

/* Keeps the better mount: writable over read-only, whole over part, first over later. */
static void keep_mount(struct cg_mount *kept, struct span root, struct span point,
		       struct span options)
{
	struct cg_mount found;

	if (!copy_path(root, found.root, sizeof(found.root)) ||
	    !copy_path(point, found.point, sizeof(found.point)))
		return;
	found.score = 1 + (list_has(options, "rw") ? 2 : 0) + (span_is(root, "/") ? 1 : 0);
	if (found.score > kept->score)
		*kept = found;
}

static void parse_mount_line(struct span line, struct cg_mounts *mounts)
{
	struct span field[MOUNT_FIELDS], word, type, source, super;

	for (int i = 0; i < MOUNT_FIELDS; i++)
		if (!next_span(&line, ' ', &field[i]))
			return;
	do {
		if (!next_span(&line, ' ', &word))
			return;
	} while (!span_is(word, "-"));
	if (!next_span(&line, ' ', &type) || !next_span(&line, ' ', &source))
		return;
	if (span_is(type, "cgroup2"))
		keep_mount(&mounts->v2, field[3], field[4], field[5]);
	if (!span_is(type, "cgroup") || !next_span(&line, ' ', &super))
		return;
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		if (list_has(super, v1_names[i]))
			keep_mount(&mounts->v1[i], field[3], field[4], field[5]);
}

size_t cg_parse_mounts(const char *text, size_t len, struct cg_mounts *mounts)
{
	size_t used = 0;

	while (used < len) {
		const char *end = memchr(text + used, '\n', len - used);
		struct span line = { text + used, 0 };

		if (!end)
			break;
		line.len = (size_t)(end - line.at);
		parse_mount_line(line, mounts);
		used += line.len + 1;
	}
	return used;
}

bool cg_parse_own(const char *text, char *path, size_t size)
{
	struct span rest = { text, strlen(text) }, line;

	while (next_span(&rest, '\n', &line)) {
		if (line.len < 3 || memcmp(line.at, "0::", 3) != 0)
			continue;
		line.at += 3;
		line.len -= 3;
		if (line.len == 0 || line.at[0] != '/' || line.len >= size)
			return false;
		memcpy(path, line.at, line.len);
		path[line.len] = '\0';
		return true;
	}
	return false;
}

uint32_t cg_parse_controllers(const char *text)
{
	struct span line = { text, strcspn(text, "\n") }, word;
	uint32_t mask = 0;

	while (next_span(&line, ' ', &word))
		for (int i = 0; i < CG_CONTROL_COUNT; i++)
			if (v2_names[i] && span_is(word, v2_names[i]))
				mask |= CG_BIT(i);
	return mask;
}

const char *cg_v2_controller(enum cg_control control)
{
	return v2_names[control];
}

uint64_t cg_parse_number(const char *text)
{
	char *end;
	uint64_t value;

	if (*text < '0' || *text > '9') /* "max" too */
		return CG_UNKNOWN;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || (*end != '\0' && *end != '\n' && *end != ' '))
		return CG_UNKNOWN;
	return value;
}

uint64_t cg_parse_key(const char *text, const char *key)
{
	struct span rest = { text, strlen(text) }, line;
	size_t len = strlen(key);

	while (next_span(&rest, '\n', &line))
		if (line.len > len && memcmp(line.at, key, len) == 0 && line.at[len] == ' ')
			return cg_parse_number(line.at + len + 1);
	return CG_UNKNOWN;
}
