/* SPDX-License-Identifier: Apache-2.0 */
/* Parses values of options into their fields. */
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "../text.h"
#include "../values.h"
#include "options.h"

#define DUMB_INIT_SIGNAL_MAX 31

bool options_scan(const char **text, uint64_t *number)
{
	*text += strspn(*text, " \t\n\v\f\r");
	if (**text == '+')
		++*text;
	return text_parse(text, *text + strlen(*text), number);
}

/* The message for a wrong value. */
static const char *allowed(enum option_kind kind)
{
	switch (kind) {
	case OPTION_TEXT:
	case OPTION_REPORT:
		return "must not be empty";
	case OPTION_DURATION:
	case OPTION_GRACE:
		return VALUES_DURATION_IS;
	case OPTION_SIZE:
		return VALUES_SIZE_IS;
	case OPTION_SIGNAL:
		return "must be a signal name or a number from 1 to 64, such as TERM, 15, RTMIN+3";
	case OPTION_NUMBER:
		return "must be a number from 0 to 2147483647";
	case OPTION_REMAP:
		return "must be 0 to 255";
	case OPTION_RESTART:
		return "must be on-failure or always";
	case OPTION_REWRITE:
		return "must be two signals, such as TERM:QUIT or 15:3; a second of 0 drops the first";
	case OPTION_HELP: /* these have no value */
	case OPTION_LICENCE:
	case OPTION_VERSION:
	case OPTION_VERBOSE:
	case OPTION_FLAG:
	case OPTION_REWRITE_DUMB_INIT: /* has its own text */
		break;
	}
	return "";
}

/* "TERM:QUIT"; NULL, or a text that says what is allowed. */
static const char *set_rewrite(struct wrapper_options *options, const char *text)
{
	size_t len = strcspn(text, ":");
	char head[16] = {0};
	int from, to;

	if (len < sizeof(head) && text[len]) {
		memcpy(head, text, len);
		from = values_signal(head);
		to = values_signal(text + len + 1);
		if (from == SIGKILL || from == SIGSTOP || from == SIGCHLD)
			return "KILL, STOP and CHLD are never passed on";
		if (from != 0 && (to != 0 || strcmp(text + len, ":0") == 0)) {
			options->rewrite[from] = (uint8_t)to;
			return NULL;
		}
	}
	return allowed(OPTION_REWRITE);
}

static bool take_dumb_init_signal(const char **text, uint64_t *number)
{
	return options_scan(text, number) && *number <= DUMB_INIT_SIGNAL_MAX;
}

/* "s:r" of dumb-init, which reads it by sscanf(3): the rest after the second is ignored. */
static bool set_rewrite_dumb_init(struct wrapper_options *options, const char *text)
{
	uint64_t from, to;

	if (!take_dumb_init_signal(&text, &from) || from == 0 || *text++ != ':' ||
	    !take_dumb_init_signal(&text, &to))
		return false;
	options->rewrite[from] = (uint8_t)to;
	return true;
}

static const char *set_number(const struct option *option, const char *value, uint64_t *number)
{
	bool good = option->kind == OPTION_SIZE ? values_size(value, number) :
						  values_duration(value, number);

	if (!good)
		return allowed(option->kind);
	return *number > 0 || option->may_be_zero ? NULL : "must be more than 0";
}

const char *options_set(struct wrapper_options *options, const struct option *option,
			const char *value)
{
	void *field = (char *)options + option->field;
	bool good = true;
	uint64_t number;

	switch ((enum option_kind)option->kind) {
	case OPTION_HELP: /* handled by the caller */
	case OPTION_LICENCE:
	case OPTION_VERSION:
		break;
	case OPTION_VERBOSE:
		options->verbosity += options->as == AS_DUMB_INIT ? VERBOSITY_DEBUG : 1;
		break;
	case OPTION_FLAG:
		*(bool *)field = true;
		break;
	case OPTION_TEXT:
		*(const char **)field = value;
		good = value[0];
		break;
	case OPTION_REPORT:
		options->report = value;
		good = value[0];
		if (value[0] == '-')
			return "must not begin with -; a path can be ./-";
		break;
	case OPTION_DURATION:
	case OPTION_SIZE:
		return set_number(option, value, field);
	case OPTION_GRACE:
		options->has_grace = true;
		good = values_duration(value, &options->grace_us);
		break;
	case OPTION_SIGNAL:
		good = (*(int *)field = values_signal(value)) != 0;
		break;
	case OPTION_NUMBER:
		good = values_number(value, INT_MAX, &number);
		*(int *)field = (int)number;
		break;
	case OPTION_REMAP:
		good = values_number(value, UINT8_MAX, &number);
		options->remap[(uint8_t)number / 32] |= 1u << (number % 32);
		break;
	case OPTION_RESTART:
		options->restart = strcmp(value, "always") == 0 ? RESTART_ALWAYS : RESTART_ON_FAILURE;
		good = options->restart == RESTART_ALWAYS || strcmp(value, "on-failure") == 0;
		break;
	case OPTION_REWRITE:
		return set_rewrite(options, value);
	case OPTION_REWRITE_DUMB_INIT:
		good = set_rewrite_dumb_init(options, value);
		break;
	}
	return good ? NULL : allowed(option->kind);
}
