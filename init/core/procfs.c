/* SPDX-License-Identifier: Apache-2.0 */
/* Reading /proc: which processes there are, and their status files. */
#include "procfs.h"

#include <errno.h>
#include <string.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "../small_file.h"
#include "../text.h"

int procfs_scan_begin(struct procfs_scan *scan, int proc_fd, const char *path)
{
	scan->at = 0;
	scan->len = 0;
	scan->fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return scan->fd < 0 ? -1 : 0;
}

static int fill(struct procfs_scan *scan)
{
	ssize_t n = sys_getdents(scan->fd, scan->buffer, sizeof(scan->buffer));

	scan->at = 0;
	scan->len = n > 0 ? (size_t)n : 0;
	return n > 0 ? 1 : (int)n;
}

int procfs_scan_next(struct procfs_scan *scan, uint32_t *number)
{
	int more = 1;

	while (scan->at < scan->len || (more = fill(scan)) > 0) {
		const struct abi_dirent *entry = (const void *)(scan->buffer + scan->at);
		const char *name = entry->name;
		uint64_t value;

		scan->at += entry->reclen;
		if (!text_parse(&name, entry->name + strlen(entry->name), &value) ||
		    *name != '\0' || value > INT32_MAX)
			continue;
		*number = (uint32_t)value;
		return 1;
	}
	return more;
}

void procfs_scan_end(struct procfs_scan *scan)
{
	fd_close(&scan->fd);
}

const char *procfs_path(char path[PROCFS_PATH_MAX], uint32_t pid, const char *name)
{
	char number[TEXT_NUMBER_MAX];

	strcpy(path, text_number(number, pid, 10));
	strcat(path, "/");
	return strcat(path, name);
}

ssize_t procfs_read(int proc_fd, uint32_t pid, const char *name, char *buffer, size_t size)
{
	char path[PROCFS_PATH_MAX];

	return small_file_read(proc_fd, procfs_path(path, pid, name), buffer, size);
}

bool procfs_is_gone(int err)
{
	return err == ENOENT || err == ESRCH;
}

bool procfs_is_refused(int err)
{
	return err == EACCES || err == EPERM;
}

static const char *skip_fields(const char *p, const char *end, unsigned count)
{
	while (count > 0 && p < end)
		if (*p++ == ' ')
			count--;
	return p;
}

/*
 * "PID (NAME) STATE PPID …": the name ends at the last parenthesis, since it may contain
 * parentheses, spaces and digits, and only numbers follow it. Returns the start of the
 * state, the third field, or NULL.
 */
static const char *skip_name(const char *text, const char *end)
{
	const char *p = end;

	while (p > text && p[-1] != ')')
		p--;
	return p == text || p == end || *p != ' ' ? NULL : p + 1;
}

/* utime stime cutime cstime: fields 14 to 17. */
bool procfs_text_ticks(const char *text, size_t len, uint64_t *ticks)
{
	const char *end = text + len, *p = skip_name(text, end);

	if (!p)
		return false;
	p = skip_fields(p, end, 11);
	*ticks = 0;
	for (int i = 0; i < 4; i++) {
		uint64_t value;

		if (!text_parse(&p, end, &value))
			return false;
		*ticks += value;
		if (p < end)
			p++;
	}
	return true;
}

/* Fields 4 and 22. */
bool procfs_text_parent(const char *text, size_t len, uint64_t *parent, uint64_t *started)
{
	const char *end = text + len, *p = skip_name(text, end);

	if (!p)
		return false;
	p = skip_fields(p, end, 1);
	if (!text_parse(&p, end, parent))
		return false;
	p = skip_fields(p, end, 18);
	return text_parse(&p, end, started);
}

bool procfs_text_statm(const char *text, size_t len, uint64_t *resident, uint64_t *shared)
{
	const char *end = text + len, *p = skip_fields(text, end, 1);

	if (!text_parse(&p, end, resident))
		return false;
	p = skip_fields(p, end, 1);
	return text_parse(&p, end, shared);
}

bool procfs_text_value(const char *text, size_t len, const char *key, uint64_t *value)
{
	const char *end = text + len;
	size_t key_len = strlen(key);

	while (text < end) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));

		if (!line_end)
			line_end = end;
		if ((size_t)(line_end - text) > key_len && memcmp(text, key, key_len) == 0) {
			text += key_len;
			while (text < line_end && (*text == ' ' || *text == '\t'))
				text++;
			return text_parse(&text, line_end, value);
		}
		text = line_end + (line_end < end);
	}
	return false;
}
