/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a sandbox: theory of operation.
 *
 * Two processes, one contract (init/contract.h). The spawner, this code, runs
 * with the caller's privileges and does all that needs them: names, locks,
 * cgroups, id maps, opening what only the caller may open. nidus-init, started
 * by spawn.c from a sealed memfd, is PID 1 inside and carries out a plan.
 *
 * Every resource is written to the journal before it exists, the journal lies in
 * a directory that this process has flocked, and the kernel drops that lock with
 * the process: whoever finds it free (recover.c) finishes what is on record. So
 * a failure here, or a SIGKILL between any two lines, leaves nothing for good.
 *
 *   launch.c  what must be had before there is a process (this file)
 *   groups.c  cgroups and limits         join.c   namespaces of others
 *   spawn.c   clone to GO                child.c  the child until its exec
 *   network.c what --net asks for
 *   watch.c   from GO to PID 1's death   end.c    from there to nothing left
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../../init/fd.h"
#include "../record/list.h"
#include "../record/lock_file.h"
#include "join.h"
#include "groups.h"
#include "network.h"
#include "sandbox.h"
#include "../spec/option.h"

uint64_t sandbox_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int check_kernel(struct fault *fault)
{
	struct utsname host;
	char what[FAULT_WHAT_MAX];
	int major = 0, minor = 0;

	uname(&host);
	if (sscanf(host.release, "%d.%d", &major, &minor) == 2 &&
	    (major > KERNEL_FLOOR_MAJOR ||
	     (major == KERNEL_FLOOR_MAJOR && minor >= KERNEL_FLOOR_MINOR)))
		return 0;
	snprintf(what, sizeof(what), "Linux %d.%d or newer is needed, this is %.64s",
		 KERNEL_FLOOR_MAJOR, KERNEL_FLOOR_MINOR, host.release);
	return fault_set(fault, STEP_KERNEL, 0, what);
}

int sandbox_intend(struct nidus_sandbox *sandbox, enum journal_kind kind, const char *argument,
		   struct fault *fault)
{
	return trail_intend(&sandbox->trail, &sandbox->arena, &sandbox->journal, kind, argument,
			    fault);
}

int sandbox_intend_process(struct nidus_sandbox *sandbox, enum journal_kind kind, pid_t pid,
			   struct fault *fault)
{
	char text[PROCESS_TEXT_MAX];

	if (process_describe(pid, text) < 0)
		return fault_set(fault, STEP_STATE, errno, text);
	return sandbox_intend(sandbox, kind, text, fault);
}

static struct nidus_sandbox *sandbox_new(const struct nidus_spec *spec)
{
	struct nidus_sandbox *sandbox = calloc(1, sizeof(*sandbox));

	if (!sandbox)
		return NULL;
	sandbox->spec = spec;
	sandbox->started_us = sandbox_now_us();
	sandbox->events.fd = spec->events_fd;
	sandbox->events.name = spec->name;
	sandbox->state.root_fd = sandbox->state.dir_fd = -1;
	sandbox->state.lock_fd = sandbox->name.fd = -1;
	sandbox->journal.fd = -1;
	cg_init(&sandbox->cg);
	for (int ns = 0; ns < NIDUS_NS_COUNT; ns++)
		sandbox->join_fds[ns] = -1;
	sandbox->lock_file_fd = sandbox->epoll_fd = sandbox->pid_fd = -1;
	sandbox->control_fd = sandbox->report_fd = sandbox->timer_fd = -1;
	sandbox->oom_fd = sandbox->oom_timer_fd = sandbox->tty_fd = -1;
	sandbox->resolv_fd = sandbox->hosts_fd = sandbox->hostname_fd = -1;
	sandbox->result.memory_peak = sandbox->result.pids_peak = NIDUS_UNSET;
	sandbox->result.pids_max_hits = sandbox->result.oom_kills = NIDUS_UNSET;
	sandbox->result.cpu_throttled_us = NIDUS_UNSET;
	sandbox->result.net_rx_bytes = sandbox->result.net_tx_bytes = NIDUS_UNSET;
	return sandbox;
}

/* What a dead owner left of the name is ours to take, unless its init lives on without it. */
static int take_name(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct state *state = &sandbox->state;
	char before[STATE_ID_LEN + 1];
	bool still_taken;

	if (name_lock(&sandbox->name, state->root_fd, sandbox->spec->name, before, fault) < 0)
		return -1;
	still_taken = before[0] && record_is_alone(state->root_fd, before);
	return name_claim(&sandbox->name, state->root_fd, state->id, still_taken, fault);
}

/* Needs: nothing. Does: directory, lock, journal with who this is, the name. */
static int take_record(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;
	struct journal *journal = &sandbox->journal;
	char text[32];

	if (state_create(&sandbox->state, fault) < 0)
		return -1;
	sandbox->events.id = sandbox->state.id;
	if (journal_create(journal, sandbox->state.dir_fd, fault) < 0)
		return -1;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)spec->grace_us);
	if (journal_write(journal, JOURNAL_COMMAND, spec->argv[0], fault) < 0 ||
	    journal_write(journal, JOURNAL_GRACE, text, fault) < 0)
		return -1;
	if (spec->outlive_parent && journal_write(journal, JOURNAL_OUTLIVE, "1", fault) < 0)
		return -1;
	for (size_t i = 0; i < spec->label_count; i++) {
		char label[1024];

		snprintf(label, sizeof(label), "%s=%s", spec->labels[i].key, spec->labels[i].value);
		if (journal_write(journal, JOURNAL_LABEL, label, fault) < 0)
			return -1;
	}
	if (!spec->name)
		return 0;
	if (sandbox_intend(sandbox, JOURNAL_NAME, spec->name, fault) < 0)
		return -1;
	return take_name(sandbox, fault);
}

/*
 * As a privileged caller with a shifted workload, writable binds get mounts on
 * which the caller's files belong to the workload.
 */
static int take_owned_trees(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;
	cleanup_fd int owner_ns = -1;

	if (!sandbox->ids.shifted || geteuid() != 0 || spec->mount_count == 0)
		return 0;
	sandbox->tree_fds = malloc(spec->mount_count * sizeof(int));
	if (!sandbox->tree_fds)
		return fault_set(fault, STEP_SOURCES, ENOMEM, NULL);
	for (size_t i = 0; i < spec->mount_count; i++)
		sandbox->tree_fds[i] = -1;
	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct nidus_mount *mount = &spec->mounts[i];

		if (mount->kind != NIDUS_BIND || mount->read_only || mount->devices)
			continue;
		sandbox->tree_fds[i] = ids_clone_owned(&sandbox->ids, mount->src, &owner_ns, fault);
		if (sandbox->tree_fds[i] >= 0)
			continue;
		if (fault->err == EINVAL) {
			events_degraded(&sandbox->events, "bind-owner",
					"a file system that can't be id-mapped: bound as it is");
			sandbox->result.degraded++;
		} else if (!(fault->err == ENOENT && mount->optional)) {
			if (fault->step == STEP_SOURCES)
				spec_blame_mount(mount, fault);
			return -1;
		}
	}
	return 0;
}

/* True where a file that the workload makes can belong to the caller outside. */
static bool makes_callers_files(const struct nidus_sandbox *sandbox)
{
	const struct nidus_spec *spec = sandbox->spec;

	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct nidus_mount *mount = &spec->mounts[i];

		if (sandbox->tree_fds && sandbox->tree_fds[i] >= 0)
			return true;
		if (sandbox->ids.shifted)
			continue;
		if ((mount->kind == NIDUS_BIND || mount->kind == NIDUS_BIND_FD) && !mount->read_only)
			return true;
		if (mount->kind == NIDUS_OVERLAY)
			return true;
	}
	return false;
}

/* A set-user-ID file of the caller's would hand his rights to an accomplice outside. */
static int take_filter(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;

	switch (spec->seccomp) {
	case NIDUS_SECCOMP_DEFAULT:
		seccomp_default(makes_callers_files(sandbox), &sandbox->filter);
		return 0;
	case NIDUS_SECCOMP_FILE:
		return seccomp_compile(spec->seccomp_file, &sandbox->filter, fault);
	case NIDUS_SECCOMP_NONE:
		return 0;
	}
	return fault_set(fault, STEP_SECCOMP, EINVAL, "seccomp");
}

/* Before there is a process. Must not have happened yet: anything at all. */
static int prepare(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;

	if (check_kernel(fault) < 0)
		return -1;
	if (spec->lock_file) {
		sandbox->lock_file_fd = lock_file_take(spec->lock_file, spec->lock_wait_us, fault);
		if (sandbox->lock_file_fd < 0)
			return -1;
	}
	if (take_record(sandbox, fault) < 0 ||
	    ids_choose(spec, sandbox->state.id, &sandbox->ids, fault) < 0 ||
	    join_open(spec, sandbox->join_fds, fault) < 0 || groups_apply(sandbox, fault) < 0 ||
	    network_prepare(sandbox, fault) < 0 || take_owned_trees(sandbox, fault) < 0)
		return -1;
	return take_filter(sandbox, fault);
}

int sandbox_watch_fd(struct nidus_sandbox *sandbox, int fd, uint32_t events, struct fault *fault)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(sandbox->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return fault_set(fault, STEP_WATCH, errno, "epoll");
	return 0;
}

static int watch_init(struct nidus_sandbox *sandbox, struct fault *fault)
{
	if (sandbox_watch_fd(sandbox, sandbox->report_fd, EPOLLIN, fault) < 0 ||
	    sandbox_watch_fd(sandbox, sandbox->pid_fd, EPOLLIN, fault) < 0 ||
	    sandbox_watch_fd(sandbox, sandbox->control_fd, EPOLLIN, fault) < 0)
		return -1;
	sandbox_arm(sandbox, SANDBOX_HANDSHAKE_MS);
	return 0;
}

/* From a clone to GO, or to the wait for --block-fd. */
int launch_init(struct nidus_sandbox *sandbox, bool into_cgroup, struct fault *fault)
{
	int block_fd = sandbox->spec->block_fd;

	if (spawn_init(sandbox, into_cgroup, fault) < 0 || network_attach(sandbox, fault) < 0 ||
	    watch_init(sandbox, fault) < 0)
		return -1;
	if (block_fd >= 0 && !sandbox->block_done) {
		if (sandbox_watch_fd(sandbox, block_fd, EPOLLIN, fault) == 0 || fault->err == EEXIST)
			return 0;
		/* a regular file can't be waited for: it is readable always */
		if (fault->err != EPERM)
			return -1;
	}
	return spawn_go(sandbox, fault);
}

static int watch_oom(struct nidus_sandbox *sandbox, struct fault *fault)
{
	short events = 0;

	sandbox->oom_fd = cg_oom_fd(&sandbox->cg, &events);
	if (sandbox->oom_fd < 0)
		return 0; /* init then has to end by itself; the counter is read at the end */
	sandbox->oom_timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (sandbox->oom_timer_fd < 0)
		return fault_set(fault, STEP_WATCH, errno, "timerfd");
	if (sandbox_watch_fd(sandbox, sandbox->oom_timer_fd, EPOLLIN, fault) < 0)
		return -1;
	/* poll(2) and epoll(7) share their event bits */
	return sandbox_watch_fd(sandbox, sandbox->oom_fd, (uint32_t)events, fault);
}

static int watch_begin(struct nidus_sandbox *sandbox, struct fault *fault)
{
	sandbox->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	sandbox->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (sandbox->epoll_fd < 0 || sandbox->timer_fd < 0)
		return fault_set(fault, STEP_WATCH, errno, "epoll, timerfd");
	if (sandbox_watch_fd(sandbox, sandbox->timer_fd, EPOLLIN, fault) < 0)
		return -1;
	return sandbox->cg_wanted & (1u << CG_MEMORY) ? watch_oom(sandbox, fault) : 0;
}

static int launch(struct nidus_sandbox *sandbox, struct fault *fault)
{
	if (prepare(sandbox, fault) < 0 || watch_begin(sandbox, fault) < 0)
		return -1;
	if (launch_init(sandbox, true, fault) == 0)
		return 0;
	return end_killed_at_birth(sandbox) ? launch_init(sandbox, false, fault) : -1;
}

int nidus_start(const struct nidus_spec *spec, struct nidus_sandbox **out, struct fault *fault)
{
	struct nidus_sandbox *sandbox = sandbox_new(spec);

	*out = NULL;
	if (!sandbox)
		return fault_set(fault, STEP_STATE, ENOMEM, NULL);
	if (launch(sandbox, fault) < 0) {
		end_abandon(sandbox, fault);
		*fault = sandbox->result.fault; /* init may have known better */
		nidus_free(sandbox);
		return -1;
	}
	*out = sandbox;
	return 0;
}
