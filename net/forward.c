/* SPDX-License-Identifier: Apache-2.0 */
#include "forward.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"

#define SYSCTL4 "/proc/sys/net/ipv4/ip_forward"
#define LINKS6 "/proc/sys/net/ipv6/conf"
#define SYSCTL6 LINKS6 "/all/forwarding"

/* Its first digit, or -1 with errno. */
static int read_switch(const char *path)
{
	char value[8];
	ssize_t len = small_file_read(AT_FDCWD, path, value, sizeof(value));

	if (len > 0)
		return value[0] - '0';
	errno = len < 0 ? errno : EIO;
	return -1;
}

static int write_switch(const char *path, const char *value)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fd_write_whole(fd, value, 1);
}

static int keep_link(const char *link, struct fault *fault)
{
	char accept[sizeof(LINKS6) + NAME_MAX + 16], forwarding[sizeof(accept)];

	/* not for existing links, and "default" would make the links of sandboxes accept them */
	if (link[0] == '.' || strcmp(link, "all") == 0 || strcmp(link, "default") == 0)
		return 0;
	snprintf(accept, sizeof(accept), LINKS6 "/%s/accept_ra", link);
	snprintf(forwarding, sizeof(forwarding), LINKS6 "/%s/forwarding", link);
	if (read_switch(accept) != 1 || read_switch(forwarding) != 0)
		return 0; /* gone, or accepts none anyway */
	if (write_switch(accept, "2") == 0 || errno == ENOENT)
		return 0;
	return fault_set(fault, STEP_NETWORK, errno, accept);
}

/*
 * Links with accept_ra = 1 stop accepting router advertisements once forwarding is on, and
 * the default route of the host goes at once; with 2 they go on.
 */
static int keep_advertisements(struct fault *fault)
{
	DIR *links = opendir(LINKS6);
	struct dirent *entry;
	int ret = 0;

	if (!links)
		return fault_set(fault, STEP_NETWORK, errno, LINKS6);
	while (ret == 0 && (entry = readdir(links)))
		ret = keep_link(entry->d_name, fault);
	closedir(links);
	return ret;
}

static int turn_on6(struct fault *fault)
{
	if (keep_advertisements(fault) < 0)
		return -1;
	return write_switch(SYSCTL6, "1") < 0 ? fault_set(fault, STEP_NETWORK, errno, SYSCTL6) : 0;
}

int forward_ensure(bool may_turn_on, bool *has6, struct fault *fault)
{
	int on4 = read_switch(SYSCTL4), on6 = read_switch(SYSCTL6);

	*has6 = on6 > 0;
	if (on4 < 0)
		return fault_set(fault, STEP_NETWORK, errno, SYSCTL4);
	if (on4 == 0 && !may_turn_on)
		return fault_set(fault, STEP_NETWORK, 0,
				 SYSCTL4 " is 0: to let nidus turn it on, set net-forward yes for a "
				 "sandbox, or forward = yes in nidus.conf for all");
	if (on4 == 0 && write_switch(SYSCTL4, "1") < 0)
		return fault_set(fault, STEP_NETWORK, errno, SYSCTL4);
	/* ENOENT: a host without IPv6 */
	if (on6 == 0 && may_turn_on) {
		if (turn_on6(fault) < 0)
			return -1;
		*has6 = true;
	}
	return 0;
}
