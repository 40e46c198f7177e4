/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the command line: durations, sizes, numbers, signals, descriptors. Pure. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"

#define DURATION_MAX_US (100ull * 366 * 24 * 3600 * 1000000) /* kernel timers end at 292 years */
#define MILLICPUS_MAX 8192000ull /* NR_CPUS of the largest kernels */
#define SIGNAL_MAX 64

/* Leading decimal digits of *text into *number; *text moves behind them. */
static bool take_digits(const char **text, uint64_t *number)
{
	const char *p = *text;

	for (*number = 0; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, (uint64_t)(*p - '0'), number))
			return false;
	if (p == *text)
		return false;
	*text = p;
	return true;
}

/* "12" or "12.5" times `unit` for *text; digits below 1/unit are refused, not rounded. */
static bool scale_decimal(const char *text, size_t len, uint64_t unit, uint64_t *value)
{
	const char *p = text, *end = text + len;
	uint64_t whole, part = 0;

	if (!take_digits(&p, &whole) || __builtin_mul_overflow(whole, unit, value))
		return false;
	if (p < end && *p == '.') {
		if (++p == end)
			return false;
		for (; p < end && isdigit((unsigned char)*p); p++) {
			if ((unit == 0 || unit % 10 != 0) && *p != '0')
				return false;
			unit /= 10;
			part += (uint64_t)(*p - '0') * unit;
		}
	}
	return p == end && !__builtin_add_overflow(*value, part, value);
}

int cli_parse_duration(const char *option, const char *text, uint64_t *us, struct fault *fault)
{
	static const struct {
		const char *name;
		uint64_t us;
	} units[] = {
		{ "ms", 1000 },
		{ "s", 1000000 },
		{ "m", 60 * 1000000ull },
		{ "h", 3600 * 1000000ull },
	};
	size_t len = strspn(text, "0123456789.");

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(text + len, units[i].name) != 0)
			continue;
		if (!scale_decimal(text, len, units[i].us, us))
			break;
		if (*us > DURATION_MAX_US)
			return cli_refuse(fault, option, text, "at most 100 years");
		return 0;
	}
	return cli_refuse(fault, option, text,
			 "a duration is a number with ms, s, m or h, as in 500ms, 2s, 1m");
}

int cli_parse_size(const char *option, const char *text, uint64_t *bytes, struct fault *fault)
{
	static const char allowed[] =
		"a size is a number of bytes, or one with K, M, G or T, as in 64K, 128M, 2G";
	static const char suffixes[] = "KMGT";
	const char *p = text, *suffix;

	if (!take_digits(&p, bytes))
		return cli_refuse(fault, option, text, allowed);
	if (*p == '\0')
		return 0;
	suffix = strchr(suffixes, toupper((unsigned char)*p));
	if (!suffix || p[1] != '\0')
		return cli_refuse(fault, option, text, allowed);
	if (__builtin_mul_overflow(*bytes, 1ull << (10 * (suffix - suffixes + 1)), bytes))
		return cli_refuse(fault, option, text, "too large");
	return 0;
}

int cli_parse_number(const char *option, const char *text, uint64_t min, uint64_t max,
		     uint64_t *number, struct fault *fault)
{
	const char *p = text;
	char allowed[80];

	if (take_digits(&p, number) && *p == '\0' && *number >= min && *number <= max)
		return 0;
	snprintf(allowed, sizeof(allowed), "allowed are %llu to %llu", (unsigned long long)min,
		 (unsigned long long)max);
	return cli_refuse(fault, option, text, allowed);
}

int cli_parse_millicpus(const char *option, const char *text, uint64_t *millicpus,
			struct fault *fault)
{
	if (scale_decimal(text, strlen(text), 1000, millicpus) && *millicpus >= 1 &&
	    *millicpus <= MILLICPUS_MAX)
		return 0;
	return cli_refuse(fault, option, text,
			 "a number of processors, 0.01 to 8192 with at most three decimals, as in 0.5");
}

/* "RTMIN", "RTMIN+3", "RTMAX-2" without the "SIG". 0: not one. */
static int parse_realtime(const char *name)
{
	bool from_max = strncasecmp(name, "RTMAX", 5) == 0;
	uint64_t offset = 0;

	if (!from_max && strncasecmp(name, "RTMIN", 5) != 0)
		return 0;
	name += 5;
	if (*name != '\0') {
		if (*name++ != (from_max ? '-' : '+') || !take_digits(&name, &offset) || *name)
			return 0;
	}
	if (offset > (uint64_t)(SIGRTMAX - SIGRTMIN))
		return 0;
	return from_max ? SIGRTMAX - (int)offset : SIGRTMIN + (int)offset;
}

int cli_parse_signal(const char *option, const char *text, int *signal, struct fault *fault)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	const char *p = text;
	uint64_t number;

	if (take_digits(&p, &number) && *p == '\0' && number >= 1 && number <= SIGNAL_MAX) {
		*signal = (int)number;
		return 0;
	}
	*signal = parse_realtime(name);
	for (int i = 1; *signal == 0 && i < 32; i++) {
		const char *abbrev = sigabbrev_np(i);

		if (abbrev && strcasecmp(name, abbrev) == 0)
			*signal = i;
	}
	if (*signal != 0)
		return 0;
	return cli_refuse(fault, option, text,
			 "a signal is a name or a number of 1 to 64, as in TERM, SIGUSR1, RTMIN+3");
}

int cli_parse_fd(const char *option, const char *text, int *fd, struct fault *fault)
{
	uint64_t number;

	if (cli_parse_number(option, text, 0, INT_MAX, &number, fault) < 0)
		return cli_refuse(fault, option, text, "must be the number of an open descriptor");
	*fd = (int)number;
	if (fcntl(*fd, F_GETFD) < 0)
		return cli_refuse(fault, option, text, "is not an open descriptor");
	return 0;
}
