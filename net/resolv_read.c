/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the files of the host about name servers, and those with the upstreams of its stubs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"
#include "resolv.h"

#define INTERFACES "run/resolvconf/interface" /* resolvconf of Debian: one file per link */
#define INTERFACES_MAX 64

/* Other places that list them, in the format of resolv.conf(5). */
static const char *const upstream_files[] = {
	"run/systemd/resolve/resolv.conf",
	"run/NetworkManager/no-stub-resolv.conf",
	"run/dnsmasq/resolv.conf",
};

/* Errors that count as an absent file. */
static bool is_none(int err)
{
	return err == ENOENT || err == ENOTDIR || err == EACCES;
}

/* Appends the file to `text`, which stays NUL-terminated. */
static int append(int dir_fd, const char *path, char text[RESOLV_HOST_MAX])
{
	cleanup_fd int fd = openat(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	size_t len = strlen(text);

	if (fd < 0)
		return is_none(errno) ? 0 : -1;
	if (small_file_read_fd(fd, text + len, RESOLV_HOST_MAX - len) < 0)
		return -1;
	if (strlen(text) < RESOLV_HOST_MAX - 1)
		return 0;
	errno = EFBIG;
	return -1;
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Appends all of them, in the order of their names. */
static int append_interfaces(int root_fd, char text[RESOLV_HOST_MAX])
{
	cleanup_fd int dir_fd = openat(root_fd, INTERFACES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char path[32];
	struct dirent **entries;
	int count, rc = 0, err = 0;

	if (dir_fd < 0)
		return is_none(errno) ? 0 : -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir_fd);
	count = scandir(path, &entries, is_shown, alphasort);
	if (count < 0)
		return -1;
	for (int i = 0; i < count; i++) {
		size_t len = strlen(text);

		if (len > 0 && len < RESOLV_HOST_MAX - 1 && text[len - 1] != '\n')
			memcpy(text + len, "\n", 2);
		if (rc == 0 && i < INTERFACES_MAX)
			rc = append(dir_fd, entries[i]->d_name, text);
		if (rc < 0 && err == 0)
			err = errno;
		free(entries[i]);
	}
	free(entries);
	errno = err;
	return rc;
}

int resolv_read(int root_fd, struct resolv_host *host, struct fault *fault)
{
	host->conf[0] = '\0';
	host->upstreams[0] = '\0';
	if (append(root_fd, "etc/resolv.conf", host->conf) < 0)
		return fault_set(fault, STEP_NETWORK, errno, "/etc/resolv.conf");
	if (resolv_count(host->conf) > 0)
		return 0;
	for (size_t i = 0; i < sizeof(upstream_files) / sizeof(*upstream_files); i++) {
		host->upstreams[0] = '\0';
		if (append(root_fd, upstream_files[i], host->upstreams) < 0)
			return fault_set(fault, STEP_NETWORK, errno, upstream_files[i]);
		if (resolv_count(host->upstreams) > 0)
			return 0;
	}
	host->upstreams[0] = '\0';
	if (append_interfaces(root_fd, host->upstreams) < 0)
		return fault_set(fault, STEP_NETWORK, errno, INTERFACES);
	return 0;
}
