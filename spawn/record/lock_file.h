/* SPDX-License-Identifier: Apache-2.0 */
/* lock_file: one sandbox at a time per file. */
#ifndef NIDUS_LOCK_FILE_H
#define NIDUS_LOCK_FILE_H

#include <stdint.h>

#include "../../init/fault.h"

/*
 * Opens the file (creating it with 0600) and locks it exclusively with flock, waiting at
 * most wait_us. Returns the descriptor or -1. If another process holds it: EWOULDBLOCK, and
 * the fault says which one (pid from /proc/locks, and its sandbox if it has one). The file
 * stays when the sandbox is gone.
 */
int lock_file_take(const char *path, uint64_t wait_us, struct fault *fault);

#endif
