/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and sizes as text, in the form that the command line reads. */
#ifndef NIDUS_UNITS_H
#define NIDUS_UNITS_H

#include <stdint.h>

#define UNITS_TEXT_MAX 32 /* bytes, with the NUL */

/* "2s", "1500ms", "10us": whole numbers of the largest unit that fits. Returns text. */
const char *units_duration_text(uint64_t us, char text[UNITS_TEXT_MAX]);

/* "64M", "1000" (bytes). Returns text. */
const char *units_size_text(uint64_t bytes, char text[UNITS_TEXT_MAX]);

#endif
