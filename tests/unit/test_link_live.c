/* SPDX-License-Identifier: Apache-2.0 */
/* Links as the kernel really makes, changes, counts and removes them. */
#include "veth_live.h"

#include <linux/ip.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* ---- bodies: each runs in a child, in a "host" of its own ---- */

static void body_placed(void)
{
	struct link_info info;

	open_both();
	add_veth("nd0", "eth0");
	check_ok(link_get(&host, "nd0", &info, &fault));
	check(info.group == GROUP, "group %u", info.group);
	check(info.mtu == 1400, "mtu %u", info.mtu);
	check(!info.up);
	check_ok(link_get(&inside, "eth0", &info, &fault));
	check(info.mtu == 1400, "mtu %u", info.mtu);
	check(link_get(&host, "eth0", &info, &fault) == -1);
	check(fault.err == ENODEV, "%s", strerror(fault.err));
	close_both();
}

static void read_mac(int netns_fd, const char *name, uint8_t mac[6])
{
	struct ifreq request = { 0 };
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd;

	check(own >= 0 && setns(netns_fd, CLONE_NEWNET) == 0);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	check(ioctl(fd, SIOCGIFHWADDR, &request) == 0, "%s", strerror(errno));
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
	close(fd);
	check(setns(own, CLONE_NEWNET) == 0);
	close(own);
}

static void body_macs(void)
{
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	uint8_t mac[6];

	make_veth();
	read_mac(own, "nd0", mac);
	check(memcmp(mac, host_mac, 6) == 0);
	read_mac(inside_fd, "eth0", mac);
	check(memcmp(mac, peer_mac, 6) == 0);
	close_both();
}

static void body_indices(void)
{
	struct link_veth veth;

	open_both();
	veth = veth_named("nd0", "eth0");
	veth.index = 4242;
	veth.peer_index = 77;
	link_add_veth(&batch, &veth);
	send_to(&host);
	check(index_of(&host, "nd0") == 4242, "%u", index_of(&host, "nd0"));
	check(index_of(&inside, "eth0") == 77, "%u", index_of(&inside, "eth0"));
	close_both();
}

static void body_taken_name(void)
{
	struct link_veth veth;

	open_both();
	add_veth("nd0", "eth0");
	veth = veth_named("nd0", "eth1");
	link_add_veth(&batch, &veth);
	check(rtnl_send(&host, &batch, &fault) == -1);
	check(fault.err == EEXIST, "%s: %s", fault.what, strerror(fault.err));
	check(strncmp(fault.what, "add veth nd0", 12) == 0, "%s", fault.what);
	close_both();
}

static void body_names(void)
{
	static const char *const bad[] = { "", "0123456789abcdef", "much/longer/than/it/may/be" };

	open_both();
	for (size_t i = 0; i < 3; i++) {
		struct link_veth veth = veth_named(bad[i], "eth0");
		struct link_info info;

		rtnl_batch_init(&batch);
		link_add_veth(&batch, &veth);
		check(rtnl_send(&host, &batch, &fault) == -1 && fault.err == EINVAL);
		rtnl_batch_init(&batch);
		link_delete(&batch, bad[i]);
		check(rtnl_send(&host, &batch, &fault) == -1 && fault.err == EINVAL);
		check(link_get(&host, bad[i], &info, &fault) == -1 && fault.err == EINVAL);
	}
	close_both();
}

static void body_extended_ack(void)
{
	struct ip_prefix dst = prefix_of("192.0.2.0/24");
	struct ip_addr via = addr_of("198.51.100.1");

	open_both();
	/* No onlink, and nowhere to reach the gateway by. */
	route_add(&batch, index_of(&host, "lo"), &dst, &via, false, NULL);
	check(rtnl_send(&host, &batch, &fault) == -1);
	check(fault.err == ENETUNREACH, "%s", strerror(fault.err));
	check(strstr(fault.what, "add route 192.0.2.0/24: "), "%s", fault.what);
	close_both();
}

static void body_up(void)
{
	struct link_info info;

	open_both();
	add_veth("nd0", "eth0");
	link_set_up(&batch, 0, "nd0");
	send_to(&host);
	/* The other end is down: never up before it is. */
	check(link_wait_up(&host, "nd0", 20, &fault) == -1);
	check(fault.err == ETIMEDOUT && strcmp(fault.what, "nd0") == 0, "%s", fault.what);
	set_up_end(&inside, "eth0");
	check_ok(link_wait_up(&host, "nd0", WAIT_MS, &fault));
	check_ok(link_get(&host, "nd0", &info, &fault));
	check(info.up && info.operstate == IF_OPER_UP, "operstate %u", info.operstate);
	close_both();
}

static void count_addresses(int netns_fd, const char *name, size_t *count)
{
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	char line[128];
	FILE *f;

	*count = 0;
	check(own >= 0 && setns(netns_fd, CLONE_NEWNET) == 0);
	f = fopen("/proc/thread-self/net/if_inet6", "r");
	while (f && fgets(line, sizeof(line), f))
		*count += strstr(line, name) != NULL;
	if (f)
		fclose(f);
	check(setns(own, CLONE_NEWNET) == 0);
	close(own);
}

static void body_no_autoconf(void)
{
	size_t count;

	make_veth();
	count_addresses(inside_fd, "eth0", &count);
	check(count == 0, "%zu addresses", count);
	close_both();
}

static int read_conf(const char *file)
{
	char path[128], value = '?';
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s", file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd >= 0 && read(fd, &value, 1) == 1, "%s: %s", path, strerror(errno));
	close(fd);
	return value - '0';
}

static void body_devconf(void)
{
	make_veth();
	link_set_devconf4(&batch, 0, "nd0", IPV4_DEVCONF_FORWARDING, 1);
	link_set_devconf4(&batch, index_of(&host, "nd0"), "nd0", IPV4_DEVCONF_ROUTE_LOCALNET, 1);
	send_to(&host);
	/* /proc/sys/net is of the namespace of whoever opens it. */
	check(read_conf("nd0/forwarding") == 1);
	check(read_conf("nd0/route_localnet") == 1);
	check(read_conf("lo/route_localnet") == 0);
	link_set_devconf4(&batch, 0, "nd0", IPV4_DEVCONF_ROUTE_LOCALNET, 0);
	send_to(&host);
	check(read_conf("nd0/route_localnet") == 0);
	close_both();
}

static void body_stats(void)
{
	struct link_info before, after;

	make_topology();
	check_ok(link_get(&host, "nd0", &before, &fault));
	{
		struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		char data[100] = { 0 };

		inet_pton(AF_INET, "10.213.0.5", &to.sin_addr);
		check(sendto(fd, data, sizeof(data), 0, (struct sockaddr *)&to, sizeof(to)) == 100,
		      "%s", strerror(errno));
		close(fd);
	}
	check_ok(link_get(&host, "nd0", &after, &fault));
	check(after.stats.tx_packets > before.stats.tx_packets, "tx_packets %llu",
	      (unsigned long long)after.stats.tx_packets);
	check(after.stats.tx_bytes >= before.stats.tx_bytes + 100, "tx_bytes %llu",
	      (unsigned long long)after.stats.tx_bytes);
	close_both();
}

static void body_delete(void)
{
	struct link_info info;

	open_both();
	add_veth("nd0", "eth0");
	for (int i = 0; i < 2; i++) {
		link_delete(&batch, "nd0");
		send_to(&host);
	}
	check(link_get(&host, "nd0", &info, &fault) == -1 && fault.err == ENODEV);
	check(link_get(&inside, "eth0", &info, &fault) == -1 && fault.err == ENODEV);
	close_both();
}

static int count_link(const struct link_info *info, void *arg)
{
	(void)info;
	++*(size_t *)arg;
	return 0;
}

static int stop_at_once(const struct link_info *info, void *arg)
{
	(void)info;
	++*(size_t *)arg;
	errno = ECANCELED;
	return -1;
}

static size_t count_links(uint32_t group)
{
	size_t count = 0;

	check_ok(link_list(&host, group, count_link, &count, &fault));
	return count;
}

static void body_group(void)
{
	struct link_veth other;
	size_t all, count = 0;

	open_both();
	all = count_links(0);
	for (int i = 0; i < 20; i++) {
		char name[16], peer[16];

		snprintf(name, sizeof(name), "nd%d", i);
		snprintf(peer, sizeof(peer), "eth%d", i);
		add_veth(name, peer);
	}
	other = veth_named("other0", "other1");
	other.group = 0;
	link_add_veth(&batch, &other);
	send_to(&host);
	check(count_links(GROUP) == 20, "%zu", count_links(GROUP));
	check(count_links(0) == all + 21, "%zu of %zu", count_links(0), all);
	check(link_list(&host, GROUP, stop_at_once, &count, &fault) == -1);
	check(fault.err == ECANCELED && count == 1, "%zu", count);
	close_both();
}

static void body_gone_with_namespace(void)
{
	int64_t end_us = netns_now_us() + 5000000;
	struct link_info info;

	open_both();
	add_veth("nd0", "eth0");
	rtnl_close(&inside);
	close(inside_fd);
	while (link_get(&host, "nd0", &info, &fault) == 0 && netns_now_us() < end_us)
		usleep(1000);
	check(link_get(&host, "nd0", &info, &fault) == -1 && fault.err == ENODEV, "%s", fault.what);
	rtnl_close(&host);
}

/* More than one datagram of the kernel's. */
static void body_many(void)
{
	open_both();
	for (int i = 0; i < 100; i++) {
		char name[16], peer[16];

		snprintf(name, sizeof(name), "nd%d", i);
		snprintf(peer, sizeof(peer), "eth%d", i);
		add_veth(name, peer);
	}
	check(count_links(GROUP) == 100, "%zu", count_links(GROUP));
	close_both();
}

static size_t open_descriptors(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void body_descriptors(void)
{
	size_t before = open_descriptors();
	struct rtnl rtnl;

	inside_fd = netns_make();
	for (int i = 0; i < 50; i++) {
		check_ok(rtnl_open_in(&rtnl, NETLINK_ROUTE, inside_fd, &fault));
		rtnl_close(&rtnl);
		rtnl_close(&rtnl);
		check(rtnl_open_in(&rtnl, NETLINK_ROUTE, -1, &fault) == -1);
		check(fault.err == EBADF && !rtnl.is_open);
		check(rtnl_open(&rtnl, 0x7fff, &fault) == -1);
	}
	close(inside_fd);
	check(open_descriptors() == before, "%zu, %zu before", open_descriptors(), before);
}

LIVE(the_peer_is_made_in_the_other_namespace, body_placed)
LIVE(both_ends_have_the_macs_given, body_macs)
LIVE(both_ends_have_the_indices_given, body_indices)
LIVE(a_taken_name_is_an_error, body_taken_name)
LIVE(malformed_names_are_refused, body_names)
LIVE(the_kernels_reason_is_told, body_extended_ack)
LIVE(up_means_both_ends, body_up)
LIVE(no_address_comes_by_itself, body_no_autoconf)
LIVE(interface_settings_go_over_netlink, body_devconf)
LIVE(bytes_are_counted, body_stats)
LIVE(links_are_deleted_once_and_again, body_delete)
LIVE(a_group_is_listed_alone, body_group)
LIVE(links_go_with_the_namespace, body_gone_with_namespace)
LIVE(a_long_dump_is_complete, body_many)
LIVE(no_descriptor_is_left, body_descriptors)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_peer_is_made_in_the_other_namespace),
		cmocka_unit_test(both_ends_have_the_macs_given),
		cmocka_unit_test(both_ends_have_the_indices_given),
		cmocka_unit_test(a_taken_name_is_an_error),
		cmocka_unit_test(malformed_names_are_refused),
		cmocka_unit_test(the_kernels_reason_is_told),
		cmocka_unit_test(up_means_both_ends),
		cmocka_unit_test(no_address_comes_by_itself),
		cmocka_unit_test(interface_settings_go_over_netlink),
		cmocka_unit_test(bytes_are_counted),
		cmocka_unit_test(links_are_deleted_once_and_again),
		cmocka_unit_test(a_group_is_listed_alone),
		cmocka_unit_test(links_go_with_the_namespace),
		cmocka_unit_test(a_long_dump_is_complete),
		cmocka_unit_test(no_descriptor_is_left),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
