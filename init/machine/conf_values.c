/* SPDX-License-Identifier: Apache-2.0 */
/* Single values of machine.conf. */
#include "conf_values.h"

#include <string.h>

#include "../values.h"
#include "choice.h"

#define CPUS_MIN 10000u /* millionths: the kernel takes no quota below 1 ms in 100 */
#define CPUS_MAX (4000ull * 1000000ull)

/* In the order of enum conf_kind. */
static const char texts[] = "text\0"
			    "name (a-z 0-9 _ -, 31 at most)\0"
			    "absolute path\0"
			    "KEY=VALUE\0"
			    "console|null|PATH\0"
			    "duration (500ms, 2s, 1m)\0"
			    "size (64K, 128M, 2G)\0"
			    "number\0"
			    "number of cpus (0.5, 2)\0"
			    "signal\0"
			    "descriptor (3 to 63)\0"
			    "exec|exit|fd\0"
			    "ignore|poweroff|reboot|halt\0"
			    "stay|poweroff|reboot|halt\0"
			    "always|on-failure|never\0"
			    "keep|none\0"
			    "no|yes";

static bool is_name(const char *word)
{
	size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len > 0 && len <= CONF_NAME_MAX && word[len] == '\0';
}

static bool is_cpus(const char *word, uint64_t *cpus)
{
	return values_decimal(word, 1000000, cpus) && *cpus >= CPUS_MIN && *cpus <= CPUS_MAX;
}

/* `chosen`: which of the kind's choices it is, or -1. */
static bool take_value(enum conf_kind kind, int chosen, char *word, void *to)
{
	const char **text = to;
	uint64_t *number = to;
	uint8_t *small = to;
	uint64_t value;
	bool good;

	if (kind <= KIND_OUTPUT)
		*text = word;
	switch (kind) {
	case KIND_TEXT:
		return word[0];
	case KIND_NAME:
		return is_name(word);
	case KIND_ENV:
		return word[0] != '=' && strchr(word, '=');
	case KIND_OUTPUT:
		if (chosen == 0 || chosen == 1)
			return true;
		/* fall through */
	case KIND_PATH:
		return word[0] == '/';
	case KIND_DURATION:
		return values_duration(word, number);
	case KIND_SIZE:
		return values_size(word, number) && *number > 0;
	case KIND_NUMBER:
		return values_number(word, INT32_MAX, number);
	case KIND_CPUS:
		return is_cpus(word, number);
	case KIND_SIGNAL:
		*small = (uint8_t)values_signal(word);
		return *small > 0;
	case KIND_READY_FD:
		good = values_number(word, CONF_READY_FD_MAX, &value) && value > 2;
		*small = (uint8_t)value;
		return good;
	default:
		if (chosen >= 0)
			*small = (uint8_t)chosen;
		return chosen >= 0;
	}
}

const char *conf_value(enum conf_kind kind, char *word, void *to)
{
	const char *text = texts;

	for (unsigned i = 0; i < (unsigned)kind; i++)
		text += strlen(text) + 1;
	return take_value(kind, choice_find(text, word, strlen(word)), word, to) ? NULL : text;
}
