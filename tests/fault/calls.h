/* SPDX-License-Identifier: Apache-2.0 */
/* Which system calls can fail with which errors. */
#ifndef NIDUS_FAULT_CALLS_H
#define NIDUS_FAULT_CALLS_H

#include <stdbool.h>

extern const int calls_errors[]; /* those that are tried; ends with 0 */

/*
 * Whether the call may return that error: by its manual page, and EIO and ENOMEM for
 * whatever a file system, a security module or the memory of the kernel may refuse.
 */
bool calls_may_fail(int number, int error);

/* Whether it has done its work even then, as close() has. */
bool calls_fail_when_done(int number);

/* Whether the call changes nothing outside of its process: dying after it is dying before the next. */
bool calls_only_look(int number);

/* Its name, or its number. */
const char *calls_name(int number);

#endif
