/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console: PID 1 writes to it without blocking, services as they like, and a shell
 * has it as its terminal. In a container it is the inherited stdio.
 */
#include <asm/ioctls.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../contract.h"
#include "../kernel_abi.h"
#include "role.h"

/* These cannot fail with an open fd. */
static void put_stdio(int fd, int first, int end)
{
	for (; first < end; first++)
		dup2(fd, first);
}

/* Descriptors 0 to 2 must stay taken, or a pipe or file opened later would get them. */
static void keep_stdio(void)
{
	int fd;

	do
		fd = open("/", O_RDONLY | O_DIRECTORY);
	while (fd >= 0 && fd < 3);
	close(fd);
}

/*
 * O_NONBLOCK belongs to the open file description, which PID 1 does not share here. In a
 * container every process that has it would be affected.
 */
void console_open(struct machine *m, const char *path)
{
	int fd;

	keep_stdio();
	if (!m->ours) {
		m->has_console = isatty(STDIN_FILENO);
		return;
	}
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) { /* if it was the configured one, the first one stays in use */
		machine_tell_errno(path);
		return;
	}
	put_stdio(fd, STDIN_FILENO, 3);
	close(fd);
	m->has_console = true;
	m->console = path;
}

/* ---- in the child ---- */

/*
 * No link is followed: the log may be in a directory that the service can write to, and
 * this process is root. A FIFO without a reader is an error instead of a wait.
 */
static void put_output(const struct machine *m, const char *output)
{
	int fd, flags = O_WRONLY | O_NOCTTY | O_CLOEXEC;

	if (output[0] == '/') {
		flags |= O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
	} else if (strcmp(output, "null") == 0) {
		output = CONSOLE_NONE;
	} else if (m->ours) {
		output = m->console;
	} else {
		return; /* as inherited */
	}
	fd = child_must(open(output, flags, 0640), STEP_TTY, output);
	fcntl(fd, F_SETFL, flags & O_APPEND); /* clears O_NONBLOCK; can't fail */
	put_stdio(fd, STDOUT_FILENO, 3);
}

/* Needs: a session of its own. */
void console_stdio(const struct machine *m, const struct conf_service *conf)
{
	const char *path = conf->terminal ? m->console : CONSOLE_NONE;

	if (m->ours || !conf->terminal)
		put_stdio(child_must(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC), STEP_TTY, path),
			  STDIN_FILENO, conf->terminal ? 3 : 1);
	if (conf->terminal)
		/*
		 * On a machine it is taken away from a session that still has it; in a container
		 * that is the session of the caller, which keeps it. EPERM, ENOTTY: a shell
		 * without job control.
		 */
		ioctl(STDIN_FILENO, TIOCSCTTY, m->ours);
	else
		put_output(m, conf->output);
}
