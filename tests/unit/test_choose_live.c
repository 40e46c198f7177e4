/* SPDX-License-Identifier: Apache-2.0 */
/* Two state roots on one host: each has leases of its own, and the addresses are shared. */
#include "sandbox_live.h"

#include <sys/stat.h>

static const char *const pools[] = { "10.88.0.0/30", "fd88::/126" };

static struct net_options small; /* pools of two and three addresses */

static void make_roots(int roots[2])
{
	make_host();
	small = options;
	check(ip_prefix_parse(pools[0], &small.pool4) && ip_prefix_parse(pools[1], &small.pool6));
	for (int i = 0; i < 2; i++) {
		const char *name = i == 0 ? "one" : "two";

		check(mkdirat(state_fd, name, 0700) == 0, "%s", strerror(errno));
		roots[i] = openat(state_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		check(roots[i] >= 0);
	}
}

static size_t count_leases(int root)
{
	size_t leases = 0;

	check(lease_files_each(root, count_lease, &leases) == 0, "%s", strerror(errno));
	return leases;
}

static struct ip_addr address4_of(const struct net *net)
{
	struct ip_addr addr4, addr6;

	net_addresses(net, &addr4, &addr6);
	return addr4;
}

/* The one that runs is seen by its route, or before it has one by its elements. */
static void two_roots(const char *first_id, bool attached)
{
	struct claims claims[3] = { 0 };
	struct net *first, *second, *third;
	struct ip_addr taken, other;
	int roots[2];
	pid_t pid;

	make_roots(roots);
	pid = start_process();
	check_ok(claims_make(&claims[0], &small, roots[0], first_id, &first, &fault));
	if (attached)
		check_ok(net_attach(first, pid, &fault));
	check_ok(claims_make(&claims[1], &small, roots[1], "second", &second, &fault));
	taken = address4_of(first);
	other = address4_of(second);
	check(!ip_addr_equal(&taken, &other), "both have one address");
	check(count_leases(roots[0]) == 2 && count_leases(roots[1]) == 2, "%zu and %zu leases",
	      count_leases(roots[0]), count_leases(roots[1]));
	check(claims_make(&claims[2], &small, roots[1], "third", &third, &fault) == -1);
	check(fault.err == ENOSPC, "%s: %s", fault.what, strerror(fault.err));
	check(count_leases(roots[1]) == 2 && count().ids == 2, "%zu leases, %zu ids",
	      count_leases(roots[1]), count().ids);
	end_process(pid);
	check_ok(claims_remove(&claims[0], first, &fault));
	check_ok(claims_remove(&claims[1], second, &fault));
	net_free(first);
	net_free(second);
	check(count_leases(roots[0]) == 0 && count_leases(roots[1]) == 0);
	check_nothing_left("after both");
}

/* Of 16 ids some begin where "second" does. */
static void body_running(void)
{
	char id[24];

	for (int i = 0; i < 16; i++) {
		snprintf(id, sizeof(id), "first%d", i);
		two_roots(id, true);
		check(umount2("/run", MNT_DETACH) == 0);
	}
}

static void body_starting(void)
{
	char id[24];

	for (int i = 0; i < 16; i++) {
		snprintf(id, sizeof(id), "first%d", i);
		two_roots(id, false);
		check(umount2("/run", MNT_DETACH) == 0);
	}
}

LIVE(another_roots_running_sandbox_is_avoided, body_running)
LIVE(another_roots_starting_sandbox_is_avoided, body_starting)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_roots_running_sandbox_is_avoided),
		cmocka_unit_test(another_roots_starting_sandbox_is_avoided),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
