/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From arguments to words: the input's lines are the arguments of `nidus run`.
 * They are parsed, checked, made into a plan and explained, with the spawner's side
 * of it on a machine with cgroups and on one without; and a plan that the
 * spawner made must be one that the init's decoder accepts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/sandbox/decode.c"
#include "../../spawn/cli/cli.h"
#include "../../spawn/explain/explain.h"
#include "../../spawn/explain/spawner.h"
#include "../../spawn/plan/plan.h"

#define ARGUMENTS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void explain_on(const struct cg_machine *machine, const struct nidus_spec *spec,
		       const struct run_request *request, const struct ids *ids, FILE *out)
{
	struct net_config config;
	struct plan_context context;
	struct explain_spawner asked = { .spec = spec, .ids = ids, .machine = machine,
					 .config = &config, .detach = request->detach,
					 .events_path = request->events_path,
					 .report_path = request->report_path,
					 .init_path = request->init_path };
	struct fault ignored; /* --as-pid-1 with --memory and no cgroup */
	struct plan plan;
	struct cg groups;

	config_init(&config);
	plan_context_init(&context, ids);
	explain_limits_of_init(&asked, &context, &groups);
	explain_spawner(&asked, out);
	if (plan_make(spec, &context, &plan, &ignored) < 0)
		return;
	explain_plan(&plan, out);
	plan_free(&plan);
}

static void explain(const struct nidus_spec *spec, const struct run_request *request)
{
	static const struct cg_machine bare = { .why_not = "none" };
	static const struct cg_machine whole = { .mode = CG_V2, .v2_parent = "/cg/nidus",
						 .v2_controls = ~0u };
	struct plan_context context;
	struct plan_view view;
	struct plan plan;
	struct fault fault;
	struct ids ids;
	FILE *out;

	if (ids_choose(spec, "0123456789ab", NULL, NULL, &ids, &fault) < 0)
		return;
	plan_context_init(&context, &ids);
	if (plan_make(spec, &context, &plan, &fault) < 0)
		return;
	out = fopen("/dev/null", "we");
	if (out) {
		explain_plan(&plan, out);
		explain_on(&bare, spec, request, &ids, out);
		explain_on(&whole, spec, request, &ids, out);
		fclose(out);
	}
	if (decode_plan(plan.bytes, plan.size, &view, &fault) < 0) {
		char text[512];

		fprintf(stderr, "the init refuses: %s\n", nidus_fault_text(&fault, text, sizeof(text)));
		abort();
	}
	plan_free(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run_request request = { 0 };
	char *arguments[ARGUMENTS_MAX + 2];
	struct nidus_spec spec;
	struct fault fault;
	char *text = malloc(size + 1), *next = text;
	char verb[] = "run";
	int count = 0;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	arguments[count++] = verb;
	while (next && count <= ARGUMENTS_MAX)
		arguments[count++] = strsep(&next, "\n");
	arguments[count] = NULL;

	if (nidus_spec_init(&spec) == 0) {
		if (cli_parse_run(count - 1, arguments + 1, &spec, &request, &fault) == 0 &&
		    nidus_spec_check(&spec, &fault) == 0)
			explain(&spec, &request);
		nidus_spec_free(&spec);
	}
	free(text);
	return 0;
}
