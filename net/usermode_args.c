/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments of the programs of --net user, requests to them, and their answers. */
#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../init/contract.h"
#include "publish.h"
#include "usermode_args.h"

#define API_DEPTH 8 /* of an answer */

__attribute__((format(printf, 2, 3))) static void add(struct user_args *args, const char *format,
						      ...)
{
	size_t room = sizeof(args->text) - args->used;
	va_list list;
	int len;

	va_start(list, format);
	len = vsnprintf(args->text + args->used, room, format, list);
	va_end(list);
	if (len < 0 || (size_t)len >= room || args->count + 1 >= USER_ARGS_MAX) {
		args->overflow = true;
		return;
	}
	args->argv[args->count++] = args->text + args->used;
	args->argv[args->count] = NULL;
	args->used += (size_t)len + 1;
}

static const char *protocol(const struct net_publish *publish)
{
	return publish->proto == IPPROTO_UDP ? "udp" : "tcp";
}

static const char *address(const struct net_publish *publish, char text[INET6_ADDRSTRLEN])
{
	if (publish->addr.family == 0)
		return NULL;
	return inet_ntop(publish->addr.family, publish->addr.bytes, text, INET6_ADDRSTRLEN);
}

static void begin(struct user_args *args)
{
	args->count = args->used = 0;
	args->overflow = false;
	args->argv[0] = NULL;
}

static int finish(const struct user_args *args, struct fault *fault)
{
	return args->overflow ? fault_set(fault, STEP_NETWORK, E2BIG, args->argv[0]) : 0;
}

int user_args_slirp4netns(struct user_args *args, const struct user_place *place,
			  const struct net_options *options, struct fault *fault)
{
	begin(args);
	add(args, "slirp4netns");
	add(args, "--configure");
	add(args, "--mtu=%d", NET_USER_MTU);
	add(args, "--disable-host-loopback");
	if (options->dns_count > 0)
		add(args, "--disable-dns");
	add(args, "--enable-seccomp");
	/* as an ordinary user it becomes root of that user namespace to do so */
	if (place->privileged || place->has_root)
		add(args, "--enable-sandbox");
	if (place->has_ipv6)
		add(args, "--enable-ipv6");
	add(args, "--exit-fd=%d", USER_EXIT_FD);
	add(args, "--ready-fd=%d", USER_READY_FD);
	if (options->publish_count > 0)
		add(args, "--api-socket=%s", USER_API_NAME);
	add(args, "%d", place->init_pid);
	add(args, "%s", USER_LINK);
	return finish(args, fault);
}

static void add_ports(struct user_args *args, const struct net_options *options, uint8_t proto,
		      const char *option)
{
	char addr[INET6_ADDRSTRLEN];
	bool any = false;

	for (size_t i = 0; i < options->publish_count; i++) {
		const struct net_publish *publish = &options->publish[i];
		const char *host = address(publish, addr);

		if (publish->proto != proto)
			continue;
		any = true;
		add(args, "%s", option);
		add(args, "%s%s%u:%u", host ? host : "", host ? "/" : "", publish->host_port,
		    publish->port);
	}
	if (any)
		return;
	/* by default it publishes every port that is listened on inside */
	add(args, "%s", option);
	add(args, "none");
}

int user_args_pasta(struct user_args *args, const struct user_place *place,
		    const struct net_options *options, struct fault *fault)
{
	begin(args);
	add(args, "pasta");
	add(args, "--foreground");
	add(args, "--quiet");
	add(args, "--config-net");
	add(args, "--mtu");
	add(args, "%d", NET_USER_MTU);
	add(args, "--ns-ifname");
	add(args, "%s", USER_LINK);
	add(args, "--no-map-gw");
	add(args, "--no-dhcp");
	add(args, "--no-dhcpv6");
	add(args, "--no-ra");
	if (options->dns_count == 0) {
		add(args, "--dns-forward");
		add(args, NET_USER_DNS);
	}
	if (!place->has_ipv6)
		add(args, "--ipv4-only");
	/* by default it becomes nobody, who can't enter a user namespace that root owns */
	if (place->privileged) {
		add(args, "--runas");
		add(args, "0:0");
	}
	add_ports(args, options, IPPROTO_TCP, "--tcp-ports");
	add_ports(args, options, IPPROTO_UDP, "--udp-ports");
	/* from inside to the loopback of the host */
	add(args, "--tcp-ns");
	add(args, "none");
	add(args, "--udp-ns");
	add(args, "none");
	add(args, "--pid");
	add(args, "%s", USER_FIFO_NAME);
	add(args, "%d", place->init_pid);
	return finish(args, fault);
}

int user_api_request(const struct net_publish *publish, char **text, struct fault *fault)
{
	char addr[INET6_ADDRSTRLEN], port[PUBLISH_TEXT_MAX];
	const char *host = address(publish, addr);
	struct json_object *request, *arguments;

	*text = NULL;
	if (publish->addr.family == AF_INET6)
		return fault_set(fault, STEP_NETWORK, EAFNOSUPPORT, publish_text(publish, port));
	request = json_object_new_object();
	arguments = json_object_new_object();
	if (request && arguments &&
	    json_object_object_add(request, "execute", json_object_new_string("add_hostfwd")) == 0 &&
	    json_object_object_add(arguments, "proto",
				   json_object_new_string(protocol(publish))) == 0 &&
	    json_object_object_add(arguments, "host_addr",
				   json_object_new_string(host ? host : "0.0.0.0")) == 0 &&
	    json_object_object_add(arguments, "host_port",
				   json_object_new_int(publish->host_port)) == 0 &&
	    json_object_object_add(arguments, "guest_port", json_object_new_int(publish->port)) == 0 &&
	    json_object_object_add(request, "arguments", json_object_get(arguments)) == 0)
		*text = strdup(json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN));
	json_object_put(arguments);
	json_object_put(request);
	return *text ? 0 : fault_set(fault, STEP_NETWORK, ENOMEM, publish_text(publish, port));
}

static void refuse(struct json_object *error, const struct net_publish *publish,
		   struct fault *fault)
{
	struct json_object *desc = json_object_object_get(error, "desc");
	char port[PUBLISH_TEXT_MAX], what[FAULT_WHAT_MAX];

	snprintf(what, sizeof(what), "%s: slirp4netns: %.120s", publish_text(publish, port),
		 desc ? json_object_get_string(desc) : "refused");
	/* it gives no reason: the port is taken, or below net.ipv4.ip_unprivileged_port_start */
	fault_set(fault, STEP_NETWORK, 0, what);
}

int user_api_answer(const char *text, size_t len, const struct net_publish *publish,
		    struct fault *fault)
{
	struct json_tokener *tokener = json_tokener_new_ex(API_DEPTH);
	struct json_object *answer = NULL, *error = NULL, *value = NULL;
	char port[PUBLISH_TEXT_MAX];
	int ret = -1;

	if (tokener && len < INT32_MAX) {
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
		answer = json_tokener_parse_ex(tokener, text, (int)len);
	}
	if (json_object_object_get_ex(answer, "error", &error))
		refuse(error, publish, fault);
	else if (json_object_object_get_ex(answer, "return", &value))
		ret = 0;
	else
		fault_set(fault, STEP_NETWORK, EBADMSG, publish_text(publish, port));
	json_object_put(answer);
	if (tokener)
		json_tokener_free(tokener);
	return ret;
}

/* "YYYY_MM_DD" (upstream tags) or "YYYYMMDD" (after "git", in Debian and Fedora). */
static uint32_t date_at(const char *text)
{
	unsigned int year, month, day;
	int len = 0;

	if ((sscanf(text, "%4u_%2u_%2u%n", &year, &month, &day, &len) != 3 || len != 10) &&
	    (sscanf(text, "%4u%2u%2u%n", &year, &month, &day, &len) != 3 || len != 8))
		return 0;
	return month <= 12 && day <= 31 ? year * 10000 + month * 100 + day : 0;
}

uint32_t user_pasta_date(const char *version)
{
	const char *text = strncmp(version, "pasta ", 6) == 0 ? version + 6 : NULL;
	size_t len = text ? strcspn(text, "\n") : 0;

	for (size_t i = 0; i < len; i++) {
		uint32_t date = text[i] == '2' && (i == 0 || text[i - 1] < '0' || text[i - 1] > '9') ?
					date_at(text + i) :
					0;

		if (date > 0)
			return date;
	}
	return 0;
}

#define ROUTE_UP 0x1        /* RTF_UP */
#define ROUTE_REJECT 0x200  /* RTF_REJECT: stands for "no route" */
#define ADDRESS_TENTATIVE 0x40
#define ADDRESS_FAILED 0x08

bool user_routes_have_default(const char *routes)
{
	static const char none[] = "00000000000000000000000000000000 00 "
				   "00000000000000000000000000000000 00 ";
	unsigned int flags;

	for (const char *line = routes; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, none, sizeof(none) - 1) == 0 &&
		    sscanf(line + sizeof(none) - 1, "%*32s %*8s %*8s %*8s %8x", &flags) == 1 &&
		    (flags & ROUTE_UP) && !(flags & ROUTE_REJECT))
			return true;
	}
	return false;
}

bool user_addresses_have_global(const char *addresses)
{
	unsigned int scope, flags;

	for (const char *line = addresses; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%*32s %*2s %*2s %2x %2x", &scope, &flags) == 2 && scope == 0 &&
		    !(flags & (ADDRESS_TENTATIVE | ADDRESS_FAILED)))
			return true;
	}
	return false;
}

bool user_map_has_root(const char *map)
{
	unsigned long inside, outside, count;
	int used = 0;

	for (; sscanf(map, "%lu %lu %lu%n", &inside, &outside, &count, &used) == 3; map += used)
		if (inside == 0 && count > 0)
			return true;
	return false;
}

void user_says_tidy(char says[USER_SAYS_MAX])
{
	static const char *const always[] = { "sent tapfd=", "received tapfd=", "WARNING: ",
					      "child failed", "do_slirp is exiting", "apifd event",
					      "api_handler: got request" };
	char tidy[USER_SAYS_MAX], *rest = NULL;
	size_t used = 0;

	for (char *line = strtok_r(says, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		bool skip = false;

		for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
			skip = skip || strncmp(line, always[i], strlen(always[i])) == 0;
		if (skip)
			continue;
		used += (size_t)snprintf(tidy + used, sizeof(tidy) - used, "%s%s", used ? "; " : "",
					 line);
		if (used >= sizeof(tidy))
			used = sizeof(tidy) - 1;
	}
	tidy[used] = '\0';
	for (size_t i = 0; i < used; i++)
		if ((unsigned char)tidy[i] < 0x20 || tidy[i] == 0x7f)
			tidy[i] = ' ';
	memcpy(says, tidy, used + 1);
}
