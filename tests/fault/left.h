/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What could be left behind, looked at cheaply enough for thousands of runs: mounts, groups,
 * records, leases, names, links, addresses, routes, temporary files, and one directory of the
 * walk's own. helpers/census, which knows more, comes before and after a scenario.
 */
#ifndef NIDUS_FAULT_LEFT_H
#define NIDUS_FAULT_LEFT_H

#include <stdbool.h>
#include <sys/types.h>

/* Notes down what there is; `directory` is one more to watch, `state` where the records are. */
void left_note(const char *directory, const char *state);

/* Whether nothing has come since, and no mount went. If not, *what is one of them. */
bool left_nothing(const char **what);

/* The same, with some time for groups and links, which the kernel removes later. */
bool left_nothing_soon(const char **what);

#endif
