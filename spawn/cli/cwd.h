/* SPDX-License-Identifier: Apache-2.0 */
/* --cwd: the caller's directory at its own path inside, where the view does not show it. */
#ifndef NIDUS_CLI_CWD_H
#define NIDUS_CLI_CWD_H

#include "cli.h"

/*
 * Adds the operations that give the command the caller's directory: what --cwd asks for, behind
 * the other operations; without it, where the default view hides the directory, read-only and
 * before the others, if the caller owns it, nobody else may write to it, and it is neither a
 * home nor above one. Looks at the machine.
 */
int cwd_give(struct nidus_spec *spec, const struct run_request *request, struct fault *fault);

/* True if an argument of the command is a path that exists from the caller's directory. */
bool cwd_is_named(const struct nidus_spec *spec);

#endif
