/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors that close themselves, and whole reads and writes.
 *
 *     cleanup_fd int fd = open(...);
 *     ...
 *     return fd_take(&fd);   // explicit hand-over to the caller
 */
#ifndef NIDUS_FD_H
#define NIDUS_FD_H

#include <errno.h>
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

/* Hands the descriptor over: the caller owns the result, *fd is empty. */
static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
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
