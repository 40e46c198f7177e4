/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default seccomp filter as a table: a system call, when it is refused, with
 * which errno, and why. Everything that has no row is allowed.
 *
 * It is a second wall, not the first: the workload has no capability, so the
 * kernel refuses most of these calls anyway. What the rows buy is that the code
 * behind them is not even reached: kernel bugs live where nobody usually gets.
 * ENOSYS stands where programs know how to do without the call, EPERM where they
 * expect a refusal.
 *
 * Calls newer than SECCOMP_NEWEST (seccomp_names.h) are refused with ENOSYS: nobody has judged
 * them yet, and programs must cope with older kernels in any case. Calls of a
 * foreign architecture (i386 and x32 on x86-64) kill the process: their numbers
 * mean other calls, so no row would hold, and int 0x80 in a 64-bit program is an
 * attack far more often than a need. A profile can allow them.
 *
 * Left open on purpose:
 *   ptrace, process_vm_*, pidfd_getfd, kcmp: debuggers and strace work inside;
 *     each checks ptrace access, and PID 1 is not dumpable and of another user.
 *     Since Linux 4.8 a tracer can't step around this filter.
 *   seccomp, landlock_*, prctl: a program may confine itself further.
 *   chroot, sethostname, setuid …: nothing without a capability, and wanted by
 *     those who ask for one.
 *   personality: changes nothing but the caller; cleared when privileges rise.
 *   name_to_handle_at: the handle opens nothing without open_by_handle_at.
 *   statmount, listmount: tell of this mount namespace what /proc/self/mountinfo does.
 *   uretprobe, uprobe: called by code the host's tracer planted; refusing kills the traced.
 *   AF_NETLINK: interface lists need it; what changes anything needs a capability.
 */
#ifndef NIDUS_SECCOMP_TABLE_H
#define NIDUS_SECCOMP_TABLE_H

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* When a row applies; of two tests both must hold. */
enum seccomp_test_kind {
	SECCOMP_ALWAYS = 0,
	SECCOMP_ANY_BIT, /* argument & value is not 0 */
	SECCOMP_LOW32,   /* the low 32 bits equal value: the kernel ignores the high ones, so a
			    64-bit comparison could be stepped around (CVE-2019-10063) */
	SECCOMP_LOW4,    /* the low 4 bits equal value */
	SECCOMP_ABOVE,   /* argument > value, in 64 bits */
	SECCOMP_NOT,     /* argument differs from value in 64 bits, so high bits refuse, too */
};

struct seccomp_test {
	enum seccomp_test_kind kind;
	unsigned arg;
	uint64_t value;
};

struct seccomp_row {
	const char *name;
	int err;
	struct seccomp_test tests[2];
	const char *why;
};

/* CLONE_NEWTIME shares its bit with clone's exit signal: only unshare takes it. */
#define SECCOMP_CLONE_NEW \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)
#define SECCOMP_CLONE_NEWTIME 0x80
#define SECCOMP_SETID (S_ISUID | S_ISGID)
#define SECCOMP_SOCK_PACKET 10 /* kernel: socket(AF_INET, SOCK_PACKET) means AF_PACKET */
#define SECCOMP_O_TMPFILE 020000000 /* the bit of O_TMPFILE that is not O_DIRECTORY */
#define SECCOMP_PID_1 1 /* nidus-init: it measures and ends the sandbox, and shares its ids with
			   the workload where there is only one id */
#define SECCOMP_IOPRIO_PROCESS 1 /* linux/ioprio.h of Linux 6.5: IOPRIO_WHO_PROCESS, _PGRP */
#define SECCOMP_IOPRIO_GROUP 2

/*
 * On top, unless sandboxes may be made inside: those are made of these calls. A program that may
 * make a user namespace has every capability in it, and with it reaches code that the kernel
 * otherwise keeps for root.
 */
static const struct seccomp_row seccomp_namespace_rows[] = {
	/* namespaces: inside a new user namespace the workload would hold every capability */
	{ "clone", EPERM, { { SECCOMP_ANY_BIT, 0, SECCOMP_CLONE_NEW } },
	  "makes namespaces; most local root exploits of the last years start with one" },
	{ "unshare", EPERM,
	  { { SECCOMP_ANY_BIT, 0, SECCOMP_CLONE_NEW | SECCOMP_CLONE_NEWTIME } },
	  "the same without a new process" },
	{ "clone3", ENOSYS, { { 0 } },
	  "its flags lie in memory, where no filter can look; libcs fall back to clone" },
	{ "setns", EPERM, { { 0 } }, "enters namespaces of others through a passed descriptor" },

	/* mounts */
	{ "mount", EPERM, { { 0 } }, "the view of files is fixed when the workload starts" },
	{ "umount2", EPERM, { { 0 } }, "would uncover what was masked" },
	{ "pivot_root", EPERM, { { 0 } }, "as mount" },
	{ "fsopen", EPERM, { { 0 } }, "as mount; reaches file system parsers (CVE-2022-0185)" },
	{ "fsconfig", EPERM, { { 0 } }, "as fsopen" },
	{ "fsmount", EPERM, { { 0 } }, "as fsopen" },
	{ "move_mount", EPERM, { { 0 } }, "as mount" },
	{ "open_tree", EPERM, { { 0 } }, "as mount: clones, with what lies beneath" },
	{ "mount_setattr", EPERM, { { 0 } }, "as mount: makes writable" },
};

static const struct seccomp_row seccomp_rows[] = {
	/* file systems */
	{ "fspick", EPERM, { { 0 } }, "as mount: reconfigures" },
	{ "open_tree_attr", EPERM, { { 0 } }, "as open_tree, with new attributes" },
	{ "open_by_handle_at", EPERM, { { 0 } }, "opens any file of a file system by guessing" },
	{ "quotactl", EPERM, { { 0 } }, "administration of file systems" },
	{ "quotactl_fd", EPERM, { { 0 } }, "administration of file systems" },
	{ "fanotify_init", EPERM, { { 0 } }, "watches whole file systems, the host's with them" },

	/* large interfaces into the kernel, rich in bugs, poor in users */
	{ "io_uring_setup", EPERM, { { 0 } },
	  "every call in it passes by this filter; a steady source of exploits" },
	{ "io_uring_enter", EPERM, { { 0 } }, "as io_uring_setup, on a passed ring" },
	{ "io_uring_register", EPERM, { { 0 } }, "as io_uring_setup, on a passed ring" },
	{ "bpf", EPERM, { { 0 } }, "code in the kernel" },
	{ "perf_event_open", EPERM, { { 0 } }, "measures the host; large and often broken" },
	{ "userfaultfd", EPERM, { { 0 } }, "stops the kernel midway: makes races exploitable" },
	{ "add_key", ENOSYS, { { 0 } }, "keyrings know no namespaces and share quotas by user" },
	{ "request_key", ENOSYS, { { 0 } }, "as add_key; starts a program of the host" },
	{ "keyctl", ENOSYS, { { 0 } }, "as add_key" },
	{ "memfd_secret", ENOSYS, { { 0 } }, "memory that can't be swapped, moved or inspected" },
	{ "remap_file_pages", ENOSYS, { { 0 } },
	  "deprecated since 3.16; its emulation skipped security checks (CVE-2024-47745)" },
	{ "modify_ldt", ENOSYS, { { 0 } },
	  "16-bit segments: the espfix code and its bugs; for Wine and DOS alone" },
	{ "uselib", ENOSYS, { { 0 } }, "a.out libraries: not used since the nineties" },
	{ "migrate_pages", EPERM, { { 0 } }, "moves memory of other processes between nodes" },
	{ "move_pages", EPERM, { { 0 } }, "as migrate_pages; tells physical placement" },
	{ "mbind", EPERM, { { 0 } }, "memory placement belongs to the host's cpuset" },
	{ "set_mempolicy", EPERM, { { 0 } }, "as mbind" },
	{ "set_mempolicy_home_node", EPERM, { { 0 } }, "as mbind" },
	{ "cachestat", ENOSYS, { { 0 } },
	  "tells what others read lately (CVE-2025-21691)" },

	/* terminals */
	{ "ioctl", EPERM, { { SECCOMP_LOW32, 1, TIOCSTI } },
	  "types into the terminal that the caller shares with us (CVE-2017-5226)" },
	{ "ioctl", EPERM, { { SECCOMP_LOW32, 1, TIOCLINUX } },
	  "pastes the selection into a virtual console (CVE-2023-1523)" },
	{ "ioctl", EPERM, { { SECCOMP_LOW32, 1, TIOCSETD } },
	  "loads line disciplines (CVE-2017-2636, CVE-2023-6546)" },
	{ "vhangup", EPERM, { { 0 } }, "hangs up a terminal of the host" },

	/*
	 * Sockets: UNIX (1), INET (2), INET6 (10) and NETLINK (16). The rest is loaded on
	 * demand as a module at the wish of anybody: VSOCK talks to the hypervisor past the
	 * network namespace, ALG, PACKET, TIPC and RDS have a history.
	 */
	{ "socket", EAFNOSUPPORT, { { SECCOMP_ABOVE, 0, AF_NETLINK } }, "see above" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_UNSPEC } }, "no family" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_AX25 } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_IPX } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_APPLETALK } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_NETROM } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_BRIDGE } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_ATMPVC } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_X25 } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_ROSE } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_DECnet } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_NETBEUI } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_SECURITY } }, "module on demand" },
	{ "socket", EAFNOSUPPORT, { { SECCOMP_LOW32, 0, AF_KEY } }, "IPsec keys of the host" },
	{ "socket", EAFNOSUPPORT,
	  { { SECCOMP_LOW32, 0, AF_INET }, { SECCOMP_LOW4, 1, SECCOMP_SOCK_PACKET } },
	  "the old name of AF_PACKET" },
	/* Only UNIX and TIPC (30) make pairs; the others would just load their modules. */
	{ "socketpair", EAFNOSUPPORT, { { SECCOMP_ABOVE, 0, AF_UNIX } }, "module on demand" },

	/* the machine: nothing a sandbox may have a say in, whatever its capabilities */
	{ "init_module", EPERM, { { 0 } }, "code in the kernel" },
	{ "finit_module", EPERM, { { 0 } }, "code in the kernel" },
	{ "delete_module", EPERM, { { 0 } }, "the host's kernel" },
	{ "create_module", ENOSYS, { { 0 } }, "gone since Linux 2.6" },
	{ "query_module", ENOSYS, { { 0 } }, "gone since Linux 2.6" },
	{ "get_kernel_syms", ENOSYS, { { 0 } }, "gone since Linux 2.6" },
	{ "kexec_load", EPERM, { { 0 } }, "replaces the host's kernel" },
	{ "kexec_file_load", EPERM, { { 0 } }, "replaces the host's kernel" },
	{ "reboot", EPERM, { { 0 } }, "in a pid namespace it would end PID 1 unreported" },
	{ "swapon", EPERM, { { 0 } }, "the host's memory" },
	{ "swapoff", EPERM, { { 0 } }, "the host's memory" },
	{ "acct", EPERM, { { 0 } }, "the host's accounting" },
	{ "syslog", EPERM, { { 0 } }, "the kernel's log: addresses, and what others did" },
	{ "settimeofday", EPERM, { { 0 } }, "the host's clock" },
	{ "clock_settime", EPERM, { { 0 } }, "the host's clock" },
	{ "adjtimex", EPERM, { { 0 } }, "the host's clock" },
	{ "clock_adjtime", EPERM, { { 0 } }, "the host's clock" },
	{ "iopl", EPERM, { { 0 } }, "the host's hardware" },
	{ "ioperm", EPERM, { { 0 } }, "the host's hardware" },
	{ "nfsservctl", ENOSYS, { { 0 } }, "gone since Linux 3.1" },
	{ "lookup_dcookie", EPERM, { { 0 } }, "paths of the host; gone since Linux 6.7" },
};

/*
 * On top, where the limit of core dumps is 1 byte: at 1 the kernel starts no handler on a
 * crash, at 0 it still does, on the host and as root. So nothing inside may set it to 0. The
 * call succeeds without effect: programs that want no dumps of their secrets (ssh-agent, gpg)
 * end when it fails, and there are none.
 */
static const struct seccomp_row seccomp_core_rows[] = {
	{ "setrlimit", 0, { { SECCOMP_LOW32, 0, RLIMIT_CORE } }, "see above" },
	{ "prlimit64", 0, { { SECCOMP_LOW32, 1, RLIMIT_CORE }, { SECCOMP_ABOVE, 2, 0 } },
	  "the same, where a new limit is given" },
};

/*
 * On top, where PID 1 is ours: the kernel lets processes with the same ids change each
 * other's limits and place in the scheduler. A limit is refused for every pid but 0: the
 * filter can't know the caller's own. Nobody else is in PID 1's group.
 */
static const struct seccomp_row seccomp_pid_1_rows[] = {
	{ "prlimit64", EPERM, { { SECCOMP_NOT, 0, 0 }, { SECCOMP_NOT, 2, 0 } },
	  "sets limits of others: PID 1 without descriptors can't look at anything" },
	{ "sched_setscheduler", EPERM, { { SECCOMP_LOW32, 0, SECCOMP_PID_1 } },
	  "SCHED_IDLE: PID 1 runs when nobody else wants to" },
	{ "sched_setattr", EPERM, { { SECCOMP_LOW32, 0, SECCOMP_PID_1 } },
	  "as sched_setscheduler" },
	{ "sched_setparam", EPERM, { { SECCOMP_LOW32, 0, SECCOMP_PID_1 } },
	  "as sched_setscheduler" },
	{ "sched_setaffinity", EPERM, { { SECCOMP_LOW32, 0, SECCOMP_PID_1 } },
	  "puts PID 1 on the busiest processor" },
	{ "setpriority", EPERM,
	  { { SECCOMP_LOW32, 0, PRIO_PROCESS }, { SECCOMP_LOW32, 1, SECCOMP_PID_1 } },
	  "PID 1 behind everybody else" },
	{ "setpriority", EPERM,
	  { { SECCOMP_LOW32, 0, PRIO_PGRP }, { SECCOMP_LOW32, 1, SECCOMP_PID_1 } },
	  "the group of PID 1" },
	{ "ioprio_set", EPERM,
	  { { SECCOMP_LOW32, 0, SECCOMP_IOPRIO_PROCESS }, { SECCOMP_LOW32, 1, SECCOMP_PID_1 } },
	  "as setpriority" },
	{ "ioprio_set", EPERM,
	  { { SECCOMP_LOW32, 0, SECCOMP_IOPRIO_GROUP }, { SECCOMP_LOW32, 1, SECCOMP_PID_1 } },
	  "as setpriority" },
};

/*
 * On top, where files made inside belong to a more powerful user outside: no
 * set-user-ID and set-group-ID files, or the workload could leave behind a
 * program that hands that user's rights to anybody who can reach it. mkdir has
 * no row: the kernel drops both bits there.
 */
static const struct seccomp_row seccomp_no_setid_rows[] = {
	{ "chmod", EPERM, { { SECCOMP_ANY_BIT, 1, SECCOMP_SETID } }, "sets the bits" },
	{ "fchmod", EPERM, { { SECCOMP_ANY_BIT, 1, SECCOMP_SETID } }, "sets the bits" },
	{ "fchmodat", EPERM, { { SECCOMP_ANY_BIT, 2, SECCOMP_SETID } }, "sets the bits" },
	{ "fchmodat2", EPERM, { { SECCOMP_ANY_BIT, 2, SECCOMP_SETID } }, "sets the bits" },
	{ "mknod", EPERM, { { SECCOMP_ANY_BIT, 1, SECCOMP_SETID } }, "makes files with them" },
	{ "mknodat", EPERM, { { SECCOMP_ANY_BIT, 2, SECCOMP_SETID } }, "makes files with them" },
	{ "creat", EPERM, { { SECCOMP_ANY_BIT, 1, SECCOMP_SETID } }, "makes files with them" },
	/* The mode counts only where a file is made; else it is whatever a register held. */
	{ "open", EPERM,
	  { { SECCOMP_ANY_BIT, 1, O_CREAT | SECCOMP_O_TMPFILE },
	    { SECCOMP_ANY_BIT, 2, SECCOMP_SETID } }, "makes files with them" },
	{ "openat", EPERM,
	  { { SECCOMP_ANY_BIT, 2, O_CREAT | SECCOMP_O_TMPFILE },
	    { SECCOMP_ANY_BIT, 3, SECCOMP_SETID } }, "makes files with them" },
	{ "openat2", ENOSYS, { { 0 } },
	  "its mode lies in memory, where no filter can look; programs fall back to openat" },
};

/*
 * On top of those, where sandboxes may be made inside: root of a user namespace inside may give
 * capabilities to files of its own. On an id-mapped mount these are files of root outside, and
 * so would be the capabilities.
 */
static const struct seccomp_row seccomp_no_filecap_rows[] = {
	{ "setxattr", EOPNOTSUPP, { { 0 } }, "sets security.capability; its name lies in memory" },
	{ "lsetxattr", EOPNOTSUPP, { { 0 } }, "as setxattr" },
	{ "fsetxattr", EOPNOTSUPP, { { 0 } }, "as setxattr" },
	{ "setxattrat", ENOSYS, { { 0 } }, "as setxattr" },
};

#endif
