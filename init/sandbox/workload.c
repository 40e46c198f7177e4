/* SPDX-License-Identifier: Apache-2.0 */
/* The workload process, between the fork and its exec. */
#include "workload.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "../core/exec.h"
#include "../core/start.h"
#include "../fd.h"
#include "../kernel_abi.h"

static int take_stdio(int fd)
{
	for (int i = 0; i < 3; i++)
		if (dup2(fd, i) < 0)
			return -1;
	return 0;
}

/*
 * Session, process group, terminal. No signal goes to the group before READY, so it is
 * early enough for this process to make it.
 */
static int join_terminal(struct init *in, struct fault *fault)
{
	const struct plan_view *plan = &in->plan;
	pid_t group = getpid();

	if (plan_has(plan, PLAN_TTY | PLAN_NEW_SESSION)) {
		if (setsid() < 0)
			return fault_errno(fault, STEP_TTY, "session");
	} else if (setpgid(0, 0) < 0) {
		return fault_errno(fault, STEP_TTY, "process group");
	}
	if (in->tty_slave >= 0 &&
	    (ioctl(in->tty_slave, TIOCSCTTY, 0) < 0 || take_stdio(in->tty_slave) < 0))
		return fault_errno(fault, STEP_TTY, "controlling terminal");
	/* SIGTTOU is blocked, so that a background process may do this. */
	if (plan_has(plan, PLAN_FOREGROUND) &&
	    ioctl(plan->header->tty_fd, TIOCSPGRP, &group) < 0)
		return fault_errno(fault, STEP_TTY, "foreground");
	return 0;
}

static int join_keyring(const struct plan_view *plan, struct fault *fault)
{
	if (!plan_has(plan, PLAN_NEW_KEYRING))
		return 0;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
		return 0;
	if (errno == ENOSYS) /* a kernel without keyrings has none to share */
		return 0;
	return fault_errno(fault, STEP_USER, "session keyring");
}

static int pass_descriptors(const struct plan_view *plan, struct fault *fault)
{
	for (uint32_t i = 0; i < plan->header->pass_fds.count; i++)
		if (fcntl(plan->pass_fds[i], F_SETFD, 0) < 0)
			return fault_errno(fault, STEP_EXEC, "descriptor to pass on");
	return 0;
}

static char **string_vector(const struct plan_view *plan, const struct plan_ref *refs,
			    uint32_t count, char **vector)
{
	for (uint32_t i = 0; i < count; i++)
		vector[i] = (char *)plan_string(plan, refs[i]); /* not written to */
	vector[count] = NULL;
	return vector;
}

/*
 * Tries each candidate in turn, as execvp(3) does: one that does not exist is skipped, one
 * that may not be reached or executed is remembered, any other failure ends the search.
 */
static int execute(const struct plan_view *plan, struct fault *fault)
{
	static char *argv[PLAN_STRINGS_MAX + 1], *envp[PLAN_STRINGS_MAX + 1];
	const struct plan_header *header = plan->header;
	struct fault found;
	bool fatal = false;

	string_vector(plan, plan->argv, header->argv.count, argv);
	string_vector(plan, plan->envp, header->envp.count, envp);
	fault_set(fault, STEP_EXEC, ENOENT, argv[0]);
	for (uint32_t i = 0; i < header->exec.count && !fatal; i++) {
		const char *path = plan_string(plan, plan->exec[i]);

		exec_file(path, argv, envp);
		fault_errno(&found, STEP_EXEC, path);
		exec_blame(path, &found);
		if (found.err == ENOENT || found.err == ENOTDIR)
			continue;
		fatal = found.err != EACCES && found.err != ELIBACC;
		if (fatal || fault->err == ENOENT)
			*fault = found;
	}
	return -1;
}

/* Drops from full capabilities to those of the workload: each step removes what the last needed. */
static int confine(struct init *in, struct fault *fault)
{
	const struct plan_view *plan = &in->plan;
	int ruleset;

	if (landlock_make(plan, &ruleset, fault) < 0)
		return -1;
	if (control_hold(in, STEP_RLIMIT, fault) < 0 || kernel_set_rlimits(plan, fault) < 0)
		return -1;
	if (control_hold(in, STEP_USER, fault) < 0 || confine_identity(plan, fault) < 0)
		return -1;
	if (!plan_has(plan, PLAN_FORK_FIRST) &&
	    (control_hold(in, STEP_CHDIR, fault) < 0 || confine_chdir(in, fault) < 0))
		return -1;
	if (confine_no_new_privs(plan, fault) < 0 || control_hold(in, STEP_LANDLOCK, fault) < 0)
		return -1;
	return landlock_apply(ruleset, fault);
}

/* Restores mask and SIGCHLD, the only disposition that init has changed. */
static int restore_signals(const struct init *in)
{
	const struct signals inherited = {
		.fd = -1,
		.mask = in->plan.header->signal_mask,
		.ignores_children = in->ignores_children,
	};

	return signals_give_back(&inherited);
}

/*
 * With PLAN_FORK_FIRST the old root is still there: its directory is left, so that the new
 * root becomes the directory, too. Init waits for the opener, so nothing here may keep its
 * pipes open.
 */
static int begin_first(struct init *in, struct fault *fault)
{
	fd_close(&in->opener_ask);
	fd_close(&in->opener_answer);
	if (chdir("/") < 0)
		return fault_errno(fault, STEP_FORK, "/");
	if (plan_has(&in->plan, PLAN_MAKE_NET) && unshare(CLONE_NEWNET) < 0)
		return fault_errno(fault, STEP_NAMESPACES, "network namespace");
	return 0;
}

int workload_execute(struct init *in, struct fault *fault)
{
	const struct plan_view *plan = &in->plan;
	bool first = plan_has(plan, PLAN_FORK_FIRST);

	if (first && begin_first(in, fault) < 0)
		return -1;
	if (plan_has(plan, PLAN_AS_PID_1) &&
	    (view_enter(in, fault) < 0 || view_set(in, fault) < 0))
		return -1;
	if (join_terminal(in, fault) < 0 || join_keyring(plan, fault) < 0)
		return -1;
	if (confine(in, fault) < 0 || pass_descriptors(plan, fault) < 0)
		return -1;
	if (control_hold(in, STEP_EXEC, fault) < 0)
		return -1;
	/* With a filter of the caller's nothing is sure to work any more but the exec. */
	if (first && confine_seccomp(plan, fault) < 0)
		return -1;
	start_hold(&in->job, STEP_COUNT);
	if (first && confine_chdir(in, fault) < 0)
		return -1;
	if (restore_signals(in) < 0)
		return fault_errno(fault, STEP_EXEC, "signals");
	if (!first && confine_seccomp(plan, fault) < 0)
		return -1;
	start_executing(&in->job);
	return execute(plan, fault);
}
