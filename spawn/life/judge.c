/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

/*
 * Never by the signal alone: kill(2) makes the same status as the kernel does for a limit or a
 * filter. A file that has reached RLIMIT_FSIZE refuses every further write, by SIGXFSZ or to a
 * program that ignores that by EFBIG.
 */
static enum nidus_reason reason_of_end(const struct evidence *evidence,
				       const struct nidus_result *result)
{
	bool failed = result->signal ? result->signal == SIGXFSZ : result->exit_code != 0;

	if (evidence->output_full && failed)
		return NIDUS_OUTPUT_LIMIT;
	return result->signal ? NIDUS_SIGNALED : NIDUS_EXITED;
}

static bool was_oom(const struct nidus_result *result)
{
	return result->oom_kills != NIDUS_UNSET && result->oom_kills > 0;
}

/* How the workload itself ended, then what takes precedence over that. */
static void judge_exited(const struct evidence *evidence, struct nidus_result *result)
{
	uint32_t code = evidence->exited.u.exited.code;
	uint32_t status = evidence->exited.u.exited.status;
	uint32_t limit = evidence->exited.u.exited.limit;

	if (code == CLD_EXITED) {
		result->exit_code = (int)(status & 0xff);
	} else {
		result->signal = (int)status;
		result->core_dumped = code == CLD_DUMPED;
		result->exit_code = 128 + (int)status;
	}
	result->reason = reason_of_end(evidence, result);
	if (result->exit_code != 0 && result->pids_max_hits != NIDUS_UNSET &&
	    result->pids_max_hits > 0)
		result->reason = NIDUS_PIDS_LIMIT;
	if (evidence->canceled || evidence->canceled_on_record || evidence->exited.u.exited.by_stop)
		result->reason = NIDUS_CANCELED;
	if (limit == LIMIT_WALL || limit == LIMIT_CPU) {
		result->reason = limit == LIMIT_WALL ? NIDUS_WALL_TIMEOUT : NIDUS_CPU_TIMEOUT;
		result->exit_code = 124;
	}
	/* from the kernel's counter or the monitor, never guessed from 137 */
	if (limit == LIMIT_MEMORY || was_oom(result)) {
		result->reason = NIDUS_OOM;
		result->exit_code = 137;
	}
}

static void judge_lost(const struct evidence *evidence, struct nidus_result *result)
{
	result->signal = evidence->wait_code == CLD_EXITED ? 0 : evidence->wait_status;
	/* memory.oom.group of a group above ours kills PID 1 as well */
	if (result->signal == SIGKILL && was_oom(result)) {
		result->reason = NIDUS_OOM;
		result->exit_code = 137;
		return;
	}
	result->exit_code = 125;
	if (evidence->canceled || evidence->canceled_on_record) {
		result->reason = NIDUS_CANCELED;
		result->exit_code = 137;
		return;
	}
	if (evidence->init_cpu_limited && result->signal == SIGKILL) {
		result->reason = NIDUS_INTERNAL;
		fault_set(&result->fault, STEP_WATCH, 0, "RLIMIT_CPU of PID 1, set from inside");
		return;
	}
	result->reason = NIDUS_INIT_LOST;
	if (evidence->handshake_timeout)
		fault_set(&result->fault, STEP_HANDSHAKE, ETIMEDOUT, "init");
	/* this is how reboot(2) in a pid namespace ends its PID 1: pid_namespaces(7) */
	else if (result->signal == SIGHUP || result->signal == SIGINT)
		fault_set(&result->fault, STEP_WATCH, 0, "PID 1 ended by reboot(2) inside");
	else
		fault_set(&result->fault, STEP_WATCH, 0, "PID 1 was killed");
}

void judge(const struct evidence *evidence, struct nidus_result *result)
{
	bool was_ready = evidence->ready_us != 0;

	result->wall_us = was_ready ? evidence->ending_us - evidence->ready_us : 0;
	if (evidence->has_fault) {
		result->reason = was_ready ? NIDUS_INTERNAL : NIDUS_START_ERROR;
		result->exit_code = nidus_fault_exit_code(&result->fault);
		/* killed on request before it ran: that is what caused the fault */
		if (!was_ready && evidence->canceled_on_record)
			result->reason = NIDUS_CANCELED;
	} else if (evidence->has_exited_record) {
		judge_exited(evidence, result);
	} else {
		judge_lost(evidence, result);
	}
}
