/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nidus run: parse, check, act. Parsing and checking touch nothing; from
 * prepare() on the spec is const. The acting process has every signal blocked
 * (signals.h) and drives one sandbox in one loop (drive.c); with --detach it is
 * a child of the process that was called (detach.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../init/clock.h"
#include "../../init/fd.h"
#include "../host/open.h"
#include "cli.h"
#include "cwd.h"
#include "detach.h"
#include "drive.h"
#include "ending.h"
#include "outputs.h"
#include "program.h"
#include "signals.h"
#include "timeline.h"

/* The fault of host_open becomes one about the option. */
static int about_path(const char *option, const char *path, struct fault *fault)
{
	snprintf(fault->what, sizeof(fault->what), "%s %.160s", option, path);
	return -1;
}

/* Looks up the path of a descriptor to bind; init checks that it is still the same file. */
static int resolve_bind_fds(struct nidus_spec *spec, struct fault *fault)
{
	for (size_t i = 0; i < spec->mount_count; i++) {
		struct nidus_mount *mount = &spec->mounts[i];
		char link[64], path[PATH_MAX];
		ssize_t len;

		if (mount->kind != NIDUS_BIND_FD)
			continue;
		snprintf(link, sizeof(link), "/proc/self/fd/%d", mount->fd);
		len = readlink(link, path, sizeof(path) - 1);
		if (len < 0)
			return fault_set(fault, STEP_SOURCES, errno, link);
		path[len] = '\0';
		mount->src = nidus_spec_strdup(spec, path);
		if (!mount->src)
			return fault_set(fault, STEP_SOURCES, ENOMEM, link);
	}
	return 0;
}

/* Opens what was given by path; after this the spec is const. */
static int prepare(struct nidus_spec *spec, const struct run_request *request,
		   struct terminal *terminal, struct fault *fault)
{
	if (outputs_open(spec, request, fault) < 0)
		return -1;
	if (request->init_path) {
		spec->init_fd = host_open(request->init_path, HOST_SHOW, O_RDONLY, 0,
					  STEP_INIT_IMAGE, fault);
		if (spec->init_fd < 0)
			return about_path("--init", request->init_path, fault);
	}
	terminal_open(terminal, spec);
	terminal_give_size(spec);
	spec->terminal = terminal->shared;
	spec->foreground = terminal->given;
	return 0;
}

static void say_spec(const struct nidus_spec *spec)
{
	cli_say(CLI_LOG_DEBUG, "mount ops: %zu", spec->mount_count);
	cli_say(CLI_LOG_DEBUG, "arguments: %zu, variables: %zu", spec->argc, spec->envc);
	cli_say(CLI_LOG_DEBUG, "limits: memory %llu, pids %llu, millicpus %llu, wall %llu us, "
		"cpu %llu us", (unsigned long long)spec->memory_bytes,
		(unsigned long long)spec->pids, (unsigned long long)spec->millicpus,
		(unsigned long long)spec->wall_us, (unsigned long long)spec->cpu_us);
}

/* Reports the end. Returns the exit status. */
static int finish(struct drive *drive)
{
	const struct nidus_result *result = nidus_result(drive->sandbox);
	const char *who = drive->spec->name ? drive->spec->name : nidus_id(drive->sandbox);
	int exit_code = result->exit_code;
	struct fault fault = result->fault, canceled;
	char text[512];

	cli_blame_profile(drive->spec, drive->request, &fault);
	if (*drive->tell_fd >= 0) {
		fault_set(&canceled, STEP_HANDSHAKE, ECANCELED, who);
		detach_tell(drive->tell_fd, NULL, result,
			    fault.step != STEP_NONE ? &fault : &canceled,
			    result->exit_code);
	} else if (fault.step != STEP_NONE) {
		cli_fault(&fault);
	}
	ending_say_reason(drive->spec, result);
	/* the directory may be why it failed */
	if (exit_code != 0 && !drive->told_cwd && result->lost_cwd.step != STEP_NONE)
		ending_say_cwd(drive->request, &result->lost_cwd);
	if (ending_say_lost(drive->spec, drive->request, result) && drive->request->report_strict)
		exit_code = CLI_EXIT_INTERNAL;
	if (!result->cleaned)
		cli_say(CLI_LOG_WARN, "%s left on record for nidus gc: %s", who,
			nidus_fault_text(&result->cleanup, text, sizeof(text)));
	cli_say(CLI_LOG_INFO, "%s ended: %s after %llu.%03llu s", who,
		nidus_reason_name(result->reason), (unsigned long long)(result->wall_us / 1000000),
		(unsigned long long)(result->wall_us / 1000 % 1000));
	return exit_code;
}

/* Reports why there is no sandbox. */
static int refuse(int *tell_fd, const struct fault *fault)
{
	int exit_code = nidus_fault_exit_code(fault);

	if (*tell_fd >= 0)
		detach_tell(tell_fd, NULL, NULL, fault, exit_code);
	else
		cli_fault(fault);
	return exit_code;
}

static int drive_to_end(struct drive *drive, struct fault *fault)
{
	cleanup_fd int signal_fd = signals_open();

	if (signal_fd < 0) {
		fault_set(fault, STEP_WATCH, errno, "signalfd");
		return refuse(drive->tell_fd, fault);
	}
	drive->signal_fd = signal_fd;
	if (nidus_start(drive->spec, &drive->sandbox, fault) < 0 ||
	    drive_sandbox(drive, fault) < 0) {
		cli_blame_profile(drive->spec, drive->request, fault);
		return refuse(drive->tell_fd, fault);
	}
	return finish(drive);
}

static int act(struct nidus_spec *spec, const struct run_request *request)
{
	int tell_fd = -1, exit_code, rc;
	struct terminal terminal;
	struct drive drive = { .spec = spec,
			       .request = request,
			       .terminal = &terminal,
			       .tell_fd = &tell_fd };
	struct nidus_timeline timeline = { .us = { 0 } };
	struct fault fault;
	uint64_t mask, parsed_us;

	parsed_us = clock_now_us();
	if (request->detach) {
		rc = detach_fork(spec, request, &tell_fd, &exit_code, &fault);
		if (rc != 0)
			return rc > 0 ? exit_code : refuse(&tell_fd, &fault);
	}
	if (cli_log.level >= CLI_LOG_TRACE)
		spec->timeline = &timeline;
	signals_block(&mask);
	spec->usage_unread = spec->events_fd < 0 && spec->report_fd < 0 && !request->events_path &&
			     !request->report_path;
	say_spec(spec);
	if (prepare(spec, request, &terminal, &fault) < 0) {
		cli_blame_profile(spec, request, &fault);
		outputs_refused(spec, request, &fault);
		exit_code = refuse(&tell_fd, &fault);
	} else {
		exit_code = drive_to_end(&drive, &fault);
		nidus_free(drive.sandbox);
		terminal_close(&terminal);
	}
	timeline_say(spec->timeline, parsed_us);
	spec->timeline = NULL;
	signals_restore(mask);
	return exit_code;
}

/*
 * A limit on file sizes is meant for the command: memfds, journal, events and report of ours
 * must not fail by it. The command gets it back, unless an option sets another.
 */
static void lift_file_size(void)
{
	struct rlimit limit, lifted = { RLIM_INFINITY, RLIM_INFINITY };

	if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return;
	if (setrlimit(RLIMIT_FSIZE, &lifted) == 0)
		return;
	/* without the privilege, as far as it goes: memfd.c says what is too small */
	lifted.rlim_cur = lifted.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &lifted);
}

/* Before all options, so that one of them sets another. */
static void pass_on_file_size(struct nidus_spec *spec)
{
	struct nidus_rlimit callers = { .resource = RLIMIT_FSIZE };
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return;
	callers.soft = limit.rlim_cur;
	callers.hard = limit.rlim_max;
	nidus_spec_add_rlimit(spec, &callers);
}

static int run(int argc, char **argv, struct nidus_spec *spec, struct run_request *request)
{
	struct fault fault;

	int parsed = cli_parse_run(argc, argv, spec, request, &fault);

	program_suffices(spec, request);
	if (parsed < 0)
		goto refuse;
	lift_file_size();
	if (request->help) {
		fputs(cli_help_run, stdout);
		return fflush(stdout) == 0 ? 0 : CLI_EXIT_INTERNAL;
	}
	if (cwd_give(spec, request, &fault) < 0 || resolve_bind_fds(spec, &fault) < 0 ||
	    nidus_spec_check(spec, &fault) < 0) {
		cli_blame_profile(spec, request, &fault);
		goto refuse;
	}
	if (request->explain) {
		if (cli_explain(spec, request, &fault) < 0)
			goto refuse;
		return 0;
	}
	return act(spec, request);
refuse:
	cli_fault(&fault);
	if (!request->explain)
		outputs_refused(spec, request, &fault);
	return CLI_EXIT_INTERNAL;
}

int cli_run(int argc, char **argv)
{
	struct run_request request = { .help = false };
	struct nidus_spec spec;
	struct fault fault;
	int exit_code;

	if (nidus_spec_init(&spec) < 0) {
		fault_set(&fault, STEP_OPTIONS, errno, "environment");
		cli_fault(&fault);
		return CLI_EXIT_INTERNAL;
	}
	spec.signals_ignored &= ~signals_ignored_for_us();
	pass_on_file_size(&spec);
	exit_code = run(argc - 1, argv + 1, &spec, &request);
	nidus_spec_free(&spec);
	return exit_code;
}
