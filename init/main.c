/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nidus-init: theory of operation.
 *
 * One static binary, several roles; this file picks the role and is the table of
 * contents of each.
 *
 * Sandbox role (`nidus-init --sandbox FD`). The spawner has cloned this process
 * into new namespaces, as PID 1 of the pid namespace, with all capabilities in its
 * user namespace and with every signal blocked. It executes a plan (contract.h)
 * that the spawner made: there is nothing to parse, to look up or to decide here.
 * Each stage either succeeds or ends the sandbox with a fault that names the step,
 * the errno and the object.
 *
 * There are two processes. Init (PID 1) builds the sandbox, forks, drops all that
 * it no longer needs, and watches: it keeps CAP_KILL, the two channels to the
 * spawner and what the limits are measured with. The workload's process confines
 * itself step by step and executes the command. Nothing of the workload's runs
 * before all of its confinement stands.
 *
 * The state is one static struct; there is no heap. Signals are never handled
 * asynchronously: all are blocked from before the start, read from a signalfd once
 * the workload runs, and unblocked in the workload's process alone. The end of
 * PID 1 is the end of every process inside: the kernel's promise, not ours.
 */
#include <errno.h>
#include <limits.h>

#include "init.h"
#include "kernel_abi.h"
#include "mount.h"
#include "procfs.h"
#include "text.h"

#define VERSION_LINE "nidus-init 0.1.0\n"
#define NO_ROLE_LINE "nidus-init: the drop-in role is not available yet\n"

void init_fail(struct init *in, const struct fault *fault)
{
	report_fault(in, REPORT_FAULT, fault);
	_exit(EXIT_FAULT); /* PID 1: the kernel ends everything inside with it */
}

/* Stops before the stage where the plan says so, then carries it out or ends with its fault. */
static void stage(struct init *in, uint32_t step, int (*run)(struct init *, struct fault *))
{
	struct fault fault;

	if (control_hold(in, step, &fault) < 0 || run(in, &fault) < 0)
		init_fail(in, &fault);
}

/* What no plan can hold before: not one of the steps of --hold. */
static void must(struct init *in, int (*run)(struct init *, struct fault *))
{
	stage(in, STEP_COUNT, run);
}

static void no_descriptors(struct init *in)
{
	in->control_fd = in->report_fd = -1;
	in->root_fd = in->stage_fd = -1;
	in->proc_fd = in->oom_fd = -1;
	in->tty_slave = in->signal_fd = in->start_fd = -1;
}

static void __attribute__((noreturn)) sandbox_role(int plan_fd)
{
	static struct init in;
	struct fault fault;

	no_descriptors(&in);
	if (intake_plan(&in, plan_fd, &fault) < 0)
		init_fail(&in, &fault);

	/* The parent writes id maps, moves us into cgroups, sets up the network. */
	must(&in, control_await_go);
	must(&in, harden_start);

	/* The sandbox, from the outside in. */
	stage(&in, STEP_NAMESPACES, namespaces_enter);
	stage(&in, STEP_SOURCES, sources_open);
	stage(&in, STEP_IDENTITY, identity_assume);
	must(&in, procfs_open);
	stage(&in, STEP_ROOT, root_build);
	stage(&in, STEP_PIVOT, root_enter);
	stage(&in, STEP_HOST, kernel_set);
	stage(&in, STEP_TTY, tty_open);
	stage(&in, STEP_LIMITS, limits_prepare);

	/* The workload: the steps from STEP_RLIMIT on are its own process's (start.c). */
	stage(&in, STEP_FORK, child_start);

	/* From here PID 1 must not exit but through init_fail or at the end of reap_watch. */
	must(&in, child_await_exec);
	report_ready(&in);
	reap_watch(&in);
}

static void __attribute__((noreturn)) say(int fd, const char *line, int status)
{
	ssize_t n = write(fd, line, strlen(line));

	(void)n; /* nobody to tell that nobody listens */
	_exit(status);
}

int main(int argc, char **argv)
{
	const char *digits = argc == 3 ? argv[2] : "";
	uint64_t fd;

	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		say(STDOUT_FILENO, VERSION_LINE, 0);
	if (argc == 3 && strcmp(argv[1], "--sandbox") == 0 &&
	    text_parse(&digits, digits + strlen(digits), &fd) && *digits == '\0' && fd <= INT_MAX)
		sandbox_role((int)fd);
	say(STDERR_FILENO, NO_ROLE_LINE, EXIT_FAULT);
}
