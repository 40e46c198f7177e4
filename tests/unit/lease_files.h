/* SPDX-License-Identifier: Apache-2.0 */
/* The files of all leases below a state root, as lease.h describes them. */
#ifndef NIDUS_TEST_LEASE_FILES_H
#define NIDUS_TEST_LEASE_FILES_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../../net/ip.h"

typedef int lease_each(const struct ip_addr *addr, const char *id, void *arg);

/* id is "" for a lease that is nobody's. Returns 0, or -1 with errno. */
static inline int lease_files_each(int state_fd, lease_each *each, void *arg)
{
	int fd = openat(state_fd, "leases", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int ret = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -1;
	while (ret == 0 && (entry = readdir(dir))) {
		struct ip_addr addr;
		char id[64] = "";

		if (!ip_addr_parse(entry->d_name, &addr))
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT) /* released meanwhile */
			continue;
		ret = fd < 0 || read(fd, id, sizeof(id) - 1) < 0 ? -1 : each(&addr, id, arg);
		close(fd);
	}
	closedir(dir);
	return ret;
}

#endif
