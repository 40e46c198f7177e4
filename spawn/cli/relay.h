/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --tty: bytes between our stdin and stdout and the master of the workload's
 * pty. One bounded buffer each way: nothing is read faster than the other end takes
 * it. Works with pipes on our side, too.
 */
#ifndef NIDUS_CLI_RELAY_H
#define NIDUS_CLI_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "terminal.h"

#define RELAY_POLL_FDS 3
/* At most what a pipe that polls writable takes without blocking: PIPE_BUF. */
#define RELAY_BUFFER 4096

struct relay_buffer {
	size_t used, sent;
	char bytes[RELAY_BUFFER];
};

struct relay {
	int master; /* -1: nothing to relay */
	bool in_open, out_open;
	bool in_line;       /* the last byte typed did not end a line */
	bool final;         /* the workload is gone: only its remaining output counts */
	unsigned int eofs;  /* end-of-file characters to type */
	struct relay_buffer in, out;
};

void relay_init(struct relay *relay);

/* Takes over the master. */
void relay_start(struct relay *relay, int master);

/* What to wait for now. */
void relay_poll(const struct relay *relay, const struct terminal *terminal,
		struct pollfd fds[RELAY_POLL_FDS]);

/* Moves what can be moved, after poll. */
void relay_step(struct relay *relay, const struct pollfd fds[RELAY_POLL_FDS]);

/* After the end of the workload: leaves stdin alone and relays the rest of the output. */
void relay_finish(struct relay *relay);

/* True when nothing is left to write. */
bool relay_is_done(const struct relay *relay);

void relay_close(struct relay *relay);

#endif
