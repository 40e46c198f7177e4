/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STEP_TTY: a pseudo-terminal from the devpts of the sandbox. The master goes to the
 * spawner; the other end is never opened by a path, which could be replaced.
 */
#include <asm/ioctls.h>
#include <errno.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "mount.h"
#include "sandbox.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441 /* Linux 4.13 */
#endif

/* The multiplexer of the mount at /dev/pts, if that is a devpts. */
static int open_master(struct fault *fault)
{
	cleanup_fd int dir = place_open(AT_FDCWD, "/dev/pts", O_PATH | O_DIRECTORY);
	struct statfs st;
	int master;

	if (dir < 0 || fstatfs(dir, &st) < 0)
		return fault_errno(fault, STEP_TTY, "/dev/pts");
	if (st.f_type != DEVPTS_SUPER_MAGIC)
		return fault_set(fault, STEP_TTY, ENOTTY, "/dev/pts");
	master = openat(dir, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return master < 0 ? fault_errno(fault, STEP_TTY, "/dev/pts/ptmx") : master;
}

/* Needs: the process is in the new root. */
int tty_open(struct init *in, struct fault *fault)
{
	const struct winsize size = {
		.ws_row = in->plan.header->tty_rows,
		.ws_col = in->plan.header->tty_cols,
	};
	cleanup_fd int master = -1;
	const int unlock = 0;

	if (!plan_has(&in->plan, PLAN_TTY))
		return 0;
	master = open_master(fault);
	if (master < 0)
		return -1;
	/* before the program starts: a later change would reach it as SIGWINCH */
	ioctl(master, TIOCSWINSZ, &size);
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return fault_errno(fault, STEP_TTY, "unlock");
	in->tty_slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (in->tty_slave < 0)
		return fault_errno(fault, STEP_TTY, "peer");
	/* The workload opens it again by name: /dev/tty, ttyname(3). */
	if (fchown(in->tty_slave, in->plan.header->work_uid, (gid_t)-1) < 0)
		return fault_errno(fault, STEP_TTY, "owner");
	if (control_send_fd(in, master) < 0)
		return fault_errno(fault, STEP_TTY, "hand-over");
	return 0;
}
