/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one orderly stop. The first request chooses it, and the loop (watch.c) carries it
 * out stage by stage: services, the last first; all other processes; file systems; and
 * reboot(2), which a container may not call.
 */
#include <sys/reboot.h>
#include <unistd.h>

#include "../clock.h"
#include "../kernel_abi.h"
#include "role.h"

#define EXIT_REBOOT 133  /* lets a container manager distinguish it from poweroff and halt */
#define OTHERS_GRACE_US 2000000u

/* Stops each service once the one after it has ended or was given up. */
static bool services_stopped(struct machine *m)
{
	while (m->stop_left > 0) {
		struct service *s = &m->services[m->stop_left - 1];

		service_stop(m, s);
		if (s->state != SERVICE_DOWN)
			return false;
		m->stop_left--;
	}
	return true;
}

/* In a container this includes processes that entered from outside and are not children. */
static bool nobody_is_left(const struct machine *m)
{
	return m->ours ? m->alone : kill(-1, 0) < 0;
}

/* Goes on to the next stage when one is done; signals processes that belong to no service. */
void shutdown_advance(struct machine *m)
{
	static const struct tree everybody = {.proc_fd = -1, .everyone = true};
	int due = end_pass_time(&m->others, clock_now_us());

	if (m->stage == STOP_SERVICES && services_stopped(m)) {
		m->stage = STOP_OTHERS;
		due = end_begin(&m->others, OTHERS_GRACE_US);
	}
	end_signal(&everybody, due);
	if (m->stage == STOP_OTHERS && (m->others.stage == STAGE_GONE || nobody_is_left(m)))
		m->stage = STOP_DONE;
}

/*
 * If the machine cannot be halted or powered off, reboot(2) ends its caller. That must
 * not be PID 1, or the kernel panics.
 */
static void __attribute__((noreturn)) leave_machine(enum conf_end end)
{
	const int command = end == END_POWEROFF ? RB_POWER_OFF :
			    end == END_REBOOT	? RB_AUTOBOOT :
						  (int)RB_HALT_SYSTEM;
	const pid_t child = sys_fork();

	if (child <= 0) { /* a panic is better than a machine that hangs */
		reboot(command);
		machine_tell_errno("reboot(2)");
	}
	if (child == 0)
		_exit(1);
	for (;;)
		pause();
}

void shutdown_finish(struct machine *m)
{
	if (!m->ours) {
		groups_remove(m);
		_exit(m->end == END_REBOOT ? EXIT_REBOOT : 0);
	}
	unmount_all();
	leave_machine(m->end);
}
