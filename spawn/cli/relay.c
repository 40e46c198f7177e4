/* SPDX-License-Identifier: Apache-2.0 */
/* Carries bytes between stdin, stdout and the master of the workload's pty. */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "../../init/fd.h"

enum { MASTER, INPUT, OUTPUT };

static bool is_empty(const struct relay_buffer *buffer)
{
	return buffer->sent == buffer->used;
}

static bool is_again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

void relay_init(struct relay *relay)
{
	memset(relay, 0, sizeof(*relay));
	relay->master = -1;
}

void relay_start(struct relay *relay, int master)
{
	relay->master = master;
	relay->in_open = relay->out_open = true;
	/* our own open file, received from init: no other process reads through it */
	fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
	terminal_copy_size(master);
}

void relay_poll(const struct relay *relay, const struct terminal *terminal,
		struct pollfd fds[RELAY_POLL_FDS])
{
	struct pollfd *master = &fds[MASTER];

	/* one without events to wait for is left out: poll would report its hang-up for ever */
	for (int i = 0; i < RELAY_POLL_FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	if (relay->master < 0)
		return;
	if (!relay->final && (!is_empty(&relay->in) || relay->eofs > 0))
		master->events |= POLLOUT;
	if (!relay->final && relay->out_open && is_empty(&relay->out))
		master->events |= POLLIN;
	if (master->events)
		master->fd = relay->master;
	if (!relay->final && relay->in_open && is_empty(&relay->in) && relay->eofs == 0 &&
	    terminal_may_read(terminal))
		fds[INPUT] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	if (!is_empty(&relay->out))
		fds[OUTPUT] = (struct pollfd){ .fd = STDOUT_FILENO, .events = POLLOUT };
}

/* The end of the input becomes what a user would type: ^D, twice after an unfinished line. */
static void read_input(struct relay *relay)
{
	ssize_t n = read(STDIN_FILENO, relay->in.bytes, sizeof(relay->in.bytes));

	if (n < 0 && is_again())
		return;
	if (n < 0 && errno == EIO && isatty(STDIN_FILENO))
		return; /* moved to the background since poll */
	relay->in.sent = 0;
	relay->in.used = n > 0 ? (size_t)n : 0;
	if (n > 0) {
		relay->in_line = relay->in.bytes[n - 1] != '\n';
		return;
	}
	relay->in_open = false;
	relay->eofs = relay->in_line ? 2 : 1;
}

static void read_output(struct relay *relay)
{
	ssize_t n = read(relay->master, relay->out.bytes, sizeof(relay->out.bytes));

	/* Once all writers are gone, nothing now means nothing more: the kernel flushes the
	 * pty before it reports their end. */
	if (n < 0 && is_again() && !relay->final)
		return;
	relay->out.sent = 0;
	relay->out.used = n > 0 ? (size_t)n : 0;
	/* EIO: nobody has the terminal open any more */
	if (n <= 0)
		relay->out_open = false;
}

static void write_input(struct relay *relay)
{
	struct termios settings;
	ssize_t n;

	if (is_empty(&relay->in)) {
		/* a program that reads in raw mode knows no end of file */
		if (tcgetattr(relay->master, &settings) < 0 || !(settings.c_lflag & ICANON))
			relay->eofs = 0;
		else if (write(relay->master, &settings.c_cc[VEOF], 1) == 1)
			relay->eofs--;
		else if (!is_again())
			relay->eofs = 0;
		return;
	}
	n = write(relay->master, relay->in.bytes + relay->in.sent, relay->in.used - relay->in.sent);
	if (n > 0)
		relay->in.sent += (size_t)n;
	else if (n < 0 && !is_again())
		relay->in.sent = relay->in.used; /* nobody there to read it */
}

static void write_output(struct relay *relay)
{
	ssize_t n = write(STDOUT_FILENO, relay->out.bytes + relay->out.sent,
			  relay->out.used - relay->out.sent);

	if (n > 0)
		relay->out.sent += (size_t)n;
	else if (n < 0 && !is_again())
		relay_close(relay); /* our reader is gone: the workload's terminal hangs up */
}

void relay_step(struct relay *relay, const struct pollfd fds[RELAY_POLL_FDS])
{
	if (fds[OUTPUT].fd >= 0 && fds[OUTPUT].revents)
		write_output(relay);
	if (relay->final && relay->out_open && is_empty(&relay->out))
		read_output(relay);
	if (relay->master < 0)
		return;
	if (fds[MASTER].fd >= 0 && fds[MASTER].events & POLLIN && is_empty(&relay->out) &&
	    fds[MASTER].revents & (POLLIN | POLLHUP | POLLERR))
		read_output(relay);
	if (fds[MASTER].fd >= 0 && fds[MASTER].events & POLLOUT &&
	    fds[MASTER].revents & (POLLOUT | POLLHUP | POLLERR))
		write_input(relay);
	if (fds[INPUT].fd >= 0 && fds[INPUT].revents)
		read_input(relay);
}

void relay_finish(struct relay *relay)
{
	if (relay->final)
		return;
	relay->final = true;
	relay->out_open = relay->master >= 0;
	if (relay->out_open && is_empty(&relay->out))
		read_output(relay);
}

bool relay_is_done(const struct relay *relay)
{
	return relay->master < 0 || (!relay->out_open && is_empty(&relay->out));
}

void relay_close(struct relay *relay)
{
	fd_close(&relay->master);
	relay->in_open = relay->out_open = false;
	relay->out.used = relay->out.sent = 0;
}
