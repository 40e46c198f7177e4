/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events: JSON lines, one object and one write each, to a descriptor that the caller
 * gave; and the exit report, one object. They never contain anything from the
 * environment, arguments of the workload, or contents of files.
 *
 * A reader that is gone or slow must not delay a sandbox: on EPIPE and EAGAIN the
 * event is dropped and counted (`dropped` in the next one that gets through).
 * Writes are made with SIGPIPE blocked, so the caller never gets it.
 */
#ifndef NIDUS_EVENTS_H
#define NIDUS_EVENTS_H

#include <stdint.h>
#include <sys/types.h>

#include "../nidus.h"

struct events {
	int fd;          /* -1: nobody listens, every call returns at once */
	bool shared;     /* the workload writes there, too: events_are_shared */
	uint64_t seq;
	uint64_t dropped; /* since the last that got through */
	uint64_t lost;    /* in all */
	int lost_errno;   /* why the last of them */
	const char *id;
	const char *name; /* NULL: none */
};

/* Inode numbers of /proc/PID/ns/…; 0 where unknown or shared. By enum nidus_ns. */
struct events_namespaces {
	uint64_t inode[NIDUS_NS_COUNT];
};

void events_read_namespaces(pid_t pid, struct events_namespaces *namespaces);

/* addr4, addr6: NULL or family 0 if not known. */
void events_spawned(struct events *events, pid_t pid, const struct events_namespaces *namespaces,
		    const char *cgroup, const struct ip_addr *addr4, const struct ip_addr *addr6);
void events_setup_finished(struct events *events, pid_t pid, uint64_t setup_us);
void events_degraded(struct events *events, const char *control, const char *why);
void events_limit(struct events *events, const char *which, uint64_t used, uint64_t limit);
void events_exited(struct events *events, const struct nidus_result *result);
void events_failed(struct events *events, const struct fault *fault);
void events_cleaned(struct events *events, uint32_t resources, uint64_t us);
void events_cleanup_failed(struct events *events, const struct fault *fault);

/*
 * True for a descriptor to which a workload with these descriptors writes, too: its lines
 * may be unfinished when ours come.
 */
bool events_are_shared(int fd, const int stdio[3]);

/* For info_fd, one object: id, child-pid (bubblewrap's name), and the namespaces
 * under bubblewrap's names ("pid-namespace": inode, …). */
int events_info(int fd, const char *id, pid_t pid, const struct events_namespaces *namespaces,
		struct fault *fault);

/* A result in which nothing has been measured. */
void report_init(struct nidus_result *result);

/* The exit report: every field of the result. */
int report_write(int fd, const char *id, const struct nidus_spec *spec,
		 const struct nidus_result *result, struct fault *fault);

#endif
