/* SPDX-License-Identifier: Apache-2.0 */
/* Durations, sizes, numbers and signal names: from text, and signals to it. */
#include "units.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "text.h"

#define DURATION_MAX_US (100ull * 366 * 24 * 3600 * 1000000) /* as `nidus run` has it */
#define SIGNAL_MAX 64
#define REALTIME_MIN 34 /* 32 and 33 are the C library's own */

struct unit {
	char name[3];
	uint8_t shift;
	uint32_t factor; /* the unit is worth factor << shift; 0: the table's end */
};

static const struct unit durations[] = {
	{ "", 0, 1000000 },
	{ "ms", 0, 1000 },
	{ "s", 0, 1000000 },
	{ "m", 0, 60 * 1000000 },
	{ "h", 0, 3600 * 1000000u },
	{ "", 0, 0 },
};

static const struct unit sizes[] = {
	{ "", 0, 1 },
	{ "K", 10, 1 },
	{ "M", 20, 1 },
	{ "G", 30, 1 },
	{ "T", 40, 1 },
	{ "", 0, 0 },
};

/* In the order of their numbers, from 1. */
static const char signal_names[] =
	"HUP\0INT\0QUIT\0ILL\0TRAP\0ABRT\0BUS\0FPE\0KILL\0USR1\0SEGV\0USR2\0PIPE\0ALRM\0TERM\0STKFLT\0"
	"CHLD\0CONT\0STOP\0TSTP\0TTIN\0TTOU\0URG\0XCPU\0XFSZ\0VTALRM\0PROF\0WINCH\0IO\0PWR\0SYS";

#define NAMED_SIGNALS 32

_Static_assert(SIGABRT == 6 && SIGUSR1 == 10 && SIGSTKFLT == 16 && SIGSTOP == 19 && SIGURG == 23 &&
	       SIGIO == 29 && SIGSYS == NAMED_SIGNALS - 1, "the names stand in this order");

/* The digits behind a point; what would be below one millionth, or one byte, is refused. */
static bool add_fraction(const char *digits, const char *end, uint64_t worth, uint64_t *value)
{
	for (; digits < end; digits++) {
		uint64_t digit = (uint64_t)(*digits - '0');

		if (worth % 10 != 0 && digit != 0)
			return false;
		worth /= 10;
		if (__builtin_add_overflow(*value, digit * worth, value))
			return false;
	}
	return true;
}

static bool scale(const char *text, const struct unit *unit, uint64_t *value)
{
	const char *p = text, *fraction;
	uint64_t whole, worth;

	if (!text_parse(&p, p + strlen(p), &whole))
		return false;
	fraction = p;
	if (*p == '.') {
		fraction = ++p;
		while (*p >= '0' && *p <= '9')
			p++;
		if (p == fraction)
			return false;
	}
	while (unit->factor > 0 && strcmp(p, unit->name) != 0)
		unit++;
	worth = (uint64_t)unit->factor << unit->shift;
	return worth > 0 && !__builtin_mul_overflow(whole, worth, value) &&
	       add_fraction(fraction, p, worth, value);
}

bool units_duration(const char *text, uint64_t *us)
{
	return scale(text, durations, us) && *us <= DURATION_MAX_US;
}

bool units_size(const char *text, uint64_t *bytes)
{
	return scale(text, sizes, bytes) && *bytes <= INT64_MAX;
}

bool units_number(const char *text, uint64_t max, uint64_t *value)
{
	return text_parse(&text, text + strlen(text), value) && *text == '\0' && *value <= max;
}

static const char *name_of(int signal)
{
	const char *name = signal_names;

	while (--signal > 0)
		name += strlen(name) + 1;
	return name;
}

/* Moves *text behind `name`, where it begins with that; letters in either case. */
static bool skip_name(const char **text, const char *name)
{
	const char *p = *text;

	for (; *name; name++, p++)
		if (*p != *name && (*name < 'A' || *p != (*name | 0x20)))
			return false;
	*text = p;
	return true;
}

static int realtime_signal(const char *text)
{
	uint64_t offset = 0;
	bool low = skip_name(&text, "RTMIN");

	if (!low && !skip_name(&text, "RTMAX"))
		return 0;
	if (*text != '\0' && (*text != (low ? '+' : '-') ||
			      !units_number(text + 1, SIGNAL_MAX - REALTIME_MIN, &offset)))
		return 0;
	return low ? REALTIME_MIN + (int)offset : SIGNAL_MAX - (int)offset;
}

int units_signal(const char *text)
{
	uint64_t number;

	if (units_number(text, SIGNAL_MAX, &number))
		return (int)number;
	skip_name(&text, "SIG");
	for (int i = 1; i < NAMED_SIGNALS; i++) {
		const char *end = text;

		if (skip_name(&end, name_of(i)) && *end == '\0')
			return i;
	}
	if (strcmp(text, "POLL") == 0) /* glibc's name for IO */
		return SIGIO;
	return realtime_signal(text);
}

static char *put(char *at, const char *text)
{
	size_t len = strlen(text);

	memcpy(at, text, len + 1);
	return at + len;
}

const char *units_signal_name(int signal, char buffer[16])
{
	char digits[TEXT_NUMBER_MAX];
	char *at = put(buffer, "SIG");

	if (signal < 1 || signal > SIGNAL_MAX)
		return "signal";
	if (signal < NAMED_SIGNALS) {
		put(at, name_of(signal));
		return buffer;
	}
	if (signal >= REALTIME_MIN)
		at = put(at, signal > REALTIME_MIN ? "RTMIN+" : "RTMIN");
	if (signal > REALTIME_MIN)
		signal -= REALTIME_MIN;
	if (signal != REALTIME_MIN) /* SIG32 and SIG33 have no name */
		put(at, text_number(digits, (uint64_t)signal, 10));
	return buffer;
}
