/* SPDX-License-Identifier: Apache-2.0 */
/* Published ports: in words; and whether somebody of the host's is there. The latter as root. */
#include "netns_live.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "../../init/contract.h"
#include "../../net/publish.h"

static struct net_publish publish_on(const char *addr, uint8_t proto)
{
	struct net_publish publish = { .proto = proto, .host_port = 8080, .port = 80 };

	if (addr)
		ip_addr_parse(addr, &publish.addr);
	return publish;
}

static void ports_are_told_as_they_were_asked_for(void **state)
{
	struct net_publish any = publish_on(NULL, IPPROTO_TCP);
	struct net_publish v4 = publish_on("127.0.0.1", IPPROTO_UDP);
	struct net_publish v6 = publish_on("2001:db8::1", IPPROTO_TCP);
	char text[PUBLISH_TEXT_MAX];

	(void)state;
	assert_string_equal(publish_value_text(&any, text), "8080:80/tcp");
	assert_string_equal(publish_text(&any, text), "publish 8080:80/tcp");
	assert_string_equal(publish_text(&v4, text), "publish 127.0.0.1:8080:80/udp");
	assert_string_equal(publish_text(&v6, text), "publish [2001:db8::1]:8080:80/tcp");
}

/* A service of the host's, on an address ("any" of a family: 0.0.0.0, ::). */
static int serve(const char *addr, int proto)
{
	struct sockaddr_storage at = { 0 };
	struct sockaddr_in6 *at6 = (struct sockaddr_in6 *)&at;
	struct sockaddr_in *at4 = (struct sockaddr_in *)&at;
	struct ip_addr parsed;
	int fd, on = 1;

	check(ip_addr_parse(addr, &parsed));
	at.ss_family = parsed.family;
	at4->sin_port = htons(8080); /* in the same place in both */
	if (parsed.family == AF_INET)
		memcpy(&at4->sin_addr, parsed.bytes, 4);
	else
		memcpy(&at6->sin6_addr, parsed.bytes, 16);
	fd = socket(parsed.family, (proto == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	if (fd < 0 && parsed.family == AF_INET6)
		_exit(CHILD_SKIPPED);
	check(fd >= 0 && (proto != IPPROTO_TCP ||
			  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0));
	check(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0, "%s: %s", addr, strerror(errno));
	check(proto != IPPROTO_TCP || listen(fd, 1) == 0);
	return fd;
}

static void loopback_up(void)
{
	struct rtnl_batch batch;
	struct fault fault = { 0 };
	struct rtnl rtnl;

	check_ok(rtnl_open(&rtnl, NETLINK_ROUTE, &fault));
	rtnl_batch_init(&batch);
	link_set_up(&batch, 0, "lo");
	check_ok(rtnl_send(&rtnl, &batch, &fault));
	rtnl_close(&rtnl);
}

static int ask(const char *addr, uint8_t proto, struct fault *fault)
{
	struct net_publish publish[2] = { { .proto = IPPROTO_TCP, .host_port = 7, .port = 7 },
					  publish_on(addr, proto) };
	struct net_options options = { .publish = publish, .publish_count = 2 };

	return publish_check_free(&options, fault);
}

static void body_free(void)
{
	struct fault fault = { 0 };

	loopback_up();
	check_ok(ask(NULL, IPPROTO_TCP, &fault));
	check_ok(ask("127.0.0.1", IPPROTO_UDP, &fault));
	check_ok(ask("192.0.2.77", IPPROTO_TCP, &fault)); /* not the host's */
	check_ok(ask("2001:db8::77", IPPROTO_TCP, &fault));
	/* it doesn't keep what it tried */
	check_ok(ask(NULL, IPPROTO_TCP, &fault));
	close(serve("0.0.0.0", IPPROTO_TCP));
}

static void body_taken(void)
{
	static const struct {
		const char *service, *publish;
		uint8_t service_proto, proto;
		bool is_taken;
	} cases[] = {
		{ "0.0.0.0", NULL, IPPROTO_TCP, IPPROTO_TCP, true },
		{ "127.0.0.1", NULL, IPPROTO_TCP, IPPROTO_TCP, true },
		{ "127.0.0.1", "127.0.0.1", IPPROTO_TCP, IPPROTO_TCP, true },
		{ "0.0.0.0", "127.0.0.2", IPPROTO_TCP, IPPROTO_TCP, true },
		{ "127.0.0.1", "127.0.0.2", IPPROTO_TCP, IPPROTO_TCP, false },
		{ "0.0.0.0", NULL, IPPROTO_TCP, IPPROTO_UDP, false },
		{ "0.0.0.0", NULL, IPPROTO_UDP, IPPROTO_UDP, true },
		{ "127.0.0.1", "127.0.0.1", IPPROTO_UDP, IPPROTO_TCP, false },
		{ "::", NULL, IPPROTO_TCP, IPPROTO_TCP, true },
		{ "::", "127.0.0.1", IPPROTO_TCP, IPPROTO_TCP, true },
		{ "::1", "127.0.0.1", IPPROTO_TCP, IPPROTO_TCP, false },
	};

	loopback_up();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault fault = { 0 };
		int fd = serve(cases[i].service, cases[i].service_proto);
		bool is_taken = ask(cases[i].publish, cases[i].proto, &fault) < 0;

		check(is_taken == cases[i].is_taken, "case %zu: %s", i, fault.what);
		check(!is_taken || (fault.step == STEP_NETWORK && fault.err == EADDRINUSE &&
				    strstr(fault.what, "8080:80/")), "%s", fault.what);
		close(fd);
	}
}

/* The side that closes first keeps the connection for a minute: that is no service. */
static void body_time_wait(void)
{
	struct fault fault = { 0 };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(8080),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int server, client, accepted;
	char end;

	loopback_up();
	server = serve("127.0.0.1", IPPROTO_TCP);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(connect(client, (struct sockaddr *)&at, sizeof(at)) == 0);
	accepted = accept(server, NULL, NULL);
	check(accepted >= 0);
	close(accepted);
	check(read(client, &end, 1) == 0);
	close(client);
	close(server);
	check_ok(ask(NULL, IPPROTO_TCP, &fault));
}

static void free_ports_are_free(void **state)
{
	(void)state;
	netns_run(body_free);
}

static void ports_of_services_are_taken(void **state)
{
	(void)state;
	netns_run(body_taken);
}

static void a_service_that_has_ended_is_none(void **state)
{
	(void)state;
	netns_run(body_time_wait);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_told_as_they_were_asked_for),
		cmocka_unit_test(free_ports_are_free),
		cmocka_unit_test(ports_of_services_are_taken),
		cmocka_unit_test(a_service_that_has_ended_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
