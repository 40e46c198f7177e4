/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments of the programs of --net user, requests and answers. Pure, private to usermode*.c. */
#ifndef NIDUS_NET_USERMODE_ARGS_H
#define NIDUS_NET_USERMODE_ARGS_H

#include "usermode.h"

#define USER_ARGS_MAX (2 * NET_PUBLISH_MAX + 32)
#define USER_ARGS_TEXT (NET_PUBLISH_MAX * 80 + 512)
#define USER_SAYS_MAX 512
#define USER_LINK "eth0"         /* inside, as in a nat network */
#define USER_API_NAME "net.sock" /* in the record's directory, which is the program's cwd */
#define USER_FIFO_NAME "net.fifo"
#define USER_EXIT_FD 3           /* of the program */
#define USER_READY_FD 4

struct user_place {
	pid_t init_pid;
	bool has_root;   /* user 0 is mapped in its user namespace: the program can confine itself */
	bool has_ipv6;   /* the host has a default route */
	bool privileged; /* the caller is root */
};

struct user_args {
	char *argv[USER_ARGS_MAX];
	size_t count;
	char text[USER_ARGS_TEXT];
	size_t used;
	bool overflow; /* it did not all fit */
};

/* Arguments with the name of the program, NULL-terminated. args is large, and must not be moved. */
int user_args_slirp4netns(struct user_args *args, const struct user_place *place,
			  const struct net_options *options, struct fault *fault);
int user_args_pasta(struct user_args *args, const struct user_place *place,
		    const struct net_options *options, struct fault *fault);

/* One request of slirp4netns' API. -1 with EAFNOSUPPORT: IPv4 only. The caller frees the text. */
int user_api_request(const struct net_publish *publish, char **text, struct fault *fault);
/* Its answer, `len` bytes of anything. */
int user_api_answer(const char *text, size_t len, const struct net_publish *publish,
		    struct fault *fault);

/* Date of a pasta from the first line of --version, as 20240906; 0: it has none. */
uint32_t user_pasta_date(const char *version);

/* Whether a text of /proc/net/ipv6_route has a default route over a link, ... */
bool user_routes_have_default(const char *routes);
/* ... and one of /proc/net/if_inet6 an address of global scope that can be used. */
bool user_addresses_have_global(const char *addresses);

/* Whether a uid_map (or gid_map) has an id 0 inside. */
bool user_map_has_root(const char *map);

/* Makes the output of a program one line, in place, without control characters and routine. */
void user_says_tidy(char says[USER_SAYS_MAX]);

#endif
