/* SPDX-License-Identifier: Apache-2.0 */
/* The spawner's side in words, on machines of every kind. */
#include "plan_fixture.h"

#include <netinet/in.h>
#include <stdio.h>

#include "../../spawn/explain/explain.h"
#include "../../spawn/explain/spawner.h"

static struct cg_machine machine;
static struct net_config config;

static const struct cg_machine bare = { .mode = CG_NONE, .why_not = "no cgroup here" };
static const struct cg_machine whole = {
	.mode = CG_V2,
	.v2_parent = "/cg/nidus",
	.v2_controls = 1u << CG_MEMORY | 1u << CG_PIDS | 1u << CG_CPU | 1u << CG_CPUSET |
		       1u << CG_IO | 1u << CG_CPUACCT,
};
static const struct cg_machine old = {
	.mode = CG_V1,
	.v1_parent = { [CG_MEMORY] = "/v1/memory/nidus", [CG_CPU] = "/v1/cpu,cpuacct/nidus",
		       [CG_CPUACCT] = "/v1/cpu,cpuacct/nidus" },
};

static struct explain_spawner asked_by(const struct fixture *f)
{
	return (struct explain_spawner){ .spec = &f->spec, .ids = &f->ids, .machine = &machine,
					 .config = &config, .may_nat = true };
}

/* As text, with the plan that goes with it; freed by the caller. */
static char *explained(struct fixture *f, const struct explain_spawner *asked)
{
	static struct cg groups; /* as long as the context that names it */
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	explain_limits_of_init(asked, &f->context, &groups);
	fixture_make(f);
	fputc('\n', out);
	explain_spawner(asked, out);
	explain_plan(&f->plan, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void says_of(struct fixture *f, const struct explain_spawner *asked, const char *line)
{
	char *text = explained(f, asked);

	if (!strstr(text, line))
		fail_msg("no \"%s\" in:\n%s", line, text);
	free(text);
}

static void says(struct fixture *f, const char *line)
{
	struct explain_spawner asked = asked_by(f);

	says_of(f, &asked, line);
}

static void ask_limits(struct fixture *f)
{
	f->spec.memory_bytes = 64 << 20;
	f->spec.pids = 20;
	f->spec.millicpus = 1500;
	f->spec.cpuset = "0-2";
	f->spec.io_weight = 200;
	f->spec.cpu_us = 1000000;
}

static void limits_name_their_controllers(void **state)
{
	struct fixture *f = *state;

	machine = whole;
	ask_limits(f);
	says(f, "\ncgroup        /cg/nidus/<id>\n");
	says(f, "\nlimit         memory 64M, by the memory controller\n"
		"limit         no swap (if the kernel counts it), by the memory controller\n"
		"limit         pids 20, by the pids controller\n"
		"limit         cpus 1.500, by the cpu controller\n"
		"limit         cpuset 0-2, by the cpuset controller\n"
		"limit         io weight 200 (if a scheduler uses it), by the io controller\n");
	says(f, "\ncpu time      1s, read from its cgroup\n");
}

static void swap_is_said_where_it_is_asked_for(void **state)
{
	struct fixture *f = *state;

	machine = whole;
	f->spec.memory_bytes = 64 << 20;
	f->spec.swap_bytes = 32 << 20;
	says(f, "\nlimit         swap 32M in addition (if the kernel counts it), by the memory "
		"controller\n");
}

static void groups_mounted_together_are_said_once(void **state)
{
	struct fixture *f = *state;
	struct explain_spawner asked = asked_by(f);
	const char *first;
	char *text;

	machine = old;
	f->spec.cpu_us = 1000000;
	f->spec.millicpus = 500;
	text = explained(f, &asked);
	first = strstr(text, "\ncgroup        /v1/cpu,cpuacct/nidus/<id>\n");
	assert_non_null(first);
	assert_null(strstr(first + 1, "\ncgroup        /v1/cpu,cpuacct/nidus/<id>\n"));
	first = strstr(text, " from /v1/cpu,cpuacct/nidus/<id>, read-only");
	assert_non_null(first);
	assert_null(strstr(first + 1, " from /v1/cpu,cpuacct/nidus/<id>"));
	assert_non_null(strstr(text, "\ncpu time      1s, read from its cgroup\n"));
	free(text);
}

static void without_a_controller_it_is_said_who_keeps_the_limit(void **state)
{
	struct fixture *f = *state;

	machine = bare;
	ask_limits(f);
	says(f, "\ncgroup        none: no cgroup here\n");
	says(f, "\nlimit         memory 64M, no memory controller here: watched by init\n"
		"limit         pids 20, no pids controller here: RLIMIT_NPROC of its user "
		"namespace\n"
		"limit         cpus 1.500, no cpu controller here: refused without "
		"best_effort\n");
	says(f, "\nrlimit        nproc 20:20\n");
	says(f, "\nmemory        64M, watched by init every 100ms\n");
	says(f, "\ncpu time      1s, summed from /proc\n");
}

static void best_effort_leaves_out_what_nobody_keeps(void **state)
{
	struct fixture *f = *state;

	machine = bare;
	ask_limits(f);
	f->spec.best_effort = true;
	f->ids.new_userns = false;
	says(f, "\nlimit         pids 20, no pids controller here: left out, as "
		"best_effort allows\n");
}

static void a_network_of_its_own_is_said_in_full(void **state)
{
	struct fixture *f = *state;
	struct net_publish publish = { .proto = IPPROTO_TCP, .host_port = 8080, .port = 80 };
	struct net_rule rule = { .proto = IPPROTO_UDP, .port = 53 };
	struct ip_addr dns;

	f->spec.net = NIDUS_NET_NAT;
	assert_true(ip_prefix_parse("10.0.0.0/8", &rule.dst));
	assert_true(ip_addr_parse("192.0.2.53", &dns));
	assert_int_equal(nidus_spec_add_publish(&f->spec, &publish), 0);
	assert_int_equal(nidus_spec_add_net_rule(&f->spec, &rule), 0);
	assert_int_equal(nidus_spec_add_host_port(&f->spec, 5432), 0);
	assert_int_equal(nidus_spec_add_dns(&f->spec, &dns), 0);
	f->spec.net_options.peer = "team";
	says(f, "\nnetwork       nat: its own address, behind this host's\n"
		"address       from 10.213.0.0/16, chosen at the start\n");
	says(f, "\nforwarding    as the host has it; refused if it is off for IPv4\n");
	says(f, "\npublish       port 8080/tcp of every host address, "
		"to port 80 inside\n");
	says(f, "\nrule          deny 10.0.0.0/8:53/udp\n"
		"rule          allow everything else that sandboxes may reach\n"
		"peers         team\nhost ports    5432\ndns           192.0.2.53\n");
}

static void what_nesting_opens_is_said(void **state)
{
	struct fixture *f = *state;

	f->spec.nest = true;
	says(f, "\nopen          user namespaces and mounts, and in them a /proc without masks: "
		"sandboxes can be made inside\n");
}

static void the_configuration_is_said_where_no_option_is_given(void **state)
{
	struct fixture *f = *state;

	f->spec.net = NIDUS_NET_NAT;
	assert_true(ip_prefix_parse("10.99.0.0/16", &config.pool4));
	assert_true(ip_addr_parse("192.0.2.54", &config.dns[0]));
	config.dns_count = 1;
	config.forward = true;
	says(f, "\naddress       from 10.99.0.0/16, chosen at the start\n");
	says(f, "\nforwarding    turned on if the host has it off\n");
	says(f, "\ndns           192.0.2.54\n");
}

static void nat_without_its_capabilities_is_said_to_be_refused(void **state)
{
	struct fixture *f = *state;
	struct explain_spawner asked = asked_by(f);

	f->spec.net = NIDUS_NET_NAT;
	asked.may_nat = false;
	says_of(f, &asked, "\nnetwork       refused here: needs CAP_NET_ADMIN");
}

static void the_other_networks_are_named(void **state)
{
	struct fixture *f = *state;

	says(f, "\nnetwork       none: loopback only\n");
	f->spec.net = NIDUS_NET_HOST;
	says(f, "\nnetwork       the caller's\n");
	f->spec.net = NIDUS_NET_PATH;
	f->spec.net_path = "/run/netns/a b";
	says(f, "\nnetwork       the namespace at \"/run/netns/a b\"\n");
	f->spec.net = NIDUS_NET_USER;
	says(f, "\nnetwork       user: by slirp4netns, else by pasta, looked up at the start\n");
	says(f, "\ndns           10.0.2.3, from which that program asks the host's servers\n");
}

static void names_locks_and_outputs_are_said(void **state)
{
	struct fixture *f = *state;
	struct explain_spawner asked = asked_by(f);

	f->spec.name = "web";
	f->spec.lock_file = "/run/lock me";
	f->spec.lock_wait_us = 2000000;
	f->spec.report_fd = 4;
	f->spec.block_fd = 5;
	assert_int_equal(nidus_spec_add_label(&f->spec, "team", "a b"), 0);
	asked.detach = true;
	asked.events_path = "/var/log/events";
	says_of(f, &asked, "\ndetach        a watcher stays and owns the sandbox; the id is printed once "
			   "the command runs\nevents        /var/log/events, appended to\nreport        fd 4\n");
	says_of(f, &asked, "\nlock file     \"/run/lock me\", waited for at most 2s\n"
			   "name          web, refused while another sandbox has it\n"
			   "label         team = \"a b\"\n");
	says_of(f, &asked, "\nblock         until fd 5 is readable\n");
}

static int set_up(void **state)
{
	machine = bare;
	config_init(&config);
	return fixture_set_up(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(limits_name_their_controllers),
		TEST(swap_is_said_where_it_is_asked_for),
		TEST(groups_mounted_together_are_said_once),
		TEST(without_a_controller_it_is_said_who_keeps_the_limit),
		TEST(best_effort_leaves_out_what_nobody_keeps),
		TEST(a_network_of_its_own_is_said_in_full),
		TEST(what_nesting_opens_is_said),
		TEST(the_configuration_is_said_where_no_option_is_given),
		TEST(nat_without_its_capabilities_is_said_to_be_refused),
		TEST(the_other_networks_are_named),
		TEST(names_locks_and_outputs_are_said),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
