/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nidus-init: theory of operation.
 *
 * One static binary, three roles; this file picks the role and is the table of
 * contents of the first. For the others see wrapper/wrapper.c and machine/machine.c.
 *
 * Sandbox role (`nidus-init --sandbox PLAN,CONTROL,REPORT`). The spawner has cloned this process
 * into new namespaces, as PID 1 of the pid namespace, with all capabilities in its
 * user namespace and with every signal blocked. It executes a plan (contract.h)
 * that the spawner made: nothing is parsed, looked up or decided here.
 * Each stage either succeeds or ends the sandbox with a fault that names the step,
 * the errno and the object.
 *
 * There are two processes. Init (PID 1) builds the sandbox, forks, drops everything
 * it no longer needs, and watches: it keeps CAP_KILL, the two channels to the
 * spawner and the descriptors that it measures the limits with. While a root with very
 * many sources is built there is a third, which opens them (sources.c). The workload process
 * confines itself step by step and executes the command. No code of the workload
 * runs before its confinement is complete. With PLAN_AS_PID_1 the workload process is
 * PID 1 as well, of a pid namespace inside that of init, and builds what it will see.
 *
 * The state is one static struct; there is no heap. Signals are never handled
 * asynchronously: all are blocked before init starts, read from a signalfd once the
 * workload runs, and unblocked only in the workload process. When PID 1 ends, the
 * kernel kills every process inside.
 */
#include <limits.h>

#include "core/signals.h"
#include "pid_namespace.h"
#include "sandbox/sandbox.h"
#include "kernel_abi.h"
#include "machine/machine.h"
#include "sandbox/mount.h"
#include "text.h"
#include "wrapper/texts.h"
#include "wrapper/wrapper.h"

/* Holds before the stage if the plan asks for it, then runs it or ends with its fault. */
static void stage(struct init *in, uint32_t step, int (*run)(struct init *, struct fault *))
{
	struct fault fault;

	if (control_hold(in, step, &fault) < 0 || run(in, &fault) < 0)
		init_fail(in, &fault);
}

/* A stage that is not one of the steps of --hold, so no plan can hold before it. */
static void must(struct init *in, int (*run)(struct init *, struct fault *))
{
	stage(in, STEP_COUNT, run);
}

static void no_descriptors(struct init *in)
{
	in->control_fd = in->report_fd = -1;
	in->root_fd = in->stage_fd = in->base_fd = -1;
	in->opener_ask = in->opener_answer = -1;
	in->proc_fd = in->oom_fd = -1;
	in->tty_slave = in->signal_fd = in->job.start_fd = -1;
}

static void __attribute__((noreturn)) sandbox_role(const int fds[3])
{
	static struct init in;
	struct fault fault;

	no_descriptors(&in);
	in.control_fd = fds[1];
	in.report_fd = fds[2];

	/* The parent writes id maps and the plan, moves us into cgroups, sets up the network. */
	if (control_await_go(&in, &fault) < 0 || intake_plan(&in, fds[0], &fault) < 0)
		init_fail(&in, &fault);
	must(&in, harden_start);

	/* The sandbox, from the outside in. */
	stage(&in, STEP_NAMESPACES, namespaces_enter);
	stage(&in, STEP_SOURCES, sources_open);
	stage(&in, STEP_IDENTITY, identity_assume);
	if (plan_has(&in.plan, PLAN_FORK_FIRST))
		stage(&in, STEP_FORK, launch_fork);
	must(&in, proc_open);
	if (!plan_has(&in.plan, PLAN_AS_PID_1)) {
		must(&in, view_enter);
		if (plan_has(&in.plan, PLAN_FORK_FIRST))
			must(&in, launch_meet);
		must(&in, view_set);
	}
	stage(&in, STEP_LIMITS, plan_limits);

	/* The workload: the steps from STEP_RLIMIT on run in its own process (workload.c). */
	if (!plan_has(&in.plan, PLAN_FORK_FIRST)) {
		stage(&in, STEP_FORK, launch_fork);
		must(&in, launch_meet);
	}
	must(&in, launch_release);

	/* From here PID 1 must exit only by init_fail or at the end of watch_workload. */
	must(&in, launch_await);
	report_ready(&in);
	watch_workload(&in);
}

static void __attribute__((noreturn)) refuse(const char *text)
{
	static struct wrapper_options none; /* no name: these texts do not contain it */

	signals_survive_output();
	texts_tell(&none, STDERR_FILENO, text);
	_exit(EXIT_FAULT);
}

/* A descriptor that can't have seals is no plan, so there is no spawner to report to. */
static void sandbox_command(const char *text)
{
	const char *end = text + strlen(text);
	int fds[3];

	for (int i = 0; i < 3; i++) {
		uint64_t fd;

		if (!text_parse(&text, end, &fd) || fd > INT_MAX || *text++ != (i < 2 ? ',' : '\0'))
			refuse("nidus-init: --sandbox is used only by nidus\n");
		fds[i] = (int)fd;
	}
	if (fcntl(fds[0], F_GET_SEALS) < 0)
		refuse("nidus-init: --sandbox is used only by nidus\n");
	sandbox_role(fds);
}

static const char *own_name(char **argv)
{
	const char *name = argv[0] ? argv[0] : "", *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

/*
 * `poweroff`, or `nidus-init poweroff`; when called as tini, dumb-init or catatonit the
 * word is a program to run. Arguments are refused: `nidus-init poweroff -f` would
 * otherwise run the host's program of that name.
 */
static void machine_verb(const char *word, bool has_arguments)
{
	static const char verbs[][9] = {"poweroff", "reboot", "halt"};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(word, verbs[i]) != 0)
			continue;
		if (has_arguments)
			refuse("nidus-init: poweroff, reboot and halt take no arguments; "
			       "put a program after --\n");
		_exit(machine_command(verbs[i]));
	}
}

int main(int argc, char **argv, char **envp)
{
	const char *name = own_name(argv), *first = argc > 1 ? argv[1] : "";
	bool is_init = strcmp(name, "init") == 0;
	bool is_ours = is_init || strcmp(name, "nidus-init") == 0;

	if (argc == 3 && strcmp(first, "--sandbox") == 0)
		sandbox_command(argv[2]);
	if (getpid() == 1) {
		if (is_init || pid_namespace_is_first())
			machine_role(argv, envp);
	} else {
		machine_verb(is_ours ? first : name, is_ours && argc > 2);
	}
	if (strcmp(first, "--machine") == 0)
		machine_role(argv, envp);
	wrapper_role(argv, envp);
}
