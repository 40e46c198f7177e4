/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From clone3 to everything that must be done before GO. The descriptors that the plan names
 * are made here too; a second try makes all of it again. The plan itself is written last:
 * PID 1 reads it after GO.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../plan/limit.h"
#include "../spec/refuse.h"
#include "child.h"
#include "core.h"
#include "join.h"
#include "memfd.h"
#include "phases.h"

#define KEEP_OTHERS 13 /* descriptors for init besides those of mounts and --pass-fd */

/* Both ends of the two channels, and the descriptors that the plan refers to. */
struct wires {
	int control[2], report[2]; /* [0] ours, [1] init's */
	int plan, image, tty, cpu_usage;
	uint32_t cpu_usage_form;
};

static void wires_close(struct wires *wires)
{
	fd_close(&wires->control[0]);
	fd_close(&wires->control[1]);
	fd_close(&wires->report[0]);
	fd_close(&wires->report[1]);
	fd_close(&wires->plan);
	fd_close(&wires->image);
	fd_close(&wires->tty);
	fd_close(&wires->cpu_usage);
}

static int wires_open(struct nidus_sandbox *sandbox, struct wires *wires, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, wires->control) < 0 ||
	    pipe2(wires->report, O_CLOEXEC | O_NONBLOCK) < 0)
		return fault_set(fault, STEP_HANDSHAKE, errno, "channels");
	if (spec->terminal) {
		wires->tty = fcntl(spec->stdio[0], F_DUPFD_CLOEXEC, 3);
		if (wires->tty < 0)
			return fault_set(fault, STEP_TTY, errno, "stdin");
	}
	if (spec->cpu_us && sandbox->resources.cg_wanted & (1u << CG_CPUACCT))
		wires->cpu_usage = cg_cpu_fd(&sandbox->resources.cg, &wires->cpu_usage_form);
	wires->plan = memfd_empty("nidus-plan", fault);
	if (wires->plan < 0)
		return -1;
	wires->image = memfd_init_image(spec->init_fd, fault);
	return wires->image < 0 ? -1 : 0;
}

/* Descriptors that init keeps open until it exits. */
static size_t hold_list(const struct nidus_sandbox *sandbox, int list[2])
{
	size_t count = 0;

	if (sandbox->resources.lock_file_fd >= 0)
		list[count++] = sandbox->resources.lock_file_fd;
	if (sandbox->spec->sync_fd >= 0)
		list[count++] = sandbox->spec->sync_fd;
	return count;
}

static int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi; /* on ENOSYS and EOPNOTSUPP the plan reports the reason */
}

/* Init reads them to the end, and a second PID 1 has to read them again. */
static int rewind_files(const struct nidus_sandbox *sandbox)
{
	const int fds[] = { sandbox->prepared.resolv_fd, sandbox->prepared.hosts_fd,
			    sandbox->prepared.hostname_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0 && lseek(fds[i], 0, SEEK_SET) < 0)
			return -1;
	return 0;
}

/* What the plan needs to know of the machine and of open descriptors. */
static void fill_context(const struct nidus_sandbox *sandbox, const int *hold, size_t hold_count,
			 struct plan_context *context)
{
	const struct nidus_spec *spec = sandbox->spec;
	const struct inits *inits = &sandbox->channels.inits;
	const struct prepared *prepared = &sandbox->prepared;

	plan_context_init(context, &prepared->ids);
	context->control_fd = inits->control;
	context->report_fd = inits->report;
	context->tty_fd = inits->tty;
	context->cpu_usage_fd = inits->cpu_usage;
	context->cpu_usage_form = inits->cpu_usage_form;
	context->monitor_bytes = prepared->monitor_bytes;
	context->nproc_limit =
		prepared->pids_by_rlimit
			? limit_nproc(spec, &prepared->ids)
			: limit_default_nproc(spec, &prepared->ids, &prepared->view.room);
	context->no_core_handler = !limit_sets(spec, RLIMIT_CORE) && prepared->view.room.core_hard > 0;
	context->filter = prepared->filter.code;
	context->filter_count = prepared->filter.count;
	context->root_src = prepared->root_src;
	context->has_bare_sys = prepared->root_sys == ROOT_SYS_EMPTY;
	context->groups = cg_exists(&sandbox->resources.cg) ? &sandbox->resources.cg : NULL;
	context->sources = prepared->sources;
	context->linked = prepared->linked;
	context->linked_count = prepared->linked_count;
	context->resolv_fd = prepared->resolv_fd;
	view_lend(&prepared->view, context);
	context->home_tree_fd = prepared->home_tree_fd;
	context->hosts_fd = prepared->hosts_fd;
	context->hostname_fd = prepared->hostname_fd;
	context->resolv_dst = prepared->resolv_dst;
	context->hosts_dst = prepared->hosts_dst;
	context->hostname_dst = prepared->hostname_dst;
	context->hold_fds = hold;
	context->hold_fd_count = hold_count;
	if (plan_reads_landlock_abi(spec))
		context->landlock_abi = landlock_abi();
}

int clone_plan(struct nidus_sandbox *sandbox, struct fault *fault)
{
	struct plan_context context;
	struct plan plan;
	char cwd[PATH_MAX];
	int hold[2], ret;

	if (rewind_files(sandbox) < 0)
		return fault_set(fault, STEP_PLAN, errno, "files");
	fill_context(sandbox, hold, hold_list(sandbox, hold), &context);
	context.host_cwd = getcwd(cwd, sizeof(cwd)); /* NULL if it was removed: then it is / */
	if (plan_make(sandbox->spec, &context, &plan, fault) < 0)
		return -1;
	ret = memfd_seal_plan(sandbox->channels.plan_fd, &plan, fault);
	plan_free(&plan);
	fd_close(&sandbox->channels.plan_fd);
	sandbox_mark(sandbox, NIDUS_AT_PLAN);
	return ret;
}

static void keep(int *list, size_t *count, int fd)
{
	if (fd >= 0)
		list[(*count)++] = fd;
}

static size_t keep_list(const struct nidus_sandbox *sandbox, const struct wires *wires,
			int *list)
{
	const struct nidus_spec *spec = sandbox->spec;
	size_t count = 0;

	keep(list, &count, wires->control[1]);
	keep(list, &count, wires->report[1]);
	keep(list, &count, wires->plan);
	keep(list, &count, wires->tty);
	keep(list, &count, wires->cpu_usage);
	keep(list, &count, sandbox->prepared.home_tree_fd);
	keep(list, &count, sandbox->prepared.resolv_fd);
	keep(list, &count, sandbox->prepared.hosts_fd);
	keep(list, &count, sandbox->prepared.hostname_fd);
	keep(list, &count, sandbox->resources.lock_file_fd);
	keep(list, &count, spec->sync_fd);
	for (size_t i = 0; i < spec->mount_count; i++) {
		keep(list, &count, spec->mounts[i].fd);
		keep(list, &count, sandbox->prepared.sources[i].tree_fd);
	}
	for (size_t i = 0; i < spec->pass_fd_count; i++)
		keep(list, &count, spec->pass_fds[i]);
	return count;
}

static uint64_t clone_flags(const struct nidus_sandbox *sandbox)
{
	const struct nidus_spec *spec = sandbox->spec;
	uint64_t flags = CLONE_PIDFD | CLONE_NEWPID;

	if (sandbox->prepared.ids.new_userns)
		flags |= CLONE_NEWUSER;
	/* init makes the cgroup namespace itself, once it is in its group */
	for (int ns = NIDUS_NS_MNT; ns <= NIDUS_NS_UTS; ns++)
		if (!(spec->share & (1u << ns)) && sandbox->prepared.join_fds[ns] < 0 &&
		    !(ns == NIDUS_NS_NET &&
		      (spec->net == NIDUS_NET_HOST || plan_makes_net(spec))))
			flags |= join_clone_flag(ns);
	return flags;
}

/*
 * The clone itself, with every signal blocked: init inherits the mask, so no signal is
 * lost between here and its signalfd. Returns the pid, or -1 with errno.
 */
static pid_t call_clone3(struct nidus_sandbox *sandbox, const struct child *child, int cgroup_fd)
{
	struct clone_args args = {
		.flags = clone_flags(sandbox),
		.pidfd = (uint64_t)(uintptr_t)&sandbox->channels.pid_fd,
		.exit_signal = SIGCHLD,
	};
	uint64_t all = UINT64_MAX, before;
	pid_t pid;
	int err;

	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup_fd;
	}
	/* the raw call: libc's functions leave out the signals that it uses itself */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(all));
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		child_exec_init(child);
	err = errno;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
	errno = err;
	return pid;
}

static int clone_into(struct nidus_sandbox *sandbox, const struct wires *wires, bool into_cgroup,
		      struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;
	int *list = malloc((spec->mount_count * 2 + spec->pass_fd_count + KEEP_OTHERS) *
			   sizeof(*list));
	int back[NIDUS_NS_COUNT];
	struct child child = {
		.image_fd = wires->image,
		.plan_fd = wires->plan,
		.control_fd = wires->control[1],
		.report_fd = wires->report[1],
		.stdio = spec->stdio,
		.ignored = spec->signals_ignored,
		.keep = list,
		.keep_count = list ? keep_list(sandbox, wires, list) : 0,
	};
	int cgroup_fd = into_cgroup ? cg_clone_fd(&sandbox->resources.cg) : -1;
	int err;

	if (!list)
		return fault_set(fault, STEP_CLONE, ENOMEM, NULL);
	sandbox->channels.into_cgroup = cgroup_fd >= 0;
	if (join_enter(sandbox->prepared.join_fds, back, fault) < 0) {
		free(list);
		return -1;
	}
	sandbox->channels.pid = call_clone3(sandbox, &child, cgroup_fd);
	err = errno;
	free(list);
	if (join_leave(back, fault) < 0)
		return -1;
	if (sandbox->channels.pid < 0 && err == EPERM && !sandbox->prepared.ids.new_userns)
		return spec_fault(sandbox->spec->userns == NIDUS_USERNS_HOST ?
					  spec_about_value(sandbox->spec, NIDUS_OPTION_USERNS, fault,
							   "host") :
					  spec_about_value(sandbox->spec, NIDUS_OPTION_SHARE, fault,
							   "user"),
				  STEP_CLONE, EPERM,
				  "without a user namespace of its own, the sandbox needs the "
				  "caller to have CAP_SYS_ADMIN");
	if (sandbox->channels.pid < 0 && err == ENOSYS) {
		fault_set(fault, STEP_CLONE, err, "namespaces");
		return spec_fault(fault, STEP_CLONE, err,
				  "a filter refuses clone3, as that of a sandbox does unless it "
				  "was started with %s",
				  spec_word(sandbox->spec, NIDUS_OPTION_NEST));
	}
	if (sandbox->channels.pid < 0)
		return fault_set(fault, STEP_CLONE, err,
				 err == ENOSPC || err == EUSERS
					 ? "namespaces: a limit in /proc/sys/user"
				 : err == EPERM ? "namespaces: see nidus check"
						: "namespaces");
	return 0;
}

int clone_init(struct nidus_sandbox *sandbox, bool into_cgroup, struct fault *fault)
{
	struct wires wires = { .control = { -1, -1 },
			       .report = { -1, -1 },
			       .plan = -1,
			       .image = -1,
			       .tty = -1,
			       .cpu_usage = -1 };

	fd_close(&sandbox->channels.plan_fd); /* of a first try */
	if (wires_open(sandbox, &wires, fault) < 0 ||
	    clone_into(sandbox, &wires, into_cgroup, fault) < 0) {
		wires_close(&wires);
		return -1;
	}
	sandbox_mark(sandbox, NIDUS_AT_CLONED);
	sandbox->channels.control_fd = fd_take(&wires.control[0]);
	sandbox->channels.report_fd = fd_take(&wires.report[0]);
	sandbox->channels.plan_fd = fd_take(&wires.plan);
	sandbox->channels.inits = (struct inits){ wires.control[1], wires.report[1], wires.tty,
						  wires.cpu_usage, wires.cpu_usage_form };
	wires_close(&wires);
	return 0;
}

int clone_settle(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct cg *cg = &sandbox->resources.cg;
	struct events_namespaces namespaces;
	const char *path = cg->v2_path;

	if (sandbox_intend_process(sandbox, JOURNAL_INIT, sandbox->channels.pid, fault) < 0)
		return -1;
	if (cg_exists(cg) && cg_enter(&sandbox->resources.cg, sandbox->channels.pid,
				      sandbox->channels.into_cgroup, fault) < 0)
		return -1;
	if (ids_write(&sandbox->prepared.ids, sandbox->channels.pid, fault) < 0)
		return -1;
	oom_score_pin(sandbox);
	core_settle(sandbox);
	if (sandbox->events.fd < 0 && sandbox->spec->info_fd < 0)
		return 0;
	events_read_namespaces(sandbox->channels.pid, &namespaces);
	for (int i = 0; i < CG_CONTROL_COUNT && !path[0]; i++)
		path = cg->v1_path[i];
	events_spawned(&sandbox->events, sandbox->channels.pid, &namespaces, path[0] ? path : NULL,
		       &sandbox->prepared.addr4, &sandbox->prepared.addr6);
	if (sandbox->spec->info_fd < 0)
		return 0;
	return events_info(sandbox->spec->info_fd, sandbox->resources.state.id,
			   sandbox->channels.pid, &namespaces, fault);
}
