/* SPDX-License-Identifier: Apache-2.0 */
/* Where each setting comes from, for --explain and for faults about what a profile has set. */
#include <stdio.h>
#include <string.h>

#include "run_options.h"

#define SHOWN_MAX 100 /* bytes of a path in a fault: its end */

int run_origin_add(struct run_parse *parse, const struct run_option *option,
		   const char *const *values, struct fault *fault)
{
	struct run_request *request = parse->request;
	struct arena *arena = &parse->spec->arena;
	struct run_origin *grown;
	const char **kept;

	if (parse->files == 0 || option->id == RUN_PROFILE)
		return 0;
	grown = arena_grow(arena, request->origins, request->origin_count, sizeof(*grown));
	kept = arena_alloc(arena, RUN_VALUES_MAX * sizeof(*kept));
	if (!grown || !kept)
		return run_no_memory(fault, option);
	memcpy(kept, values, option->values * sizeof(*kept));
	request->origins = grown;
	grown[request->origin_count++] = (struct run_origin){
		.option = option,
		.values = kept,
		.file = parse->file,
		.line = parse->line,
	};
	return 0;
}

/* Of these the last one counts; others add up, or each has its own key. */
static bool is_single(enum run_option_id id)
{
	switch (id) {
	case RUN_ROOT:
	case RUN_HOME:
	case RUN_USER:
	case RUN_USERNS:
	case RUN_HOSTNAME:
	case RUN_SECCOMP:
	case RUN_CHDIR:
	case RUN_CWD:
	case RUN_MEMORY:
	case RUN_SWAP:
	case RUN_CPUS:
	case RUN_CPUSET:
	case RUN_IO_WEIGHT:
	case RUN_PIDS:
	case RUN_TIMEOUT:
	case RUN_CPU_TIME:
	case RUN_GRACE:
	case RUN_MEMORY_INTERVAL:
	case RUN_LIMITS_MODE:
	case RUN_NET:
	case RUN_NET_PEER:
	case RUN_NET_FORWARD:
	case RUN_NAME:
	case RUN_LOCK_FILE:
	case RUN_LOCK_WAIT:
	case RUN_EVENTS:
	case RUN_REPORT:
	case RUN_INIT:
		return true;
	default:
		return false;
	}
}

/* The key of a value "KEY=VALUE" or of a variable: a later one with the same key replaces it. */
static size_t key_length(const struct run_origin *origin)
{
	switch (origin->option->id) {
	case RUN_RLIMIT:
	case RUN_LABEL:
	case RUN_JOIN:
		return strcspn(origin->values[0], "=") + 1;
	case RUN_SETENV:
		return strlen(origin->values[0]) + 1;
	default:
		return 0;
	}
}

const struct run_origin *run_origin_replaced(const struct run_request *request,
					     const struct run_origin *origin)
{
	size_t key = key_length(origin);

	for (size_t i = request->origin_count; i-- > 0 && &request->origins[i] != origin;) {
		const struct run_origin *later = &request->origins[i];

		if (later->option == origin->option &&
		    (is_single(origin->option->id) ||
		     (key > 0 && strncmp(later->values[0], origin->values[0], key) == 0)))
			return later;
	}
	return NULL;
}

/* The paths of an operation are the values of its option, not copies. */
static bool is_operation(const struct run_origin *origin, const struct nidus_mount *mount)
{
	for (unsigned int i = 0; i < origin->option->values; i++)
		if (origin->values[i] == mount->dst || origin->values[i] == mount->src)
			return true;
	return false;
}

/* The command line's own checks know no option of the spec: their object begins with the name. */
static bool is_named(const struct run_option *option, const struct fault *fault)
{
	size_t len = strlen(option->name);

	if (fault->option != NIDUS_OPTION_NONE)
		return option->word_for == fault->option;
	return strncmp(fault->what, option->name, len) == 0 &&
	       (fault->what[len] == ' ' || fault->what[len] == '\0');
}

/* Whether the fault is about this setting: of several alike, only where it says which. */
static bool is_about(const struct nidus_spec *spec, const struct run_request *request,
		     const struct run_origin *origin, const struct fault *fault)
{
	if (fault->option == NIDUS_OPTION_MOUNTS)
		return fault->index < spec->mount_count &&
		       is_operation(origin, &spec->mounts[fault->index]);
	if (!is_named(origin->option, fault) || run_origin_replaced(request, origin))
		return false;
	for (size_t i = 0; i < request->origin_count; i++)
		if (&request->origins[i] != origin &&
		    request->origins[i].option == origin->option &&
		    !run_origin_replaced(request, &request->origins[i]))
			return false;
	return true;
}

void cli_blame_profile(const struct nidus_spec *spec, const struct run_request *request,
		       struct fault *fault)
{
	char what[FAULT_WHAT_MAX];

	for (size_t i = 0; i < request->origin_count; i++) {
		const struct run_origin *origin = &request->origins[i];
		size_t len = origin->file ? strlen(origin->file) : 0;

		if (!is_about(spec, request, origin, fault))
			continue;
		if (!origin->file)
			return;
		snprintf(what, sizeof(what), "%s:%u: %.110s",
			 origin->file + (len > SHOWN_MAX ? len - SHOWN_MAX : 0), origin->line,
			 fault->what);
		memcpy(fault->what, what, sizeof(what));
		return;
	}
}
