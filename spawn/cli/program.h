/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nidus is two programs in one file. The launcher (spawn/launcher/) has what most starts need
 * and links no library; it executes the whole program for everything else, before it has
 * touched anything. Without musl there is only the whole program, for which the functions
 * here do nothing.
 */
#ifndef NIDUS_CLI_PROGRAM_H
#define NIDUS_CLI_PROGRAM_H

#include "cli.h"

/* Both programs from here on. Returns the exit status. */
int cli_main(int argc, char **argv);

/* Returns if this program can do what was asked for; also after a refusal of the options. */
void program_suffices(const struct nidus_spec *spec, const struct run_request *request);

/* Removes what recover_gc met and this program can't remove. */
void program_collect_rest(void);

/* From here on this process waits, perhaps for hours: gives back what memory it can. */
void program_rest(void);

#endif
