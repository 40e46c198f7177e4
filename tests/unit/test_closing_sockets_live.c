/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which sockets keep a namespace, and its link, after everyone has closed them: what
 * closing_sockets_keep says of it, beside whether the link really goes.
 */
#include <errno.h>
#include <sched.h>

static int setns_or_not(int fd, int kind);

#define setns setns_or_not
#include "../../net/closing_sockets.c"
#undef setns

static int calls_that_work = -1; /* -1: all */

/* The kernel allocates in setns(2): it can fail on the way back. */
static int setns_or_not(int fd, int kind)
{
	if (calls_that_work != 0) {
		calls_that_work--;
		return setns(fd, kind);
	}
	errno = ENOMEM;
	return -1;
}

#include "veth_live.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define PORT 7000
#define GONE_US 10000000
#define STAYS_US 500000
#define FILL_BYTES (64 << 20) /* more than both buffers hold */

struct connection {
	int listener, host_end, inside_end;
};

static int enter(int netns_fd)
{
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	check(own >= 0 && setns(netns_fd, CLONE_NEWNET) == 0, "%s", strerror(errno));
	return own;
}

static void leave(int own)
{
	check(setns(own, CLONE_NEWNET) == 0, "%s", strerror(errno));
	close(own);
}

static struct sockaddr_in6 address_of(const char *text)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };

	check(inet_pton(AF_INET6, text, &addr.sin6_addr) == 1, "%s", text);
	return addr;
}

static void connect_inside(struct connection *connection, const struct sockaddr *addr,
			   socklen_t len)
{
	int own = enter(inside_fd);

	connection->inside_end = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(connection->inside_end >= 0 && connect(connection->inside_end, addr, len) == 0,
	      "%s", strerror(errno));
	leave(own);
	connection->host_end = accept4(connection->listener, NULL, NULL, SOCK_CLOEXEC);
	check(connection->host_end >= 0, "%s", strerror(errno));
}

/* to: "192.0.2.1", "::ffff:192.0.2.1" or "fd6e::1". */
static void make_connection(struct connection *connection, const char *to)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct ip_prefix host6 = prefix_of("fd6e::1");

	make_topology();
	if (!has_inet6)
		_exit(CHILD_SKIPPED);
	addr_add(&batch, index_of(&host, "lo"), &host6, IFA_F_NODAD);
	send_to(&host);
	check_ok(addr_wait(&host, &host6.addr, WAIT_MS, &fault));
	connection->listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(bind(connection->listener, (struct sockaddr *)&any, sizeof(any)) == 0 &&
	      listen(connection->listener, 1) == 0, "%s", strerror(errno));
	if (inet_pton(AF_INET, to, &to4.sin_addr) == 1) {
		connect_inside(connection, (struct sockaddr *)&to4, sizeof(to4));
	} else {
		struct sockaddr_in6 to6 = address_of(to);

		connect_inside(connection, (struct sockaddr *)&to6, sizeof(to6));
	}
}

/* Until nothing more goes: the other side does not read. */
static void fill(int fd)
{
	static const char data[65536];
	size_t sent = 0;
	ssize_t n;

	while (sent < FILL_BYTES &&
	       (n = send(fd, data, sizeof(data), MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
		sent += (size_t)n;
	check(sent > 0 && sent < FILL_BYTES, "%zu bytes", sent);
}

static bool link_goes_within(int64_t us)
{
	int64_t end_us = netns_now_us() + us;
	struct link_info info;

	while (link_get(&host, "nd0", &info, &fault) == 0) {
		if (netns_now_us() >= end_us)
			return false;
		usleep(1000);
	}
	return true;
}

/* Closes the last descriptors of the namespace. */
static void check_keeps(bool keeps)
{
	check(closing_sockets_keep(inside_fd, &fault) == keeps, "said the opposite of %d", keeps);
	rtnl_close(&inside);
	close(inside_fd);
	if (keeps)
		check(!link_goes_within(STAYS_US), "the link is gone");
	else
		check(link_goes_within(GONE_US), "the link stays");
	rtnl_close(&host);
}

static void body_none(void)
{
	make_topology();
	check_keeps(false);
}

static void body_unknown(void)
{
	check(closing_sockets_keep(-1, &fault) == 1, "nothing keeps what can't be entered");
}

static void body_back(void)
{
	struct link_info info;
	struct rtnl here;

	make_topology();
	check(closing_sockets_keep(inside_fd, &fault) == 0);
	check_ok(rtnl_open(&here, NETLINK_ROUTE, &fault));
	check_ok(link_get(&here, "nd0", &info, &fault));
	rtnl_close(&here);
	close_both();
}

static void body_no_way_back(void)
{
	make_topology();
	calls_that_work = 1;
	check(closing_sockets_keep(inside_fd, &fault) == -1);
	check(fault.err == ENOMEM && strcmp(fault.what, "return to network namespace") == 0);
}

/* FIN_WAIT1, with data that nobody takes. */
static void keep_unsent(const char *to)
{
	struct connection connection;

	make_connection(&connection, to);
	fill(connection.inside_end);
	close(connection.inside_end);
	check_keeps(true);
}

static void body_unsent4(void)
{
	keep_unsent("192.0.2.1");
}

static void body_unsent6(void)
{
	keep_unsent("fd6e::1");
}

static void body_unsent_mapped(void)
{
	keep_unsent("::ffff:192.0.2.1");
}

/* LAST_ACK, to which no answer comes. */
static void body_last_ack(void)
{
	struct connection connection;
	char byte;

	make_connection(&connection, "192.0.2.1");
	close(connection.host_end);
	check(recv(connection.inside_end, &byte, 1, 0) == 0, "%s", strerror(errno));
	neigh_add_permanent(&batch, index_of(&inside, "eth0"),
			    &(struct ip_addr){ .family = AF_INET, .bytes = { 169, 254, 1, 1 } },
			    (const uint8_t[]){ 2, 0, 0, 0, 0, 9 }); /* nobody's */
	send_to(&inside);
	close(connection.inside_end);
	check_keeps(true);
}

/* FIN_WAIT2: the other side has acked, and may go on sending. */
static void body_half_closed(void)
{
	struct connection connection;
	char byte;

	make_connection(&connection, "192.0.2.1");
	close(connection.inside_end);
	check(recv(connection.host_end, &byte, 1, 0) == 0, "%s", strerror(errno));
	usleep(20000); /* for the ack of the FIN */
	check_keeps(false);
}

static void body_time_wait(void)
{
	struct connection connection;
	char byte;

	make_connection(&connection, "192.0.2.1");
	check(shutdown(connection.inside_end, SHUT_WR) == 0);
	check(recv(connection.host_end, &byte, 1, 0) == 0, "%s", strerror(errno));
	close(connection.host_end);
	check(recv(connection.inside_end, &byte, 1, 0) == 0, "%s", strerror(errno));
	close(connection.inside_end);
	check_keeps(false);
}

LIVE(an_empty_namespace_is_kept_by_nothing, body_none)
LIVE(what_cannot_be_told_is_taken_for_kept, body_unknown)
LIVE(the_thread_is_back_where_it_was, body_back)
LIVE(a_thread_that_cannot_return_is_told, body_no_way_back)
LIVE(unsent_data_keeps_over_ipv4, body_unsent4)
LIVE(unsent_data_keeps_over_ipv6, body_unsent6)
LIVE(unsent_data_keeps_over_a_mapped_address, body_unsent_mapped)
LIVE(a_last_ack_that_does_not_come_keeps, body_last_ack)
LIVE(a_half_closed_connection_does_not_keep, body_half_closed)
LIVE(time_wait_does_not_keep, body_time_wait)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_namespace_is_kept_by_nothing),
		cmocka_unit_test(what_cannot_be_told_is_taken_for_kept),
		cmocka_unit_test(the_thread_is_back_where_it_was),
		cmocka_unit_test(a_thread_that_cannot_return_is_told),
		cmocka_unit_test(unsent_data_keeps_over_ipv4),
		cmocka_unit_test(unsent_data_keeps_over_ipv6),
		cmocka_unit_test(unsent_data_keeps_over_a_mapped_address),
		cmocka_unit_test(a_last_ack_that_does_not_come_keeps),
		cmocka_unit_test(a_half_closed_connection_does_not_keep),
		cmocka_unit_test(time_wait_does_not_keep),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
