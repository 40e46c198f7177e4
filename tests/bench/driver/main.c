/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver [--quick] [--only JOB] [--append] NIDUS BUILD: nidus beside its peers. BUILD holds
 * bare, inside and net, and gets results.json; --append adds to its rows, for a job that
 * another program starts (net, on its stage).
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define ROUNDS 200
#define QUICK_ROUNDS 20

static const struct job {
	const char *name;
	void (*run)(struct bench *bench);
	bool by_name; /* only if asked for */
} jobs[] = {
	{ "start", job_start, false },	     { "limits", job_limits, false },
	{ "user", job_user, false },	     { "nat", job_nat, true },
	{ "binds", job_binds, false },	     { "alive", job_alive, false },
	{ "parallel", job_parallel, false }, { "burst", job_burst, false },
	{ "end", job_end, false },	     { "signal", job_signal, false },
	{ "timeout", job_timeout, false },   { "slow-down", job_slowdown, false },
	{ "orphans", job_orphans, false },
};

static const char *only;

static int run_jobs(struct bench *bench)
{
	for (size_t i = 0; i < sizeof(jobs) / sizeof(*jobs) && !stage_is_over(); i++)
		if (only ? strcmp(only, jobs[i].name) == 0 : !jobs[i].by_name)
			jobs[i].run(bench);
	return stage_is_over() ? 130 : 0;
}

static void print_load(FILE *out, const char *key)
{
	double load[3] = { 0, 0, 0 };

	if (getloadavg(load, 3) != 3)
		return;
	fprintf(out, "\"%s\":[%.2f,%.2f,%.2f]", key, load[0], load[1], load[2]);
}

static void note_load(const struct bench *bench)
{
	double load = 0;

	if (getloadavg(&load, 1) == 1)
		fprintf(bench->rows,
			"{\"job\":\"load\",\"variant\":\"at the start\",\"rival\":\"machine\","
			"\"unit\":\"processes\",\"median\":%.2f}\n",
			load);
}

/* rows.jsonl, so far, as one object. */
static int write_results(const struct bench *bench, const char *rows_path)
{
	char path[512], line[1024], date[32];
	struct utsname host;
	time_t now = time(NULL);
	bool first = true;
	FILE *rows = fopen(rows_path, "re"), *out;

	snprintf(path, sizeof(path), "%s/results.json", bench->build);
	out = fopen(path, "we");
	if (!rows || !out)
		return 1;
	uname(&host);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	fprintf(out, "{\"date\":\"%s\",\"kernel\":\"%s\",\"processors\":%ld,\"rounds\":%ld,", date,
		host.release, sysconf(_SC_NPROCESSORS_ONLN), bench->rounds);
	print_load(out, "load_at_end");
	fprintf(out, ",\"rows\":[\n");
	while (fgets(line, sizeof(line), rows)) {
		line[strcspn(line, "\n")] = '\0';
		fprintf(out, "%s%s", first ? "" : ",\n", line);
		first = false;
	}
	fprintf(out, "\n]}\n");
	fclose(rows);
	return fclose(out) ? 1 : 0;
}

static int be_driver(struct bench *bench, bool append)
{
	char rows_path[512];
	int status, written;

	snprintf(rows_path, sizeof(rows_path), "%s/rows.jsonl", bench->build);
	bench->rows = fopen(rows_path, append ? "ae" : "we");
	if (!bench->rows) {
		perror(rows_path);
		return 1;
	}
	if (!append)
		note_load(bench);
	printf("%ld rounds, %ld processors; ", bench->rounds, sysconf(_SC_NPROCESSORS_ONLN));
	print_load(stdout, "load");
	putchar('\n');
	status = stage_run(bench, run_jobs);
	fclose(bench->rows);
	written = write_results(bench, rows_path);
	return status ? status : written;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "quick", no_argument, NULL, 'q' },
						 { "only", required_argument, NULL, 'o' },
						 { "append", no_argument, NULL, 'a' },
						 { NULL, 0, NULL, 0 } };
	struct bench bench = { .rounds = ROUNDS, .is_root = geteuid() == 0 };
	bool append = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'q') {
			bench.quick = true;
			bench.rounds = QUICK_ROUNDS;
		} else if (option == 'o') {
			only = optarg;
		} else if (option == 'a') {
			append = true;
		} else {
			return 2;
		}
	}
	if (argc - optind != 2)
		return 2;
	bench.nidus = realpath(argv[optind], NULL);
	bench.build = realpath(argv[optind + 1], NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!bench.is_root || !bench.nidus || !bench.build) {
		fprintf(stderr,
			"bench: needs root, for a place of its own, and what it measures\n");
		return 1;
	}
	return be_driver(&bench, append);
}
