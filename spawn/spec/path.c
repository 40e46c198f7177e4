/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as text, component by component. */
#include "path.h"

#include <string.h>

const char *path_next(const char **rest, size_t *len)
{
	const char *at = *rest;

	for (;;) {
		at += strspn(at, "/");
		*len = strcspn(at, "/");
		if (*len != 1 || at[0] != '.')
			break;
		at++;
	}
	*rest = at + *len;
	return *len > 0 ? at : NULL;
}

bool path_is_root(const char *path)
{
	size_t len;

	return path[0] == '/' && !path_next(&path, &len);
}

bool path_has_dotdot(const char *path)
{
	const char *part;
	size_t len;

	while ((part = path_next(&path, &len)))
		if (len == 2 && part[0] == '.' && part[1] == '.')
			return true;
	return false;
}

bool path_is_within(const char *path, const char *above)
{
	const char *part, *other;
	size_t len, other_len;

	while ((other = path_next(&above, &other_len))) {
		part = path_next(&path, &len);
		if (!part || len != other_len || memcmp(part, other, len) != 0)
			return false;
	}
	return true;
}
