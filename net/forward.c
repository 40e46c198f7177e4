/* SPDX-License-Identifier: Apache-2.0 */
#include "forward.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../init/contract.h"
#include "../init/fd.h"

#define SYSCTL4 "/proc/sys/net/ipv4/ip_forward"
#define SYSCTL6 "/proc/sys/net/ipv6/conf/all/forwarding"

/* 1 on, 0 off, -1 with errno. */
static int read_switch(const char *path)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char value;
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, &value, 1);
	if (n == 1)
		return value != '0';
	errno = n < 0 ? errno : EIO;
	return -1;
}

static int turn_on(const char *path)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fd_write_whole(fd, "1", 1);
}

int forward_ensure(bool may_turn_on, bool *has6, struct fault *fault)
{
	int on4 = read_switch(SYSCTL4), on6 = read_switch(SYSCTL6);

	*has6 = on6 > 0;
	if (on4 < 0)
		return fault_set(fault, STEP_NETWORK, errno, SYSCTL4);
	if (on4 == 0 && !may_turn_on)
		return fault_set(fault, STEP_NETWORK, ENETUNREACH,
				 SYSCTL4 " is 0: allow turning it on by --net-forward yes or "
				 "forward = yes in nidus.conf");
	if (on4 == 0 && turn_on(SYSCTL4) < 0)
		return fault_set(fault, STEP_NETWORK, errno, SYSCTL4);
	/* ENOENT: a host without IPv6 */
	if (on6 == 0 && may_turn_on) {
		if (turn_on(SYSCTL6) < 0)
			return fault_set(fault, STEP_NETWORK, errno, SYSCTL6);
		*has6 = true;
	}
	return 0;
}
