/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of the spec's limits. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../../init/contract.h"
#include "../explain/units.h"
#include "check.h"
#include "refuse.h"

#define PIDS_MAX 4194304 /* the kernel's PID_MAX_LIMIT */
#define MILLICPUS_MIN 10 /* the kernel's smallest quota: 1 ms of a period of 100 ms */
#define MILLICPUS_MAX 8192000
#define CPU_DIGITS_MAX 5
#define IO_WEIGHT_MAX 10000
#define MEMORY_MIN (1u << 20)
#define DURATION_MIN_US 1000u
#define INTERVAL_MAX_US 10000000u
#define GRACE_MAX_US 3600000000u
#define DURATION_MAX_US (UINT64_C(87600) * 3600000000u) /* ten years: far from any overflow */

static int check_duration(const struct nidus_spec *spec, enum nidus_option option, uint64_t us,
			  uint64_t min, uint64_t max, struct fault *fault)
{
	char text[UNITS_TEXT_MAX], least[UNITS_TEXT_MAX], most[UNITS_TEXT_MAX];

	if (us >= min && us <= max)
		return 0;
	return spec_refuse(spec_about_value(spec, option, fault, "%s",
					    units_duration_text(us, text)),
			   EINVAL, "must be %s to %s", units_duration_text(min, least),
			   units_duration_text(max, most));
}

static int check_times(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->wall_us && check_duration(spec, NIDUS_OPTION_WALL, spec->wall_us, DURATION_MIN_US,
					    DURATION_MAX_US, fault) < 0)
		return -1;
	if (spec->cpu_us && check_duration(spec, NIDUS_OPTION_CPU_TIME, spec->cpu_us,
					   DURATION_MIN_US, DURATION_MAX_US, fault) < 0)
		return -1;
	if (check_duration(spec, NIDUS_OPTION_LOCK_WAIT, spec->lock_wait_us, 0, DURATION_MAX_US,
			   fault) < 0 ||
	    check_duration(spec, NIDUS_OPTION_GRACE, spec->grace_us, 0, GRACE_MAX_US, fault) < 0)
		return -1;
	return check_duration(spec, NIDUS_OPTION_MEMORY_INTERVAL, spec->memory_interval_us,
			      DURATION_MIN_US, INTERVAL_MAX_US, fault);
}

/* The number of a processor at *text, which is advanced past it; -1: none. */
static long take_cpu(const char **text)
{
	size_t digits = strspn(*text, "0123456789");
	long cpu;

	if (digits == 0 || digits > CPU_DIGITS_MAX)
		return -1;
	cpu = strtol(*text, NULL, 10);
	*text += digits;
	return cpu;
}

/* A list as the kernel takes it: numbers and ascending ranges, "0-2,5". */
static bool is_cpu_list(const char *text)
{
	long low, high;

	do {
		low = high = take_cpu(&text);
		if (*text == '-') {
			text++;
			high = take_cpu(&text);
		}
		if (low < 0 || high < low)
			return false;
	} while (*text++ == ',');
	return text[-1] == '\0';
}

static int check_rlimits(const struct nidus_spec *spec, struct fault *fault)
{
	uint32_t seen = 0;

	if (spec->rlimit_count > PLAN_RLIMITS_MAX)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_RLIMITS, fault), EINVAL,
				   "at most %d are allowed", PLAN_RLIMITS_MAX);
	for (size_t i = 0; i < spec->rlimit_count; i++) {
		const struct nidus_rlimit *limit = &spec->rlimits[i];

		spec_about_value(spec, NIDUS_OPTION_RLIMITS, fault, "%d", limit->resource);
		if (limit->resource < 0 || limit->resource >= RLIM_NLIMITS)
			return spec_refuse(fault, EINVAL, "no such limit");
		if (seen & 1u << limit->resource)
			return spec_refuse(fault, EINVAL, "given twice");
		seen |= 1u << limit->resource;
		if (limit->soft > limit->hard)
			return spec_refuse(spec_about_value(spec, NIDUS_OPTION_RLIMITS, fault,
							    "%llu:%llu",
							    (unsigned long long)limit->soft,
							    (unsigned long long)limit->hard),
					   EINVAL, "the soft limit is higher than the hard one");
	}
	return 0;
}

static int check_memory(const struct nidus_spec *spec, struct fault *fault)
{
	char text[UNITS_TEXT_MAX];

	spec_about_value(spec, NIDUS_OPTION_MEMORY, fault, "%s",
			 units_size_text(spec->memory_bytes, text));
	if (spec->memory_bytes > 0 && spec->memory_bytes < MEMORY_MIN)
		return spec_refuse(fault, EINVAL, "must be at least 1M");
	if (spec->memory_bytes > INT64_MAX)
		return spec_refuse(fault, EINVAL, "too large");
	if (spec->swap_bytes == NIDUS_UNSET)
		return 0;
	if (spec->memory_bytes == 0)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_SWAP, fault), EINVAL, "needs %s",
				   spec_word(spec, NIDUS_OPTION_MEMORY));
	if (spec->swap_bytes > INT64_MAX - spec->memory_bytes)
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_SWAP, fault, "%s",
						    units_size_text(spec->swap_bytes, text)),
				   EINVAL, "too large");
	return 0;
}

static int check_cpus(const struct nidus_spec *spec, struct fault *fault)
{
	if (spec->millicpus && (spec->millicpus < MILLICPUS_MIN || spec->millicpus > MILLICPUS_MAX))
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_CPUS, fault, "%llu.%03llu",
						    (unsigned long long)spec->millicpus / 1000,
						    (unsigned long long)spec->millicpus % 1000),
				   EINVAL, "must be 0.01 to %d", MILLICPUS_MAX / 1000);
	if (spec->cpuset && (strlen(spec->cpuset) > 1024 || !is_cpu_list(spec->cpuset)))
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_CPUSET, fault, "%.80s",
						    spec->cpuset),
				   EINVAL, "not a list of processors (try 0-2,5)");
	return 0;
}

int spec_check_limits(const struct nidus_spec *spec, struct fault *fault)
{
	if (check_memory(spec, fault) < 0 || check_cpus(spec, fault) < 0)
		return -1;
	if (spec->pids > PIDS_MAX)
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_PIDS, fault, "%llu",
						    (unsigned long long)spec->pids),
				   EINVAL, "must be 1 to %d", PIDS_MAX);
	if (spec->io_weight > IO_WEIGHT_MAX)
		return spec_refuse(spec_about_value(spec, NIDUS_OPTION_IO_WEIGHT, fault, "%u",
						    spec->io_weight),
				   EINVAL, "must be 1 to %d", IO_WEIGHT_MAX);
	if (check_times(spec, fault) < 0)
		return -1;
	return check_rlimits(spec, fault);
}
