/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: which control groups there are, and what they can do here. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../cgroup/cgroup.h"
#include "../../init/fd.h"
#include "probe.h"

/* The nearest existing directory: our parent group may not exist yet. */
static void existing_directory(const char *path, char existing[CG_PATH_MAX])
{
	char *slash;

	snprintf(existing, CG_PATH_MAX, "%s", path);
	while (access(existing, F_OK) < 0 && (slash = strrchr(existing, '/')) && slash != existing)
		*slash = '\0';
}

static bool is_writable(const char *path)
{
	char existing[CG_PATH_MAX];

	existing_directory(path, existing);
	return path[0] && access(existing, W_OK) == 0;
}

static void check_mode(struct check *check, const struct cg_machine *machine)
{
	static const char *const modes[] = {
		[CG_V1] = "version 1 controllers",
		[CG_HYBRID] = "version 1 controllers, with a bare version 2 tree for tracking",
		[CG_V2] = "version 2",
		[CG_V2_DELEGATED] = "version 2, delegated to this user",
	};
	struct check_item *item = check_add(check, "cgroup", false,
		"limits for the sandbox as a whole, which programs inside can see; without it PID 1 watches memory and cpu time "
		"itself, RLIMIT_NPROC of its user namespace limits pids, and swap, cpus, "
		"cpuset, io-weight are refused",
		"as root a mounted and writable /sys/fs/cgroup; as a user a login session of systemd "
		"with Delegate=yes (systemd-run --user --scope -p Delegate=yes nidus run …)");

	if (machine->mode == CG_NONE)
		check_found(item, CHECK_LIMITED, "none: %s", machine->why_not);
	else
		check_found(item, CHECK_OK, "%s%s%s", modes[machine->mode],
			    machine->v2_parent[0] ? ", groups below " : "", machine->v2_parent);
}

static void check_controllers(struct check *check, const struct cg_machine *machine)
{
	static const char *const names[] = { [CG_MEMORY] = "memory", [CG_PIDS] = "pids",
					     [CG_CPU] = "cpu", [CG_CPUSET] = "cpuset",
					     [CG_IO] = "io" };
	struct check_item *item = check_add(check, "cgroup-controllers", false,
		"swap (memory), cpus (cpu), cpuset, io-weight (io); memory and pids are "
		"enforced by other means without it",
		"enable the controller: in the kernel (CONFIG_…, cgroup_enable=), and in "
		"cgroup.subtree_control from the root down, or mount it (version 1)");
	char have[64] = "", lack[64] = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		bool there = (machine->v2_controls & 1u << i && is_writable(machine->v2_parent)) ||
			     is_writable(machine->v1_parent[i]);
		char *list = there ? have : lack;
		size_t len = strlen(list);

		snprintf(list + len, sizeof(have) - len, " %s", names[i]);
	}
	if (lack[0] == '\0')
		check_found(item, CHECK_OK, "writable:%s", have);
	else if (have[0] == '\0')
		check_found(item, CHECK_MISSING, "none is writable");
	else
		check_found(item, CHECK_LIMITED, "writable:%s; missing:%s", have, lack);
}

static int probe_clone_into(void *arg)
{
	cleanup_fd int fd = open(arg, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	int status;
	long pid;

	if (fd < 0)
		return errno;
	args.cgroup = (uint64_t)fd;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		_exit(0);
	/* EBUSY: a group with groups below it takes no process, but the call works. */
	if (pid < 0)
		return errno == EBUSY ? 0 : errno;
	if (waitpid((pid_t)pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? 0 : ENOTRECOVERABLE;
}

static void check_v2_extras(struct check *check, const struct cg_machine *machine)
{
	static const char how[] = "mount a cgroup2 tree (a bare one beside version 1 is enough)";
	struct check_item *kill_item = check_add(check, "cgroup-kill", false,
						 "the kernel ends a whole sandbox at once; else "
						 "the end of PID 1 does, or freezing and "
						 "killing one by one",
						 how);
	struct check_item *clone_item = check_add(check, "cgroup-clone-into", false,
		"PID 1 is created in its group; else it is moved there before it starts", how);
	char existing[CG_PATH_MAX];
	int result;

	if (machine->v2_parent[0] == '\0' || !is_writable(machine->v2_parent)) {
		check_found(kill_item, CHECK_LIMITED, "no writable version 2 tree");
		check_found(clone_item, CHECK_LIMITED, "no writable version 2 tree");
		return;
	}
	/* cgroup.kill came with Linux 5.14, which is the minimum anyway. */
	check_found(kill_item, CHECK_OK, "below %s", machine->v2_parent);
	existing_directory(machine->v2_parent, existing);
	result = check_probe(probe_clone_into, existing);
	if (result == 0)
		check_found(clone_item, CHECK_OK, "works");
	else if (result == ENOTRECOVERABLE)
		check_found(clone_item, CHECK_LIMITED, "the child was killed at birth: Linux 6.18 does "
			    "so once cgroup.kill was used; it is moved instead");
	else
		check_found(clone_item, CHECK_LIMITED, "%s", strerror(result));
}

void check_cgroups(struct check *check)
{
	struct cg_machine machine;

	cg_find(&machine);
	check_mode(check, &machine);
	check_controllers(check, &machine);
	check_v2_extras(check, &machine);
}
