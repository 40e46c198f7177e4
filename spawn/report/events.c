/* SPDX-License-Identifier: Apache-2.0 */
/* Events as JSON lines, and the object for info_fd: see events.h. */
#include "events.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../../init/contract.h"
#include "json_line.h"

#define INFO_TIMEOUT_MS 1000 /* one object, before the start: its reader waits for it */

/* Names below /proc/PID/ns, by enum nidus_ns. */
static const char *const namespace_names[NIDUS_NS_COUNT] = {
	[NIDUS_NS_USER] = "user",     [NIDUS_NS_MNT] = "mnt", [NIDUS_NS_PID] = "pid",
	[NIDUS_NS_NET] = "net",	      [NIDUS_NS_IPC] = "ipc", [NIDUS_NS_UTS] = "uts",
	[NIDUS_NS_CGROUP] = "cgroup", [NIDUS_NS_TIME] = "time",
};

static uint64_t namespace_inode(const char *process, const char *name)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", process, name);
	return stat(path, &st) < 0 ? 0 : st.st_ino; /* 0: gone, or the kernel lacks this kind */
}

void events_read_namespaces(pid_t pid, struct events_namespaces *namespaces)
{
	char process[16];

	snprintf(process, sizeof(process), "%d", (int)pid);
	for (int i = 0; i < NIDUS_NS_COUNT; i++) {
		uint64_t inode = namespace_inode(process, namespace_names[i]);

		if (inode == namespace_inode("self", namespace_names[i]))
			inode = 0;
		namespaces->inode[i] = inode;
	}
}

/* The members that every event begins with; NULL if nobody listens. */
static struct json_object *begin(struct events *events, const char *event)
{
	struct json_object *line;
	char ts[JSON_LINE_TS_MAX];
	struct timespec now;

	if (events->fd < 0)
		return NULL;
	line = json_object_new_object();
	clock_gettime(CLOCK_REALTIME, &now);
	json_line_time(&now, ts);
	json_line_text(line, "ts", ts, sizeof(ts));
	json_line_number(line, "seq", events->seq++);
	json_line_text(line, "event", event, JSON_LINE_TEXT_MAX);
	json_line_text(line, "id", events->id, JSON_LINE_TEXT_MAX);
	json_line_text(line, "name", events->name, JSON_LINE_TEXT_MAX);
	if (events->dropped > 0)
		json_line_number(line, "dropped", events->dropped);
	return line;
}

static void end(struct events *events, struct json_object *line)
{
	if (events->fd < 0)
		return;
	if (json_line_write(events->fd, line, events->shared, 0) == 0) {
		events->dropped = 0;
	} else {
		events->dropped++; /* reported by the next event that gets through */
		events->lost++;
		events->lost_errno = errno;
	}
	json_object_put(line);
}

void events_spawned(struct events *events, pid_t pid, const struct events_namespaces *namespaces,
		    const char *cgroup, const struct ip_addr *addr4, const struct ip_addr *addr6)
{
	struct json_object *line = begin(events, "spawned"), *inodes;
	char text[IP_TEXT_MAX];

	inodes = line ? json_object_new_object() : NULL;
	for (int i = 0; namespaces && i < NIDUS_NS_COUNT; i++)
		json_line_known(inodes, namespace_names[i], namespaces->inode[i], 0);
	json_line_number(line, "pid", (uint64_t)pid);
	json_line_member(line, "namespaces", inodes);
	json_line_text(line, "cgroup", cgroup && cgroup[0] ? cgroup : NULL, JSON_LINE_TEXT_MAX);
	if (addr4 && addr4->family)
		json_line_text(line, "ip", ip_addr_text(addr4, text), JSON_LINE_TEXT_MAX);
	if (addr6 && addr6->family)
		json_line_text(line, "ip6", ip_addr_text(addr6, text), JSON_LINE_TEXT_MAX);
	end(events, line);
}

void events_setup_finished(struct events *events, pid_t pid, uint64_t setup_us)
{
	struct json_object *line = begin(events, "setup_finished");

	json_line_number(line, "pid", (uint64_t)pid);
	json_line_number(line, "setup_us", setup_us);
	end(events, line);
}

void events_degraded(struct events *events, const char *control, const char *why)
{
	struct json_object *line = begin(events, "degraded");

	json_line_text(line, "control", control, JSON_LINE_TEXT_MAX);
	json_line_text(line, "why", why, JSON_LINE_TEXT_MAX);
	end(events, line);
}

void events_limit(struct events *events, const char *which, uint64_t used, uint64_t limit)
{
	struct json_object *line = begin(events, "limit");

	json_line_text(line, "which", which, JSON_LINE_TEXT_MAX);
	json_line_known(line, "used", used, NIDUS_UNSET);
	json_line_known(line, "limit", limit, NIDUS_UNSET);
	end(events, line);
}

void events_exited(struct events *events, const struct nidus_result *result)
{
	struct json_object *line = begin(events, "exited");

	json_line_text(line, "reason", nidus_reason_name(result->reason), JSON_LINE_TEXT_MAX);
	json_line_number(line, "exit_code", (uint64_t)result->exit_code);
	json_line_known(line, "signal", (uint64_t)result->signal, 0);
	json_line_known(line, "wall_us", result->wall_us, NIDUS_UNSET);
	json_line_known(line, "cpu_user_us", result->cpu_user_us, NIDUS_UNSET);
	json_line_known(line, "cpu_sys_us", result->cpu_sys_us, NIDUS_UNSET);
	json_line_known(line, "memory_peak", result->memory_peak, NIDUS_UNSET);
	json_line_known(line, "pids_peak", result->pids_peak, NIDUS_UNSET);
	json_line_known(line, "oom_kills", result->oom_kills, NIDUS_UNSET);
	json_line_known(line, "zombies_reaped", result->zombies_reaped, NIDUS_UNSET);
	end(events, line);
}

void events_failed(struct events *events, const struct fault *fault)
{
	struct json_object *line = begin(events, "failed");

	json_line_fault(line, fault);
	end(events, line);
}

void events_cleaned(struct events *events, uint32_t resources, uint64_t us)
{
	struct json_object *line = begin(events, "cleaned");

	json_line_number(line, "resources", resources);
	json_line_number(line, "us", us);
	end(events, line);
}

void events_cleanup_failed(struct events *events, const struct fault *fault)
{
	struct json_object *line = begin(events, "cleanup_failed");
	char message[JSON_LINE_TEXT_MAX];

	json_line_text(line, "resource", fault->what, FAULT_WHAT_MAX);
	json_line_member(line, "errno", fault->err ? json_object_new_int(fault->err) : NULL);
	json_line_text(line, "message", nidus_fault_text(fault, message, sizeof(message)),
		       sizeof(message));
	end(events, line);
}

int events_info(int fd, const char *id, pid_t pid, const struct events_namespaces *namespaces,
		struct fault *fault)
{
	/* bubblewrap's names, by enum nidus_ns; as in bubblewrap, shared ones are left out. */
	static const char *const keys[NIDUS_NS_COUNT] = {
		[NIDUS_NS_USER] = "user-namespace",	[NIDUS_NS_MNT] = "mnt-namespace",
		[NIDUS_NS_PID] = "pid-namespace",	[NIDUS_NS_NET] = "net-namespace",
		[NIDUS_NS_IPC] = "ipc-namespace",	[NIDUS_NS_UTS] = "uts-namespace",
		[NIDUS_NS_CGROUP] = "cgroup-namespace", [NIDUS_NS_TIME] = "time-namespace",
	};
	struct json_object *info = json_object_new_object();
	int rc = 0;

	json_line_text(info, "id", id, JSON_LINE_TEXT_MAX);
	json_line_number(info, "child-pid", (uint64_t)pid);
	for (int i = 0; namespaces && i < NIDUS_NS_COUNT; i++)
		if (namespaces->inode[i])
			json_line_number(info, keys[i], namespaces->inode[i]);
	if (json_line_write(fd, info, false, INFO_TIMEOUT_MS) < 0)
		rc = fault_set(fault, STEP_HANDSHAKE, errno, "info_fd");
	json_object_put(info);
	return rc;
}
