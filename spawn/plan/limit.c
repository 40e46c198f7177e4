/* SPDX-License-Identifier: Apache-2.0 */
#include "limit.h"

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

uint64_t limit_nproc(const struct nidus_spec *spec, const struct ids *ids)
{
	return spec->pids + (ids->watch_uid == ids->work_uid);
}
