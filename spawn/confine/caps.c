/* SPDX-License-Identifier: Apache-2.0 */
/* Capability names, by libcap. */
#include "caps.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
#define NAME_MAX_LEN 64 /* bytes; the longest of the kernel's is cap_checkpoint_restore */

uint64_t caps_all(void)
{
	return (UINT64_C(2) << CAP_LAST_CAP) - 1;
}

uint64_t caps_parse(const char *name)
{
	char full[NAME_MAX_LEN];
	cap_value_t value;
	int len;

	if (strcasecmp(name, "all") == 0)
		return caps_all();
	len = snprintf(full, sizeof(full), "%s%s", strncasecmp(name, "cap_", 4) == 0 ? "" : "cap_",
		       name);
	if (len < 0 || (size_t)len >= sizeof(full))
		return 0;
	if (full[strspn(full, NAME_BYTES)] != '\0')
		return 0; /* libcap reads up to a comma or blank and ignores the rest */
	if (cap_from_name(full, &value) != 0 || value < 0 || value > CAP_LAST_CAP)
		return 0;
	return UINT64_C(1) << value;
}

/* One more name at the end of text; false if it doesn't fit. */
static int append_name(char *text, unsigned long size, const char *name)
{
	size_t used = strlen(text);
	int len = snprintf(text + used, size - used, "%s%s", used > 0 ? "," : "", name);

	if (len >= 0 && (size_t)len < size - used)
		return 1;
	text[used] = '\0';
	return 0;
}

const char *caps_text(uint64_t mask, char *text, unsigned long size)
{
	char number[16];
	cap_value_t value;

	if (size == 0)
		return "";
	text[0] = '\0';
	if (mask == 0)
		append_name(text, size, "none");
	for (value = 0; value < 64; value++) {
		char *name;
		int fits;

		if (!(mask & UINT64_C(1) << value))
			continue;
		name = cap_to_name(value);
		snprintf(number, sizeof(number), "%d", (int)value);
		fits = append_name(text, size, name ? name : number);
		if (name)
			cap_free(name);
		if (!fits)
			break;
	}
	return text;
}
