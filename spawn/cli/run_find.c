/* SPDX-License-Identifier: Apache-2.0 */
/* Finds options of `nidus run` by their names, and those that wait for the next one. */
#include <stdio.h>
#include <string.h>

#include "elsewhere.h"
#include "run_options.h"

/* True if a and b differ by one letter (added, missing, changed) or by two swapped neighbours. */
static bool one_letter_off(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == '\0' && *b == '\0')
		return false;
	return (*a && *b && strcmp(a + 1, b + 1) == 0) || (*a && strcmp(a + 1, b) == 0) ||
	       (*b && strcmp(a, b + 1) == 0) ||
	       (*a && *b && a[0] == b[1] && a[1] == b[0] && strcmp(a + 2, b + 2) == 0);
}

int run_refuse_unknown(struct fault *fault, const char *name, size_t len)
{
	char why[FAULT_WHY_MAX], shown[64];
	const char *meant = NULL;

	snprintf(shown, sizeof(shown), "%.*s", (int)(len > 60 ? 60 : len), name);
	for (size_t i = 0; i < run_option_count && !meant; i++)
		if (one_letter_off(shown, run_options[i].name))
			meant = run_options[i].name;
	if (elsewhere_option(name, len))
		snprintf(why, sizeof(why), "unknown option: %s", elsewhere_option(name, len));
	else if (meant)
		snprintf(why, sizeof(why), "unknown option; did you mean %s?", meant);
	else
		snprintf(why, sizeof(why), "unknown option; see nidus run --help");
	return cli_refuse(fault, shown, NULL, why);
}

const struct run_option *run_find_option(const char *name, size_t len)
{
	for (size_t i = 0; i < run_option_count; i++)
		if (strlen(run_options[i].name) == len &&
		    memcmp(run_options[i].name, name, len) == 0)
			return &run_options[i];
	return NULL;
}

/* --perms and --size apply to the operation right after them, as in bubblewrap. */
int run_check_waiting(const struct run_parse *parse, struct fault *fault)
{
	if (parse->perms >= 0)
		return cli_refuse(fault, "--perms", NULL,
				  "must be followed by --tmpfs, --dir, --file, --bind-data or "
				  "--ro-bind-data");
	if (parse->size > 0)
		return cli_refuse(fault, "--size", NULL, "must be followed by --tmpfs");
	return 0;
}
