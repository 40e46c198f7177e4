/* SPDX-License-Identifier: Apache-2.0 */
/* The names of a spec's fields. */
#include "option.h"

#include <stddef.h>

static const char *const names[NIDUS_OPTION_COUNT] = {
	[NIDUS_OPTION_NONE] = "",
	[NIDUS_OPTION_ROOT] = "root",
	[NIDUS_OPTION_HOME] = "home",
	[NIDUS_OPTION_MOUNTS] = "mounts",
	[NIDUS_OPTION_USERNS] = "userns",
	[NIDUS_OPTION_USER] = "user",
	[NIDUS_OPTION_HOSTNAME] = "hostname",
	[NIDUS_OPTION_CAPS] = "caps",
	[NIDUS_OPTION_SECCOMP] = "seccomp",
	[NIDUS_OPTION_SHARE] = "share",
	[NIDUS_OPTION_JOIN] = "join",
	[NIDUS_OPTION_LANDLOCK_RO] = "landlock",
	[NIDUS_OPTION_LANDLOCK_RW] = "landlock",
	[NIDUS_OPTION_LANDLOCK_RX] = "landlock",
	[NIDUS_OPTION_LANDLOCK_BIND_TCP] = "landlock",
	[NIDUS_OPTION_LANDLOCK_CONNECT_TCP] = "landlock",
	[NIDUS_OPTION_CWD] = "cwd",
	[NIDUS_OPTION_NEW_SESSION] = "new_session",
	[NIDUS_OPTION_TTY] = "tty",
	[NIDUS_OPTION_AS_PID_1] = "as_pid_1",
	[NIDUS_OPTION_OUTLIVE_PARENT] = "outlive_parent",
	[NIDUS_OPTION_PASS_FDS] = "pass_fds",
	[NIDUS_OPTION_FOREGROUND] = "foreground",
	[NIDUS_OPTION_MEMORY] = "memory_bytes",
	[NIDUS_OPTION_SWAP] = "swap_bytes",
	[NIDUS_OPTION_CPUS] = "cpus",
	[NIDUS_OPTION_CPUSET] = "cpuset",
	[NIDUS_OPTION_IO_WEIGHT] = "io_weight",
	[NIDUS_OPTION_PIDS] = "pids",
	[NIDUS_OPTION_WALL] = "wall_us",
	[NIDUS_OPTION_CPU_TIME] = "cpu_us",
	[NIDUS_OPTION_GRACE] = "grace_us",
	[NIDUS_OPTION_MEMORY_INTERVAL] = "memory_interval_us",
	[NIDUS_OPTION_RLIMITS] = "rlimits",
	[NIDUS_OPTION_BEST_EFFORT] = "best_effort",
	[NIDUS_OPTION_NET] = "net",
	[NIDUS_OPTION_PUBLISH] = "net_options.publish",
	[NIDUS_OPTION_NET_ALLOW] = "net_options.rules",
	[NIDUS_OPTION_NET_DENY] = "net_options.rules",
	[NIDUS_OPTION_NET_PEER] = "net_options.peer",
	[NIDUS_OPTION_NET_HOST_PORTS] = "net_options.host_ports",
	[NIDUS_OPTION_DNS] = "net_options.dns",
	[NIDUS_OPTION_NET_POOL] = "net_options.pool4/6",
	[NIDUS_OPTION_NET_FORWARD] = "net_options.forward",
	[NIDUS_OPTION_NAME] = "name",
	[NIDUS_OPTION_LABELS] = "labels",
	[NIDUS_OPTION_LOCK_FILE] = "lock_file",
	[NIDUS_OPTION_LOCK_WAIT] = "lock_wait_us",
	[NIDUS_OPTION_HOLD] = "hold_step",
	[NIDUS_OPTION_BLOCK_FD] = "block_fd",
	[NIDUS_OPTION_SYNC_FD] = "sync_fd",
	[NIDUS_OPTION_INFO_FD] = "info_fd",
	[NIDUS_OPTION_EVENTS] = "events_fd",
	[NIDUS_OPTION_REPORT] = "report_fd",
	[NIDUS_OPTION_INIT] = "init_fd",
	[NIDUS_OPTION_STDIO] = "stdio",
};

const char *nidus_option_name(uint32_t option)
{
	return option < NIDUS_OPTION_COUNT && names[option] ? names[option] : "";
}
