/* SPDX-License-Identifier: Apache-2.0 */
#include "publish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "../init/contract.h"
#include "../init/fd.h"

const char *publish_value_text(const struct net_publish *publish, char text[PUBLISH_TEXT_MAX])
{
	bool is_v6 = publish->addr.family == AF_INET6, is_any = publish->addr.family == 0;
	char addr[IP_TEXT_MAX] = "";

	if (!is_any)
		ip_addr_text(&publish->addr, addr);
	snprintf(text, PUBLISH_TEXT_MAX, "%s%s%s%s%u:%u/%s", is_v6 ? "[" : "", addr,
		 is_v6 ? "]" : "", is_any ? "" : ":", publish->host_port, publish->port,
		 publish->proto == IPPROTO_UDP ? "udp" : "tcp");
	return text;
}

const char *publish_text(const struct net_publish *publish, char text[PUBLISH_TEXT_MAX])
{
	char value[PUBLISH_TEXT_MAX];

	snprintf(text, PUBLISH_TEXT_MAX, "publish %.80s", publish_value_text(publish, value));
	return text;
}

/* Binds to every address if publish has none. 0, or -1 with errno. */
static int try_bind(const struct net_publish *publish, int family)
{
	bool is_tcp = publish->proto == IPPROTO_TCP, is_v6 = family == AF_INET6;
	cleanup_fd int fd = socket(family, (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 addr6 = { .sin6_family = AF_INET6,
				      .sin6_port = htons(publish->host_port) };
	struct sockaddr_in addr4 = { .sin_family = AF_INET, .sin_port = htons(publish->host_port) };
	int on = 1;

	if (fd < 0) /* without IPv6 nothing listens there */
		return errno == EAFNOSUPPORT ? 0 : -1;
	/* so that connections of a service that has ended don't count; UDP has none */
	if (is_tcp && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -1;
	/* the other family is tried separately */
	if (is_v6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return -1;
	if (publish->addr.family == AF_INET)
		memcpy(&addr4.sin_addr, publish->addr.bytes, sizeof(addr4.sin_addr));
	else if (publish->addr.family == AF_INET6)
		memcpy(&addr6.sin6_addr, publish->addr.bytes, sizeof(addr6.sin6_addr));
	if (is_v6 ? bind(fd, (const struct sockaddr *)&addr6, sizeof(addr6)) :
		    bind(fd, (const struct sockaddr *)&addr4, sizeof(addr4)))
		/*
		 * An address that the host does not have, or that is not usable yet, has no
		 * service. Ports below 1024 need a right to bind, but not to be forwarded.
		 */
		return errno == EADDRNOTAVAIL || errno == EACCES || errno == EPERM ? 0 : -1;
	return 0;
}

static int check_one(const struct net_publish *publish, struct fault *fault)
{
	char port[PUBLISH_TEXT_MAX], why[FAULT_WHY_MAX];
	int err;

	if ((publish->addr.family == AF_INET6 || try_bind(publish, AF_INET) == 0) &&
	    (publish->addr.family == AF_INET || try_bind(publish, AF_INET6) == 0))
		return 0;
	err = errno;
	fault_set(fault, STEP_NETWORK, err, publish_text(publish, port));
	if (err != EADDRINUSE)
		return -1;
	snprintf(why, sizeof(why), "a process of this host has port %u", publish->host_port);
	return fault_because(fault, why);
}

int publish_check_free(const struct net_options *options, struct fault *fault)
{
	for (size_t i = 0; i < options->publish_count; i++)
		if (check_one(&options->publish[i], fault) < 0)
			return fault_about(fault, 0, (uint32_t)i);
	return 0;
}
