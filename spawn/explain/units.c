/* SPDX-License-Identifier: Apache-2.0 */
#include "units.h"

#include <stddef.h>
#include <stdio.h>

struct unit {
	uint64_t worth;
	const char *name;
};

/* Writes the amount in the first of `units` (largest first, the last is 1) that divides it. */
static const char *whole_units(uint64_t amount, const struct unit *units, char text[UNITS_TEXT_MAX])
{
	while (units->worth > 1 && (amount == 0 || amount % units->worth != 0))
		units++;
	snprintf(text, UNITS_TEXT_MAX, "%llu%s", (unsigned long long)(amount / units->worth),
		 units->name);
	return text;
}

const char *units_duration_text(uint64_t us, char text[UNITS_TEXT_MAX])
{
	static const struct unit units[] = { { 1000000, "s" }, { 1000, "ms" }, { 1, "us" } };

	return us == 0 ? whole_units(0, &(struct unit){ 1, "s" }, text)
		       : whole_units(us, units, text);
}

const char *units_size_text(uint64_t bytes, char text[UNITS_TEXT_MAX])
{
	static const struct unit units[] = {
		{ UINT64_C(1) << 30, "G" },
		{ 1 << 20, "M" },
		{ 1 << 10, "K" },
		{ 1, "" },
	};

	return whole_units(bytes, units, text);
}
