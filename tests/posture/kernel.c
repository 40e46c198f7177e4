/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's files, and PID 1. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "posture.h"

/* A file that is there may be empty (a mask), but must not say anything. */
static void silent(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char byte;

	if (fd < 0 || read(fd, &byte, 1) <= 0)
		contained(path);
	else
		escaped(path, "can be read");
	if (fd >= 0)
		close(fd);
}

void try_kernel_files(void)
{
	static const char *const written[] = {
		"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
		"/proc/sys/kernel/hotplug", "/proc/sys/kernel/randomize_va_space",
		"/proc/sys/vm/panic_on_oom", "/proc/sys/fs/binfmt_misc/register",
		"/proc/sys/net/ipv4/ip_forward", "/proc/sysrq-trigger", "/proc/irq/default_smp_affinity",
		"/proc/bus/pci", "/sys/kernel/uevent_helper", "/sys/kernel/mm/transparent_hugepage/enabled",
		"/sys/fs/cgroup/release_agent", "/sys/power/state", "/sys/class/net/lo/mtu",
		"/dev/mem", "/dev/kmem", "/dev/port", "/dev/sda", "/dev/vda", "/dev/loop-control",
		"/dev/kvm", "/dev/fuse", "/dev/net/tun", "/dev/vhost-net", "/dev/uinput", "/dev/console",
	};
	static const char *const read[] = {
		"/proc/kcore", "/proc/kmsg", "/proc/keys", "/proc/key-users", "/proc/timer_list",
		"/proc/latency_stats", "/proc/sched_debug", "/proc/slabinfo", "/proc/vmallocinfo",
		"/proc/pagetypeinfo", "/proc/kpagecount", "/proc/kpageflags", "/proc/interrupts",
		"/sys/kernel/notes", "/sys/kernel/debug/sched/debug", "/sys/kernel/security/lsm",
		"/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/energy_uj", "/dev/kmsg", "/dev/mem",
	};

	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		closed(written[i], O_WRONLY);
	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++)
		silent(read[i]);
}

/* ---- PID 1 ---- */

static int attach(const void *arg)
{
	(void)arg;
	return ptrace(PTRACE_ATTACH, 1, 0, 0) == 0;
}

static int seize(const void *arg)
{
	(void)arg;
	return ptrace(PTRACE_SEIZE, 1, 0, 0) == 0;
}

static int read_memory(const void *arg)
{
	char here[16];
	struct iovec to = { here, sizeof(here) }, from = { (void *)0x400000, sizeof(here) };

	(void)arg;
	return process_vm_readv(1, &to, 1, &from, 1, 0) > 0;
}

static int take_descriptor(const void *arg)
{
	int pidfd = (int)syscall(SYS_pidfd_open, 1, 0);

	(void)arg;
	return pidfd >= 0 && syscall(SYS_pidfd_getfd, pidfd, 0, 0) >= 0;
}

/* That the directory can be listed tells numbers, no more. */
static int follow_descriptor(const void *arg)
{
	char path[32], target[64];

	(void)arg;
	for (int fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/1/fd/%d", fd);
		if (readlink(path, target, sizeof(target)) > 0 || open(path, O_RDONLY | O_NONBLOCK) >= 0)
			return 1;
	}
	return 0;
}

/* Raises nothing: sets what it has read. */
static int limit(const void *arg)
{
	struct rlimit same;

	(void)arg;
	return prlimit(1, RLIMIT_NOFILE, NULL, &same) == 0 && prlimit(1, RLIMIT_NOFILE, &same, NULL) == 0;
}

static int schedule(const void *arg)
{
	struct sched_param none = { 0 };

	(void)arg;
	return sched_setscheduler(1, SCHED_IDLE, &none) == 0;
}

static int renice(const void *arg)
{
	(void)arg;
	return setpriority(PRIO_PROCESS, 1, 19) == 0;
}

static int pin(const void *arg)
{
	cpu_set_t set;

	(void)arg;
	return sched_getaffinity(1, sizeof(set), &set) == 0 && sched_setaffinity(1, sizeof(set), &set) == 0;
}

static int ioprio(const void *arg)
{
	(void)arg;
	return syscall(SYS_ioprio_set, 1, 1, 3 << 13) == 0;
}

/* By no path: an accomplice may have moved /proc away. */
static bool is_there(void)
{
	return kill(1, 0) == 0 || errno != ESRCH;
}

static int signal_all(const void *arg)
{
	(void)arg;
	for (int signal = 1; signal <= 64; signal++)
		if (signal != SIGSTOP && signal != SIGCONT)
			kill(1, signal);
	usleep(100000);
	return !is_there();
}

static int stop(const void *arg)
{
	char line[64] = "";
	FILE *file;

	(void)arg;
	kill(1, SIGSTOP);
	usleep(50000);
	file = fopen("/proc/1/stat", "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file) && !strrchr(line, ')'))
		;
	fclose(file);
	return strrchr(line, ')') && strrchr(line, ')')[2] == 'T';
}

static void not_done(const char *name, int (*try)(const void *), const char *what)
{
	if (in_child(try, NULL) == 1)
		escaped(name, "%s", what);
	else
		contained(name);
}

void try_pid_1(void)
{
	static const char *const links[] = { "/proc/1/exe", "/proc/1/root", "/proc/1/cwd",
					     "/proc/1/ns/mnt", "/proc/1/ns/net", "/proc/1/map_files" };
	static const char *const told[] = { "/proc/1/environ", "/proc/1/maps", "/proc/1/mem",
					    "/proc/1/pagemap", "/proc/1/auxv", "/proc/1/io",
					    "/proc/1/smaps_rollup", "/proc/1/stack", "/proc/1/syscall" };
	char target[64];

	if (getpid() == 1) {
		skipped("PID 1", "is this process");
		return;
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (readlink(links[i], target, sizeof(target)) > 0)
			escaped(links[i], "can be read");
		else
			contained(links[i]);
	}
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		silent(told[i]);
	not_done("/proc/1/fd", follow_descriptor, "a descriptor can be followed");
	closed("/proc/1/oom_score_adj", O_WRONLY);
	closed("/proc/1/task/1/oom_score_adj", O_WRONLY);
	closed("/proc/1/coredump_filter", O_WRONLY);
	closed("/proc/1/comm", O_WRONLY);
	closed("/proc/1/timerslack_ns", O_WRONLY);
	closed("/proc/1/autogroup", O_WRONLY);
	closed("/proc/1/clear_refs", O_WRONLY);
	closed("/proc/1/uid_map", O_WRONLY);
	closed("/proc/1/setgroups", O_WRONLY);
	not_done("ptrace attach", attach, "attached");
	not_done("ptrace seize", seize, "seized");
	not_done("process_vm_readv", read_memory, "its memory can be read");
	not_done("pidfd_getfd", take_descriptor, "its descriptors can be taken");
	not_done("prlimit", limit, "its limits can be set");
	not_done("sched_setscheduler", schedule, "it is idle now");
	not_done("setpriority", renice, "it is nice now");
	not_done("sched_setaffinity", pin, "it can be pinned");
	not_done("ioprio_set", ioprio, "its io is idle now");
	not_done("stop", stop, "it is stopped");
	not_done("signals", signal_all, "it died");
}
