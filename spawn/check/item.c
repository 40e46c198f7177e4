/* SPDX-License-Identifier: Apache-2.0 */
/* How an item of the list is filled. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "probe.h"

struct check_item *check_add(struct check *check, const char *name, bool required,
			     const char *means, const char *how)
{
	/* The groups add a fixed number of items, far below the bound; a test counts them. */
	size_t last = check->count < CHECK_ITEMS_MAX ? check->count++ : CHECK_ITEMS_MAX - 1;
	struct check_item *item = &check->items[last];

	*item = (struct check_item){ .name = name, .status = CHECK_MISSING, .required = required,
				     .means = means, .how = how };
	return item;
}

void check_found(struct check_item *item, enum check_status status, const char *format, ...)
{
	va_list args;

	item->status = status;
	va_start(args, format);
	vsnprintf(item->detail, sizeof(item->detail), format, args);
	va_end(args);
}

void check_found_probe(struct check_item *item, int result, const char *detail)
{
	if (result == 0)
		check_found(item, CHECK_OK, "%s", detail);
	else if (result == CHECK_PROBE_TIMED_OUT)
		check_found(item, CHECK_MISSING, "the probe did not end in time");
	else if (result == CHECK_PROBE_KILLED)
		check_found(item, CHECK_MISSING, "the probe was killed by a signal");
	else
		check_found(item, CHECK_MISSING, "%s", strerror(result));
}
