/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that close themselves, and whole reads and writes.
 *
 *     cleanup_fd int fd = open(...);
 *     ...
 *     return fd_take(&fd);   // explicit transfer to the caller
 */
#ifndef NIDUS_FD_H
#define NIDUS_FD_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#define cleanup_fd __attribute__((cleanup(fd_close)))

/* Closes *fd when it is open (>= 0) and marks it closed; errno is kept. */
static inline void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

/* Transfers the descriptor: the caller owns the result, *fd is empty. */
static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/*
 * A close-on-exec pipe whose ends are numbered `lowest` or higher, so that they don't collide
 * with the descriptors of a program to be started. 0, or -1 with errno and both ends -1.
 */
static inline int fd_pipe(int lowest, int *read_end, int *write_end)
{
	int low[2];

	*read_end = *write_end = -1;
	if (pipe2(low, O_CLOEXEC) < 0)
		return -1;
	*read_end = fcntl(low[0], F_DUPFD_CLOEXEC, lowest);
	if (*read_end >= 0)
		*write_end = fcntl(low[1], F_DUPFD_CLOEXEC, lowest);
	if (*write_end < 0)
		fd_close(read_end);
	fd_close(&low[0]);
	fd_close(&low[1]);
	return *write_end < 0 ? -1 : 0;
}

/*
 * One write that must take all of `len` bytes, as kernel files and message
 * pipes need. Returns 0, or -1 with errno (EIO for a short write).
 */
static inline int fd_write_whole(int fd, const void *data, size_t len)
{
	ssize_t n;

	do
		n = write(fd, data, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if ((size_t)n != len) {
		errno = EIO;
		return -1;
	}
	return 0;
}

#endif
