/* SPDX-License-Identifier: Apache-2.0 */
/* Records of sandboxes: made and locked, probed, taken over, removed. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "state.h"

#define CREATE_TRIES 16 /* each failure means that gc met a directory a few µs old */
#define PROBE_TRIES 50  /* of 1 ms: a prober shares the lock for two system calls */
#define PROBE_PAUSE_NS 1000000
#define REMOVE_TRIES 8  /* somebody may set the mark `canceled` between the calls */

bool state_is_id(const char *text)
{
	return strlen(text) == STATE_ID_LEN && strspn(text, "0123456789abcdef") == STATE_ID_LEN;
}

static void state_init(struct state *state)
{
	memset(state, 0, sizeof(*state));
	state->root_fd = state->dir_fd = -1;
}

/* Takes a record's lock. Waits for probers, but not for an owner: EWOULDBLOCK. */
static int take_lock(int fd)
{
	const struct timespec pause = { .tv_nsec = PROBE_PAUSE_NS };

	for (int i = 0; i < PROBE_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return -1;
		if (flock(fd, LOCK_SH | LOCK_NB) < 0)
			return -1;
		flock(fd, LOCK_UN);
		nanosleep(&pause, NULL);
	}
	errno = EWOULDBLOCK;
	return -1;
}

int state_open_record(int root_fd, const char *id)
{
	return openat(root_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int random_id(char id[STATE_ID_LEN + 1])
{
	unsigned char bytes[STATE_ID_LEN / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -1;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* Checks that the locked directory is still there: gc may have removed it before. */
static int check_linked(int dir_fd)
{
	struct stat st;

	if (fstat(dir_fd, &st) < 0)
		return -1;
	if (st.st_nlink > 0)
		return 0;
	errno = ENOENT;
	return -1;
}

/*
 * One try. ENOENT, EEXIST, EWOULDBLOCK: gc came in between, and removes (or has removed)
 * what was created.
 */
static int create_record(struct state *state)
{
	if (random_id(state->id) < 0 || mkdirat(state->root_fd, state->id, 0700) < 0)
		return -1;
	state->dir_fd = state_open_record(state->root_fd, state->id);
	if (state->dir_fd < 0 || take_lock(state->dir_fd) < 0)
		return -1;
	return check_linked(state->dir_fd);
}

static bool is_lost_to_gc(int err)
{
	return err == ENOENT || err == EEXIST || err == EWOULDBLOCK;
}

int state_create(struct state *state, struct fault *fault)
{
	state_init(state);
	state->root_fd = state_open_root(state->root_path, fault);
	if (state->root_fd < 0)
		return -1;
	for (int i = 0; i < CREATE_TRIES; i++) {
		int err;

		if (create_record(state) == 0)
			return 0;
		err = errno;
		if (is_lost_to_gc(err)) {
			fd_close(&state->dir_fd);
			continue;
		}
		fault_set(fault, STEP_STATE, err, state->root_path);
		/* It may be missing; then there is nothing to undo. */
		unlinkat(state->root_fd, state->id, AT_REMOVEDIR);
		state_close(state);
		return -1;
	}
	fault_set(fault, STEP_STATE, EAGAIN, state->root_path);
	state_close(state);
	return -1;
}

enum state_owner state_probe(int dir_fd)
{
	/* opened once more: its lock is another's than that of dir_fd, and goes with it */
	cleanup_fd int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return STATE_GONE;
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return STATE_OWNED;
	return check_linked(fd) < 0 ? STATE_GONE : STATE_FREE;
}

int state_adopt(struct state *state, int root_fd, const char *id, struct fault *fault)
{
	state_init(state);
	memcpy(state->id, id, sizeof(state->id));
	state->root_fd = fcntl(root_fd, F_DUPFD_CLOEXEC, 3);
	if (state->root_fd >= 0)
		state->dir_fd = state_open_record(state->root_fd, id);
	if (state->dir_fd < 0 || take_lock(state->dir_fd) < 0 || check_linked(state->dir_fd) < 0)
		goto out;
	/* empty: the creator or the remover died between two calls */
	if (unlinkat(state->root_fd, id, AT_REMOVEDIR) < 0)
		return 0;
	state_close(state);
	return 1;
out:
	fault_set(fault, STEP_STATE, errno, id);
	state_close(state);
	return -1;
}

static int unlink_quietly(int dir_fd, const char *name)
{
	/* Idempotent: what is gone counts as removed. */
	return unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT ? -1 : 0;
}

/* Removes files that this version does not know. */
static int remove_strangers(int dir_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		fd_close(&fd);
		return -1;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && unlink_quietly(dir_fd, entry->d_name) < 0)
			break;
	closedir(dir);
	return entry ? -1 : 0;
}

static int remove_record(const struct state *state)
{
	for (int i = 0; i < REMOVE_TRIES; i++) {
		if (unlink_quietly(state->dir_fd, "canceled") < 0 ||
		    unlink_quietly(state->dir_fd, "journal") < 0)
			return -1;
		if (unlinkat(state->root_fd, state->id, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY || remove_strangers(state->dir_fd) < 0)
			return -1;
	}
	return -1;
}

int state_remove(struct state *state, struct fault *fault)
{
	if (state->dir_fd < 0)
		return 0;
	if (remove_record(state) < 0)
		return fault_set(fault, STEP_CLEANUP, errno, state->id);
	state_close(state);
	return 0;
}

void state_close(struct state *state)
{
	fd_close(&state->dir_fd);
	fd_close(&state->root_fd);
}

bool state_is_canceled(const struct state *state)
{
	return state->dir_fd >= 0 && faccessat(state->dir_fd, "canceled", F_OK, 0) == 0;
}

int state_cancel(int root_fd, const char *id, struct fault *fault)
{
	cleanup_fd int dir_fd = state_open_record(root_fd, id);
	cleanup_fd int fd = -1;

	if (dir_fd >= 0)
		fd = openat(dir_fd, "canceled", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? fault_set(fault, STEP_STATE, errno, id) : 0;
}
