/* SPDX-License-Identifier: Apache-2.0 */
/* Words of which one is chosen: directives, their values, options of a mount. */
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
