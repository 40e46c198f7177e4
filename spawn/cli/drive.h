/* SPDX-License-Identifier: Apache-2.0 */
/* Drives one sandbox until nothing is left, with the signals and the terminal of the caller. */
#ifndef NIDUS_CLI_DRIVE_H
#define NIDUS_CLI_DRIVE_H

#include "cli.h"
#include "relay.h"
#include "terminal.h"

#define DRIVE_EARLY_MAX 64 /* signals kept until the workload can get them */

struct drive {
	const struct nidus_spec *spec;
	const struct run_request *request;
	struct nidus_sandbox *sandbox;
	struct terminal *terminal;
	struct relay relay;
	int signal_fd;
	int *tell_fd;   /* --detach: pipe to the parent until it has the message; else -1 */
	bool was_running, was_held;
	bool told_cwd, told_weaker;
	bool impatient; /* a signal came while only output was left to write */
	int early[DRIVE_EARLY_MAX];
	size_t early_count;
};

/*
 * Drives a started sandbox until it is gone and its output is written. All signals must be
 * blocked. -1: waiting failed; the sandbox may still live.
 */
int drive_sandbox(struct drive *drive, struct fault *fault);

#endif
