/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --events and --report: opens them, and refuses what the command could forge. A refused
 * start has a report, too: one of an earlier run must not pass for that of this one.
 */
#ifndef NIDUS_CLI_OUTPUTS_H
#define NIDUS_CLI_OUTPUTS_H

#include "cli.h"

/*
 * Opens what was given by path, for appending; a report that is a file is emptied, unless
 * events go to it. Refuses a path that a bind makes writable inside; for a descriptor of such
 * a file, and for a FIFO that the command can see, prints a line: the caller may know better.
 */
int outputs_open(struct nidus_spec *spec, const struct run_request *request, struct fault *fault);

/* For options that are refused: writes a report that says so, if one was asked for. */
void outputs_refused(struct nidus_spec *spec, const struct run_request *request,
		     const struct fault *fault);

#endif
