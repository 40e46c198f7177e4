/* SPDX-License-Identifier: Apache-2.0 */
/* Single values of machine.conf. */
#include "conf_values.h"

#include <string.h>

#include "../values.h"

#define CPUS_MIN 10000u /* millionths: the kernel takes no quota below 1 ms in 100 */
#define CPUS_MAX (4000ull * 1000000ull)

struct choice {
	const char *word;
	uint8_t value;
};

/* The words of a kind, ended by a NULL; NULL: the kind is not a choice. */
static const struct choice *choices_of(enum conf_kind kind)
{
	static const struct choice ready[] = {
		{"exec", READY_EXEC}, {"exit", READY_EXIT}, {"fd", READY_FD}, {NULL, 0},
	};
	static const struct choice keys[] = {
		{"ignore", END_NONE}, {"poweroff", END_POWEROFF}, {"reboot", END_REBOOT},
		{"halt", END_HALT}, {NULL, 0},
	};
	static const struct choice end[] = {
		{"stay", END_NONE}, {"poweroff", END_POWEROFF}, {"reboot", END_REBOOT},
		{"halt", END_HALT}, {NULL, 0},
	};
	static const struct choice respawn[] = {
		{"always", RESPAWN_ALWAYS}, {"on-failure", RESPAWN_ON_FAILURE},
		{"never", RESPAWN_NEVER}, {NULL, 0},
	};
	static const struct choice caps[] = {{"keep", false}, {"none", true}, {NULL, 0}};
	static const struct choice yes[] = {{"no", false}, {"yes", true}, {NULL, 0}};

	switch (kind) {
	case KIND_READY:
		return ready;
	case KIND_CTRL_ALT_DEL:
		return keys;
	case KIND_END:
		return end;
	case KIND_RESPAWN:
		return respawn;
	case KIND_CAPS:
		return caps;
	case KIND_YES:
		return yes;
	default:
		return NULL;
	}
}

/* What follows "is not ", or, if it contains a '|', "is not one of ". */
static const char *allowed(enum conf_kind kind)
{
	switch (kind) {
	case KIND_TEXT:
		return "text";
	case KIND_NAME:
		return "a name (a-z 0-9 _ -, 31 at most)";
	case KIND_PATH:
		return "an absolute path";
	case KIND_ENV:
		return "KEY=VALUE";
	case KIND_OUTPUT:
		return "console|null|PATH";
	case KIND_DURATION:
		return "a duration (try 500ms, 2s, 1m)";
	case KIND_SIZE:
		return "a size (try 64K, 128M, 2G)";
	case KIND_NUMBER:
		return "a number";
	case KIND_CPUS:
		return "a number of cpus (try 0.5, 2)";
	case KIND_SIGNAL:
		return "a signal";
	case KIND_READY_FD:
		return "a descriptor (3 to 63)";
	case KIND_READY:
		return "exec|exit|fd";
	case KIND_CTRL_ALT_DEL:
		return "ignore|poweroff|reboot|halt";
	case KIND_END:
		return "stay|poweroff|reboot|halt";
	case KIND_RESPAWN:
		return "always|on-failure|never";
	case KIND_CAPS:
		return "keep|none";
	case KIND_YES:
		return "no|yes";
	}
	return "a value";
}

static bool is_name(const char *word)
{
	size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len > 0 && len <= CONF_NAME_MAX && word[len] == '\0';
}

static bool is_cpus(const char *word, uint64_t *cpus)
{
	return values_decimal(word, 1000000, cpus) && *cpus >= CPUS_MIN && *cpus <= CPUS_MAX;
}

static bool take_choice(enum conf_kind kind, const char *word, uint8_t *to)
{
	for (const struct choice *c = choices_of(kind); c && c->word; c++) {
		if (strcmp(c->word, word) != 0)
			continue;
		*to = c->value;
		return true;
	}
	return false;
}

static bool take_value(enum conf_kind kind, char *word, void *to)
{
	uint8_t *small = to;
	uint64_t value;

	switch (kind) {
	case KIND_TEXT:
		*(const char **)to = word;
		return word[0];
	case KIND_NAME:
		*(const char **)to = word;
		return is_name(word);
	case KIND_ENV:
		*(const char **)to = word;
		return word[0] != '=' && strchr(word, '=');
	case KIND_OUTPUT:
		*(const char **)to = word;
		return word[0] == '/' || strcmp(word, "console") == 0 || strcmp(word, "null") == 0;
	case KIND_PATH:
		*(const char **)to = word;
		return word[0] == '/';
	case KIND_DURATION:
		return values_duration(word, to);
	case KIND_SIZE:
		return values_size(word, to) && *(uint64_t *)to > 0;
	case KIND_NUMBER:
		return values_number(word, INT32_MAX, to);
	case KIND_CPUS:
		return is_cpus(word, to);
	case KIND_SIGNAL:
		*small = (uint8_t)values_signal(word);
		return *small > 0;
	case KIND_READY_FD:
		if (!values_number(word, CONF_READY_FD_MAX, &value) || value < 3)
			return false;
		*small = (uint8_t)value;
		return true;
	case KIND_READY:
	case KIND_CTRL_ALT_DEL:
	case KIND_END:
	case KIND_RESPAWN:
	case KIND_CAPS:
	case KIND_YES:
		return take_choice(kind, word, small);
	}
	return false;
}

const char *conf_value(enum conf_kind kind, char *word, void *to)
{
	return take_value(kind, word, to) ? NULL : allowed(kind);
}
