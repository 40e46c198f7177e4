/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a procfs; parts of its text are chosen by hostile processes. */
#ifndef NIDUS_INIT_PROCFS_H
#define NIDUS_INIT_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct procfs_scan {
	int fd;
	size_t at, len;
	_Alignas(8) char buffer[8192];
};

/*
 * Walks the entries of a directory that are numbers: "." has the processes of the pid
 * namespace, PID/task their threads, PID/fd their descriptors. begin: -1 and errno. next: 1
 * with the next number; 0 at the end; -1 and errno if the rest can't be read. end: keeps errno.
 */
int procfs_scan_begin(struct procfs_scan *scan, int proc_fd, const char *path);
int procfs_scan_next(struct procfs_scan *scan, uint32_t *number);
void procfs_scan_end(struct procfs_scan *scan);

#define PROCFS_PATH_MAX 64

/* "PID/NAME", in `path`, which is returned. */
const char *procfs_path(char path[PROCFS_PATH_MAX], uint32_t pid, const char *name);

/*
 * What an errno of a look at a process means. Gone: it ended meanwhile. Refused: this process
 * alone can't be looked at. Anything else, and the figure is lost.
 */
bool procfs_is_gone(int err);
bool procfs_is_refused(int err);

/* Reads /proc/PID/NAME as small_file_read() does. -1 with errno: ENOENT or ESRCH if it is gone. */
ssize_t procfs_read(int proc_fd, uint32_t pid, const char *name, char *buffer, size_t size);

/* ---- text (pure); false: not what the kernel writes ---- */

/* stat: user and system time of the process and of those it reaped. Copes with any process name. */
bool procfs_text_ticks(const char *text, size_t len, uint64_t *ticks);

/* stat: the parent, and the start time of the process in ticks since boot. */
bool procfs_text_parent(const char *text, size_t len, uint64_t *parent, uint64_t *started);

/* statm: resident pages, and how many of them are shared (files and shmem). */
bool procfs_text_statm(const char *text, size_t len, uint64_t *resident, uint64_t *shared);

/* The number after `key` (with its colon or space) at the start of a line. */
bool procfs_text_value(const char *text, size_t len, const char *key, uint64_t *value);

#endif
