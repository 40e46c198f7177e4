/* SPDX-License-Identifier: Apache-2.0 */
/* Settings in files, and places to mount at. */
#include "files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "conf.h"

int file_write(int dir, const char *path, const char *text)
{
	cleanup_fd int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

int path_make(const char *path)
{
	static char copy[CONF_LINE_MAX]; /* paths are words of machine.conf or constants */

	memcpy(copy, path, strlen(path) + 1);
	for (char *p = copy; *p; ) {
		char next;

		p++;
		p += strcspn(p, "/");
		next = *p;
		*p = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return -1;
		*p = next;
	}
	return 0;
}

bool path_is_mount(const char *path)
{
	static uint64_t statx_buffer[32]; /* the second element is stx_attributes */

	if (syscall(SYS_statx, AT_FDCWD, path, 0, 0, statx_buffer) < 0)
		return false;
	return statx_buffer[1] & 0x2000; /* STATX_ATTR_MOUNT_ROOT, Linux 5.8 */
}

int path_mount(const char *source, const char *path, const char *type, unsigned flags,
	       const char *data)
{
	return (int)syscall(SYS_mount, source, path, type, flags, data);
}
