/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --detach: the process forks before it creates anything else. The child becomes the
 * watcher: it has its own session, and nothing of the caller but what the spec names. The
 * parent waits for one message over a close-on-exec pipe: the id of the sandbox once the
 * command runs, or why it does not. If the watcher dies without a message, the parent
 * reads end of file.
 */
#ifndef NIDUS_CLI_DETACH_H
#define NIDUS_CLI_DETACH_H

#include <stdbool.h>

#include "cli.h"

/*
 * In the watcher: 0, with *tell_fd the pipe to the parent. In the parent: 1, after the
 * message, with *exit_code. -1 with the fault: it could not fork.
 */
int detach_fork(const struct nidus_spec *spec, const struct run_request *request, int *tell_fd,
		int *exit_code, struct fault *fault);

/*
 * Sends the one message of the watcher and closes the pipe. With a fault, the sandbox failed
 * and the parent exits with exit_code. result: for the lines about the start, or NULL. -1:
 * nobody reads the pipe any more.
 */
int detach_tell(int *tell_fd, const char *id, const struct nidus_result *result,
		const struct fault *fault, int exit_code);

/* Closes the caller's descriptors and leaves its directory, once init has them. */
void detach_settle(const struct nidus_spec *spec);

#endif
