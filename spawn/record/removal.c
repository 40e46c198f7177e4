/* SPDX-License-Identifier: Apache-2.0 */
#include "removal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "range.h"
#include "stub.h"

#define KILL_WAIT_MS 2000 /* the kernel tears down a large sandbox in less */

/*
 * The order of kinds; within a kind the newest goes first. The link goes before the
 * elements that guard it, and only then are its addresses free for others.
 */
static const enum journal_kind order[] = {
	JOURNAL_INIT, JOURNAL_CGROUP,  JOURNAL_HELPER, JOURNAL_LINK, JOURNAL_NFT,  JOURNAL_LEASE,
	JOURNAL_POOL, JOURNAL_FORWARD, JOURNAL_IDS,    JOURNAL_STUB, JOURNAL_NAME,
};

/*
 * Ends PID 1 (and the kernel with it the pid namespace), or the program of a user network.
 * Both end by themselves when the owner does, but may need a moment.
 */
static int end_process(const struct removal *removal, const char *process, struct fault *fault)
{
	cleanup_fd int fd = removal->trail->place == PROCESS_HERE ? process_open(process) : -1;
	struct pollfd ended = { .fd = fd, .events = POLLIN };

	if (fd < 0 && removal->trail->place == PROCESS_HERE && errno != ESRCH)
		return fault_set(fault, STEP_CLEANUP, errno, process);
	if (fd < 0)
		return 0;
	/* ESRCH: it has died meanwhile */
	if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return fault_set(fault, STEP_CLEANUP, errno, process);
	if (poll(&ended, 1, removal->may_wait ? KILL_WAIT_MS : 0) <= 0)
		return fault_set(fault, STEP_CLEANUP, ETIMEDOUT, process);
	return 1;
}

/* All at once: on a machine with several hierarchies they hold the same processes. */
static int remove_groups(const struct removal *removal, struct fault *fault)
{
	struct cg found, *cg = removal->cg;
	int ret = -1;

	if (!cg || !cg_exists(cg)) {
		if (trail_open_groups(removal->trail, removal->state->id, &found, fault) < 0)
			return -1;
		cg = &found;
	}
	if (!cg_exists(cg)) {
		ret = 0;
	} else if (cg_is_empty(cg) ||
		   (cg_kill(cg, fault) == 0 &&
		    cg_wait_empty(cg, removal->may_wait ? KILL_WAIT_MS : 0, fault) == 0)) {
		ret = cg_remove(cg, fault) < 0 ? -1 : 1;
	}
	if (cg == &found || ret >= 0)
		cg_close(cg);
	if (ret >= 0)
		trail_strike(removal->trail, JOURNAL_CGROUP);
	return ret;
}

static int remove_network(struct removal *removal, enum net_resource resource, const char *text,
			  struct fault *fault)
{
	const struct state *state = removal->state;
	struct net *found = NULL;
	int ret;

	if (!removal->net && net_find(state->root_fd, state->id, &found, fault) < 0)
		return -1;
	ret = net_remove(found ? found : removal->net, resource, text, fault);
	net_free(found);
	return ret < 0 ? -1 : 1;
}

static int release_ids(const struct removal *removal, const char *first, struct fault *fault)
{
	const struct state *state = removal->state;

	return range_release(state->root_fd, state->id, first, fault) < 0 ? -1 : 1;
}

/* For good once the workload ran: others may count on it by now. Another boot began anew. */
static int undo_forward(struct removal *removal, const char *text, struct fault *fault)
{
	if (removal->trail->place == PROCESS_BEFORE || trail_find(removal->trail, JOURNAL_READY))
		return 0;
	return remove_network(removal, NET_FORWARD, text, fault);
}

static int remove_name(const struct removal *removal, const char *name, struct fault *fault)
{
	int ret = name_drop(removal->state->root_fd, name, removal->state->id, removal->name_fd);

	return ret < 0 ? fault_set(fault, STEP_CLEANUP, errno, name) : ret;
}

static int remove_stub(const struct removal *removal, const char *path, struct fault *fault)
{
	int ret = stub_remove(removal->state->root_fd, removal->state->id, path);

	return ret < 0 ? fault_set(fault, STEP_CLEANUP, errno, path) : ret;
}

/* 1: removed; 0: there was nothing to remove. */
static int remove_entry(struct removal *removal, const struct journal_entry *entry,
			struct fault *fault)
{
	switch (entry->kind) {
	case JOURNAL_INIT:
	case JOURNAL_HELPER:
		return end_process(removal, entry->argument, fault);
	case JOURNAL_CGROUP:
		return remove_groups(removal, fault);
	case JOURNAL_LINK:
		return remove_network(removal, NET_LINK, entry->argument, fault);
	case JOURNAL_NFT:
		return remove_network(removal, NET_ELEMENTS, entry->argument, fault);
	case JOURNAL_LEASE:
		return remove_network(removal, NET_LEASE, entry->argument, fault);
	case JOURNAL_POOL:
		return remove_network(removal, NET_POOL, entry->argument, fault);
	case JOURNAL_FORWARD:
		return undo_forward(removal, entry->argument, fault);
	case JOURNAL_IDS:
		return release_ids(removal, entry->argument, fault);
	case JOURNAL_STUB:
		return remove_stub(removal, entry->argument, fault);
	case JOURNAL_NAME:
		return remove_name(removal, entry->argument, fault);
	default:
		return 0;
	}
}

static int remove_kind(struct removal *removal, enum journal_kind kind, struct fault *fault)
{
	for (size_t i = removal->trail->count; i-- > 0;) {
		struct journal_entry *entry = &removal->trail->entries[i];
		int ret;

		if (entry->kind != kind || entry->is_removed)
			continue;
		ret = remove_entry(removal, entry, fault);
		if (ret < 0)
			return -1;
		entry->is_removed = true;
		removal->removed += (uint32_t)ret;
	}
	return 0;
}

int removal_run(struct removal *removal, struct fault *fault)
{
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (remove_kind(removal, order[i], fault) < 0)
			return -1;
	if (removal->state->dir_fd < 0)
		return 0; /* the owner got no further */
	if (state_remove(removal->state, fault) < 0)
		return -1;
	removal->removed++;
	return 0;
}
