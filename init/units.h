/* SPDX-License-Identifier: Apache-2.0 */
/* Values as people write them, on the command lines and in machine.conf. false: malformed, or too large. */
#ifndef NIDUS_INIT_UNITS_H
#define NIDUS_INIT_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* "500ms", "2s", "1m", "1h"; a number alone is seconds; fractions ("0.5s") too. Microseconds. */
bool units_duration(const char *text, uint64_t *us);

/* "64K", "128M", "2G"; a number alone is bytes; powers of 1024. */
bool units_size(const char *text, uint64_t *bytes);

/* Decimal digits and nothing else, at most `max`. */
bool units_number(const char *text, uint64_t max, uint64_t *value);

/* "TERM", "SIGTERM", "15", "RTMIN+3", "RTMAX-1": 1 to 64; 0: none of these. The kernel's RTMIN, 34 as in glibc. */
int units_signal(const char *text);

/* "SIGTERM", "SIGRTMIN+3"; "signal" for a number that is none. */
const char *units_signal_name(int signal, char buffer[16]);

#endif
