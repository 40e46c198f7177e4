/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of /etc/passwd, /etc/subuid and /etc/subgid. No NSS: it would pull in half of libc. */
#include <stdint.h>
#include <string.h>

#include "source.h"

#define PASSWD_FIELDS 7 /* name, password, uid, gid, comment, home, shell */

struct field {
	const char *at;
	size_t len;
};

/* Splits one line at colons; returns the number of fields, at most `max`. */
static size_t split(const char *line, size_t len, struct field *fields, size_t max)
{
	size_t n = 0;

	while (n < max) {
		const char *colon = memchr(line, ':', len);

		fields[n].at = line;
		fields[n].len = colon ? (size_t)(colon - line) : len;
		n++;
		if (!colon)
			break;
		len -= (size_t)(colon + 1 - line);
		line = colon + 1;
	}
	return n;
}

static bool parse_id(struct field field, uint32_t *id)
{
	uint64_t value = 0;

	if (field.len == 0 || field.len > 10)
		return false;
	for (size_t i = 0; i < field.len; i++) {
		if (field.at[i] < '0' || field.at[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(field.at[i] - '0');
	}
	*id = (uint32_t)value;
	return value < UINT32_MAX;
}

/* One field of the first line of `uid` that has it, and room for it. */
static bool passwd_field(const char *passwd, uint32_t uid, size_t index, char *text, size_t size)
{
	for (const char *line = passwd; *line;) {
		size_t len = strcspn(line, "\n");
		struct field fields[PASSWD_FIELDS];
		size_t count = split(line, len, fields, PASSWD_FIELDS);
		uint32_t found;

		if (count > 3 && count > index && parse_id(fields[2], &found) && found == uid &&
		    fields[index].len > 0 && fields[index].len < size) {
			memcpy(text, fields[index].at, fields[index].len);
			text[fields[index].len] = '\0';
			return true;
		}
		line += len + (line[len] == '\n');
	}
	return false;
}

bool subid_user_name(const char *passwd, uint32_t uid, char *name, size_t size)
{
	return passwd_field(passwd, uid, 0, name, size);
}

bool subid_user_home(const char *passwd, uint32_t uid, char *home, size_t size)
{
	return passwd_field(passwd, uid, 5, home, size);
}

static bool is_owner(struct field field, const char *name, uint32_t uid)
{
	uint32_t number;

	if (name && field.len == strlen(name) && memcmp(field.at, name, field.len) == 0)
		return true;
	return parse_id(field, &number) && number == uid;
}

/* One line; false: malformed. */
static bool parse_range(const char *line, size_t len, struct field *owner, uint32_t *first,
			uint32_t *count)
{
	struct field fields[4];

	if (split(line, len, fields, 4) != 3 || !parse_id(fields[1], first) ||
	    !parse_id(fields[2], count) || *count == 0 || *count > UINT32_MAX - *first)
		return false;
	*owner = fields[0];
	return true;
}

bool subid_overlaps(const char *text, uint32_t first, uint32_t count)
{
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		uint32_t start, size;
		struct field owner;

		if (parse_range(line, len, &owner, &start, &size) &&
		    (uint64_t)start < (uint64_t)first + count &&
		    (uint64_t)first < (uint64_t)start + size)
			return true;
		line += len + (line[len] == '\n');
	}
	return false;
}

size_t subid_parse(const char *text, const char *name, uint32_t uid, struct nidus_id_range *ranges,
		   size_t max)
{
	size_t n = 0;

	for (const char *line = text; *line && n < max;) {
		size_t len = strcspn(line, "\n");
		uint32_t start, count;
		struct field owner;

		if (parse_range(line, len, &owner, &start, &count) && is_owner(owner, name, uid)) {
			ranges[n].outside = start;
			ranges[n].count = count;
			n++;
		}
		line += len + (line[len] == '\n');
	}
	return n;
}
