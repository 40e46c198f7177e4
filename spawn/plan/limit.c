/* SPDX-License-Identifier: Apache-2.0 */
#include "limit.h"

#include <sys/resource.h>

#define FREE_SHARE 4

/* RLIMIT_NPROC counts per user: PID 1 counts if it runs as the same one. */
static uint64_t nproc_of_init(const struct ids *ids)
{
	return ids->watch_uid == ids->work_uid;
}

uint32_t limit_wanted(const struct nidus_spec *spec)
{
	uint32_t wanted = 0;

	if (spec->memory_bytes)
		wanted |= 1u << CG_MEMORY;
	if (spec->pids)
		wanted |= 1u << CG_PIDS;
	if (spec->millicpus)
		wanted |= 1u << CG_CPU;
	if (spec->cpuset)
		wanted |= 1u << CG_CPUSET;
	if (spec->io_weight)
		wanted |= 1u << CG_IO;
	if (spec->cpu_us)
		wanted |= 1u << CG_CPUACCT;
	return wanted;
}

bool limit_sets(const struct nidus_spec *spec, int resource)
{
	for (size_t i = 0; i < spec->rlimit_count; i++)
		if (spec->rlimits[i].resource == resource)
			return true;
	return false;
}

uint64_t limit_default_nproc(const struct nidus_spec *spec, const struct ids *ids,
			     const struct limit_room *room)
{
	uint64_t pids = room->free_pids / FREE_SHARE;

	if (spec->pids || !ids->new_userns || limit_sets(spec, RLIMIT_NPROC))
		return 0;
	if (pids > LIMIT_PIDS_DEFAULT)
		pids = LIMIT_PIDS_DEFAULT;
	if (pids == 0)
		pids = 1; /* 0 would be no limit, on the machine that needs one most */
	pids += nproc_of_init(ids);
	return pids < room->nproc_hard ? pids : room->nproc_hard;
}

uint64_t limit_nproc(const struct nidus_spec *spec, const struct ids *ids)
{
	return spec->pids + nproc_of_init(ids);
}
