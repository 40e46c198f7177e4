/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: the kernel's version, and calls that the launch itself uses. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "probe.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif

static void check_version(struct check *check)
{
	struct check_item *item = check_add(check, "kernel", true,
		"the oldest kernel with every system call that a launch makes",
		"boot a newer kernel");
	unsigned major, minor;
	struct utsname uts;
	bool enough;

	if (uname(&uts) < 0 || sscanf(uts.release, "%u.%u", &major, &minor) != 2) {
		check_found(item, CHECK_MISSING, "uname reports no version");
		return;
	}
	enough = major > KERNEL_FLOOR_MAJOR ||
		 (major == KERNEL_FLOOR_MAJOR && minor >= KERNEL_FLOOR_MINOR);
	check_found(item, enough ? CHECK_OK : CHECK_MISSING, "Linux %.64s; needed is %d.%d",
		    uts.release, KERNEL_FLOOR_MAJOR, KERNEL_FLOOR_MINOR);
}

static void check_pidfd(struct check *check)
{
	struct check_item *item = check_add(check, "pidfd", true,
		"processes are watched and signaled without mistaking one for another",
		"Linux 5.3, and no seccomp filter around nidus that refuses pidfd_open");
	cleanup_fd int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	check_found_probe(item, fd < 0 ? errno : 0, "pidfd_open works");
}

static void check_memfd(struct check *check)
{
	struct check_item *item = check_add(check, "memfd-exec", true,
		"nidus-init is started from a sealed memfd, so that nothing inside can change it",
		"sysctl vm.memfd_noexec=0 or 1 (it is one for each pid namespace)");
	cleanup_fd int fd = memfd_create("nidus-check", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	long noexec = check_read_number("/proc/sys/vm/memfd_noexec");

	if (fd < 0 && errno == EINVAL) /* before Linux 6.3: always executable */
		fd = memfd_create("nidus-check", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		check_found(item, CHECK_MISSING, "vm.memfd_noexec=%ld refuses it", noexec);
	else if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		check_found(item, CHECK_MISSING, "it can't be sealed");
	else if (noexec < 0)
		check_found(item, CHECK_OK, "always allowed on this kernel");
	else
		check_found(item, CHECK_OK, "vm.memfd_noexec=%ld", noexec);
}

static void check_resource(struct check *check)
{
	struct check_item *item = check_add(check, "cap-sys-resource", false,
		"raising hard limits and protecting PID 1 from the oom killer; without it rlimit "
		"can only lower limits, and the workload's oom_score_adj is raised instead",
		"start nidus with CAP_SYS_RESOURCE");
	cap_t caps = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	if (caps && cap_get_flag(caps, CAP_SYS_RESOURCE, CAP_EFFECTIVE, &value) < 0)
		value = CAP_CLEAR;
	if (caps)
		cap_free(caps);
	if (value == CAP_SET)
		check_found(item, CHECK_OK, "held");
	else
		check_found(item, CHECK_LIMITED, "not held");
}

void check_kernel(struct check *check)
{
	check_version(check);
	check_pidfd(check);
	check_memfd(check);
	check_resource(check);
}
