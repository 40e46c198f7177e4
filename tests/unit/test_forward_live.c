/* SPDX-License-Identifier: Apache-2.0 */
/* Forwarding: refused, turned on, and what the host's own IPv6 keeps when it is. As root. */
#include "veth_live.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "../../init/contract.h"
#include "../../net/forward.h"

#define CONF4 "/proc/sys/net/ipv4/ip_forward"
#define CONF6 "/proc/sys/net/ipv6/conf/"

static void put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	check(fd >= 0 && write(fd, value, 1) == 1, "%s: %s", path, strerror(errno));
	close(fd);
}

static char get(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char value = '?';

	check(fd >= 0 && read(fd, &value, 1) == 1, "%s: %s", path, strerror(errno));
	close(fd);
	return value;
}

static void need_inet6(void)
{
	if (access(CONF6 "all/forwarding", W_OK) < 0)
		_exit(CHILD_SKIPPED);
}

static struct forward_change change;

static int ensure(bool may_turn_on, bool *has6)
{
	if (forward_look(may_turn_on, &change, &fault) < 0)
		return -1;
	*has6 = change.has6;
	return forward_apply(&change, &fault);
}

static void body_refused(void)
{
	bool has6 = true;

	put(CONF4, "0");
	check(ensure(false, &has6) < 0);
	check(fault.step == STEP_NETWORK && fault.err == 0);
	check(strstr(fault.what, "net-forward yes"), "%s", fault.what);
	check(get(CONF4) == '0');
}

static void body_not_asked_for(void)
{
	bool has6 = true;

	need_inet6();
	open_both();
	add_veth("up0", "out0");
	put(CONF4, "1");
	put(CONF6 "up0/accept_ra", "1");
	check_ok(ensure(false, &has6));
	check(!has6 && get(CONF6 "all/forwarding") == '0' && get(CONF6 "up0/accept_ra") == '1');
	close_both();
}

static void body_links_keep_listening(void)
{
	bool has6 = false;

	need_inet6();
	open_both();
	add_veth("up0", "out0");
	add_veth("up1", "out1");
	add_veth("up2", "out2");
	put(CONF6 "up0/accept_ra", "1");
	put(CONF6 "up1/accept_ra", "0");
	put(CONF6 "up2/accept_ra", "1");
	put(CONF6 "up2/forwarding", "1"); /* a router's link: deaf already, and to stay so */
	check_ok(ensure(true, &has6));
	check(has6 && get(CONF4) == '1' && get(CONF6 "all/forwarding") == '1');
	check(get(CONF6 "up0/accept_ra") == '2');
	check(get(CONF6 "up1/accept_ra") == '0');
	check(get(CONF6 "up2/accept_ra") == '1');
	check(get(CONF6 "default/accept_ra") == '1');
	close_both();
}

static void body_undone(void)
{
	need_inet6();
	open_both();
	add_veth("up0", "out0");
	add_veth("up1", "out1");
	put(CONF4, "0");
	put(CONF6 "up0/accept_ra", "1");
	put(CONF6 "up1/forwarding", "1");
	check_ok(forward_look(true, &change, &fault));
	check(get(CONF4) == '0' && change.has6, "%s", change.text);
	check_ok(forward_apply(&change, &fault));
	check(get(CONF6 "up0/accept_ra") == '2');
	for (int i = 0; i < 2; i++) /* again is fine */
		check_ok(forward_undo(change.text, &fault));
	check(get(CONF4) == '0' && get(CONF6 "all/forwarding") == '0', "%s", change.text);
	check(get(CONF6 "up0/accept_ra") == '1' && get(CONF6 "up0/forwarding") == '0');
	check(get(CONF6 "up1/forwarding") == '1', "%s", change.text);
	check_ok(forward_undo("accept:gone ipv4:gone", &fault));
	check(forward_undo("accept:../../ipv4", &fault) < 0 && fault.err == EINVAL, "%d", fault.err);
	check(forward_undo("ipv4:all", &fault) < 0 && fault.err == EINVAL, "%d", fault.err);
	check(forward_undo("other", &fault) < 0 && fault.err == EINVAL, "%d", fault.err);
	close_both();
}

static void body_no_ipv6(void)
{
	need_inet6();
	put(CONF4, "1");
	put(CONF6 "all/forwarding", "1");
	check_ok(forward_look(true, &change, &fault));
	check(change.has6);
	put(CONF6 "default/disable_ipv6", "1");
	check_ok(forward_look(true, &change, &fault));
	check(!change.has6 && change.text[0] == '\0', "%s", change.text);
	put(CONF6 "default/disable_ipv6", "0");
	put(CONF6 "all/disable_ipv6", "1");
	put(CONF6 "all/forwarding", "0");
	check_ok(forward_look(true, &change, &fault));
	check(!change.has6 && change.text[0] == '\0', "%s", change.text);
}

/* From out0, inside: "I am a router, for half an hour". */
static void advertise(void)
{
	struct nd_router_advert message = { .nd_ra_type = ND_ROUTER_ADVERT };
	struct sockaddr_in6 all = { .sin6_family = AF_INET6 };
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), hops = 255, fd;

	message.nd_ra_router_lifetime = htons(1800);
	check(inet_pton(AF_INET6, "ff02::1", &all.sin6_addr) == 1);
	check(own >= 0 && setns(inside_fd, CLONE_NEWNET) == 0);
	all.sin6_scope_id = index_of(&inside, "out0");
	fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	check(fd >= 0 && setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) == 0);
	/* no address yet: the next one then */
	check(sendto(fd, &message, sizeof(message), 0, (struct sockaddr *)&all, sizeof(all)) > 0 ||
	      errno == EADDRNOTAVAIL, "%s", strerror(errno));
	close(fd);
	check(setns(own, CLONE_NEWNET) == 0);
	close(own);
}

static bool has_default_route(void)
{
	static const char all[] = "00000000000000000000000000000000 00 ";
	FILE *routes = fopen("/proc/thread-self/net/ipv6_route", "re");
	char line[256];
	bool found = false;

	check(routes, "%s", strerror(errno));
	while (fgets(line, sizeof(line), routes))
		if (strncmp(line, all, strlen(all)) == 0 && strstr(line, "up0"))
			found = true;
	fclose(routes);
	return found;
}

static void body_routes_stay(void)
{
	int64_t until;
	bool has6;

	need_inet6();
	open_both();
	add_veth("up0", "out0");
	put(CONF6 "up0/accept_ra", "1");
	put(CONF6 "up0/accept_dad", "0");
	link_set_up(&batch, 0, "up0");
	send_to(&host);
	link_set_up(&batch, 0, "out0");
	send_to(&inside);
	check_ok(link_wait_up(&host, "up0", WAIT_MS, &fault));
	until = netns_now_us() + 5000000;
	while (!has_default_route() && netns_now_us() < until) {
		advertise();
		usleep(50000);
	}
	check(has_default_route(), "no route from the advertisement");
	check_ok(ensure(true, &has6));
	check(has_default_route(), "the default route went");
	close_both();
}

static void forwarding_that_is_off_is_refused(void **state)
{
	(void)state;
	netns_run(body_refused);
}

static void without_leave_nothing_is_changed(void **state)
{
	(void)state;
	netns_run(body_not_asked_for);
}

static void links_that_listen_go_on_listening(void **state)
{
	(void)state;
	netns_run(body_links_keep_listening);
}

static void the_hosts_default_route_stays(void **state)
{
	(void)state;
	netns_run(body_routes_stay);
}

static void what_was_changed_is_undone_link_by_link(void **state)
{
	(void)state;
	netns_run(body_undone);
}

static void ipv6_that_is_switched_off_is_left_alone(void **state)
{
	(void)state;
	netns_run(body_no_ipv6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forwarding_that_is_off_is_refused),
		cmocka_unit_test(without_leave_nothing_is_changed),
		cmocka_unit_test(links_that_listen_go_on_listening),
		cmocka_unit_test(the_hosts_default_route_stays),
		cmocka_unit_test(what_was_changed_is_undone_link_by_link),
		cmocka_unit_test(ipv6_that_is_switched_off_is_left_alone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
