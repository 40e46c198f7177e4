/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as people write them: one grammar for the options of nidus and nidus-init, for
 * machine.conf and nidus.conf. nidus(1) has it in words.
 *
 * Each function returns false for what is malformed, has a sign, a blank or anything else
 * behind it, or is too large; the caller says which option it was, and what is allowed.
 */
#ifndef NIDUS_INIT_VALUES_H
#define NIDUS_INIT_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is allowed, for the messages of all four. */
#define VALUES_DURATION_IS \
	"a duration is a number of seconds, or one with ms, s, m or h, as in 2, 500ms, 1h30m"
#define VALUES_SIZE_IS \
	"a size is a number of bytes, or one with K, M, G or T, as in 4096, 64K, 1.5G"

/* "2" (seconds), "500ms", "1.5s", "1m", "1h30m"; at most ten years. Microseconds. */
bool values_duration(const char *text, uint64_t *us);

/* "4096" (bytes), "64K", "64m", "64MB", "64MiB", "1.5G": powers of 1024; at most INT64_MAX. */
bool values_size(const char *text, uint64_t *bytes);

/* "2", "0.5", in parts of 1/unit: what is finer is refused. unit: at most 10^6. */
bool values_decimal(const char *text, uint32_t unit, uint64_t *value);

/* Decimal digits and nothing else, at most `max`; `len` of them, or up to the NUL. */
bool values_digits(const char *text, size_t len, uint64_t max, uint64_t *value);
bool values_number(const char *text, uint64_t max, uint64_t *value);

/* "TERM", "SIGTERM", "15", "RTMIN+3", "RTMAX-1": 1 to 64; 0: none of these. The kernel's RTMIN, 34 as in glibc. */
int values_signal(const char *text);

/* "SIGTERM", "SIGRTMIN+3"; "signal" for a number that is none. */
const char *values_signal_name(int signal, char buffer[16]);

/* The text with number `n`, from 1, of those that stand one behind the other in `list`. */
const char *values_nth(const char *list, int n);

#endif
