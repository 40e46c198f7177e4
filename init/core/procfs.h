/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a procfs, whose text partly is what hostile processes chose. */
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

/* Reads /proc/PID/NAME into buffer. Returns its length; -1 for a process that is gone. */
ssize_t procfs_read(int proc_fd, uint32_t pid, const char *name, char *buffer, size_t size);

/* ---- text (pure); false: not what the kernel writes ---- */

/* stat: user and system time, of the process and of those it reaped. The name in it may be anything. */
bool procfs_text_ticks(const char *text, size_t len, uint64_t *ticks);

/* stat: the parent, and when the process started, in ticks since the boot. */
bool procfs_text_parent(const char *text, size_t len, uint64_t *parent, uint64_t *started);

/* statm: resident pages, and of these the shared ones (of files and of shmem). */
bool procfs_text_statm(const char *text, size_t len, uint64_t *resident, uint64_t *shared);

/* The number behind "KEY" at the start of a line: `key` with its colon or space. */
bool procfs_text_value(const char *text, size_t len, const char *key, uint64_t *value);

#endif
