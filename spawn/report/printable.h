/* SPDX-License-Identifier: Apache-2.0 */
/* What may be shown of text that others wrote: one rule for terminals, tables and JSON. */
#ifndef NIDUS_PRINTABLE_H
#define NIDUS_PRINTABLE_H

#include <stddef.h>

/*
 * The length in bytes of the UTF-8 character at `text`, of which `left` bytes may be read.
 * 0: there is none that may be shown. Neither are the controls of ASCII nor those of Latin-1
 * (U+0080 to U+009F), which terminals obey as they obey an escape sequence.
 */
size_t printable_length(const char *text, size_t left);

#endif
