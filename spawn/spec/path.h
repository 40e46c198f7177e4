/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Absolute paths inside a sandbox, as text: compared by component, so that "/tmp",
 * "//tmp/" and "/./tmp" are the same. Nothing is looked up; validation of the spec refuses
 * ".." before any of this runs.
 */
#ifndef NIDUS_PATH_H
#define NIDUS_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The next component at *rest (not NUL-terminated; *len its length), skipping
 * slashes and "."; NULL at the end. *rest moves on.
 */
const char *path_next(const char **rest, size_t *len);

bool path_is_root(const char *path);
bool path_has_dotdot(const char *path);

/* True if `path` is `above` or below it. */
bool path_is_within(const char *path, const char *above);

#endif
