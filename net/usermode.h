/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rootless network (--net user): slirp4netns or pasta, run for one sandbox
 * and ended with it.
 *
 * Order of use: net_user_find (before anything is created: refuses early what is not
 * possible), net_user_start, [journal its pid], net_user_go (after the clone and the id
 * maps, before GO: nothing of the workload runs until then), ... net_user_stop.
 *
 *   inside                        slirp4netns, in the host's network namespace
 *   eth0  10.0.2.100/24  ------   10.0.2.2 gateway; connections are made by its own
 *         fd00::/64               sockets, as the user who started the sandbox
 *
 * Closed by default: the host's loopback by the gateway's addresses
 * (--disable-host-loopback, --no-map-gw) and, by a filter and unreachable routes inside,
 * what closed.h lists. Everything else that the user can reach is open, other addresses of
 * the host included.
 *
 * Names: resolv.conf inside has the servers of --dns if given; otherwise NET_USER_DNS, where
 * the program itself answers by asking the host's resolver, wherever that is. If it is a
 * stub on the host's loopback (127.0.0.53), the workload reaches that stub, only on port
 * 53, and can look up what it knows: names of the local network and of the host's
 * /etc/hosts. --dns closes that as well.
 *
 * Published ports: slirp4netns has only IPv4, and does not answer UDP that comes from the
 * loopback of the host, because the answer would go to a closed address.
 *
 * What ends the program: net_user_stop; otherwise the end of the spawner: slirp4netns ends
 * at EOF on its --exit-fd, a pipe whose other end only the spawner holds; pasta has no such
 * option, and ends within a second of the last process in the namespace (PID 1 ends with
 * its spawner); otherwise recovery, because it is in the journal before its first
 * instruction.
 */
#ifndef NIDUS_NET_USERMODE_H
#define NIDUS_NET_USERMODE_H

#include "net.h"

#define NET_USER_DNS "10.0.2.3" /* of both programs */
#define NET_USER_TUN "/dev/net/tun"
#define NET_USER_PATH_MAX 40
#define NET_USER_READY_MS 10000 /* until the program is up: an idle machine takes 30 */
#define NET_USER_STOP_MS 2000   /* until a killed program is gone */
#define NET_USER_MTU 65520      /* the largest that both accept */
#define NET_USER_PASTA_FLOOR 20250911 /* older ones mishandle half-closed TCP */

enum net_user_kind { NET_USER_SLIRP4NETNS, NET_USER_PASTA };

struct net_user_program {
	enum net_user_kind kind;
	char path[NET_USER_PATH_MAX];
};

struct net_user; /* one running program; opaque */

/*
 * Looks for the program in /usr/bin, /usr/local/bin and /bin, slirp4netns first; asks pasta
 * for its version. Refuses (EOPNOTSUPP) the options that only --net nat supports: rules,
 * peers, host ports, pools. ENOENT: neither is installed; otherwise the errno of
 * /dev/net/tun, which both need.
 */
int net_user_find(const struct net_options *options, struct net_user_program *program,
		  struct fault *fault);

/*
 * Prepares the network namespace of init_pid, a child of the caller that is not reaped yet,
 * and forks the program, which waits before its exec: journal its pid now.
 * state_dir_fd: the directory of the record, open until net_user_go returns. The program gets
 * standard error and its two pipes, no environment, no signal blocked or ignored. Nothing
 * is left on failure.
 */
int net_user_start(const struct net_user_program *program, const struct net_options *options,
		   pid_t init_pid, int state_dir_fd, struct net_user **user, struct fault *fault);
pid_t net_user_pid(const struct net_user *user);

/*
 * Lets the program run, and waits until the network is up and the ports are published: at
 * most NET_USER_READY_MS from its start. A socket or FIFO of ours is in the directory of the
 * record until this returns. If the program fails, its message is the object of the fault,
 * and the caller has to stop it.
 */
int net_user_go(struct net_user *user, struct fault *fault);

/*
 * Why the closed addresses are closed by routes alone, which a program that names a link
 * (SO_BINDTODEVICE) walks around; NULL: they are closed by a filter, too. Known once
 * net_user_start has returned.
 */
const struct fault *net_user_no_filter(const struct net_user *user);

/* A pidfd, readable once the program has ended, and with it the network. Don't close it. */
int net_user_fd(const struct net_user *user);

/* How it ended, once net_user_fd is readable: "slirp4netns was ended by signal 9: its
 * last output". */
#define NET_USER_EPITAPH_MAX 576
const char *net_user_epitaph(struct net_user *user, char text[NET_USER_EPITAPH_MAX]);

/* The IPv4 address inside; family 0: the program's choice. */
void net_user_address(const struct net_user *user, struct ip_addr *addr4);

/*
 * Begins to end it, and never blocks: the kernel takes 20 ms to remove the link. Call it
 * only when the workload is dead, which may use its connections until then. NULL is fine.
 */
void net_user_kill(struct net_user *user);

/*
 * Ends and reaps it, frees *user and sets it to NULL. ETIMEDOUT: it is killed, but was not
 * gone within wait_ms; call again. NULL is fine.
 */
int net_user_stop(struct net_user **user, int wait_ms, struct fault *fault);

#endif
