/* SPDX-License-Identifier: Apache-2.0 */
/* --explain: what profiles have set, and where. */
#include <stdio.h>
#include <string.h>

#include "../explain/print.h"
#include "run_options.h"

static void print_place(const struct explain *explain, const struct run_origin *origin)
{
	if (!origin->file) {
		fputs("the command line", explain->out);
		return;
	}
	explain_text(explain, origin->file, strlen(origin->file));
	fprintf(explain->out, ":%u", origin->line);
}

void cli_explain_profiles(const struct run_request *request)
{
	const struct explain explain = { NULL, 0, stdout };

	for (size_t i = 0; i < request->origin_count; i++) {
		const struct run_origin *origin = &request->origins[i];
		const struct run_origin *later = run_origin_replaced(request, origin);
		/* values of variables are secrets */
		unsigned int shown = origin->option->id == RUN_SETENV ? 1 : origin->option->values;

		if (!origin->file)
			continue;
		explain_label(&explain, "profile");
		print_place(&explain, origin);
		fprintf(stdout, ": %s", origin->option->name + 2);
		for (unsigned int k = 0; k < shown; k++) {
			fputc(' ', stdout);
			explain_text(&explain, origin->values[k], strlen(origin->values[k]));
		}
		if (later) {
			fputs(", replaced by ", stdout);
			print_place(&explain, later);
		}
		fputc('\n', stdout);
	}
}
