/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The UNIX sockets of this network namespace that have a path, and to which somebody can
 * connect or send: from sock_diag(7), which any user may ask; or, where the kernel has no
 * unix_diag, from /proc/net/unix, in which a path with a line end is cut there.
 */
#ifndef NIDUS_NET_UNIX_SOCKETS_H
#define NIDUS_NET_UNIX_SOCKETS_H

#include "../init/fault.h"

#define UNIX_SOCKETS_PATH_MAX 109 /* bytes of a sockaddr_un's path, with a NUL behind it */

/*
 * Called with the path as its owner bound it: any bytes but NUL, perhaps relative, of the
 * owner's mount namespace, perhaps moved or removed meanwhile. Nonzero ends the list.
 */
typedef int unix_sockets_take(const char *path, void *arg);

/*
 * Calls `take` for each, in no order; a path may come twice. `restart` means: forget what came,
 * the list begins again. Fault: STEP_NETWORK.
 */
int unix_sockets_list(unix_sockets_take *take, void (*restart)(void *arg), void *arg,
		      struct fault *fault);

#endif
