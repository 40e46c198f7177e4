/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In place of the network of a sandbox. A start that wants one has been handed over. On
 * record may be the network of a sandbox whose owner died: that is left there, and noted for
 * program_collect_rest.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#include <errno.h>

#include "../../net/net.h"
#include "../../net/usermode.h"
#include "../../init/contract.h"
#include "../cli/program.h"
#include "handover.h"

static bool met_network;

static int fail(struct fault *fault)
{
	return fault_set(fault, STEP_NETWORK, ENOSYS, "not in the launcher");
}

void program_collect_rest(void)
{
	if (met_network)
		handover_collect();
}

/* ETIMEDOUT: to be tried again, which is no failure on record. */
int net_find(int state_fd, const char *id, struct net **net, struct fault *fault)
{
	met_network = true;
	return fault_set(fault, STEP_NETWORK, ETIMEDOUT, "network");
}

int net_remove(struct net *net, enum net_resource resource, const char *text, struct fault *fault)
{
	return fail(fault);
}

void net_free(struct net *net)
{
}

/* ---- of a start ---- */

int net_open(const struct net_options *options, const struct net_config *config, int state_fd,
	     const char *id, struct net **net, struct fault *fault)
{
	return fail(fault);
}

int net_choose(struct net *net, struct net_claim claims[NET_CLAIMS_MAX], size_t *count,
	       struct fault *fault)
{
	return fail(fault);
}

int net_take(struct net *net, struct fault *fault)
{
	return fail(fault);
}

int net_attach(struct net *net, pid_t pid, struct fault *fault)
{
	return fail(fault);
}

void net_addresses(const struct net *net, struct ip_addr *addr4, struct ip_addr *addr6)
{
}

size_t net_dns(const struct net *net, const struct ip_addr **servers)
{
	return 0;
}

void net_read(const struct net *net, struct net_usage *usage)
{
}

int net_user_find(const struct net_options *options, struct net_user_program *program,
		  struct fault *fault)
{
	return fail(fault);
}

int net_user_start(const struct net_user_program *program, const struct net_options *options,
		   pid_t init_pid, int state_dir_fd, struct net_user **user, struct fault *fault)
{
	return fail(fault);
}

pid_t net_user_pid(const struct net_user *user)
{
	return -1;
}

int net_user_go(struct net_user *user, struct fault *fault)
{
	return fail(fault);
}

const struct fault *net_user_no_filter(const struct net_user *user)
{
	return NULL;
}

int net_user_fd(const struct net_user *user)
{
	return -1;
}

const char *net_user_epitaph(struct net_user *user, char text[NET_USER_EPITAPH_MAX])
{
	return "";
}

void net_user_address(const struct net_user *user, struct ip_addr *addr4)
{
}

void net_user_kill(struct net_user *user)
{
}

int net_user_stop(struct net_user **user, int wait_ms, struct fault *fault)
{
	return 0;
}
