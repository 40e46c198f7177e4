/* SPDX-License-Identifier: Apache-2.0 */
#include "ending.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../explain/units.h"
#include "../spec/refuse.h"

#define LIMIT_TEXT_MAX 160

/* "--memory 64M": a limit as it was asked for. */
static const char *limit_text(const struct nidus_spec *spec, enum nidus_option option,
			      char text[LIMIT_TEXT_MAX])
{
	char units[UNITS_TEXT_MAX], number[UNITS_TEXT_MAX];
	const char *value = number;

	number[0] = '\0';
	if (option == NIDUS_OPTION_MEMORY)
		value = units_size_text(spec->memory_bytes, units);
	else if (option == NIDUS_OPTION_SWAP)
		value = units_size_text(spec->swap_bytes, units);
	else if (option == NIDUS_OPTION_WALL)
		value = units_duration_text(spec->wall_us, units);
	else if (option == NIDUS_OPTION_CPU_TIME)
		value = units_duration_text(spec->cpu_us, units);
	else if (option == NIDUS_OPTION_CPUSET)
		value = spec->cpuset;
	else if (option == NIDUS_OPTION_PIDS)
		snprintf(number, sizeof(number), "%llu", (unsigned long long)spec->pids);
	else if (option == NIDUS_OPTION_IO_WEIGHT)
		snprintf(number, sizeof(number), "%u", spec->io_weight);
	else if (option == NIDUS_OPTION_CPUS)
		snprintf(number, sizeof(number), "%g", (double)spec->millicpus / 1000);
	snprintf(text, LIMIT_TEXT_MAX, "%s %.80s", spec_word(spec, option), value);
	return text;
}

void ending_say_weaker(const struct nidus_spec *spec, const struct nidus_weaker *weaker,
		       size_t count)
{
	char text[LIMIT_TEXT_MAX];

	for (size_t i = 0; i < count; i++)
		cli_say(CLI_LOG_WARN, "%s: %s", limit_text(spec, weaker[i].option, text),
			weaker[i].how);
}

void ending_say_cwd(const struct run_request *request, const struct fault *lost)
{
	/* what only its owner may enter must belong to the command, which --cwd rw achieves */
	bool closed = lost->err == EACCES;

	if (request->cwd == RUN_CWD_NONE)
		return;
	cli_say(CLI_LOG_WARN, "the command starts in / and not in %s: %s; --cwd %s gives access",
		lost->what, strerror(lost->err), closed ? "rw" : "ro (or rw)");
}

/* " (peak 20.1M)"; "" if nothing was measured. */
static const char *peak_text(uint64_t bytes, char text[UNITS_TEXT_MAX])
{
	static const char units[] = "KMGT";
	double amount = (double)bytes / 1024;
	size_t unit = 0;

	text[0] = '\0';
	if (bytes == NIDUS_UNSET)
		return text;
	while (amount >= 1000 && unit < sizeof(units) - 2) {
		amount /= 1024;
		unit++;
	}
	snprintf(text, UNITS_TEXT_MAX, " (peak %.*f%c)", amount < 100 ? 1 : 0, amount, units[unit]);
	return text;
}

static void say_memory(const struct nidus_spec *spec, const struct nidus_result *result)
{
	char limit[LIMIT_TEXT_MAX], peak[UNITS_TEXT_MAX];

	peak_text(result->memory_peak, peak);
	if (spec->memory_bytes)
		cli_say(CLI_LOG_WARN, "ended by %s%s", limit_text(spec, NIDUS_OPTION_MEMORY, limit),
			peak);
	else
		cli_say(CLI_LOG_WARN, "ended by the kernel, for want of memory%s", peak);
}

static void say_cpu_time(const struct nidus_spec *spec, const struct nidus_result *result)
{
	uint64_t used_us = result->cpu_user_us + result->cpu_sys_us;
	char limit[LIMIT_TEXT_MAX];

	cli_say(CLI_LOG_WARN, "ended by %s (used %llu.%02llus)",
		limit_text(spec, NIDUS_OPTION_CPU_TIME, limit),
		(unsigned long long)(used_us / 1000000),
		(unsigned long long)(used_us / 10000 % 100));
}

/* Whatever it ended by: a program that was refused a thread may have waited for it. */
static void say_pids(const struct nidus_spec *spec, const struct nidus_result *result)
{
	char limit[LIMIT_TEXT_MAX];

	if (spec->pids && result->pids_max_hits != NIDUS_UNSET && result->pids_max_hits > 0)
		cli_say(CLI_LOG_WARN, "%s refused %llu %s",
			limit_text(spec, NIDUS_OPTION_PIDS, limit),
			(unsigned long long)result->pids_max_hits,
			result->pids_max_hits == 1 ? "process or thread" : "processes or threads");
}

void ending_say_reason(const struct nidus_spec *spec, const struct nidus_result *result)
{
	char limit[LIMIT_TEXT_MAX];

	say_pids(spec, result);
	switch (result->reason) {
	case NIDUS_WALL_TIMEOUT:
		cli_say(CLI_LOG_WARN, "ended by %s", limit_text(spec, NIDUS_OPTION_WALL, limit));
		break;
	case NIDUS_CPU_TIMEOUT:
		say_cpu_time(spec, result);
		break;
	case NIDUS_OOM:
		say_memory(spec, result);
		break;
	case NIDUS_OUTPUT_LIMIT:
		cli_say(CLI_LOG_WARN, "a file reached %s fsize",
			spec_word(spec, NIDUS_OPTION_RLIMITS));
		break;
	case NIDUS_SIGNALED: /* the same status for both, and no evidence of either */
		if (result->signal == SIGSYS)
			cli_say(CLI_LOG_WARN, "ended by SIGSYS: a seccomp filter, or a signal");
		break;
	case NIDUS_CANCELED:
		if (result->setup_us > 0)
			cli_say(CLI_LOG_WARN, "ended by nidus stop or nidus kill");
		break;
	default: /* by itself, or by a fault, which has its own line */
		/* the same status for both, and no evidence of either */
		if (result->signal == SIGSYS)
			cli_say(CLI_LOG_WARN, "ended by SIGSYS: a seccomp filter, or a signal");
		break;
	}
}

bool ending_say_lost(const struct nidus_spec *spec, const struct run_request *request,
		     const struct nidus_result *result)
{
	if (result->events_lost > 0)
		cli_say(CLI_LOG_WARN, "%s%s%s: %llu lost: %s", spec_word(spec, NIDUS_OPTION_EVENTS),
			request->events_path ? " " : "",
			request->events_path ? request->events_path : "",
			(unsigned long long)result->events_lost, strerror(result->events_errno));
	if (result->report_errno)
		cli_say(CLI_LOG_WARN, "%s%s%s: lost: %s", spec_word(spec, NIDUS_OPTION_REPORT),
			request->report_path ? " " : "",
			request->report_path ? request->report_path : "",
			strerror(result->report_errno));
	return result->events_lost > 0 || result->report_errno;
}
