/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared memory that need not be mapped by any process, so that no resident set shows it: files
 * of memfd_create(2), as long as somebody has them open, and System V segments.
 *
 * Each file counts once in a look, however many processes have it open. All functions: -1 and
 * errno if something can't be read.
 */
#ifndef NIDUS_INIT_SHM_H
#define NIDUS_INIT_SHM_H

#include <stdint.h>

/* A new look: no file has been counted. */
void shm_begin(void);

/* Adds the bytes of what the threads of a process have open and no process had before it. */
int shm_add_open(int proc_fd, uint32_t pid, uint64_t *bytes);

/* The same, but remembers the bytes, for good: only what a file grows beyond them will count. */
int shm_learn_open(int proc_fd, uint32_t pid);

/* Adds those segments that processes of the pid namespace made, attached or not. */
int shm_add_segments(int proc_fd, uint64_t *bytes);

#endif
