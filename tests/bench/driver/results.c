/* SPDX-License-Identifier: Apache-2.0 */
/* Medians, ratios, the table and the rows of the JSON file. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double percentile(const struct rival *rival, double part)
{
	return rival->count ? rival->us[(long)((double)(rival->count - 1) * part + 0.5)] : 0;
}

void heading(const char *title)
{
	printf("\n%s\n%-34s %10s %10s %10s %6s %6s\n", title, "", "median", "P99", "least", "runs",
	       "failed");
}

static const struct rival *find(const struct rival *rivals, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rivals[i].name, name) == 0 && rivals[i].count > 0)
			return &rivals[i];
	return NULL;
}

static void print(const char *variant, const struct rival *rival, const struct rival *nidus,
		  const struct rival *floor)
{
	char name[64];

	snprintf(name, sizeof(name), "%s, %s", rival->name, variant);
	if (rival->missing) {
		printf("%-34s %s\n", name,
		       rival->why_missing ? rival->why_missing : "does not run here");
		return;
	}
	printf("%-34s %10.1f %10.1f %10.1f %6ld %6ld", name, percentile(rival, 0.5),
	       percentile(rival, 0.99), percentile(rival, 0), rival->count, rival->failures);
	/* lateness may be negative */
	if (nidus != rival && percentile(nidus, 0.5) > 0 && percentile(rival, 0.5) > 0)
		printf("   %s / %s = %.2f", nidus->name, rival->name,
		       percentile(nidus, 0.5) / percentile(rival, 0.5));
	if (floor && floor != rival && nidus == rival)
		printf("   / floor = %.2f", percentile(rival, 0.5) / percentile(floor, 0.5));
	putchar('\n');
}

void report(const struct bench *bench, const char *job, const char *variant, const char *unit,
	    struct rival *rivals, size_t count)
{
	const struct rival *floor = find(rivals, count, "floor");

	if (stage_is_over()) /* these were cut short */
		return;
	for (size_t i = 0; i < count; i++)
		qsort(rivals[i].us, (size_t)rivals[i].count, sizeof(double), compare);
	for (size_t i = 0; i < count; i++) {
		const struct rival *rival = &rivals[i];

		print(variant, rival, &rivals[0], floor);
		if (rival->missing) {
			fprintf(bench->rows,
				"{\"job\":\"%s\",\"variant\":\"%s\",\"rival\":\"%s\",\"runs\":0}\n",
				job, variant, rival->name);
			continue;
		}
		fprintf(bench->rows,
			"{\"job\":\"%s\",\"variant\":\"%s\",\"rival\":\"%s\",\"unit\":\"%s\","
			"\"median\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"least\":%.1f,\"runs\":%ld,"
			"\"failures\":%ld}\n",
			job, variant, rival->name, unit, percentile(rival, 0.5),
			percentile(rival, 0.9), percentile(rival, 0.99), percentile(rival, 0),
			rival->count, rival->failures);
	}
	fflush(stdout);
	fflush(bench->rows);
}

void report_one(const struct bench *bench, const char *job, const char *variant, const char *rival,
		const char *unit, double value)
{
	char name[64];

	snprintf(name, sizeof(name), "%s, %s", rival, variant);
	printf("%-34s %10.1f %s\n", name, value, unit);
	fprintf(bench->rows,
		"{\"job\":\"%s\",\"variant\":\"%s\",\"rival\":\"%s\",\"unit\":\"%s\",\"median\":%."
		"1f}\n",
		job, variant, rival, unit, value);
	fflush(stdout);
	fflush(bench->rows);
}
