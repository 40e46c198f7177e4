/* SPDX-License-Identifier: Apache-2.0 */
/* What the result and its readers are before anything has happened. */
#include "events.h"

#include <sys/stat.h>

void report_init(struct nidus_result *result)
{
	*result = (struct nidus_result){ .memory_peak = NIDUS_UNSET };
	result->pids_peak = result->pids_max_hits = result->oom_kills = NIDUS_UNSET;
	result->max_rss = result->cpu_throttled_us = result->net_rx_bytes = result->net_tx_bytes = NIDUS_UNSET;
}

bool events_are_shared(int fd, const int stdio[3])
{
	struct stat own, theirs;

	if (fstat(fd, &own) < 0)
		return false;
	for (int i = 1; i < 3; i++)
		if (fstat(stdio[i], &theirs) == 0 && own.st_dev == theirs.st_dev &&
		    own.st_ino == theirs.st_ino)
			return true;
	return false;
}
