/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens paths of the host that somebody else may have had a hand in: an earlier workload that
 * could write to a directory, or another user. Such a person plants symbolic links, and
 * waits for root to follow them. So no link is followed unseen: the path is walked one
 * component at a time, and each link is judged by where it lies.
 */
#ifndef NIDUS_HOST_OPEN_H
#define NIDUS_HOST_OPEN_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../init/fault.h"

/*
 * Which links are followed.
 *   SHOW: what is read, or shown inside read-only. In a directory that only its owner can
 *     write, who is root or the caller, every link; in another one, only a link of root's or
 *     of the caller's (what fs.protected_symlinks does in sticky directories).
 *   GIVE: what is written, locked, or given away writable. Only links of the system: directly
 *     in / or in /usr, /var, /etc, /run and their like, where these belong to root and nobody
 *     else can write. Nothing else tells a link of the caller's from one that a workload made,
 *     because what a workload makes in a writable bind belongs to the caller.
 * Links of a procfs (/proc/self/fd/1, so /dev/stdout too) are the kernel's and are followed.
 */
enum host_use { HOST_SHOW, HOST_GIVE };

/*
 * open(2) for such a path, always close-on-exec. Returns a descriptor; or -1 with the fault:
 * `step`, errno, the path, and for a link that is not followed ELOOP with a sentence that
 * names it.
 */
int host_open(const char *path, enum host_use use, int flags, mode_t mode, uint32_t step,
	      struct fault *fault);

/*
 * Root, or the caller. Whoever owns / owns the system, too: where ids are mapped, that need
 * not be 0.
 */
bool host_is_trusted_owner(uid_t uid);

/* The path of an open file as it is now, without links. -1 and errno: it has none. */
int host_path_of(int fd, char path[PATH_MAX]);

#endif
