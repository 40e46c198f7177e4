/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In place of what needs a library. What a command line can ask for hands over to the whole
 * program while it is parsed. What only a reader of JSON or a network needs is never reached,
 * because program_suffices has handed over before anything was touched; it fails if it is.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#include <errno.h>

#include "../cli/program.h"
#include "../cli/run_options.h"
#include "../cli/verbs.h"
#include "../confine/caps.h"
#include "../confine/seccomp.h"
#include "../report/events.h"
#include "handover.h"

static int fail(struct fault *fault)
{
	return fault_set(fault, STEP_OPTIONS, ENOSYS, "not in the launcher");
}

/* ---- the command line ---- */

const struct cli_verb *cli_find_verb(const char *name)
{
	static const struct cli_verb run = { .name = "run", .run = cli_run };

	if (strcmp(name, run.name) != 0)
		handover_execute();
	return &run;
}

int cli_help_verb(int argc, char **argv)
{
	handover_execute();
}

int cli_version(int argc, char **argv)
{
	handover_execute();
}

void cli_print_help(FILE *out)
{
	handover_execute();
}

int cli_explain(const struct nidus_spec *spec, const struct run_request *request,
		struct fault *fault)
{
	handover_execute();
}

int run_read_args(struct run_parse *parse, int fd, char ***argv, int *argc, struct fault *fault)
{
	handover_execute(); /* which reads them: they can be read once */
}

uint64_t caps_parse(const char *name)
{
	handover_execute();
}

uint64_t caps_all(void)
{
	handover_execute();
}

/* ---- profiles ---- */

int seccomp_compile(const char *path, struct seccomp_filter *filter, struct fault *fault)
{
	return fail(fault);
}

/* ---- events and reports: nobody listens ---- */

void events_read_namespaces(pid_t pid, struct events_namespaces *namespaces)
{
}

void events_spawned(struct events *events, pid_t pid, const struct events_namespaces *namespaces,
		    const char *cgroup, const struct ip_addr *addr4, const struct ip_addr *addr6)
{
}

void events_setup_finished(struct events *events, pid_t pid, uint64_t setup_us)
{
}

void events_degraded(struct events *events, const char *control, const char *why)
{
}

void events_limit(struct events *events, const char *which, uint64_t used, uint64_t limit)
{
}

void events_exited(struct events *events, const struct nidus_result *result)
{
}

void events_failed(struct events *events, const struct fault *fault)
{
}

void events_cleaned(struct events *events, uint32_t resources, uint64_t us)
{
}

void events_cleanup_failed(struct events *events, const struct fault *fault)
{
}

int events_info(int fd, const char *id, pid_t pid, const struct events_namespaces *namespaces,
		struct fault *fault)
{
	return fail(fault);
}

int report_write(int fd, const char *id, const struct nidus_spec *spec,
		 const struct nidus_result *result, struct fault *fault)
{
	return fd < 0 ? 0 : fail(fault);
}
