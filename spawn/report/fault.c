/* SPDX-License-Identifier: Apache-2.0 */
/* Faults and reasons in words: the names that messages, events and the command line use. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../init/contract.h"
#include "../nidus.h"

static const char *const step_names[STEP_COUNT] = {
	[STEP_NONE] = "none",
	[STEP_OPTIONS] = "options",
	[STEP_KERNEL] = "kernel",
	[STEP_STATE] = "state",
	[STEP_LOCK_FILE] = "lock-file",
	[STEP_CGROUP] = "cgroup",
	[STEP_SECCOMP] = "seccomp",
	[STEP_PLAN] = "plan",
	[STEP_INIT_IMAGE] = "init-image",
	[STEP_NETWORK] = "network",
	[STEP_CLONE] = "clone",
	[STEP_EXEC_INIT] = "exec-init",
	[STEP_ID_MAP] = "id-map",
	[STEP_HANDSHAKE] = "handshake",
	[STEP_NAMESPACES] = "namespaces",
	[STEP_SOURCES] = "sources",
	[STEP_IDENTITY] = "identity",
	[STEP_ROOT] = "root",
	[STEP_PIVOT] = "pivot_root",
	[STEP_HOST] = "host",
	[STEP_TTY] = "tty",
	[STEP_RLIMIT] = "rlimit",
	[STEP_LIMITS] = "limits",
	[STEP_FORK] = "fork",
	[STEP_USER] = "user",
	[STEP_CHDIR] = "chdir",
	[STEP_LANDLOCK] = "landlock",
	[STEP_EXEC] = "exec",
	[STEP_WATCH] = "watch",
	[STEP_CLEANUP] = "cleanup",
};

static const char *const reason_names[NIDUS_REASON_COUNT] = {
	[NIDUS_EXITED] = "exited",
	[NIDUS_SIGNALED] = "signaled",
	[NIDUS_WALL_TIMEOUT] = "wall_timeout",
	[NIDUS_CPU_TIMEOUT] = "cpu_timeout",
	[NIDUS_OOM] = "oom",
	[NIDUS_PIDS_LIMIT] = "pids_limit",
	[NIDUS_OUTPUT_LIMIT] = "output_limit",
	[NIDUS_START_ERROR] = "start_error",
	[NIDUS_CANCELED] = "canceled",
	[NIDUS_SPAWNER_LOST] = "spawner_lost",
	[NIDUS_INIT_LOST] = "init_lost",
	[NIDUS_INTERNAL] = "internal",
};

const char *nidus_step_name(uint32_t step)
{
	if (step >= STEP_COUNT || !step_names[step])
		return "unknown";
	return step_names[step];
}

const char *nidus_reason_name(enum nidus_reason reason)
{
	if ((unsigned int)reason >= NIDUS_REASON_COUNT)
		return "unknown";
	return reason_names[reason];
}

const char *nidus_fault_text(const struct fault *fault, char *text, size_t size)
{
	bool about_option = fault->option != NIDUS_OPTION_NONE || fault->step == STEP_OPTIONS;
	const char *side = fault->step >= STEP_NAMESPACES && fault->step <= STEP_EXEC ? "init: " : "";
	const char *step = about_option ? "" : nidus_step_name(fault->step);
	const char *why = fault->why[0] || fault->err == 0 ? fault->why : strerror(fault->err);

	/* the object is a whole sentence, as in "kernel: Linux 5.14 or newer is needed" */
	if (!about_option && why[0] == '\0' && fault->what[0])
		snprintf(text, size, "%s%s: %s", side, step, fault->what);
	else
		snprintf(text, size, "%s%s%s%s%s%s", about_option ? "" : side, step,
			 step[0] && fault->what[0] ? " " : "", fault->what,
			 why[0] && (step[0] || fault->what[0]) ? ": " : "", why);
	return text;
}

int nidus_fault_exit_code(const struct fault *fault)
{
	if (fault->step != STEP_EXEC)
		return 125;
	return fault->err == ENOENT || fault->err == ENOTDIR ? 127 : 126;
}
