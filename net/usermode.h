/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rootless network (--net user): slirp4netns or pasta, run for one sandbox
 * and ended with it.
 *
 * Order of use: net_user_find (before there is anything: refuses early what can't
 * be had), net_user_start, [write its pid on record], net_user_go (after the clone and the
 * id maps, before GO: until then nothing of the workload runs), ... net_user_stop.
 *
 *   inside                        slirp4netns, in the host's network namespace
 *   eth0  10.0.2.100/24  ------   10.0.2.2 gateway; connections are made by its own
 *         fd00::/64               sockets, as the user who started the sandbox
 *
 * Closed by default: the host's loopback by the gateway's addresses
 * (--disable-host-loopback, --no-map-gw) and, with unreachable routes inside,
 * what closed.h lists. Open by nature: what the user himself reaches, the host's
 * other addresses included.
 *
 * Names: resolv.conf inside has --dns, where given; else NET_USER_DNS, where the
 * program itself answers by asking the host's resolver, wherever that is. Where it
 * is a stub on the host's loopback (127.0.0.53), the workload reaches that stub, on
 * port 53 alone, and learns what it knows: names of the local network and of the
 * host's own /etc/hosts. --dns closes this door, too.
 *
 * Published ports: IPv4 alone with slirp4netns, and of UDP what comes from the host's
 * own loopback stays unanswered there, as the answer would go to a closed address.
 *
 * Who ends the program: net_user_stop; else the end of the spawner, as slirp4netns
 * ends at EOF on its --exit-fd, a pipe whose other end is held by the spawner alone;
 * pasta has no such option, and ends within a second of the namespace's last
 * process (PID 1 ends with its spawner); else recovery, as it is on record before
 * its first instruction.
 */
#ifndef NIDUS_NET_USERMODE_H
#define NIDUS_NET_USERMODE_H

#include "net.h"

#define NET_USER_DNS "10.0.2.3" /* of both programs */
#define NET_USER_TUN "/dev/net/tun"
#define NET_USER_PATH_MAX 40
#define NET_USER_READY_MS 10000 /* for the program to be up: an idle machine takes 30 */
#define NET_USER_STOP_MS 2000   /* for a killed one to be gone */
#define NET_USER_MTU 65520      /* the largest that both take */
#define NET_USER_PASTA_FLOOR 20250911 /* older ones stall on, or duplicate, what half-closed TCP carries */

enum net_user_kind { NET_USER_SLIRP4NETNS, NET_USER_PASTA };

struct net_user_program {
	enum net_user_kind kind;
	char path[NET_USER_PATH_MAX];
};

struct net_user; /* one running program; opaque */

/*
 * Looks for the program in /usr/bin, /usr/local/bin and /bin, slirp4netns first;
 * pasta is asked for its version. Refuses (EOPNOTSUPP) the options that only
 * --net nat can keep: rules, peers, host ports, pools. ENOENT: neither is there;
 * else the errno of /dev/net/tun, without which no one can do it.
 */
int net_user_find(const struct net_options *options, struct net_user_program *program,
		  struct fault *fault);

/*
 * Prepares the network namespace of init_pid, a child of the caller that is not reaped yet,
 * and forks the program, held before its exec: its pid is to be written on record now.
 * state_dir_fd: the record's directory, open until net_user_go returns. The program gets
 * standard error and its two pipes, no environment, no signal blocked or ignored. Nothing
 * is left on failure.
 */
int net_user_start(const struct net_user_program *program, const struct net_options *options,
		   pid_t init_pid, int state_dir_fd, struct net_user **user, struct fault *fault);
pid_t net_user_pid(const struct net_user *user);

/*
 * Lets the program run, and waits until the network is up and the ports are published: at
 * most NET_USER_READY_MS from its start. A socket or FIFO of ours lives in the record's
 * directory until this returns. What the program says when it fails is the fault's object;
 * it is the caller's to stop then.
 */
int net_user_go(struct net_user *user, struct fault *fault);

/* A pidfd, readable once the program has ended: the sandbox has no network then. Not to close. */
int net_user_fd(const struct net_user *user);

/* How it ended, once net_user_fd is readable: "slirp4netns was ended by signal 9: its last words". */
#define NET_USER_EPITAPH_MAX 576
const char *net_user_epitaph(struct net_user *user, char text[NET_USER_EPITAPH_MAX]);

/* The IPv4 address inside; family 0: the program's choice. */
void net_user_address(const struct net_user *user, struct ip_addr *addr4);

/*
 * Begins its end, and never blocks: the kernel takes 20 ms to remove the link. Not
 * before the workload is dead: until then its connections are its own. NULL is fine.
 */
void net_user_kill(struct net_user *user);

/*
 * Ends and reaps it, and frees *user, which is NULL then. ETIMEDOUT: it is killed,
 * but not gone within wait_ms; to be called again. NULL is fine.
 */
int net_user_stop(struct net_user **user, int wait_ms, struct fault *fault);

#endif
