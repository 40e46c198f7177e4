/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Printing in words: what the parts of this folder share. The bytes of a plan need not be one
 * at all: every access is checked, and what lies outside is printed as
 * "(damaged)".
 */
#ifndef NIDUS_EXPLAIN_PRINT_H
#define NIDUS_EXPLAIN_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "../plan/plan.h"

struct explain {
	const unsigned char *bytes;
	size_t size;
	FILE *out;
};

/* Starts a line: its subject in the left column. */
void explain_label(const struct explain *explain, const char *label);

/* A whole line: `text` behind its subject. */
void explain_line(const struct explain *explain, const char *label, const char *text);

/* Text, with control bytes as \xHH; and in quotes where it has blanks or is empty. */
void explain_escaped(const struct explain *explain, const char *text, size_t len);
void explain_text(const struct explain *explain, const char *text, size_t len);

/* A string of the plan. */
void explain_string(const struct explain *explain, struct plan_ref ref);

/* The string where it lies within the plan, else NULL. */
const char *explain_find(const struct explain *explain, struct plan_ref ref);

/* False, and says so on a line, where the array isn't within the plan or `max`. */
bool explain_has_array(const struct explain *explain, const char *label, struct plan_array array,
		       size_t size, uint32_t max);

/* Copies element `index` of an array that explain_has_array has accepted. */
void explain_element(const struct explain *explain, struct plan_array array, uint32_t index,
		     size_t size, void *element);

#endif
