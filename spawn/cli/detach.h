/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --detach: the process that was called forks before anything else is made. The
 * child becomes the watcher: a session of its own, nothing of the caller's but
 * what the spec names. The parent waits for one message over a close-on-exec
 * pipe: the sandbox's id once the command runs, or why it does not. A watcher
 * that dies without a word is told by the pipe's end.
 */
#ifndef NIDUS_CLI_DETACH_H
#define NIDUS_CLI_DETACH_H

#include <stdbool.h>

#include "../nidus.h"

/*
 * In the watcher: 0, with *tell_fd the pipe to the parent. In the parent: 1, when
 * all has been said, with *exit_code. -1 with the fault: no fork.
 */
int detach_fork(const struct nidus_spec *spec, int *tell_fd, int *exit_code, struct fault *fault);

/*
 * The watcher's one message; closes the pipe. With a fault: the sandbox failed
 * and the parent exits with exit_code. lost_cwd: of the result, or NULL. -1: nobody
 * reads it any more.
 */
int detach_tell(int *tell_fd, const char *id, const struct fault *lost_cwd,
		const struct fault *fault, int exit_code);

/* Once init has them: lets go of the caller's descriptors and directory. */
void detach_settle(const struct nidus_spec *spec);

#endif
