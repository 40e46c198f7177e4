/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "open.h"

int host_config_read(struct net_config *config, struct fault *fault)
{
	const char *path = getenv(CONFIG_PATH_ENV);
	bool is_named = path && path[0] != '\0';
	cleanup_fd int fd = -1;

	config_init(config);
	if (!is_named)
		path = CONFIG_PATH;
	/* O_NONBLOCK: a FIFO there must not block a launch */
	fd = host_open(path, HOST_SHOW, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, STEP_NETWORK, fault);
	if (fd < 0)
		return fault->err == ENOENT && !is_named ? 0 : -1;
	return config_read(fd, path, config, fault);
}
