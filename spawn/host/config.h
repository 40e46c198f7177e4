/* SPDX-License-Identifier: Apache-2.0 */
/* The administrator's file, nidus.conf, or the one that the caller's environment names. */
#ifndef NIDUS_HOST_CONFIG_H
#define NIDUS_HOST_CONFIG_H

#include "../../net/config.h"

/*
 * Reads the file named by $NIDUS_CONFIG, which must exist, otherwise CONFIG_PATH, which need
 * not. Links in its path are followed as HOST_SHOW says. Fault: STEP_NETWORK; those of
 * config_read.
 */
int host_config_read(struct net_config *config, struct fault *fault);

#endif
