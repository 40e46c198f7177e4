/* SPDX-License-Identifier: Apache-2.0 */
/* Faults and reasons in words: the names that people, events and --hold use. */
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
	[NIDUS_SECCOMP_KILL] = "seccomp_kill",
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

/* About an option, its object being that option with its values: no step need be told. */
static bool names_option(const struct fault *fault)
{
	switch (fault->step) {
	case STEP_CGROUP:
	case STEP_NAMESPACES:
	case STEP_SOURCES:
	case STEP_ROOT:
		return strncmp(fault->what, "--", 2) == 0;
	default:
		return false;
	}
}

/* The object is a whole sentence, which the errno's text could only repeat. */
static bool is_sentence(const struct fault *fault)
{
	if (fault->err == 0)
		return true;
	switch (fault->step) {
	case STEP_OPTIONS:
		return true;
	case STEP_STATE: /* a name, held by whom */
		return fault->err == EEXIST;
	case STEP_LOCK_FILE: /* held by whom */
		return fault->err == EWOULDBLOCK;
	case STEP_CGROUP: /* a limit that can't be had, and why */
		return fault->err == ENOTSUP && names_option(fault);
	default:
		return false;
	}
}

/* Why it failed: where something was to be made what is read-only, what helps, too. */
static const char *reason_text(const struct fault *fault)
{
	/* --chmod is of what exists, as --file may be */
	if (fault->step == STEP_ROOT && fault->err == EROFS && names_option(fault) &&
	    strncmp(fault->what, "--chmod ", 8) != 0 && strncmp(fault->what, "--file ", 7) != 0)
		return "the destination is not there, and it can't be made where all is read-only; "
		       "use a path below /tmp or /run, or one that exists, as /mnt";
	return strerror(fault->err);
}

const char *nidus_fault_text(const struct fault *fault, char *text, size_t size)
{
	const char *side = fault->step >= STEP_NAMESPACES && fault->step <= STEP_EXEC ? "init: " : "";
	const char *step = nidus_step_name(fault->step);
	bool is_option = fault->step == STEP_OPTIONS || names_option(fault);

	if (is_option && is_sentence(fault))
		snprintf(text, size, "%s", fault->what);
	else if (is_option)
		snprintf(text, size, "%s: %s", fault->what, reason_text(fault));
	else if (is_sentence(fault))
		snprintf(text, size, "%s%s: %s", side, step, fault->what);
	else
		snprintf(text, size, "%s%s%s%s: %s", side, step, fault->what[0] ? " " : "",
			 fault->what, strerror(fault->err));
	return text;
}

int nidus_fault_exit_code(const struct fault *fault)
{
	if (fault->step != STEP_EXEC)
		return 125;
	return fault->err == ENOENT || fault->err == ENOTDIR ? 127 : 126;
}
