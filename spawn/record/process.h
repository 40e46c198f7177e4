/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes on record: written down as boot, pid and start time, used as a pidfd. A pid by
 * itself is never trusted.
 */
#ifndef NIDUS_PROCESS_H
#define NIDUS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_BOOT_MAX 64

/* Start time of a process, field 22 of its stat, in clock ticks; 0 with errno: ESRCH, no such
 * process, or it can't be told. */
uint64_t process_start_time(pid_t pid);

/* "PID STARTTIME" of a process, for a record. -1 with errno: ESRCH if it is gone; an unreaped
 * zombie is not. */
#define PROCESS_TEXT_MAX 40
int process_describe(pid_t pid, char text[PROCESS_TEXT_MAX]);

/*
 * A pidfd of the process "PID STARTTIME", verified after opening it. -1 with errno: ESRCH if it
 * is gone, or a zombie; any other errno means that it may live.
 */
int process_open(const char *argument);

/*
 * True if gone, or killed and about to go: what it holds will be free in a moment. Between
 * taking the signal and exiting nothing shows it, so a false may be late by an instant.
 */
bool process_is_ending(const char *argument);

/*
 * The arguments of the command in the sandbox of a living PID 1, as ps(1) shows them: each ended
 * by a NUL. The process may have changed them. Returns their bytes; 0: unknown.
 */
size_t process_read_command(pid_t init, char *text, size_t size);

/* Boot id, and inode of the pid namespace, of this process. -1 with errno. */
int process_boot(char text[PROCESS_BOOT_MAX]);

enum process_place {
	PROCESS_HERE,      /* the pids on record can be looked up here */
	PROCESS_ELSEWHERE, /* this boot, but another pid namespace: pids mean nothing here */
	PROCESS_BEFORE,    /* another boot: every process on record is gone */
};
/* -1 with errno if that can't be told. */
int process_place(const char *boot, enum process_place *place);

#endif
