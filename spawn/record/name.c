/* SPDX-License-Identifier: Apache-2.0 */
#include "name.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../../init/small_file.h"

#define NAMES_DIR "names"
#define CLAIM_TRIES 16         /* each failure means that the file was removed meanwhile */
#define HELD_TRIES 20          /* of 1 ms: gc holds a dead owner's name for a few system calls */
#define HELD_PAUSE_NS 1000000

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < NAME_TEXT_MAX && name[0] != '.' && !strchr(name, '/');
}

int name_open_all(int root_fd)
{
	return openat(root_fd, NAMES_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int make_names(int root_fd)
{
	int fd = name_open_all(root_fd);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	/* EEXIST: another launch was faster. */
	if (mkdirat(root_fd, NAMES_DIR, 0700) < 0 && errno != EEXIST)
		return -1;
	return name_open_all(root_fd);
}

/* True if the locked file is still the one at the name: not removed and recreated since. */
static bool is_linked(int names_fd, const char *name, int fd)
{
	struct stat held, there;

	return fstat(fd, &held) == 0 && held.st_nlink > 0 &&
	       fstatat(names_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       there.st_ino == held.st_ino && there.st_dev == held.st_dev;
}

/* The name's file, locked. -1 with EWOULDBLOCK: held; ENOENT (without O_CREAT): no such name. */
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
	small_file_read_again(fd, id, STATE_ID_LEN + 1);
	if (state_is_id(id))
		return 0;
	id[0] = '\0';
	return -1;
}

int name_read(int root_fd, const char *name, char id[STATE_ID_LEN + 1])
{
	cleanup_fd int names_fd = -1;
	cleanup_fd int fd = -1;

	id[0] = '\0';
	if (!is_name(name))
		return EINVAL;
	names_fd = name_open_all(root_fd);
	if (names_fd >= 0)
		fd = openat(names_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno;
	/* Empty: the claimer is between taking the lock and writing its id. */
	return read_id(fd, id) < 0 ? ENOENT : 0;
}

static int refuse(int root_fd, const char *name, struct fault *fault)
{
	char holder[STATE_ID_LEN + 1], what[NAME_TEXT_MAX + 16], why[64];

	name_read(root_fd, name, holder);
	snprintf(what, sizeof(what), "name %s", name);
	snprintf(why, sizeof(why), "held by sandbox %s",
		 holder[0] ? holder : "that is still starting");
	fault_set(fault, STEP_STATE, EEXIST, what);
	return fault_because(fault, why);
}

int name_lock(struct name *name, int root_fd, const char *text, char before[STATE_ID_LEN + 1],
	      struct fault *fault)
{
	const struct timespec pause = { .tv_nsec = HELD_PAUSE_NS };
	cleanup_fd int names_fd = -1;

	name->fd = -1;
	if (!is_name(text))
		return fault_set(fault, STEP_STATE, EINVAL, text);
	snprintf(name->text, sizeof(name->text), "%s", text);
	names_fd = make_names(root_fd);
	if (names_fd < 0)
		return fault_set(fault, STEP_STATE, errno, NAMES_DIR);
	for (int i = 0; i < HELD_TRIES; i++) {
		name->fd = lock_name(names_fd, text, O_CREAT);
		if (name->fd >= 0 || errno != EWOULDBLOCK)
			break;
		nanosleep(&pause, NULL);
	}
	if (name->fd < 0)
		return errno == EWOULDBLOCK ? refuse(root_fd, text, fault) :
					      fault_set(fault, STEP_STATE, errno, text);
	read_id(name->fd, before); /* "" where it can't be read */
	return 0;
}

int name_claim(struct name *name, int root_fd, const char *id, bool still_taken,
	       struct fault *fault)
{
	cleanup_fd int names_fd = -1;

	if (!still_taken && pwrite(name->fd, id, STATE_ID_LEN, 0) == STATE_ID_LEN)
		return 0;
	if (still_taken) {
		refuse(root_fd, name->text, fault);
	} else {
		fault_set(fault, STEP_STATE, errno ? errno : EIO, name->text);
		names_fd = name_open_all(root_fd);
		unlinkat(names_fd, name->text, 0); /* ours by the lock; if this fails, gc does it */
	}
	name_close(name);
	return -1;
}

void name_close(struct name *name)
{
	fd_close(&name->fd);
}

int name_drop(int root_fd, const char *text, const char *id, int held_fd)
{
	cleanup_fd int names_fd = name_open_all(root_fd);
	cleanup_fd int own_fd = names_fd >= 0 && held_fd < 0 ? lock_name(names_fd, text, 0) : -1;
	const int fd = held_fd >= 0 ? held_fd : own_fd;
	char holder[STATE_ID_LEN + 1];
	struct stat st;

	if (names_fd < 0 || fd < 0)
		return errno == ENOENT || errno == EWOULDBLOCK ? 0 : -1;
	/* No longer ours if an administrator removed it and another sandbox claimed the name. */
	if (!is_linked(names_fd, text, fd))
		return 0;
	if (read_id(fd, holder) == 0) {
		if (id && strcmp(holder, id) != 0)
			return 0;
		if (!id && fstatat(root_fd, holder, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return 0;
	}
	return unlinkat(names_fd, text, 0) < 0 ? -1 : 1;
}
