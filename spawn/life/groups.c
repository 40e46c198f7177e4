/* SPDX-License-Identifier: Apache-2.0 */
#include "groups.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../plan/limit.h"
#include "../spec/refuse.h"

#define CPUS_TEXT_MAX 1024 /* of a list of ranges; longer ones are cut */
#define KERNEL_PIDS_MAX 4194304u /* PID_MAX_LIMIT: more is EINVAL in pids.max */

static void note_weaker(struct nidus_sandbox *sandbox, enum nidus_option option, const char *how)
{
	struct nidus_result *result = &sandbox->result;

	if (result->weaker_count < NIDUS_WEAKER_MAX)
		result->weaker[result->weaker_count++] = (struct nidus_weaker){ option, how };
}

/* A limit that can't be enforced: an error, or a degraded event if the caller allows it. */
static int limit_lost(struct nidus_sandbox *sandbox, const char *control, enum nidus_option option,
		      const char *why, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;

	if (spec->best_effort) {
		sandbox_degrade(sandbox, control, why);
		note_weaker(sandbox, option, "not enforced, as best effort allows");
		return 0;
	}
	return spec_fault(spec_about(spec, option, fault), STEP_CGROUP, ENOTSUP,
			  "no %s controller here (%s); %s runs without it", control, why,
			  spec_word(spec, NIDUS_OPTION_BEST_EFFORT));
}

static int limit_missing(struct nidus_sandbox *sandbox, const char *why, uint32_t missing,
			 struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;

	if (missing & (1u << CG_MEMORY)) {
		sandbox->prepared.monitor_bytes = spec->memory_bytes;
		sandbox_degrade(sandbox, "memory",
				"no cgroup: init watches the sum over all processes, "
				"without data in sockets and pipes");
		note_weaker(sandbox, NIDUS_OPTION_MEMORY,
			    "watched, not limited: there is no memory controller here");
		if (spec->swap_bytes != NIDUS_UNSET &&
		    limit_lost(sandbox, "swap", NIDUS_OPTION_SWAP, why, fault) < 0)
			return -1;
	}
	if (missing & (1u << CG_PIDS)) {
		if (sandbox->prepared.ids.new_userns) {
			sandbox->prepared.pids_by_rlimit = true;
			sandbox_degrade(sandbox, "pids",
					"no cgroup: limited by RLIMIT_NPROC in its user namespace");
			note_weaker(sandbox, NIDUS_OPTION_PIDS,
				    "by RLIMIT_NPROC: there is no pids controller here");
		} else if (limit_lost(sandbox, "pids", NIDUS_OPTION_PIDS, why, fault) < 0) {
			return -1;
		}
	}
	if (missing & (1u << CG_CPU) &&
	    limit_lost(sandbox, "cpu", NIDUS_OPTION_CPUS, why, fault) < 0)
		return -1;
	if (missing & (1u << CG_CPUSET) &&
	    limit_lost(sandbox, "cpuset", NIDUS_OPTION_CPUSET, why, fault) < 0)
		return -1;
	if (missing & (1u << CG_IO) &&
	    limit_lost(sandbox, "io", NIDUS_OPTION_IO_WEIGHT, why, fault) < 0)
		return -1;
	if (missing & (1u << CG_CPUACCT))
		sandbox_degrade(sandbox, "cpu",
				"no cgroup: init sums up the time of all processes, without those "
				"whose parent ignores SIGCHLD, once they have ended");
	return 0;
}

static int limit_journal(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct cg *cg = &sandbox->resources.cg;

	if (cg->v2_path[0] && sandbox_intend(sandbox, JOURNAL_CGROUP, cg->v2_path, fault) < 0)
		return -1;
	for (int i = 0; i < CG_CONTROL_COUNT; i++)
		if (cg->v1_path[i][0] &&
		    sandbox_intend(sandbox, JOURNAL_CGROUP, cg->v1_path[i], fault) < 0)
			return -1;
	return 0;
}

/* The limit counts the workload's processes: init is one more. */
static uint64_t limit_pids(const struct nidus_spec *spec)
{
	return spec->pids < KERNEL_PIDS_MAX ? spec->pids + 1 : KERNEL_PIDS_MAX;
}

/* The next range of a list of processors, "0-2,5"; *list is advanced past it. */
static bool next_range(const char **list, unsigned long *low, unsigned long *high)
{
	char *end;

	if (!isdigit((unsigned char)**list))
		return false;
	*low = *high = strtoul(*list, &end, 10);
	if (*end == '-')
		*high = strtoul(end + 1, &end, 10);
	*list = *end == ',' ? end + 1 : end;
	return true;
}

static bool has_cpu(const char *list, unsigned long cpu)
{
	unsigned long low, high;

	while (next_range(&list, &low, &high))
		if (low <= cpu && cpu <= high)
			return true;
	return false;
}

static bool has_cpus(const char *list, const char *asked)
{
	unsigned long low, high;

	while (next_range(&asked, &low, &high))
		for (unsigned long cpu = low; cpu <= high; cpu++)
			if (!has_cpu(list, cpu))
				return false;
	return true;
}

/* cgroup2 accepts a list of offline processors, and then silently allows all processors. */
static int limit_cpuset(struct cg *cg, const struct nidus_spec *spec, struct fault *fault)
{
	char have[CPUS_TEXT_MAX];

	if (cg_read_cpus(cg, have, sizeof(have)) < 0 || strlen(have) == sizeof(have) - 1 ||
	    has_cpus(have, spec->cpuset))
		return cg_limit_cpuset(cg, spec->cpuset, fault);
	return spec_refuse(
		spec_about_value(spec, NIDUS_OPTION_CPUSET, fault, "%.80s", spec->cpuset), EINVAL,
		"the processors here are %.80s", have);
}

static int limit_write(struct nidus_sandbox *sandbox, uint32_t have, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;
	struct cg *cg = &sandbox->resources.cg;

	/* a memory limit that swapping can evade is useless: no swap unless swap_bytes allows it */
	if (have & (1u << CG_MEMORY)) {
		uint64_t swap = spec->swap_bytes == NIDUS_UNSET ? 0 : spec->swap_bytes;

		if (cg_limit_memory(cg, spec->memory_bytes, fault) < 0)
			return -1;
		if (cg_limit_swap(cg, spec->memory_bytes, swap, fault) < 0 &&
		    (fault->err != ENOENT || /* the kernel doesn't account for swap */
		     (spec->swap_bytes != NIDUS_UNSET &&
		      limit_lost(sandbox, "swap", NIDUS_OPTION_SWAP, "no swap accounting", fault) <
			      0)))
			return -1;
	}
	if (have & (1u << CG_PIDS) && cg_limit_pids(cg, limit_pids(spec), fault) < 0)
		return -1;
	if (have & (1u << CG_CPU) && cg_limit_cpu(cg, spec->millicpus, fault) < 0)
		return -1;
	if (have & (1u << CG_CPUSET) && limit_cpuset(cg, spec, fault) < 0)
		return -1;
	/* ENOENT: there is a controller, but no I/O scheduler that supports weights */
	if (have & (1u << CG_IO) && cg_limit_io_weight(cg, spec->io_weight, fault) < 0 &&
	    (fault->err != ENOENT || limit_lost(sandbox, "io", NIDUS_OPTION_IO_WEIGHT,
						"no I/O scheduler with weights", fault) < 0))
		return -1;
	return 0;
}

int groups_apply(struct nidus_sandbox *sandbox, struct fault *fault)
{
	struct cg_machine machine;
	uint32_t wanted = limit_wanted(sandbox->spec);
	uint32_t missing = 0;

	if (wanted)
		cg_find(&machine);
	else
		cg_find_place(&machine);
	/* what stands in for a group is weaker: that is for machines that have none */
	if (wanted && machine.unknown)
		return fault_set(fault, STEP_CGROUP, machine.unknown, machine.unknown_path);
	cg_plan(&machine, sandbox->resources.state.id, wanted, &sandbox->resources.cg, &missing);
	if (missing && limit_missing(sandbox, machine.why_not[0] ? machine.why_not : "not writable",
				     missing, fault) < 0)
		return -1;
	if (!cg_exists(&sandbox->resources.cg))
		return 0;
	sandbox->resources.cg_wanted = wanted & ~missing;
	if (limit_journal(sandbox, fault) < 0)
		return -1;
	if (cg_create(&sandbox->resources.cg, sandbox->resources.cg_wanted, fault) < 0)
		return -1;
	if (limit_write(sandbox, sandbox->resources.cg_wanted, fault) < 0)
		return -1;
	/* an ordinary user's groups belong to the id that the command has */
	return sandbox->spec->nest && geteuid() != 0 ? cg_add_leaf(&sandbox->resources.cg, fault) : 0;
}
