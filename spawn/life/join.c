/* SPDX-License-Identifier: Apache-2.0 */
#include "join.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "../host/open.h"
#include "../spec/refuse.h"

static const struct {
	uint64_t flag;
	const char *self; /* the thread's own */
} namespaces[NIDUS_NS_COUNT] = {
	[NIDUS_NS_USER] = { CLONE_NEWUSER, "/proc/thread-self/ns/user" },
	[NIDUS_NS_MNT] = { CLONE_NEWNS, "/proc/thread-self/ns/mnt" },
	[NIDUS_NS_PID] = { CLONE_NEWPID, "/proc/thread-self/ns/pid" },
	[NIDUS_NS_NET] = { CLONE_NEWNET, "/proc/thread-self/ns/net" },
	[NIDUS_NS_IPC] = { CLONE_NEWIPC, "/proc/thread-self/ns/ipc" },
	[NIDUS_NS_UTS] = { CLONE_NEWUTS, "/proc/thread-self/ns/uts" },
	[NIDUS_NS_CGROUP] = { CLONE_NEWCGROUP, "/proc/thread-self/ns/cgroup" },
	[NIDUS_NS_TIME] = { CLONE_NEWTIME, "/proc/thread-self/ns/time" },
};

static const char *name_of(int ns)
{
	return strrchr(namespaces[ns].self, '/') + 1;
}

uint64_t join_clone_flag(int ns)
{
	return namespaces[ns].flag;
}

static void about(const struct nidus_spec *spec, int ns, const char *path, struct fault *fault)
{
	if (path == spec->join[ns])
		spec_about_value(spec, NIDUS_OPTION_JOIN, fault, "%s=%.180s", name_of(ns), path);
	else
		spec_about_value(spec, NIDUS_OPTION_NET, fault, "%.180s", path);
}

int join_open(const struct nidus_spec *spec, int fds[NIDUS_NS_COUNT], struct fault *fault)
{
	for (int ns = 0; ns < NIDUS_NS_COUNT; ns++) {
		const char *path = spec->join[ns];

		if (ns == NIDUS_NS_NET && spec->net == NIDUS_NET_PATH)
			path = spec->net_path;
		if (!path)
			continue;
		fds[ns] = host_open(path, HOST_SHOW, O_RDONLY | O_NONBLOCK, 0, STEP_NAMESPACES,
				    fault);
		if (fds[ns] < 0) {
			about(spec, ns, path, fault);
			return -1;
		}
		if (ioctl(fds[ns], NS_GET_NSTYPE) != (int)namespaces[ns].flag) {
			about(spec, ns, path, fault);
			return spec_refuse(fault, EINVAL, "not a %s namespace", name_of(ns));
		}
	}
	return 0;
}

int join_enter(const int fds[NIDUS_NS_COUNT], int back[NIDUS_NS_COUNT], struct fault *fault)
{
	for (int ns = 0; ns < NIDUS_NS_COUNT; ns++)
		back[ns] = -1;
	for (int ns = 0; ns < NIDUS_NS_COUNT; ns++) {
		if (fds[ns] < 0)
			continue;
		back[ns] = open(namespaces[ns].self, O_RDONLY | O_CLOEXEC);
		if (back[ns] >= 0 && syscall(SYS_setns, fds[ns], namespaces[ns].flag) == 0)
			continue;
		fault_set(fault, STEP_NAMESPACES, errno, namespaces[ns].self);
		fd_close(&back[ns]); /* it was not entered */
		struct fault unused;

		join_leave(back, &unused); /* the first fault is the one to report */
		return -1;
	}
	return 0;
}

int join_leave(int back[NIDUS_NS_COUNT], struct fault *fault)
{
	int result = 0;

	for (int ns = 0; ns < NIDUS_NS_COUNT; ns++) {
		if (back[ns] < 0)
			continue;
		if (syscall(SYS_setns, back[ns], namespaces[ns].flag) < 0)
			result = fault_set(fault, STEP_NAMESPACES, errno, namespaces[ns].self);
		fd_close(&back[ns]);
	}
	return result;
}
