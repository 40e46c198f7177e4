/* SPDX-License-Identifier: Apache-2.0 */
#include "closing_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"

#define FILE_BYTES 1024 /* sockstat has about 150 */

/*
 * The number of hashed TCP sockets, from a file of the network namespace of the thread.
 * Those in TIME_WAIT are not counted: they are purged with the namespace. A dump by
 * sock_diag would give the same number, but walks the hash table of the whole machine.
 * -1: unknown.
 */
static long count_tcp(const char *path, const char *before)
{
	char text[FILE_BYTES];
	const char *at;

	if (small_file_read(AT_FDCWD, path, text, sizeof(text)) < 0)
		return errno == ENOENT ? 0 : -1;
	at = strstr(text, before);
	return at ? strtol(at + strlen(before), NULL, 10) : -1;
}

int closing_sockets_keep(int netns_fd, struct fault *fault)
{
	cleanup_fd int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	long count4, count6;

	if (own < 0 || setns(netns_fd, CLONE_NEWNET) < 0)
		return 1;
	count4 = count_tcp("/proc/thread-self/net/sockstat", "\nTCP: inuse ");
	/* ENOENT: no IPv6; the IPv4 file always exists */
	count6 = count_tcp("/proc/thread-self/net/sockstat6", "TCP6: inuse ");
	if (setns(own, CLONE_NEWNET) < 0)
		return fault_set(fault, STEP_NETWORK, errno, "return to network namespace");
	return count4 != 0 || count6 != 0;
}
