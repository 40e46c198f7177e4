/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text, and text as numbers, without the C library's stdio. */
#ifndef NIDUS_INIT_TEXT_H
#define NIDUS_INIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_NUMBER_MAX 24 /* 64 bits in octal, with the NUL */

/* Writes `value` in `base` (8 or 10) into `buffer`; returns where in it the text begins. */
char *text_number(char buffer[TEXT_NUMBER_MAX], uint64_t value, unsigned base);

/* Reads decimal digits at *text, up to `end`, and moves *text past them; false: none, too large. */
bool text_parse(const char **text, const char *end, uint64_t *value);

#endif
