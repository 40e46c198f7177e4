/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acquires everything needed before there is a process: record, name, ids, groups, network,
 * mounts, filter. Each resource goes on record before it exists.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "../../init/fd.h"
#include "../../net/publish.h"
#include "../record/list.h"
#include "../record/lock_file.h"
#include "../record/range.h"
#include "join.h"
#include "groups.h"
#include "linked.h"
#include "memfd.h"
#include "network.h"
#include "phases.h"
#include "pipes.h"
#include "sources.h"
#include "stubs.h"
#include "../spec/refuse.h"

#define IDS_TRIES 64 /* each is one that another start has just taken */

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

/* A dead owner's name may be taken, unless its init lives on without it. */
static int take_name(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;
	const struct state *state = &sandbox->resources.state;
	char before[STATE_ID_LEN + 1];
	bool still_taken;

	if (name_lock(&sandbox->resources.name, state->root_fd, spec->name, before, fault) < 0)
		goto refused;
	still_taken = before[0] && record_is_alone(state->root_fd, before);
	if (name_claim(&sandbox->resources.name, state->root_fd, state->id, still_taken, fault) ==
	    0)
		return 0;
refused:
	if (fault->err == EEXIST)
		spec_about_value(spec, NIDUS_OPTION_NAME, fault, "%s", spec->name);
	return -1;
}

/* Needs: nothing. Does: directory, lock, journal with the identity, the name. */
static int take_record(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;
	struct journal *journal = &sandbox->resources.journal;
	char text[32];

	if (state_create(&sandbox->resources.state, fault) < 0)
		return -1;
	sandbox->events.id = sandbox->resources.state.id;
	if (journal_create(journal, sandbox->resources.state.dir_fd, fault) < 0)
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
	for (size_t i = 0; i < spec->net_options.publish_count; i++) {
		char port[PUBLISH_TEXT_MAX];

		publish_value_text(&spec->net_options.publish[i], port);
		if (journal_write(journal, JOURNAL_PUBLISH, port, fault) < 0)
			return -1;
	}
	if (!spec->name)
		return 0;
	if (sandbox_intend(sandbox, JOURNAL_NAME, spec->name, fault) < 0)
		return -1;
	return take_name(sandbox, fault);
}

/* What the default view hides. It is no condition of a start that all sockets could be found. */
static int take_view(struct nidus_sandbox *sandbox, struct fault *fault)
{
	struct view *view = &sandbox->prepared.view;
	char why[96];

	if (view_find(sandbox->spec, view, fault) < 0)
		return -1;
	if (view->sockets.err) {
		snprintf(why, sizeof(why), "not all of the host's could be found: %s",
			 strerror(view->sockets.err));
		sandbox_degrade(sandbox, "sockets", why);
	}
	if (view->sockets.left_open) {
		snprintf(why, sizeof(why), "%zu places more than %zu have some, and stay open",
			 view->sockets.left_open, view->sockets.count);
		sandbox_degrade(sandbox, "sockets", why);
	}
	return 0;
}

/* A set-user-ID file of the caller would give the caller's rights to an accomplice outside. */
static unsigned filter_variant(const struct nidus_sandbox *sandbox)
{
	const struct nidus_spec *spec = sandbox->spec;

	return (sources_make_callers_files(sandbox) ? SECCOMP_NO_SETID : 0) |
	       (limit_sets(spec, RLIMIT_CORE) ? SECCOMP_FREE_CORE : 0) |
	       (spec->as_pid_1 ? SECCOMP_AS_PID_1 : 0) | (spec->nest ? SECCOMP_NEST : 0);
}

static int take_filter(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;

	switch (spec->seccomp) {
	case NIDUS_SECCOMP_DEFAULT:
		seccomp_default(filter_variant(sandbox), &sandbox->prepared.filter);
		return 0;
	case NIDUS_SECCOMP_FILE:
		if (seccomp_compile(spec->seccomp_file, &sandbox->prepared.filter, fault) == 0)
			return 0;
		return spec_blame_profile(spec, fault);
	case NIDUS_SECCOMP_NONE:
		return 0;
	}
	return fault_set(fault, STEP_SECCOMP, EINVAL, "seccomp");
}

static int is_leased(uint32_t first, void *arg)
{
	return range_is_held(*(const int *)arg, first);
}

/* On record before it is made: a claim that another was faster to make is released by nobody. */
static int lease_range(struct nidus_sandbox *sandbox, int dir_fd, uint32_t first,
		       struct fault *fault)
{
	char text[RANGE_TEXT_MAX];

	if (first == 0)
		return 1;
	if (sandbox_intend(sandbox, JOURNAL_IDS, range_text(first, text), fault) < 0)
		return -1;
	return range_claim(dir_fd, sandbox->resources.state.id, first, fault);
}

/* Chooses again where another sandbox takes the same range at the same moment. */
static int take_ids(struct nidus_sandbox *sandbox, struct fault *fault)
{
	struct ids *ids = &sandbox->prepared.ids;
	const char *id = sandbox->resources.state.id;
	cleanup_fd int dir_fd = -1;

	if (geteuid() != 0) /* the ids of an ordinary user are all its own */
		return ids_choose(sandbox->spec, id, NULL, NULL, ids, fault);
	dir_fd = range_open(sandbox->resources.state.root_fd, fault);
	if (dir_fd < 0)
		return -1;
	for (int i = 0; i < IDS_TRIES; i++) {
		int ret;

		if (ids_choose(sandbox->spec, id, is_leased, &dir_fd, ids, fault) < 0)
			return -1;
		ret = lease_range(sandbox, dir_fd, ids->own_uids, fault);
		if (ret > 0 && ids->own_gids != ids->own_uids)
			ret = lease_range(sandbox, dir_fd, ids->own_gids, fault);
		if (ret != 0)
			return ret < 0 ? -1 : 0;
	}
	return fault_set(fault, STEP_ID_MAP, EAGAIN, "ids");
}

/* Must not have happened yet: anything at all. */
int take_first(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;

	if (check_kernel(fault) < 0)
		return -1;
	if (spec->lock_file) {
		sandbox->resources.lock_file_fd =
			lock_file_take(spec->lock_file, spec->lock_wait_us, fault);
		if (sandbox->resources.lock_file_fd < 0) {
			spec_about_value(spec, NIDUS_OPTION_LOCK_FILE, fault, "%.180s",
					 spec->lock_file);
			return -1;
		}
	}
	if (take_record(sandbox, fault) < 0)
		return -1;
	sandbox_mark(sandbox, NIDUS_AT_RECORD);
	if (take_ids(sandbox, fault) < 0)
		return -1;
	sandbox_mark(sandbox, NIDUS_AT_IDS);
	if (join_open(spec, sandbox->prepared.join_fds, fault) < 0 || groups_apply(sandbox, fault) < 0)
		return -1;
	sandbox_mark(sandbox, NIDUS_AT_GROUPS);
	return 0;
}

int take_may_clone(struct nidus_sandbox *sandbox, struct fault *fault)
{
	const struct nidus_spec *spec = sandbox->spec;

	if (spec->mount_count > 0 || spec->net == NIDUS_NET_NAT || spec->net == NIDUS_NET_USER ||
	    spec->home == NIDUS_HOME_RW)
		return 0;
	sandbox->prepared.hosts_fd = memfd_empty("hosts", fault);
	return sandbox->prepared.hosts_fd < 0 ? -1 : 1;
}

int take_rest(struct nidus_sandbox *sandbox, struct fault *fault)
{
	if (take_view(sandbox, fault) < 0 || network_prepare(sandbox, fault) < 0 ||
	    sources_take(sandbox, fault) < 0 || linked_take(sandbox, fault) < 0 ||
	    stubs_make(sandbox, fault) < 0)
		return -1;
	pipes_open_up(sandbox);
	if (take_filter(sandbox, fault) < 0)
		return -1;
	sandbox->prepared.complete = true;
	sandbox_mark(sandbox, NIDUS_AT_SOURCES);
	return 0;
}
