/* SPDX-License-Identifier: Apache-2.0 */
/* Where links of the host lead to, as text: for files that must be visible inside. */
#ifndef NIDUS_HOST_REACH_H
#define NIDUS_HOST_REACH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * True if `path` in the tree `root` (""; or the path of a directory that stands for /), or a
 * link on the way, leads into one of the directories `hidden`; `at` gets
 * the path there, at which a lookup inside ends: "/run/systemd/resolve/stub-resolv.conf" of
 * "/etc/resolv.conf". False, too, for a path that doesn't exist.
 */
bool host_enters(const char *root, const char *path, const char *const *hidden, size_t hidden_count,
		 char at[PATH_MAX]);

#endif
