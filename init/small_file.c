/* SPDX-License-Identifier: Apache-2.0 */
#include "small_file.h"

#include <errno.h>

#include "fd.h"

ssize_t small_file_read_fd(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n = 1;

	while (n != 0 && len < size - 1) {
		n = read(fd, text + len, size - 1 - len);
		if (n < 0 && errno != EINTR) {
			text[0] = '\0';
			return -1;
		}
		len += n > 0 ? (size_t)n : 0;
	}
	text[len] = '\0';
	return (ssize_t)len;
}

ssize_t small_file_read(int dir_fd, const char *path, char *text, size_t size)
{
	cleanup_fd int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return small_file_read_fd(fd, text, size);
	text[0] = '\0';
	return -1;
}

ssize_t small_file_read_again(int fd, char *text, size_t size)
{
	if (lseek(fd, 0, SEEK_SET) == 0)
		return small_file_read_fd(fd, text, size);
	text[0] = '\0';
	return -1;
}
