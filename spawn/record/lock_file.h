/* SPDX-License-Identifier: Apache-2.0 */
/* --lock-file: one sandbox at a time per file. */
#ifndef NIDUS_LOCK_FILE_H
#define NIDUS_LOCK_FILE_H

#include <stdint.h>

#include "../../init/fault.h"

/*
 * Opens (makes, 0644) and flocks exclusively, waiting at most wait_us. Held by another:
 * EWOULDBLOCK, the object names path and holder (pid from /proc/locks, and its sandbox
 * where it is one of ours). Descriptor or -1. The file stays when the sandbox is gone.
 */
int lock_file_take(const char *path, uint64_t wait_us, struct fault *fault);

#endif
