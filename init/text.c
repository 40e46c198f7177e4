/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text, and text as numbers. */
#include "text.h"

char *text_number(char buffer[TEXT_NUMBER_MAX], uint64_t value, unsigned base)
{
	char *p = &buffer[TEXT_NUMBER_MAX - 1];

	*p = '\0';
	do {
		*--p = (char)('0' + value % base);
		value /= base;
	} while (value > 0);
	return p;
}

bool text_parse(const char **text, const char *end, uint64_t *value)
{
	const char *p = *text;

	for (*value = 0; p < end && *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (*value > (UINT64_MAX - digit) / 10)
			return false;
		*value = *value * 10 + digit;
	}
	if (p == *text)
		return false;
	*text = p;
	return true;
}
