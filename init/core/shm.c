/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at descriptors through PID/fd. A file system may belong to an accomplice who never
 * answers, so only the text of a link is read until it says that the file is a memfd.
 */
#include "shm.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "../text.h"
#include "procfs.h"

#define COUNTED_MAX 1024 /* files in one look; more count once for each descriptor */
#define PROBES 8
#define SAME_FILES 2   /* KCMP_FILES of linux/kcmp.h */
#define SEGMENTS "sysvipc/shm"

/* Columns of SEGMENTS; both sizes are in bytes. */
enum { COLUMN_CREATOR = 4, COLUMN_RESIDENT = 14, COLUMN_SWAPPED = 15 };

static struct procfs_scan tasks, descriptors;

/* ---- each file once ---- */

struct counted {
	uint64_t ino;
	uint64_t base; /* bytes that do not count; not 0: the entry stays */
	uint64_t look; /* when it was counted last */
};

static struct counted counted[COUNTED_MAX];
static uint64_t look;

void shm_begin(void)
{
	look++;
}

/* The entry of a file, a free one for it, or NULL. */
static struct counted *entry_of(uint64_t ino)
{
	struct counted *vacant = NULL;

	for (unsigned i = 0; i < PROBES; i++) {
		struct counted *entry = &counted[(ino + i) % COUNTED_MAX];
		bool used = entry->look == look || entry->base > 0;

		if (used && entry->ino == ino)
			return entry;
		if (!used && !vacant)
			vacant = entry;
	}
	if (vacant)
		vacant->ino = ino;
	return vacant;
}

static uint64_t count(uint64_t ino, uint64_t bytes, bool learn)
{
	struct counted *entry = entry_of(ino);

	if (!entry)
		return bytes;
	if (learn)
		entry->base = bytes;
	if (entry->look == look)
		return 0;
	entry->look = look;
	return bytes > entry->base ? bytes - entry->base : 0;
}

/* ---- what is open ---- */

static bool is_memfd(const char *number)
{
	static const char start[] = "/memfd:";
	char link[sizeof(start) - 1];

	return readlinkat(descriptors.fd, number, link, sizeof(link)) == sizeof(link) &&
	       memcmp(link, start, sizeof(link)) == 0;
}

/* A descriptor closed meanwhile is none. */
static int add_descriptors(int proc_fd, uint32_t thread, bool learn, uint64_t *bytes)
{
	char path[PROCFS_PATH_MAX], text[TEXT_NUMBER_MAX];
	uint64_t ino, size;
	uint32_t fd;
	int found;

	if (procfs_scan_begin(&descriptors, proc_fd, procfs_path(path, thread, "fd")) < 0)
		return -1;
	while ((found = procfs_scan_next(&descriptors, &fd)) > 0) {
		const char *number = text_number(text, fd, 10);

		if (is_memfd(number) && sys_file_size(descriptors.fd, number, &ino, &size) == 0)
			*bytes += count(ino, size, learn);
	}
	procfs_scan_end(&descriptors);
	return found;
}

/* It has ended and awaits its parent: then its directory is root's, and has nothing in it. */
static bool has_ended(int proc_fd, uint32_t thread)
{
	char text[8];

	return procfs_read(proc_fd, thread, "statm", text, sizeof(text)) < 0 || text[0] == '0';
}

/*
 * Threads may have descriptors of their own: unshare(CLONE_FILES). One that refuses does not
 * hide the others.
 */
static int look_at(int proc_fd, uint32_t pid, bool learn, uint64_t *bytes)
{
	char path[PROCFS_PATH_MAX];
	int found, refused = 0;
	uint32_t thread;

	if (procfs_scan_begin(&tasks, proc_fd, procfs_path(path, pid, "task")) < 0)
		return -1;
	while ((found = procfs_scan_next(&tasks, &thread)) > 0) {
		if (thread != pid && syscall(SYS_kcmp, pid, thread, SAME_FILES, 0, 0) == 0)
			continue;
		if (add_descriptors(proc_fd, thread, learn, bytes) == 0 || procfs_is_gone(errno))
			continue;
		found = procfs_is_refused(errno) ? 0 : -1;
		if (found < 0)
			break;
		if (!has_ended(proc_fd, thread))
			refused = EACCES;
	}
	procfs_scan_end(&tasks);
	if (found < 0 || !refused)
		return found;
	errno = refused;
	return -1;
}

int shm_add_open(int proc_fd, uint32_t pid, uint64_t *bytes)
{
	return look_at(proc_fd, pid, false, bytes);
}

int shm_learn_open(int proc_fd, uint32_t pid)
{
	uint64_t ignored = 0;

	return look_at(proc_fd, pid, true, &ignored);
}

/* ---- segments ---- */

struct table {
	unsigned column;
	bool in_number;
	uint64_t value, creator;
};

/* The first line has no numbers in it, and so no columns. */
static void take(struct table *table, char c, uint64_t *bytes)
{
	bool digit = c >= '0' && c <= '9';

	if (digit) {
		table->value = (table->in_number ? table->value * 10 : 0) + (uint64_t)(c - '0');
	} else if (table->in_number) {
		if (table->column == COLUMN_CREATOR)
			table->creator = table->value;
		/* 0: a process outside, in an IPC namespace that is shared with it */
		else if (table->column >= COLUMN_RESIDENT && table->column <= COLUMN_SWAPPED &&
			 table->creator != 0)
			*bytes += table->value;
		table->column++;
	}
	table->in_number = digit;
	if (c == '\n')
		table->column = 0;
}

int shm_add_segments(int proc_fd, uint64_t *bytes)
{
	cleanup_fd int fd = openat(proc_fd, SEGMENTS, O_RDONLY | O_CLOEXEC);
	struct table table = {0};
	char text[512];
	ssize_t n = 1;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1; /* a kernel without System V IPC */
	while (n > 0) {
		n = read(fd, text, sizeof(text));
		for (ssize_t i = 0; i < n; i++)
			take(&table, text[i], bytes);
	}
	return (int)n;
}
