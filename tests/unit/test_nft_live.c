/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nftables table in a kernel: made once whoever makes it, added to and removed
 * from. Each test in a network namespace of its own, as root.
 */
#include "nft_live.h"

#include <libmnl/libmnl.h>
#include <netinet/in.h>
#include <linux/netfilter/nf_tables.h>

#include "../../net/nft_chains.h"
#include "../../net/nft_dump.h"

#define MAKERS 8
#define ROUNDS 40 /* of each maker that shares a label with the others */
#define RULES_OF_TABLE 42 /* when it changes, the layout in nft_table.c must be counted up */

static int count_message(const struct nlmsghdr *message, void *arg)
{
	(void)message;
	++*(size_t *)arg;
	return 0;
}

static void restart_count(void *arg)
{
	*(size_t *)arg = 0;
}

static size_t count_rules(void)
{
	_Alignas(8) uint8_t bytes[NFT_REQUEST_BYTES];
	struct nlmsghdr *request = nft_request(bytes, NFT_MSG_GETRULE, NLM_F_DUMP);
	size_t count = 0;

	mnl_attr_put_strz(request, NFTA_RULE_TABLE, NFT_TABLE);
	check_ok(rtnl_get(&nft, request, count_message, restart_count, &count, &fault));
	return count;
}

static int count_element(enum nft_set_id set, const struct nft_reply_element *element, void *arg)
{
	(void)set;
	(void)element;
	++*(size_t *)arg;
	return 0;
}

static size_t count_elements(void)
{
	size_t count = 0;

	check_ok(nft_dump_sets(&nft, count_element, &count, &fault));
	return count;
}

static int append_id(const char *id, void *arg)
{
	strcat(arg, id + 11);
	return 0;
}

static void check_ids(const char *wanted)
{
	char ids[16] = "";

	check_ok(nft_list(&nft, append_id, ids, &fault));
	check(strcmp(ids, wanted) == 0, "'%s', not '%s'", ids, wanted);
}

/* ---- the table ---- */

static void making(void)
{
	open_nft();
	check_ok(nft_ensure_table(&nft, &fault));
	check(count_rules() == RULES_OF_TABLE, "%zu", count_rules());
	check_ok(nft_ensure_table(&nft, &fault));
	check(count_rules() == RULES_OF_TABLE, "%zu", count_rules());
	check_ok(nft_delete_table(&nft, &fault));
	check_ok(nft_delete_table(&nft, &fault));
	check_ids("");
}

static void many_makers(void)
{
	struct nft_sandbox sandbox;
	int failed = 0, status;

	for (int i = 0; i < MAKERS; i++) {
		if (fork() != 0)
			continue;
		sandbox = make_sandbox(i);
		open_nft();
		_exit(nft_ensure_table(&nft, &fault) < 0 ||
		      nft_add_sandbox(&nft, &sandbox, &fault) < 0);
	}
	for (int i = 0; i < MAKERS; i++)
		failed += wait(&status) < 0 || status != 0;
	check(failed == 0, "%d of %d", failed, MAKERS);
	open_nft();
	check(count_rules() == RULES_OF_TABLE, "%zu", count_rules());
	check_ids("01234567");
}

static void put_table(struct nft_batch *batch, const char *comment)
{
	struct nlmsghdr *message = nft_batch_begin(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE, "table");
	uint8_t userdata[128] = { 0, (uint8_t)(strlen(comment) + 1) };

	mnl_attr_put_strz(message, NFTA_TABLE_NAME, NFT_TABLE);
	memcpy(userdata + 2, comment, strlen(comment) + 1);
	mnl_attr_put(message, NFTA_TABLE_USERDATA, strlen(comment) + 3, userdata);
	nft_batch_end(batch, message);
}

static void foreign_table(void)
{
	struct nft_batch batch;

	open_nft();
	nft_batch_init(&batch, 0);
	put_table(&batch, "mine");
	check_ok(nft_batch_commit(&nft, &batch, &fault));
	check(nft_ensure_table(&nft, &fault) < 0 && fault.err == EEXIST, "%s", fault.what);
}

static void half_made(void)
{
	struct nft_batch batch;

	open_nft();
	nft_batch_init(&batch, 0);
	put_table(&batch, "nidus makes this, and adds and removes what its sandboxes need");
	nft_add_sets(&batch);
	check_ok(nft_batch_commit(&nft, &batch, &fault));
	check_ok(nft_ensure_table(&nft, &fault));
	check(count_rules() == RULES_OF_TABLE, "%zu", count_rules());
}

static void older_layout(void)
{
	struct nft_sandbox sandbox = make_sandbox(1);
	struct nft_elements elements;
	struct nft_batch batch;

	open_nft();
	nft_batch_init(&batch, 0);
	put_table(&batch, "nidus of another version");
	nft_add_sets(&batch);
	nft_add_chains(&batch, "nidus layout 0");
	check_ok(nft_sandbox_elements(&sandbox, &elements, &fault));
	nft_put_elements(&batch, NFT_MSG_NEWSETELEM, &elements, sandbox.id);
	check_ok(nft_batch_commit(&nft, &batch, &fault));
	check(nft_ensure_table(&nft, &fault) < 0 && fault.err == EBUSY, "%s", fault.what);
	check_ids("1");
	check_ok(nft_delete_sandbox(&nft, &sandbox, &fault));
	check_ok(nft_ensure_table(&nft, &fault));
	check(count_rules() == RULES_OF_TABLE, "%zu", count_rules());
}

/* ---- elements ---- */

static struct net_publish publish_8080 = { .proto = IPPROTO_TCP, .host_port = 8080, .port = 80 };

static void coming_and_going(void)
{
	struct nft_sandbox one = make_sandbox(1), two = make_sandbox(2);

	open_nft();
	check_ok(nft_delete_sandbox(&nft, &one, &fault)); /* no table */
	check_ok(nft_delete_by_id(&nft, one.id, &fault));
	check(nft_add_sandbox(&nft, &one, &fault) < 0 && fault.err == ENOENT, "%d", fault.err);
	check_ok(nft_ensure_table(&nft, &fault));
	one.publish = &publish_8080;
	one.publish_count = 1;
	one.peer = two.peer = "label";
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_ok(nft_add_sandbox(&nft, &two, &fault));
	check_ids("12");
	check_ok(nft_delete_sandbox(&nft, &one, &fault));
	check_ok(nft_delete_sandbox(&nft, &one, &fault));
	check_ids("2");
	check_ok(nft_delete_by_id(&nft, two.id, &fault));
	check_ok(nft_delete_by_id(&nft, two.id, &fault));
	check_ids("");
	check(count_elements() == 0, "%zu", count_elements());
}

static void port_taken(void)
{
	struct nft_sandbox one = make_sandbox(1), two = make_sandbox(2);
	size_t before;

	open_nft();
	check_ok(nft_ensure_table(&nft, &fault));
	one.publish = two.publish = &publish_8080;
	one.publish_count = two.publish_count = 1;
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	before = count_elements();
	check(nft_add_sandbox(&nft, &two, &fault) < 0 && fault.err == EADDRINUSE, "%d", fault.err);
	check(strstr(fault.why, "8080") && strstr(fault.why, one.id), "%s", fault.why);
	/* Neither the failure nor the removal after it touches the holder. */
	check_ok(nft_delete_sandbox(&nft, &two, &fault));
	check(count_elements() == before, "%zu, not %zu", count_elements(), before);
	check_ids("1");
}

static void long_policy(void)
{
	static struct net_rule rules[NET_RULES_MAX];
	struct nft_sandbox one = make_sandbox(1), two = make_sandbox(2);

	open_nft();
	check_ok(nft_ensure_table(&nft, &fault));
	for (size_t i = 0; i < NET_RULES_MAX; i++) {
		check(ip_prefix_parse(i % 2 ? "10.1.2.0/23" : "fd00::/57", &rules[i].dst), "prefix");
		rules[i].allow = i % 3;
		rules[i].port = (uint16_t)(i + 1);
	}
	one.rules = two.rules = rules;
	one.rule_count = two.rule_count = NET_RULES_MAX;
	one.default_deny = two.default_deny = true;
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check(count_rules() == RULES_OF_TABLE + 2 * NET_RULES_MAX + 1, "%zu", count_rules());
	check(nft_add_sandbox(&nft, &one, &fault) < 0 && fault.err == EEXIST, "%d", fault.err);
	check_ids("1");
	check_ok(nft_add_sandbox(&nft, &two, &fault));
	check_ok(nft_delete_sandbox(&nft, &one, &fault));
	check_ok(nft_delete_by_id(&nft, two.id, &fault));
	check(count_rules() == RULES_OF_TABLE, "%zu", count_rules());
	check_ids("");
}

static int count_label(const struct nft_reply_chain *chain, void *arg)
{
	*(size_t *)arg += strncmp(chain->name, NFT_LABEL_PREFIX, strlen(NFT_LABEL_PREFIX)) == 0;
	return 0;
}

static void check_labels(size_t wanted)
{
	size_t count = 0;

	check_ok(nft_dump_chains(&nft, count_label, &count, &fault));
	check(count == wanted, "%zu labels, not %zu", count, wanted);
}

static void labels_come_and_go(void)
{
	struct nft_sandbox one = make_sandbox(1), two = make_sandbox(2);
	char longest[NET_PEER_MAX + 1] = "";
	struct nft_batch batch;

	open_nft();
	check_ok(nft_ensure_table(&nft, &fault));
	one.peer = two.peer = memset(longest, 'x', NET_PEER_MAX);
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	check_ok(nft_add_sandbox(&nft, &two, &fault));
	check_labels(1);
	check_ok(nft_delete_sandbox(&nft, &one, &fault));
	check_labels(1);
	check_ok(nft_delete_by_id(&nft, two.id, &fault));
	check_labels(0);
	/* a spawner that died before the label, and one that fails after it */
	nft_batch_init(&batch, 0);
	nft_add_label(&batch, NFT_LABEL_PREFIX "left");
	check_ok(nft_batch_commit(&nft, &batch, &fault));
	one.peer = NULL;
	check_ok(nft_add_sandbox(&nft, &one, &fault));
	two.addr4 = one.addr4;
	check(nft_add_sandbox(&nft, &two, &fault) < 0 && fault.err == EEXIST, "%d", fault.err);
	check_labels(1);
	check_ok(nft_delete_by_id(&nft, one.id, &fault));
	check_labels(0);
	check(count_rules() == RULES_OF_TABLE, "%zu", count_rules());
}

/* Whoever is first makes it, whoever is last removes it, all the time. */
static void many_of_a_label(void)
{
	static struct net_rule rule = { .port = 1 };
	struct nft_sandbox sandbox;
	int failed = 0, status;

	open_nft();
	check_ok(nft_ensure_table(&nft, &fault));
	rtnl_close(&nft);
	for (int i = 0; i < MAKERS; i++) {
		if (fork() != 0)
			continue;
		sandbox = make_sandbox(i);
		sandbox.peer = "label";
		sandbox.rules = &rule;
		sandbox.rule_count = (size_t)i % 2;
		open_nft();
		for (int round = 0; round < ROUNDS; round++) {
			check_ok(nft_add_sandbox(&nft, &sandbox, &fault));
			check_ok(nft_delete_sandbox(&nft, &sandbox, &fault));
		}
		rtnl_close(&nft);
		_exit(0);
	}
	for (int i = 0; i < MAKERS; i++)
		failed += wait(&status) < 0 || status != 0;
	check(failed == 0, "%d of %d", failed, MAKERS);
	open_nft();
	check_labels(0);
	check(count_rules() == RULES_OF_TABLE, "%zu", count_rules());
}

static void the_table_is_made_once(void **state)
{
	(void)state;
	netns_run(making);
}

static void any_number_of_makers_agree(void **state)
{
	(void)state;
	netns_run(many_makers);
}

static void a_table_of_somebody_else_is_left_alone(void **state)
{
	(void)state;
	netns_run(foreign_table);
}

static void a_half_made_table_is_completed(void **state)
{
	(void)state;
	netns_run(half_made);
}

static void another_layout_gives_way_when_unused(void **state)
{
	(void)state;
	netns_run(older_layout);
}

static void elements_come_and_go(void **state)
{
	(void)state;
	netns_run(coming_and_going);
}

static void a_taken_port_tells_by_whom(void **state)
{
	(void)state;
	netns_run(port_taken);
}

static void the_longest_policy_fits(void **state)
{
	(void)state;
	netns_run(long_policy);
}

static void a_label_goes_with_its_last_sandbox(void **state)
{
	(void)state;
	netns_run(labels_come_and_go);
}

static void any_number_of_sandboxes_share_a_label(void **state)
{
	(void)state;
	netns_run(many_of_a_label);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_made_once),
		cmocka_unit_test(any_number_of_makers_agree),
		cmocka_unit_test(a_table_of_somebody_else_is_left_alone),
		cmocka_unit_test(a_half_made_table_is_completed),
		cmocka_unit_test(another_layout_gives_way_when_unused),
		cmocka_unit_test(elements_come_and_go),
		cmocka_unit_test(a_taken_port_tells_by_whom),
		cmocka_unit_test(the_longest_policy_fits),
		cmocka_unit_test(a_label_goes_with_its_last_sandbox),
		cmocka_unit_test(any_number_of_sandboxes_share_a_label),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
