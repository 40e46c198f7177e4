/* SPDX-License-Identifier: Apache-2.0 */
/* Published ports in words, and whether the host has a service of its own there. */
#ifndef NIDUS_NET_PUBLISH_H
#define NIDUS_NET_PUBLISH_H

#include "net.h"

#define PUBLISH_TEXT_MAX 96

/* "--publish 127.0.0.1:8080:80/tcp": for faults. Returns text. Pure. */
const char *publish_text(const struct net_publish *publish, char text[PUBLISH_TEXT_MAX]);

/*
 * EADDRINUSE: a process of this network namespace listens on one of the ports, which
 * the sandbox would hide. Looked at by binding it, for that moment alone: a service
 * that is started later is hidden. EACCES: a port below 1024, without
 * CAP_NET_BIND_SERVICE to look.
 */
int publish_check_free(const struct net_options *options, struct fault *fault);

#endif
