/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An init that somebody inside has made his own: it is ready, and then says what no init
 * does. With a wall clock in the plan that it is ready once more, to have another deadline;
 * else that the workload was stopped by KILL, for the caller to stop itself likewise.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../../init/contract.h"

static int report_fd;

static void say(uint16_t kind, uint32_t signal)
{
	struct report report = { .magic = REPORT_MAGIC, .version = CONTRACT_VERSION, .kind = kind };

	report.u.stopped.signal = signal;
	if (write(report_fd, &report, sizeof(report)) != sizeof(report))
		_exit(1);
}

int main(int argc, char **argv)
{
	struct plan_header header;
	int plan_fd = argc == 3 ? atoi(argv[2]) : -1;

	if (pread(plan_fd, &header, sizeof(header), 0) != sizeof(header))
		return 1;
	report_fd = header.report_fd;
	say(REPORT_READY, 0);
	if (header.wall_us)
		say(REPORT_READY, 0);
	else
		say(REPORT_STOPPED, SIGKILL);
	for (;;)
		pause();
}
