/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `nidus run`: limits. 0 means "none" in the spec, so it is refused here. */
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "../../init/values.h"
#include "run_set.h"

#define PIDS_MAX 4194304ull /* PID_MAX_LIMIT of 64-bit kernels */
#define IO_WEIGHT_MAX 10000 /* cgroup v2: io.weight */

int run_set_positive_duration(const struct run_option *option, const char *value,
				   uint64_t *us, struct fault *fault)
{
	if (cli_parse_duration(option->name, value, us, fault) < 0)
		return -1;
	return *us > 0 ? 0 : run_refuse(fault, option, value, "must be more than 0");
}

int run_set_positive_size(const struct run_option *option, const char *value,
			       uint64_t *bytes, struct fault *fault)
{
	if (cli_parse_size(option->name, value, bytes, fault) < 0)
		return -1;
	return *bytes > 0 ? 0 : run_refuse(fault, option, value, "must be more than 0");
}

/* Names as in ulimit's man page and getrlimit(2), without RLIMIT_. -1: no such name. */
static int parse_resource(const char *name, size_t len)
{
	static const struct {
		const char *name;
		int resource;
	} names[] = {
		{ "as", RLIMIT_AS }, { "core", RLIMIT_CORE }, { "cpu", RLIMIT_CPU },
		{ "data", RLIMIT_DATA }, { "fsize", RLIMIT_FSIZE }, { "locks", RLIMIT_LOCKS },
		{ "memlock", RLIMIT_MEMLOCK }, { "msgqueue", RLIMIT_MSGQUEUE },
		{ "nice", RLIMIT_NICE }, { "nofile", RLIMIT_NOFILE }, { "nproc", RLIMIT_NPROC },
		{ "rss", RLIMIT_RSS }, { "rtprio", RLIMIT_RTPRIO }, { "rttime", RLIMIT_RTTIME },
		{ "sigpending", RLIMIT_SIGPENDING }, { "stack", RLIMIT_STACK },
	};

	if (len > 7 && strncasecmp(name, "rlimit_", 7) == 0) {
		name += 7;
		len -= 7;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i].name) == len && strncasecmp(names[i].name, name, len) == 0)
			return names[i].resource;
	return -1;
}

static bool parse_rlimit_value(const char *text, size_t len, uint64_t *value)
{
	char copy[32];

	if (len == 0 || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (strcmp(copy, "unlimited") == 0) {
		*value = RLIM_INFINITY;
		return true;
	}
	return values_size(copy, value);
}

/* NAME=SOFT[:HARD]; the hard limit defaults to the soft one. */
int run_add_rlimit(struct nidus_spec *spec, const struct run_option *option, const char *value,
		      struct fault *fault)
{
	size_t name_len = strcspn(value, "="), soft_len;
	const char *soft = value + name_len + 1;
	struct nidus_rlimit rlimit = { .resource = parse_resource(value, name_len) };

	if (rlimit.resource < 0)
		return run_refuse(fault, option, value, "no such resource; see getrlimit(2) "
				  "(try nofile=1024 or core=0:unlimited)");
	if (value[name_len] != '=')
		return run_refuse(fault, option, value,
				  "must be NAME=SOFT[:HARD] (try nofile=1024)");
	soft_len = strcspn(soft, ":");
	if (!parse_rlimit_value(soft, soft_len, &rlimit.soft))
		goto refuse;
	rlimit.hard = rlimit.soft;
	if (soft[soft_len] == ':' &&
	    !parse_rlimit_value(soft + soft_len + 1, strlen(soft + soft_len + 1), &rlimit.hard))
		goto refuse;
	if (rlimit.soft > rlimit.hard)
		return run_refuse(fault, option, value,
				  "the soft limit is higher than the hard one");
	if (nidus_spec_add_rlimit(spec, &rlimit) < 0)
		return run_no_memory(fault, option);
	return 0;
refuse:
	return run_refuse(fault, option, value, "a limit is a number, also with K, M, G or T, "
			  "or unlimited");
}

int run_set_limits_mode(struct nidus_spec *spec, const struct run_option *option, const char *value,
		    struct fault *fault)
{
	bool best_effort = strcmp(value, "best-effort") == 0;

	if (!best_effort && strcmp(value, "strict") != 0)
		return run_refuse(fault, option, value, "must be strict or best-effort");
	spec->best_effort = best_effort;
	return 0;
}

int run_set_io_weight(struct nidus_spec *spec, const struct run_option *option,
			 const char *value, struct fault *fault)
{
	uint64_t weight;

	if (cli_parse_number(option->name, value, 1, IO_WEIGHT_MAX, &weight, fault) < 0)
		return -1;
	spec->io_weight = (uint32_t)weight;
	return 0;
}

int run_set_pids(struct nidus_spec *spec, const struct run_option *option, const char *value,
		 struct fault *fault)
{
	return cli_parse_number(option->name, value, 1, PIDS_MAX, &spec->pids, fault);
}
