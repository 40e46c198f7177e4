/* SPDX-License-Identifier: Apache-2.0 */
#include "removal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../../net/net.h"
#include "name.h"

#define KILL_WAIT_MS 2000 /* the kernel tears down a large sandbox in less */

/* Needs: the record's lock. PID 1 alone: the kernel ends its pid namespace with it. */
static int undo_init(const struct trail *trail, bool may_wait, uint32_t *done, struct fault *fault)
{
	cleanup_fd int fd = trail_open_init(trail);
	struct pollfd ended = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return 0;
	/* ESRCH: it died by itself, as init does when its owner is gone. */
	if (pidfd_send_signal(fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return fault_set(fault, STEP_CLEANUP, errno, trail_find(trail, JOURNAL_INIT));
	if (poll(&ended, 1, may_wait ? KILL_WAIT_MS : 0) <= 0)
		return fault_set(fault, STEP_CLEANUP, ETIMEDOUT, trail_find(trail, JOURNAL_INIT));
	(*done)++;
	return 0;
}

/* The program of --net user. It ends with its spawner by itself, but may need a moment. */
static int undo_helper(const struct trail *trail, bool may_wait, uint32_t *done,
		       struct fault *fault)
{
	const char *process = trail_find(trail, JOURNAL_HELPER);
	cleanup_fd int fd = process ? process_open(process) : -1;
	struct pollfd ended = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return 0;
	if (pidfd_send_signal(fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return fault_set(fault, STEP_CLEANUP, errno, process);
	if (poll(&ended, 1, may_wait ? KILL_WAIT_MS : 0) <= 0)
		return fault_set(fault, STEP_CLEANUP, ETIMEDOUT, process);
	(*done)++;
	return 0;
}

static int undo_groups(const struct trail *trail, const char *id, bool may_wait, uint32_t *done,
		       struct fault *fault)
{
	struct cg cg;
	int ret = -1;

	if (trail_open_groups(trail, id, &cg, fault) < 0)
		return -1;
	if (!cg_exists(&cg))
		return 0;
	if (!cg_is_empty(&cg) && (cg_kill(&cg, fault) < 0 ||
				  cg_wait_empty(&cg, may_wait ? KILL_WAIT_MS : 0, fault) < 0))
		goto out;
	ret = cg_remove(&cg, fault);
	*done += ret == 0;
out:
	cg_close(&cg);
	return ret;
}

/* The newest first: the link goes before the elements that guard it, the lease last. */
static int undo_network(const struct trail *trail, const struct state *state, uint32_t *done,
			struct fault *fault)
{
	for (size_t i = trail->count; i-- > 0;) {
		const char *text = trail->entries[i].argument;
		enum net_resource resource;

		switch (trail->entries[i].kind) {
		case JOURNAL_LINK:
			resource = NET_LINK;
			break;
		case JOURNAL_NFT:
			resource = NET_ELEMENTS;
			break;
		case JOURNAL_LEASE:
			resource = NET_LEASE;
			break;
		default:
			continue;
		}
		if (net_recover(resource, text, state->root_fd, state->id, fault) < 0)
			return -1;
		(*done)++;
	}
	return 0;
}

static int undo_files(const struct trail *trail, uint32_t *done, struct fault *fault)
{
	for (size_t i = trail->count; i-- > 0;) {
		const char *path = trail->entries[i].argument;

		if (trail->entries[i].kind != JOURNAL_FILE)
			continue;
		if (unlink(path) == 0)
			(*done)++;
		else if (errno != ENOENT && errno != ENOTDIR)
			return fault_set(fault, STEP_CLEANUP, errno, path);
	}
	return 0;
}

/* Processes first, then what they used, metadata last. */
int undo_all(struct state *state, const struct trail *trail, bool may_wait, uint32_t *done,
	     struct fault *fault)
{
	const char *name = trail_find(trail, JOURNAL_NAME);
	int ret;

	if (undo_init(trail, may_wait, done, fault) < 0 ||
	    undo_groups(trail, state->id, may_wait, done, fault) < 0 ||
	    undo_helper(trail, may_wait, done, fault) < 0 ||
	    undo_network(trail, state, done, fault) < 0 || undo_files(trail, done, fault) < 0)
		return -1;
	ret = name ? name_drop(state->root_fd, name, state->id, -1) : 0;
	if (ret < 0)
		return fault_set(fault, STEP_CLEANUP, errno, name);
	*done += (uint32_t)ret;
	if (state_remove(state, fault) < 0)
		return -1;
	(*done)++;
	return 0;
}
