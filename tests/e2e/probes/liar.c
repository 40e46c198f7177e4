/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An init that somebody inside has made his own: it is ready, and then says what no init
 * does. With a wall clock in the plan that it is ready once more, to have another deadline;
 * else that the workload was stopped by KILL, for the caller to stop itself likewise.
 */
#include <signal.h>
#include <stdio.h>
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
	struct control go;
	int plan_fd, control_fd;

	if (argc != 3 || sscanf(argv[2], "%d,%d,%d", &plan_fd, &control_fd, &report_fd) != 3 ||
	    read(control_fd, &go, sizeof(go)) != sizeof(go) || go.kind != CONTROL_GO ||
	    pread(plan_fd, &header, sizeof(header), 0) != sizeof(header))
		return 1;
	say(REPORT_READY, 0);
	if (header.wall_us)
		say(REPORT_READY, 0);
	else
		say(REPORT_STOPPED, SIGKILL);
	for (;;)
		pause();
}
