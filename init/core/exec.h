/* SPDX-License-Identifier: Apache-2.0 */
/* The exec of a file by the rules of execvp(3), and why it failed. */
#ifndef NIDUS_INIT_EXEC_H
#define NIDUS_INIT_EXEC_H

#include "../fault.h"

/* `first` and then the elements of `rest`, as a new vector. NULL and errno. */
char **exec_vector(const char *first, char *const *rest);

/*
 * A file that no loader knows is a script without a `#!` line, and run by /bin/sh; but not
 * one that begins as ELF files do: that is for another machine. Returns only on failure, with
 * errno.
 */
void exec_file(const char *path, char *const *argv, char *const *envp);

/*
 * What exec_file's errno doesn't say, as a bare name in fault->why, which is empty otherwise.
 * EACCES: the first directory of the path that this process may not enter. ENOENT for a file
 * that is there: the interpreter that isn't, by name for a script; fault->err becomes ELIBACC.
 */
void exec_blame(const char *path, struct fault *fault);

#endif
