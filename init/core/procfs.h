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

/* Walks all processes of the pid namespace but PID 1. begin: -1 and errno; next: 0 at the end. */
int procfs_scan_begin(struct procfs_scan *scan, int proc_fd);
uint32_t procfs_scan_next(struct procfs_scan *scan);
void procfs_scan_end(struct procfs_scan *scan);

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
