/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets that no process has open any more, but that the kernel has not finished closing.
 * They keep their network namespace, and with it its link, alive for as long as TCP tries:
 * minutes if the other side is silent.
 */
#ifndef NIDUS_NET_CLOSING_SOCKETS_H
#define NIDUS_NET_CLOSING_SOCKETS_H

#include "../init/fault.h"

/*
 * 1 if the namespace, whose processes are all dead, has TCP sockets that keep it alive, or
 * if that can't be found out; 0 if it has none. The thread enters the namespace meanwhile;
 * -1: it could not return, and is still there.
 */
int closing_sockets_keep(int netns_fd, struct fault *fault);

#endif
