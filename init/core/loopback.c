/* SPDX-License-Identifier: Apache-2.0 */
/* lo, up. */
#include "loopback.h"

#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "../contract.h"
#include "../fd.h"

int loopback_up(struct fault *fault)
{
	cleanup_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo"};

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return fault_errno(fault, STEP_HOST, "lo");
	if (request.ifr_flags & IFF_UP)
		return 0;
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return fault_errno(fault, STEP_HOST, "lo");
	return 0;
}
