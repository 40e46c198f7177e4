/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reaping. One SIGCHLD may stand for many children, so each turn takes all there are.
 * __WALL includes those that ended before they executed anything (start.c).
 */
#include "reap.h"

#include <stddef.h>
#include <sys/wait.h>

bool reap_next(struct reap *reap)
{
	siginfo_t *info = &reap->info;
	const int stopped_or_ended = info->si_code == CLD_STOPPED ? WSTOPPED : WEXITED;

	if (info->si_pid)
		waitid(P_PID, (id_t)info->si_pid, NULL, stopped_or_ended | WNOHANG | __WALL);
	info->si_pid = 0; /* stays 0 if no child has ended */
	if (reap->left-- == 0)
		return false;
	reap->no_children =
		waitid(P_ALL, 0, info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) < 0;
	reap->more = info->si_pid != 0;
	return reap->more;
}
