/* SPDX-License-Identifier: Apache-2.0 */
/* Names among the living: one flock'ed file each, holding the id. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "recover.h"
#include "state.h"

#define NAMES_DIR "names"
#define CLAIM_TRIES 16         /* each lost one means that the file was removed meanwhile */
#define HELD_TRIES 20          /* of 1 ms: a gc holds a dead owner's name for a few calls */
#define HELD_PAUSE_NS 1000000

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < STATE_NAME_MAX && name[0] != '.' && !strchr(name, '/');
}

int state_open_names(int root_fd)
{
	return openat(root_fd, NAMES_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int make_names(int root_fd)
{
	int fd = state_open_names(root_fd);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	/* EEXIST: another launch was faster. */
	if (mkdirat(root_fd, NAMES_DIR, 0700) < 0 && errno != EEXIST)
		return -1;
	return state_open_names(root_fd);
}

/* What was locked is what the name stands for: not removed and made anew since the open. */
static bool is_linked(int names_fd, const char *name, int fd)
{
	struct stat held, there;

	return fstat(fd, &held) == 0 && held.st_nlink > 0 &&
	       fstatat(names_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       there.st_ino == held.st_ino && there.st_dev == held.st_dev;
}

/* The name's file, locked. -1 with EWOULDBLOCK: held; ENOENT (without O_CREAT): none. */
static int lock_name(int names_fd, const char *name, int flags)
{
	for (int i = 0; i < CLAIM_TRIES; i++) {
		cleanup_fd int fd = openat(names_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags,
					   0600);

		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
			return -1;
		if (is_linked(names_fd, name, fd))
			return fd_take(&fd);
	}
	errno = EWOULDBLOCK;
	return -1;
}

static int read_id(int fd, char id[STATE_ID_LEN + 1])
{
	ssize_t n = pread(fd, id, STATE_ID_LEN, 0);

	id[n == STATE_ID_LEN ? STATE_ID_LEN : 0] = '\0';
	if (state_is_id(id))
		return 0;
	id[0] = '\0';
	return -1;
}

int state_read_name(int root_fd, const char *name, char id[STATE_ID_LEN + 1])
{
	cleanup_fd int names_fd = -1;
	cleanup_fd int fd = -1;

	id[0] = '\0';
	if (!is_name(name))
		return EINVAL;
	names_fd = state_open_names(root_fd);
	if (names_fd >= 0)
		fd = openat(names_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno;
	/* Empty: its claimer is between the lock and the write. */
	return read_id(fd, id) < 0 ? ENOENT : 0;
}

static int refuse(const struct state *state, const char *name, struct fault *fault)
{
	char holder[STATE_ID_LEN + 1], what[STATE_NAME_MAX + 64];

	state_read_name(state->root_fd, name, holder);
	snprintf(what, sizeof(what), "name %s is held by sandbox %s", name,
		 holder[0] ? holder : "that is just starting");
	return fault_set(fault, STEP_STATE, EEXIST, what);
}

int state_claim_name(struct state *state, const char *name, struct fault *fault)
{
	const struct timespec pause = { .tv_nsec = HELD_PAUSE_NS };
	cleanup_fd int names_fd = -1;
	cleanup_fd int fd = -1;
	char before[STATE_ID_LEN + 1];

	if (!is_name(name))
		return fault_set(fault, STEP_STATE, EINVAL, name);
	names_fd = make_names(state->root_fd);
	if (names_fd < 0)
		return fault_set(fault, STEP_STATE, errno, NAMES_DIR);
	for (int i = 0; i < HELD_TRIES; i++) {
		fd = lock_name(names_fd, name, O_CREAT);
		if (fd >= 0 || errno != EWOULDBLOCK)
			break;
		nanosleep(&pause, NULL);
	}
	if (fd < 0)
		return errno == EWOULDBLOCK ? refuse(state, name, fault) :
					      fault_set(fault, STEP_STATE, errno, name);
	if (read_id(fd, before) == 0 && recover_is_alone(state->root_fd, before))
		return refuse(state, name, fault);
	if (pwrite(fd, state->id, STATE_ID_LEN, 0) != STATE_ID_LEN) {
		fault_set(fault, STEP_STATE, errno ? errno : EIO, name);
		unlinkat(names_fd, name, 0); /* ours by the lock; failing, it stays for gc */
		return -1;
	}
	snprintf(state->name, sizeof(state->name), "%s", name);
	state->name_fd = fd_take(&fd);
	return 0;
}

int state_drop_held_name(const struct state *state)
{
	cleanup_fd int names_fd = state_open_names(state->root_fd);

	if (names_fd < 0)
		return errno == ENOENT ? 0 : -1;
	/* Not ours any more when an administrator removed it and another claimed it. */
	if (!is_linked(names_fd, state->name, state->name_fd))
		return 0;
	return unlinkat(names_fd, state->name, 0);
}

int state_drop_name(int root_fd, const char *name, const char *id)
{
	cleanup_fd int names_fd = state_open_names(root_fd);
	cleanup_fd int fd = -1;
	char holder[STATE_ID_LEN + 1];
	struct stat st;

	if (names_fd >= 0)
		fd = lock_name(names_fd, name, 0);
	if (fd < 0)
		return errno == ENOENT || errno == EWOULDBLOCK ? 0 : -1;
	if (read_id(fd, holder) == 0) {
		if (id && strcmp(holder, id) != 0)
			return 0;
		if (!id && fstatat(root_fd, holder, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return 0;
	}
	return unlinkat(names_fd, name, 0) < 0 ? -1 : 1;
}
