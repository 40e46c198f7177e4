/* SPDX-License-Identifier: Apache-2.0 */
/* Published ports as text, and whether the host already has a service there. */
#ifndef NIDUS_NET_PUBLISH_H
#define NIDUS_NET_PUBLISH_H

#include "net.h"

#define PUBLISH_TEXT_MAX 96

/* "127.0.0.1:8080:80/tcp"; and, for faults, "publish 127.0.0.1:8080:80/tcp". Return text. Pure. */
const char *publish_value_text(const struct net_publish *publish, char text[PUBLISH_TEXT_MAX]);
const char *publish_text(const struct net_publish *publish, char text[PUBLISH_TEXT_MAX]);

/*
 * EADDRINUSE: a process of this network namespace listens on one of the ports, and the
 * sandbox would hide it. Checked by binding the port, for a moment only: a service that
 * starts later is hidden. EACCES: a port below 1024 can't be checked without
 * CAP_NET_BIND_SERVICE. The index of the fault is that of the port.
 */
int publish_check_free(const struct net_options *options, struct fault *fault);

#endif
