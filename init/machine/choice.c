/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a word in a list. */
#include "choice.h"

#include <string.h>

int choice_find(const char *choices, const char *word, size_t len)
{
	for (int index = 0;; index++) {
		size_t choice_len = strcspn(choices, "|");

		if (len == choice_len && memcmp(word, choices, len) == 0)
			return index;
		choices += choice_len;
		if (*choices++ == '\0')
			return -1;
	}
}
