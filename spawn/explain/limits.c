/* SPDX-License-Identifier: Apache-2.0 */
/* What enforces the limits, in words: as spawn/life/groups.c decides it. */
#include <stdarg.h>
#include <string.h>

#include "parts.h"
#include "../plan/limit.h"
#include "../spec/refuse.h"
#include "units.h"

#define LOST_TEXT_MAX 80
#define GROUP_NAME "<id>" /* chosen at the start */

/* Chooses groups by name, as a start does. Returns the controls that are not available. */
static uint32_t choose_groups(const struct explain_spawner *asked, struct cg *cg)
{
	uint32_t missing;

	cg_plan(asked->machine, GROUP_NAME, limit_wanted(asked->spec), cg, &missing);
	return missing;
}

static bool pids_by_rlimit(const struct explain_spawner *asked, uint32_t missing)
{
	return missing & 1u << CG_PIDS && asked->ids->new_userns;
}

void explain_limits_of_init(const struct explain_spawner *asked, struct plan_context *context,
			    struct cg *groups)
{
	uint32_t missing = choose_groups(asked, groups);

	if (missing & 1u << CG_MEMORY)
		context->monitor_bytes = asked->spec->memory_bytes;
	context->nproc_limit =
		pids_by_rlimit(asked, missing)
			? limit_nproc(asked->spec, asked->ids)
			: limit_default_nproc(asked->spec, asked->ids, &asked->room);
	if (limit_wanted(asked->spec) & ~missing & 1u << CG_CPUACCT)
		context->cpu_usage_form = cg_cpu_form(groups);
	context->groups = groups;
}

static void print_groups(const struct explain *explain, const struct cg_machine *machine,
			 const struct cg *cg)
{
	if (!cg_exists(cg)) {
		explain_label(explain, "cgroup");
		fprintf(explain->out, "none: %s\n",
			machine->why_not[0] ? machine->why_not : "not writable");
		return;
	}
	if (cg->v2_path[0])
		explain_line(explain, "cgroup", cg->v2_path);
	for (int i = 0; i < CG_CONTROL_COUNT; i++) {
		bool again = false;

		/* controllers mounted together share a group */
		for (int k = 0; k < i; k++)
			again |= strcmp(cg->v1_path[k], cg->v1_path[i]) == 0;
		if (cg->v1_path[i][0] && !again)
			explain_line(explain, "cgroup", cg->v1_path[i]);
	}
}

/* What happens to a limit without its controller, if nothing else can enforce it. */
static const char *lost(const struct nidus_spec *spec, char text[LOST_TEXT_MAX])
{
	snprintf(text, LOST_TEXT_MAX, spec->best_effort ? "left out, as %s allows" :
							  "refused without %s",
		 spec_word(spec, NIDUS_OPTION_BEST_EFFORT));
	return text;
}

static void print_limit(const struct explain *explain, const char *controller, bool missing,
			const char *otherwise, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

static void print_limit(const struct explain *explain, const char *controller, bool missing,
			const char *otherwise, const char *format, ...)
{
	va_list args;

	explain_label(explain, "limit");
	va_start(args, format);
	vfprintf(explain->out, format, args);
	va_end(args);
	if (missing)
		fprintf(explain->out, ", no %s controller here: %s\n", controller, otherwise);
	else
		fprintf(explain->out, ", by the %s controller\n", controller);
}

/* Whether the kernel supports a file of a controller shows only when it is written. */
static void print_memory(const struct explain *explain, const struct nidus_spec *spec, bool missing)
{
	char text[UNITS_TEXT_MAX], otherwise[LOST_TEXT_MAX];

	if (!spec->memory_bytes)
		return;
	print_limit(explain, "memory", missing, "watched by init", "memory %s",
		    units_size_text(spec->memory_bytes, text));
	if (spec->swap_bytes != NIDUS_UNSET)
		print_limit(explain, "memory", missing, lost(spec, otherwise),
			    "swap %s in addition (if the kernel counts it)",
			    units_size_text(spec->swap_bytes, text));
	else if (!missing)
		print_limit(explain, "memory", false, "", "no swap (if the kernel counts it)");
}

static void print_cpus(const struct explain *explain, const struct nidus_spec *spec,
		       uint32_t missing)
{
	char otherwise[LOST_TEXT_MAX];

	if (spec->millicpus)
		print_limit(explain, "cpu", missing & 1u << CG_CPU, lost(spec, otherwise),
			    "cpus %llu.%03llu",
			    (unsigned long long)(spec->millicpus / 1000),
			    (unsigned long long)(spec->millicpus % 1000));
	if (spec->cpuset)
		print_limit(explain, "cpuset", missing & 1u << CG_CPUSET, lost(spec, otherwise),
			    "cpuset %s", spec->cpuset);
}

static void print_default_pids(const struct explain *explain, const struct explain_spawner *asked)
{
	uint64_t pids = limit_default_nproc(asked->spec, asked->ids, &asked->room);

	if (pids == 0)
		return;
	explain_label(explain, "limit");
	fprintf(explain->out, "pids %llu, the default, by RLIMIT_NPROC of its user namespace\n",
		(unsigned long long)pids);
}

void explain_limits(const struct explain *explain, const struct explain_spawner *asked)
{
	const struct nidus_spec *spec = asked->spec;
	struct cg cg;
	uint32_t missing = choose_groups(asked, &cg);
	char otherwise[LOST_TEXT_MAX];

	print_groups(explain, asked->machine, &cg);
	print_memory(explain, spec, missing & 1u << CG_MEMORY);
	if (!spec->pids)
		print_default_pids(explain, asked);
	else
		print_limit(explain, "pids", missing & 1u << CG_PIDS,
			    pids_by_rlimit(asked, missing) ? "RLIMIT_NPROC of its user namespace"
							   : lost(spec, otherwise),
			    "pids %llu", (unsigned long long)spec->pids);
	print_cpus(explain, spec, missing);
	if (spec->io_weight)
		print_limit(explain, "io", missing & 1u << CG_IO, lost(spec, otherwise),
			    "io weight %u (if a scheduler uses it)", spec->io_weight);
}
