/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durations, sizes, numbers and signal names from text, and signals to text. Both the
 * init and the spawner compile this file: no heap, no stdio, no floating point.
 */
#include "values.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "text.h"

#define MILLION 1000000ull
#define DURATION_MAX_US (87600ull * 3600 * MILLION) /* ten years: sums of some are far from any overflow */
#define SIGNAL_MAX 64
#define REALTIME_MIN 34 /* the C library uses 32 and 33 itself */

/* In the order of their numbers, from 1. */
static const char signal_names[] =
	"HUP\0INT\0QUIT\0ILL\0TRAP\0ABRT\0BUS\0FPE\0KILL\0USR1\0SEGV\0USR2\0PIPE\0ALRM\0TERM\0STKFLT\0"
	"CHLD\0CONT\0STOP\0TSTP\0TTIN\0TTOU\0URG\0XCPU\0XFSZ\0VTALRM\0PROF\0WINCH\0IO\0PWR\0SYS";

#define NAMED_SIGNALS 32

_Static_assert(SIGABRT == 6 && SIGUSR1 == 10 && SIGSTKFLT == 16 && SIGSTOP == 19 && SIGURG == 23 &&
	       SIGIO == 29 && SIGSYS == NAMED_SIGNALS - 1, "the names are in numeric order");

/* A number as written: WHOLE, or WHOLE.PART with up to 6 digits in PART. */
struct decimal {
	uint64_t whole;
	uint64_t millionths;
	bool has_point;
};

/* Moves *text past the number. A part finer than a millionth is refused, not rounded. */
static bool take_decimal(const char **text, struct decimal *number)
{
	const char *p = *text, *part;
	uint64_t worth = MILLION;

	*number = (struct decimal){0};
	if (!text_parse(&p, p + strlen(p), &number->whole))
		return false;
	*text = p;
	if (*p != '.')
		return true;
	for (part = ++p; *p >= '0' && *p <= '9'; p++) {
		worth /= 10;
		if (worth == 0 && *p != '0')
			return false;
		number->millionths += (uint64_t)(*p - '0') * worth;
	}
	number->has_point = true;
	*text = p;
	return p > part;
}

/*
 * number * unit; the remainder below one goes to *rest (millionths). unit: at most
 * 2^40, so that a fraction of it does not overflow.
 */
static bool scale(const struct decimal *number, uint64_t unit, uint64_t *value, uint64_t *rest)
{
	uint64_t part = number->millionths * unit;

	*rest = part % MILLION;
	return !__builtin_mul_overflow(number->whole, unit, value) &&
	       !__builtin_add_overflow(*value, part / MILLION, value);
}

/* Moves *text past `name` if it begins with that; letters in either case. */
static bool skip_name(const char **text, const char *name)
{
	const char *p = *text;

	for (; *name; name++, p++)
		if (*p != *name && (*name < 'A' || *p != (*name | 0x20)))
			return false;
	*text = p;
	return true;
}

/* The unit at *text in microseconds, and moves *text past it; 0: none. */
static uint64_t take_duration_unit(const char **text)
{
	if (skip_name(text, "MS"))
		return 1000;
	if (skip_name(text, "S"))
		return MILLION;
	if (skip_name(text, "M"))
		return 60 * MILLION;
	if (skip_name(text, "H"))
		return 3600 * MILLION;
	return 0;
}

/* Parts from large to small; only the last may have a decimal point: 1h30m, 1m1.5s. */
bool values_duration(const char *text, uint64_t *us)
{
	uint64_t before = UINT64_MAX;
	struct decimal number;

	*us = 0;
	do {
		uint64_t unit, part, rest;

		if (!take_decimal(&text, &number))
			return false;
		unit = take_duration_unit(&text);
		if (unit == 0 && before == UINT64_MAX)
			unit = MILLION; /* a number without a unit: nothing may follow it */
		else if (unit == 0 || unit >= before)
			return false;
		if (!scale(&number, unit, &part, &rest) || rest != 0 ||
		    __builtin_add_overflow(*us, part, us))
			return false;
		before = unit;
	} while (*text >= '0' && *text <= '9' && !number.has_point);
	return *text == '\0' && *us <= DURATION_MAX_US;
}

static unsigned take_size_unit(const char **text)
{
	static const char *const units[] = {"K", "M", "G", "T"};

	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!skip_name(text, units[i]))
			continue;
		if (!skip_name(text, "IB")) /* 64K, 64KB and 64KiB are the same */
			(void)skip_name(text, "B");
		return 10 * (i + 1);
	}
	return 0;
}

bool values_size(const char *text, uint64_t *bytes)
{
	struct decimal number;
	uint64_t rest;
	unsigned shift;

	if (!take_decimal(&text, &number))
		return false;
	shift = take_size_unit(&text);
	if (*text != '\0' || (shift == 0 && number.has_point))
		return false;
	/* 1.1G is rounded down to whole bytes; but a size above 0 never becomes 0. */
	return scale(&number, 1ull << shift, bytes, &rest) && (*bytes > 0 || rest == 0) &&
	       *bytes <= INT64_MAX;
}

bool values_decimal(const char *text, uint32_t unit, uint64_t *value)
{
	struct decimal number;
	uint64_t rest;

	return take_decimal(&text, &number) && *text == '\0' &&
	       scale(&number, unit, value, &rest) && rest == 0;
}

bool values_digits(const char *text, size_t len, uint64_t max, uint64_t *value)
{
	const char *end = text + len;

	return text_parse(&text, end, value) && text == end && *value <= max;
}

bool values_number(const char *text, uint64_t max, uint64_t *value)
{
	return values_digits(text, strlen(text), max, value);
}

const char *values_nth(const char *list, int n)
{
	while (--n > 0)
		list += strlen(list) + 1;
	return list;
}

static int realtime_signal(const char *text)
{
	uint64_t offset = 0;
	bool low = skip_name(&text, "RTMIN");

	if (!low && !skip_name(&text, "RTMAX"))
		return 0;
	if (*text != '\0' && (*text != (low ? '+' : '-') ||
			      !values_number(text + 1, SIGNAL_MAX - REALTIME_MIN, &offset)))
		return 0;
	return low ? REALTIME_MIN + (int)offset : SIGNAL_MAX - (int)offset;
}

int values_signal(const char *text)
{
	const char *end;
	uint64_t number;

	if (values_number(text, SIGNAL_MAX, &number))
		return (int)number;
	skip_name(&text, "SIG");
	for (int i = 1; i < NAMED_SIGNALS; i++) {
		end = text;
		if (skip_name(&end, values_nth(signal_names, i)) && *end == '\0')
			return i;
	}
	end = text;
	if (skip_name(&end, "POLL") && *end == '\0') /* glibc's name for IO */
		return SIGIO;
	return realtime_signal(text);
}

static char *put(char *at, const char *text)
{
	size_t len = strlen(text);

	memcpy(at, text, len + 1);
	return at + len;
}

const char *values_signal_name(int signal, char buffer[16])
{
	char digits[TEXT_NUMBER_MAX];
	char *at = put(buffer, "SIG");

	if (signal < 1 || signal > SIGNAL_MAX)
		return "signal";
	if (signal < NAMED_SIGNALS) {
		put(at, values_nth(signal_names, signal));
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
