/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which sandbox has which address. Only the files count. The lock makes choosing,
 * journalling and writing the file one step, so that no two launchers choose the same
 * address and none is released after its next holder has taken it.
 */
#include "lease.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "../init/clock.h"
#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"

#define LEASE_LOCK "lock"
#define LEASE_ID_MAX 64 /* bytes of an id, with the NUL */
#define LOCK_POLL_NS 500000

#define LEASE_DIR "leases"

static int lease_fault(struct fault *fault, int err, const char *name)
{
	char what[FAULT_WHAT_MAX];

	snprintf(what, sizeof(what), LEASE_DIR "/%s", name);
	return fault_set(fault, STEP_NETWORK, err, what);
}

/* The directory of leases; with `make`, made if it is missing. -1 with errno. */
static int open_dir(int state_fd, bool make)
{
	if (make && mkdirat(state_fd, LEASE_DIR, 0700) < 0 && errno != EEXIST)
		return -1;
	return openat(state_fd, LEASE_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/*
 * Takes the lock: returns a descriptor that holds it until it is closed; -1 with errno.
 * Polled, because flock(2) has no timeout; it is held for a fraction of a millisecond.
 */
static int take_lock(int dir_fd)
{
	const struct timespec pause = { 0, LOCK_POLL_NS };
	int64_t deadline = clock_now_ms() + LEASE_LOCK_MS;
	cleanup_fd int fd = openat(dir_fd, LEASE_LOCK,
				   O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (clock_now_ms() >= deadline) {
			errno = ETIMEDOUT;
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return fd_take(&fd);
}

/* The id in a lease; "" if it is empty. -1 with errno. */
static int read_id(int dir_fd, const char *name, char id[LEASE_ID_MAX])
{
	cleanup_fd int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 || small_file_read_fd(fd, id, LEASE_ID_MAX) < 0 ? -1 : 0;
}

/* ---- where to look ---- */

/* FNV-1a, mixed once more so that ids that differ in their last digit spread. */
static uint64_t hash(const char *text, uint64_t seed)
{
	uint64_t value = 0xcbf29ce484222325u ^ seed;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 0x100000001b3u;
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdu;
	return value ^ value >> 33;
}

static bool are_coprime(uint64_t a, uint64_t b)
{
	while (b > 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a == 1;
}

/* A stride that visits all `size` addresses. */
static uint64_t choose_stride(const char *id, uint64_t size)
{
	uint64_t stride = size > 2 ? 1 + hash(id, 1) % (size - 1) : 1;

	while (!are_coprime(size, stride)) /* ends at 1 */
		stride--;
	return stride;
}

/* ---- choosing one ---- */

/* One that none holds is removed. */
static int is_held(const struct lease_lock *lock, const char *name)
{
	struct stat st;

	if (fstatat(lock->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (st.st_size > 0 || !S_ISREG(st.st_mode))
		return 1;
	return unlinkat(lock->dir_fd, name, 0);
}

struct question {
	lease_is_used *is_used;
	void *arg;
	uint32_t count; /* asked so far */
};

/* 1: the address is free. */
static int is_free(const struct lease_lock *lock, const struct ip_addr *addr, struct question *question,
		   struct fault *fault)
{
	char name[IP_TEXT_MAX];
	bool used = false;
	int held;

	ip_addr_text(addr, name);
	held = is_held(lock, name);
	if (held != 0)
		return held > 0 ? 0 : lease_fault(fault, errno, name);
	question->count++;
	if (question->is_used && question->is_used(addr, question->arg, &used, fault) < 0)
		return -1;
	return !used;
}

static int refuse_exhausted(const struct ip_prefix *pool, struct fault *fault)
{
	char what[IP_TEXT_MAX + 40], name[IP_TEXT_MAX];

	snprintf(what, sizeof(what), "pool %s: no address is free", ip_prefix_text(pool, name));
	return fault_set(fault, STEP_NETWORK, ENOSPC, what);
}

void lease_lock_init(struct lease_lock *lock)
{
	lock->dir_fd = lock->lock_fd = -1;
}

int lease_lock(struct lease_lock *lock, int state_fd, struct fault *fault)
{
	lock->lock_fd = -1;
	lock->dir_fd = open_dir(state_fd, true);
	if (lock->dir_fd < 0)
		return lease_fault(fault, errno, "");
	lock->lock_fd = take_lock(lock->dir_fd);
	if (lock->lock_fd >= 0)
		return 0;
	lease_fault(fault, errno, LEASE_LOCK);
	lease_unlock(lock);
	return -1;
}

void lease_unlock(struct lease_lock *lock)
{
	fd_close(&lock->lock_fd);
	fd_close(&lock->dir_fd);
}

int lease_choose(const struct lease_lock *lock, const struct ip_prefix *pool, const char *id,
		 lease_is_used *is_used, void *arg, struct ip_addr *addr, struct fault *fault)
{
	struct question question = { .is_used = is_used, .arg = arg };
	uint64_t size = ip_pool_size(pool), at, stride;

	if (id[0] == '\0' || strlen(id) >= LEASE_ID_MAX)
		return fault_set(fault, STEP_NETWORK, EINVAL, id);
	if (size == 0)
		return refuse_exhausted(pool, fault);
	at = hash(id, 0) % size;
	stride = choose_stride(id, size);
	for (uint64_t i = 0; i < size && i < LEASE_PROBES_MAX; i++) {
		int rc;

		ip_pool_addr(pool, at, addr);
		rc = is_free(lock, addr, &question, fault);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		if (question.count == LEASE_QUESTIONS_MAX)
			break;
		at = (at + stride) % size;
	}
	return refuse_exhausted(pool, fault);
}

int lease_make(const struct lease_lock *lock, const char *id, const struct ip_addr *addr,
	       struct fault *fault)
{
	char text[IP_TEXT_MAX];
	const char *name = ip_addr_text(addr, text);
	cleanup_fd int fd = openat(lock->dir_fd, name,
				   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int err;

	if (fd < 0)
		return lease_fault(fault, errno, name);
	if (fd_write_whole(fd, id, strlen(id)) == 0)
		return 0;
	err = errno;
	unlinkat(lock->dir_fd, name, 0);
	return lease_fault(fault, err, name);
}

int lease_is_any(const struct lease_lock *lock, const struct ip_prefix *pool, bool *any,
		 struct fault *fault)
{
	cleanup_fd int fd = openat(lock->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct ip_addr addr;

	*any = false;
	if (!dir)
		return lease_fault(fault, errno, "");
	fd_take(&fd); /* the directory's now */
	while (!*any && (entry = readdir(dir)))
		if (ip_addr_parse(entry->d_name, &addr) && ip_prefix_contains(pool, &addr))
			*any = is_held(lock, entry->d_name) > 0;
	closedir(dir);
	return 0;
}

/* ---- releasing ---- */

int lease_release(int state_fd, const char *id, const struct ip_addr *addr, struct fault *fault)
{
	char text[IP_TEXT_MAX];
	const char *name = ip_addr_text(addr, text);
	cleanup_fd int dir_fd = open_dir(state_fd, false);
	cleanup_fd int lock_fd = -1;
	char holder[LEASE_ID_MAX];

	if (dir_fd < 0)
		return errno == ENOENT ? 0 : lease_fault(fault, errno, "");
	lock_fd = take_lock(dir_fd);
	if (lock_fd < 0)
		return lease_fault(fault, errno, LEASE_LOCK);
	if (read_id(dir_fd, name, holder) < 0)
		return errno == ENOENT ? 0 : lease_fault(fault, errno, name);
	if (holder[0] != '\0' && strcmp(holder, id) != 0)
		return 0;
	if (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
		return lease_fault(fault, errno, name);
	return 0;
}
