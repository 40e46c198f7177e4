/* SPDX-License-Identifier: Apache-2.0 */
/* `nidus check` as a library: complete, quick, and without a trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "../../net/nft_reply.h"
#include "../../spawn/check/check.h"
#include "../../spawn/check/network.h"
#include "../../spawn/check/probe.h"

#define TIME_MAX_MS 3000 /* the goal is 300; this test also runs under sanitizers on busy machines */

static struct check check;

static int setup(void **state)
{
	(void)state;
	check_machine(&check);
	return 0;
}

static const struct check_item *find(const char *name)
{
	for (size_t i = 0; i < check.count; i++)
		if (strcmp(check.items[i].name, name) == 0)
			return &check.items[i];
	fail_msg("no item %s", name);
	return NULL;
}

static void every_item_is_complete(void **state)
{
	(void)state;
	assert_in_range(check.count, 20, CHECK_ITEMS_MAX - 1);
	for (size_t i = 0; i < check.count; i++) {
		const struct check_item *item = &check.items[i];

		if (!item->means[0] || !item->how[0] || !item->detail[0])
			fail_msg("%s has an empty text", item->name);
	}
}

static void names_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < check.count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(check.items[i].name, check.items[j].name);
}

static void what_this_test_needs_itself_is_found(void **state)
{
	(void)state;
	assert_int_equal(find("pidfd")->status, CHECK_OK);
	assert_int_equal(find("no-new-privs")->status, CHECK_OK);
}

static void only_required_items_forbid_running(void **state)
{
	struct check made_up = { .count = 2 };

	(void)state;
	made_up.items[0] = (struct check_item){ .status = CHECK_MISSING };
	made_up.items[1] = (struct check_item){ .status = CHECK_LIMITED, .required = true };
	assert_true(check_can_run(&made_up));
	made_up.items[1].status = CHECK_MISSING;
	assert_false(check_can_run(&made_up));
}

static size_t count_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void nothing_is_left(void **state)
{
	size_t fds = count_entries("/proc/self/fd");
	struct stat st;

	(void)state;
	check_machine(&check);
	assert_int_equal(count_entries("/proc/self/fd"), fds);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_int_equal(stat("/tmp/lower", &st), -1);
}

static void it_is_quick(void **state)
{
	struct timespec before, after;
	int64_t ms;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	check_machine(&check);
	clock_gettime(CLOCK_MONOTONIC, &after);
	ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
	print_message("# check_machine took %lld ms\n", (long long)ms);
	if (ms > TIME_MAX_MS)
		fail_msg("%lld ms", (long long)ms);
}

/* ---- the host's network, in words ---- */

static void saying_forwarding(long on4, long on6, bool may, enum check_status status,
			      const char *words)
{
	struct check_item item = { 0 };

	check_say_forwarding(&item, on4, on6, may);
	if (item.status != status || !strstr(item.detail, words))
		fail_msg("%ld %ld %d: %s, \"%s\"", on4, on6, may, check_status_name(item.status),
			 item.detail);
}

static void forwarding_is_said_in_each_case(void **state)
{
	(void)state;
	saying_forwarding(1, 1, false, CHECK_OK, "IPv4 and IPv6 on");
	saying_forwarding(1, 0, false, CHECK_LIMITED, "no IPv6 address");
	saying_forwarding(1, 0, true, CHECK_OK, "turns it on");
	saying_forwarding(1, -1, false, CHECK_OK, "no IPv6 here");
	saying_forwarding(0, 0, false, CHECK_LIMITED, "net-forward yes");
	saying_forwarding(0, 1, true, CHECK_OK, "nidus.conf");
	saying_forwarding(-1, -1, false, CHECK_MISSING, "no IPv4");
}

static void note(struct net_survey *survey, uint8_t family, const char *table, const char *name,
		 uint32_t hook, uint32_t policy)
{
	struct nft_reply_chain chain = { .family = family, .is_base = true, .hook = hook,
					 .policy = policy };

	snprintf(chain.table, sizeof(chain.table), "%s", table);
	snprintf(chain.name, sizeof(chain.name), "%s", name);
	net_survey_chain(survey, &chain);
}

static void a_survey_names_foreign_chains_that_drop(void **state)
{
	struct net_survey survey = { 0 };

	(void)state;
	note(&survey, NFPROTO_IPV4, "filter", "FORWARD", NF_INET_FORWARD, NF_DROP);
	note(&survey, NFPROTO_IPV4, "filter", "FORWARD", NF_INET_FORWARD, NF_DROP);
	note(&survey, NFPROTO_IPV6, "filter", "FORWARD", NF_INET_FORWARD, NF_DROP);
	note(&survey, NFPROTO_INET, "mine", "in", NF_INET_LOCAL_IN, NF_DROP);
	note(&survey, NFPROTO_INET, "mine", "pre", NF_INET_PRE_ROUTING, NF_ACCEPT);
	note(&survey, NFPROTO_BRIDGE, "bridge", "fwd", NF_INET_FORWARD, NF_DROP);
	note(&survey, NFPROTO_INET, NFT_TABLE, "pass", NF_INET_FORWARD, NF_DROP);
	assert_string_equal(survey.forward, "ip filter FORWARD, ip6 filter FORWARD");
	assert_string_equal(survey.input, "inet mine in");
	assert_string_equal(survey.prerouting, "");
	assert_false(survey.has_docker || survey.has_firewalld);
}

static void a_survey_knows_docker_and_firewalld(void **state)
{
	struct nft_reply_chain chain = { .family = NFPROTO_IPV4, .table = "filter",
					 .name = "DOCKER-USER" };
	struct net_survey survey = { 0 };

	(void)state;
	net_survey_chain(&survey, &chain);
	assert_true(survey.has_docker);
	note(&survey, NFPROTO_INET, "firewalld", "filter_FORWARD", NF_INET_FORWARD, NF_ACCEPT);
	assert_true(survey.has_firewalld);
	assert_string_equal(survey.forward, "");
}

static void a_survey_bounds_its_names(void **state)
{
	struct net_survey survey = { 0 };
	char name[NFT_NAME_BYTES], number[16];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	note(&survey, NFPROTO_INET, name, name, NF_INET_FORWARD, NF_DROP);
	assert_int_equal(strlen(survey.forward), NET_SURVEY_NAMES_MAX - 1);
	for (int i = 0; i < 1000; i++) {
		snprintf(number, sizeof(number), "%d", i);
		note(&survey, NFPROTO_INET, "t", number, NF_INET_LOCAL_IN, NF_DROP);
	}
	assert_in_range(strlen(survey.input), NET_SURVEY_NAMES_MAX / 2, NET_SURVEY_NAMES_MAX - 1);
}

static void saying_firewall(int result, const struct net_survey *survey, enum check_status status,
			    const char *words)
{
	struct check_item item = { 0 };

	check_say_firewall(&item, result, survey);
	if (item.status != status || !strstr(item.detail, words))
		fail_msg("%s, \"%s\"; expected %s, \"%s\"", check_status_name(item.status),
			 item.detail, check_status_name(status), words);
}

static void a_firewall_is_said_in_each_case(void **state)
{
	struct net_survey none = { 0 }, forward = { .forward = "ip filter FORWARD" },
			  input = { .input = "inet filter input" },
			  prerouting = { .prerouting = "ip raw P" },
			  firewalld = { .has_firewalld = true },
			  docker = { .has_docker = true }, legacy = { .has_legacy = true };

	(void)state;
	saying_firewall(0, &none, CHECK_OK, "no other table");
	saying_firewall(0, &forward, CHECK_LIMITED, "at forward ip filter FORWARD");
	forward.has_docker = true;
	saying_firewall(0, &forward, CHECK_LIMITED, "FORWARD; Docker's tables");
	saying_firewall(0, &input, CHECK_OK, "at input inet filter input");
	saying_firewall(0, &prerouting, CHECK_LIMITED, "at prerouting ip raw P");
	saying_firewall(0, &firewalld, CHECK_LIMITED, "table inet firewalld");
	saying_firewall(0, &docker, CHECK_OK, "Docker");
	saying_firewall(0, &legacy, CHECK_LIMITED, "iptables-legacy");
	saying_firewall(EPERM, &none, CHECK_LIMITED, "only root");
	saying_firewall(CHECK_PROBE_TIMED_OUT, &none, CHECK_MISSING, "in time");
}

static void saying_user_network(int result, const char *what, enum check_status status,
				const char *detail, const char *how)
{
	struct check_item item = { .how = "install slirp4netns" };
	struct net_user_program program = { .path = "/usr/bin/slirp4netns" };
	struct fault fault;

	fault_set(&fault, 0, result, what);
	check_say_user_network(&item, result, &program, &fault);
	assert_int_equal(item.status, status);
	if (!strstr(item.detail, detail) || !strstr(item.how, how))
		fail_msg("'%s' in '%s', '%s' in '%s'", detail, item.detail, how, item.how);
}

static void the_hint_for_net_user_fits_its_cause(void **state)
{
	(void)state;
	saying_user_network(0, NULL, CHECK_OK, "/usr/bin/slirp4netns", "");
	saying_user_network(ENOENT, "a user network needs slirp4netns or pasta", CHECK_MISSING,
			    "No such file", "install slirp4netns");
	saying_user_network(EACCES, "/dev/net/tun", CHECK_MISSING, "/dev/net/tun: Permission denied",
			    "that everybody may open");
	saying_user_network(ENOENT, "/dev/net/tun", CHECK_MISSING, "/dev/net/tun: No such file",
			    "modprobe tun");
	saying_user_network(CHECK_PROBE_TIMED_OUT, NULL, CHECK_MISSING, "in time",
			    "install slirp4netns");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_is_complete),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(what_this_test_needs_itself_is_found),
		cmocka_unit_test(only_required_items_forbid_running),
		cmocka_unit_test(nothing_is_left),
		cmocka_unit_test(it_is_quick),
		cmocka_unit_test(forwarding_is_said_in_each_case),
		cmocka_unit_test(a_survey_names_foreign_chains_that_drop),
		cmocka_unit_test(a_survey_knows_docker_and_firewalld),
		cmocka_unit_test(a_survey_bounds_its_names),
		cmocka_unit_test(a_firewall_is_said_in_each_case),
		cmocka_unit_test(the_hint_for_net_user_fits_its_cause),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, NULL);
}
