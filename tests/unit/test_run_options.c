/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `nidus run`: what each becomes in the spec, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "run_parser.h"
#include "values_table.h"

static int begin(void **state)
{
	(void)state;
	memset(&request, 0, sizeof(request));
	cli_log = (struct cli_log){ .level = CLI_LOG_WARN };
	return nidus_spec_init(&spec);
}

static int end(void **state)
{
	(void)state;
	nidus_spec_free(&spec);
	return 0;
}

static void taken(int rc)
{
	if (rc < 0)
		fail_msg("refused: %s", fault.what);
}

static void refused_with(int rc, const char *words)
{
	char text[512];

	assert_int_equal(rc, -1);
	assert_int_equal(fault.step, STEP_OPTIONS);
	assert_int_equal(fault.err, EINVAL);
	nidus_fault_text(&fault, text, sizeof(text));
	if (!strstr(text, words))
		fail_msg("\"%s\" does not say \"%s\"", text, words);
}

static void parsing_stops_at_the_first_non_option(void **state)
{
	(void)state;
	taken(parse("--pids", "5", "ls", "--memory", "1G"));
	assert_int_equal(spec.argc, 3);
	assert_string_equal(spec.argv[0], "ls");
	assert_string_equal(spec.argv[1], "--memory");
	assert_int_equal(spec.memory_bytes, 0);
}

static void two_dashes_end_the_options(void **state)
{
	(void)state;
	taken(parse("--", "--odd-name", "--"));
	assert_int_equal(spec.argc, 2);
	assert_string_equal(spec.argv[0], "--odd-name");
	assert_string_equal(spec.argv[1], "--");
}

static void a_command_is_needed(void **state)
{
	(void)state;
	refused_with(parse("--pids", "5"), "no command given");
	refused_with(parse("--pids", "5", "--"), "no command given");
}

static void help_needs_no_command(void **state)
{
	(void)state;
	taken(parse("--help"));
	assert_true(request.help);
	request.help = false;
	taken(parse("-h"));
	assert_true(request.help);
}

static void single_values_may_be_attached(void **state)
{
	(void)state;
	taken(parse("--memory=64M", "--name=a=b", "true"));
	assert_int_equal(spec.memory_bytes, 64 << 20);
	assert_string_equal(spec.name, "a=b");
}

static void only_single_values_may_be_attached(void **state)
{
	(void)state;
	refused_with(parse("--bind=/a", "/b", "true"), "--bind: takes its values as separate arguments");
	refused_with(parse("--tty=yes", "true"), "--tty: takes no value");
}

static void a_missing_value_is_told(void **state)
{
	(void)state;
	refused_with(parse("--memory"), "--memory: a value is missing");
	refused_with(parse("--bind", "/a"), "--bind /a: takes 2 values; 1 is given");
	refused_with(parse("--bind"), "--bind: takes 2 values; 0 are given");
	refused_with(parse("--bind", "/a", "--", "true"),
		     "--bind /a: takes 2 values; 1 is given before --");
	refused_with(parse("--overlay", "/a", "--", "true", "x"),
		     "--overlay /a: takes 3 values; 1 is given before --");
	/* no path: a value like others */
	taken(parse("--setenv", "A", "--", "true"));
}

static void a_letter_off_gets_a_suggestion(void **state)
{
	(void)state;
	refused_with(parse("--memroy", "1G", "true"),
		     "--memroy: unknown option; did you mean --memory?");
	refused_with(parse("--memor", "true"), "did you mean --memory?");
	refused_with(parse("--memoryy", "true"), "did you mean --memory?");
	refused_with(parse("--nemory=1G", "true"), "--nemory: unknown option; did you mean --memory?");
}

static void others_get_none(void **state)
{
	(void)state;
	refused_with(parse("--frobnicate", "true"), "--frobnicate: unknown option; see");
	refused_with(parse("-x", "true"), "-x: unknown option");
}

static void every_option_is_in_the_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < run_option_count; i++)
		if (!strstr(cli_help_run, run_options[i].name))
			fail_msg("%s is not in cli_help_run", run_options[i].name);
}

static void option_names_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < run_option_count; i++)
		assert_ptr_equal(run_find_option(run_options[i].name, strlen(run_options[i].name)),
				 &run_options[i]);
}

/* What the library refuses, it refuses in the command line's words. */
static void faults_of_the_spec_name_the_options(void **state)
{
	(void)state;
	taken(parse("--lock-wait", "5s", "true"));
	refused_with(nidus_spec_check(&spec, &fault), "--lock-wait: needs --lock-file");
	assert_int_equal(fault.option, NIDUS_OPTION_LOCK_WAIT);
	spec.lock_wait_us = 0;
	taken(parse("--ro-bind-try", "/etc", "etc", "true"));
	refused_with(nidus_spec_check(&spec, &fault),
		     "--ro-bind-try /etc etc: a path inside the sandbox must begin with /");
	assert_int_equal(fault.option, NIDUS_OPTION_MOUNTS);
	assert_int_equal(fault.index, 0);
}

static bool has_row(enum nidus_option option)
{
	for (size_t i = 0; i < run_option_count; i++)
		if (run_options[i].word_for == option)
			return true;
	return false;
}

/* Of each option of the spec there is one name, or a phrase where there can't be one. */
static void every_option_of_the_spec_has_a_word(void **state)
{
	(void)state;
	taken(parse("true"));
	for (size_t i = 0; i < run_option_count; i++)
		for (size_t k = 0; k < i; k++)
			if (run_options[i].word_for != NIDUS_OPTION_NONE &&
			    run_options[i].word_for == run_options[k].word_for)
				fail_msg("%s and %s are words for the same", run_options[i].name,
					 run_options[k].name);
	for (uint32_t option = NIDUS_OPTION_NONE + 1; option < NIDUS_OPTION_COUNT; option++) {
		if (!spec.option_words[option])
			fail_msg("no word for %s", nidus_option_name(option));
		if (has_row((enum nidus_option)option))
			assert_memory_equal(spec.option_words[option], "--", 2);
	}
}

/* Each in turn with words that no option takes: it does something, or says why not. */
static void every_option_does_something(void **state)
{
	static const char *const values[RUN_VALUES_MAX] = { "/x", "/x", "/x" };
	char text[512];

	(void)state;
	for (size_t i = 0; i < run_option_count; i++) {
		struct run_parse run = { .spec = &spec, .request = &request, .perms = -1 };

		if (run_set(&run, &run_options[i], values, &fault) == 0)
			continue;
		if (strstr(nidus_fault_text(&fault, text, sizeof(text)), "does nothing"))
			fail_msg("%s", text);
		assert_memory_equal(fault.what, run_options[i].name, strlen(run_options[i].name));
	}
}

static void binds_keep_their_order_and_kind(void **state)
{
	(void)state;
	taken(parse("--bind", "/a", "/A", "--ro-bind-try", "/b", "/B", "--dev-bind", "/c", "/C",
		    "true"));
	assert_int_equal(spec.mount_count, 3);
	assert_string_equal(spec.mounts[0].src, "/a");
	assert_string_equal(spec.mounts[0].dst, "/A");
	assert_false(spec.mounts[0].read_only || spec.mounts[0].devices || spec.mounts[0].optional);
	assert_true(spec.mounts[1].read_only && spec.mounts[1].optional);
	assert_true(spec.mounts[2].devices && !spec.mounts[2].read_only);
	assert_int_equal(spec.mounts[2].fd, -1);
}

static void perms_and_size_apply_to_the_next_operation_alone(void **state)
{
	(void)state;
	taken(parse("--perms", "0700", "--size", "1M", "--tmpfs", "/a", "--tmpfs", "/b", "true"));
	assert_int_equal(spec.mounts[0].perms, 0700);
	assert_int_equal(spec.mounts[0].size, 1 << 20);
	assert_int_equal(spec.mounts[1].perms, -1);
	assert_int_equal(spec.mounts[1].size, 0);
}

static void modifiers_must_meet_an_operation_that_takes_them(void **state)
{
	(void)state;
	refused_with(parse("--perms", "0700", "--bind", "/a", "/b", "true"),
		     "--perms: must be followed by");
	(void)end(state);
	(void)begin(state);
	refused_with(parse("--size", "1M", "--dir", "/a", "true"), "--size: must be followed by");
	(void)end(state);
	(void)begin(state);
	refused_with(parse("--perms", "0700", "true"), "--perms: must be followed by");
	(void)end(state);
	(void)begin(state);
	refused_with(parse("--perms", "0700", "--perms", "0755", "--dir", "/a", "true"), "given twice");
}

static void permissions_are_octal(void **state)
{
	static char *const bad[] = { "", "8", "-1", "0o7", "10000", "755x", " 7" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused_with(parse("--chmod", bad[i], "/a", "true"), "octal permissions, 0 to 7777");
}

static void descriptors_carry_content(void **state)
{
	(void)state;
	taken(parse("--file", "0", "/f", "--perms", "0640", "--ro-bind-data", "1", "/g",
		    "--ro-bind-fd", "2", "/h", "true"));
	assert_int_equal(spec.mounts[0].kind, NIDUS_FILE);
	assert_int_equal(spec.mounts[0].fd, 0);
	assert_int_equal(spec.mounts[1].kind, NIDUS_BIND_DATA);
	assert_true(spec.mounts[1].read_only);
	assert_int_equal(spec.mounts[1].perms, 0640);
	assert_int_equal(spec.mounts[2].kind, NIDUS_BIND_FD);
	assert_null(spec.mounts[2].src); /* looked up when it acts, not while it parses */
}

static void overlays_have_one_two_or_three_paths(void **state)
{
	(void)state;
	taken(parse("--overlay-src", "/l", "--overlay", "/u", "/w", "/d", "--overlay-src", "/l",
		    "--tmp-overlay", "/e", "true"));
	assert_int_equal(spec.mounts[0].kind, NIDUS_OVERLAY_SRC);
	assert_string_equal(spec.mounts[0].src, "/l");
	assert_string_equal(spec.mounts[1].src, "/u");
	assert_string_equal(spec.mounts[1].src2, "/w");
	assert_string_equal(spec.mounts[1].dst, "/d");
	assert_int_equal(spec.mounts[3].kind, NIDUS_TMP_OVERLAY);
}

static void a_user_has_a_group_of_the_same_number(void **state)
{
	(void)state;
	taken(parse("--user", "1000", "true"));
	assert_true(spec.has_user);
	assert_int_equal(spec.uid, 1000);
	assert_int_equal(spec.gid, 1000);
	taken(parse("--user", "0:5", "true"));
	assert_int_equal(spec.uid, 0);
	assert_int_equal(spec.gid, 5);
}

static void a_user_by_name_has_the_group_of_its_table(void **state)
{
	(void)state;
	taken(parse("--user", "daemon", "true"));
	assert_int_equal(spec.uid, 1);
	assert_int_equal(spec.gid, 1);
	taken(parse("--user", "root:7", "true"));
	assert_int_equal(spec.uid, 0);
	assert_int_equal(spec.gid, 7);
	taken(parse("--user", "4711:root", "true"));
	assert_int_equal(spec.uid, 4711);
	assert_int_equal(spec.gid, 0);
	refused_with(parse("--root", "/x", "--user", "root", "true"), "names are those of this host");
	taken(parse("--root", "/x", "--user", "0", "true"));
}

static void malformed_users_are_refused(void **state)
{
	static char *const bad[] = { "", "nobody-at-all", "1:", ":1", "1:2:3", "-1", "4294967295", "1,2", "1:x" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused_with(parse("--user", bad[i], "true"), "must be UID[:GID], or names of");
}

static void id_maps_have_ranges(void **state)
{
	(void)state;
	taken(parse("--userns", "0:100000:65536,65536:1000:1", "true"));
	assert_int_equal(spec.userns, NIDUS_USERNS_MAP);
	assert_int_equal(spec.id_range_count, 2);
	assert_int_equal(spec.id_ranges[1].inside, 65536);
	assert_int_equal(spec.id_ranges[1].outside, 1000);
	assert_int_equal(spec.id_ranges[1].count, 1);
}

static void the_last_userns_counts(void **state)
{
	(void)state;
	taken(parse("--userns", "0:100000:1", "--userns", "keep", "true"));
	assert_int_equal(spec.userns, NIDUS_USERNS_KEEP);
	assert_int_equal(spec.id_range_count, 0);
}

static void malformed_maps_are_refused(void **state)
{
	static char *const bad[] = { "", "none", "0:1", "0:1:0", "0:1:2,", ",0:1:2", "0:1:2:3", "0:1:2;" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused_with(parse("--userns", bad[i], "true"), "auto, keep, host or INSIDE");
}

static void capabilities_add_up_in_order(void **state)
{
	(void)state;
	taken(parse("--cap-add", "net_raw", "--cap-add", "CAP_KILL", "--cap-drop", "kill", "true"));
	assert_int_equal(spec.caps, 1ull << 13);
	refused_with(parse("--cap-add", "fly", "true"), "--cap-add fly: not a capability");
}

static void namespaces_are_shared_by_name(void **state)
{
	(void)state;
	taken(parse("--share", "uts,ipc", "--share=net", "true"));
	assert_int_equal(spec.share, 1u << NIDUS_NS_UTS | 1u << NIDUS_NS_IPC | 1u << NIDUS_NS_NET);
	refused_with(parse("--share", "uts,", "true"), "--share uts,: must be a list of user, mnt");
	refused_with(parse("--share", "all", "true"),
		     "--share all: must be a list of user, mnt, net, ipc, uts, cgroup and time");
}

static void namespaces_are_joined_by_path(void **state)
{
	(void)state;
	taken(parse("--join", "net=/proc/1/ns/net", "true"));
	assert_string_equal(spec.join[NIDUS_NS_NET], "/proc/1/ns/net");
	refused_with(parse("--join", "net", "true"), "NS=PATH");
	refused_with(parse("--join", "net=", "true"),
		     "NS=PATH, with NS one of net, ipc, uts, cgroup and time");
}

static void landlock_rules_have_a_path_or_a_port(void **state)
{
	(void)state;
	taken(parse("--landlock-rx", "/usr", "--landlock-connect-tcp", "443", "true"));
	assert_int_equal(spec.landlock[0].kind, NIDUS_LANDLOCK_RX);
	assert_string_equal(spec.landlock[0].path, "/usr");
	assert_int_equal(spec.landlock[1].kind, NIDUS_LANDLOCK_CONNECT_TCP);
	assert_int_equal(spec.landlock[1].port, 443);
	refused_with(parse("--landlock-bind-tcp", "70000", "true"), "must be 0 to 65535");
}

static void a_refused_variable_keeps_its_value_secret(void **state)
{
	(void)state;
	refused_with(parse("--setenv", "A=B", "hunter2", "true"), "--setenv");
	assert_null(strstr(fault.what, "hunter2"));
	assert_null(strstr(fault.why, "hunter2"));
	assert_null(strstr(fault.what, "A=B"));
	assert_null(strstr(fault.why, "A=B"));
}

static void a_variable_is_set_by_two_words(void **state)
{
	(void)state;
	refused_with(parse("--setenv", "A=B", "true"), "--setenv: takes two arguments, NAME VALUE");
	refused_with(parse("--unsetenv", "A=B", "true"), "--unsetenv: the name of a variable");
}

static void the_environment_changes_in_order(void **state)
{
	(void)state;
	taken(parse("--clearenv", "--setenv", "A", "1", "--setenv", "B", "2", "--unsetenv", "A", "true"));
	assert_int_equal(spec.envc, 1);
	assert_string_equal(spec.envp[0], "B=2");
}

static void zero_is_no_limit_to_ask_for(void **state)
{
	static char *const zero[][2] = {
		{ "--memory", "0" }, { "--pids", "0" }, { "--timeout", "0s" }, { "--cpu-time", "0s" },
		{ "--cpus", "0" }, { "--io-weight", "0" }, { "--memory-interval", "0ms" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(zero) / sizeof(*zero); i++)
		refused_with(parse(zero[i][0], zero[i][1], "true"), zero[i][0]);
}

static void limits_reach_the_spec(void **state)
{
	(void)state;
	taken(parse("--memory", "64M", "--swap", "0", "--cpus", "0.5", "--pids", "20", "--timeout", "1s",
		    "--cpu-time", "500ms", "--grace", "0s", "--limits", "best-effort", "true"));
	assert_int_equal(spec.memory_bytes, 64 << 20);
	assert_int_equal(spec.swap_bytes, 0);
	assert_int_equal(spec.millicpus, 500);
	assert_int_equal(spec.pids, 20);
	assert_int_equal(spec.wall_us, 1000000);
	assert_int_equal(spec.cpu_us, 500000);
	assert_int_equal(spec.grace_us, 0);
	assert_true(spec.best_effort);
}

static void refused_processors_are_told_the_range(void **state)
{
	(void)state;
	refused_with(parse("--cpus", "0", "true"), "--cpus 0: must be a number of processors, 0.01 to 8192");
}

static void rlimits_have_a_soft_and_a_hard_value(void **state)
{
	(void)state;
	taken(parse("--rlimit", "nofile=1024:4096", "--rlimit", "core=0:unlimited", "--rlimit",
		    "RLIMIT_FSIZE=1M", "true"));
	assert_int_equal(spec.rlimits[0].resource, RLIMIT_NOFILE);
	assert_int_equal(spec.rlimits[0].soft, 1024);
	assert_int_equal(spec.rlimits[0].hard, 4096);
	assert_true(spec.rlimits[1].hard == RLIM_INFINITY);
	assert_int_equal(spec.rlimits[2].hard, 1 << 20);
}

static void malformed_rlimits_are_refused(void **state)
{
	(void)state;
	refused_with(parse("--rlimit", "files=1", "true"), "no such resource");
	refused_with(parse("--rlimit", "nofile", "true"), "NAME=SOFT[:HARD]");
	refused_with(parse("--rlimit", "nofile=", "true"), "a limit is a number");
	refused_with(parse("--rlimit", "nofile=1:", "true"), "a limit is a number");
	refused_with(parse("--rlimit", "nofile=9:8", "true"), "higher than the hard one");
}

static void networks_have_a_kind_or_a_path(void **state)
{
	(void)state;
	taken(parse("--net", "host", "true"));
	assert_int_equal(spec.net, NIDUS_NET_HOST);
	taken(parse("--net=nat", "true"));
	assert_int_equal(spec.net, NIDUS_NET_NAT);
	taken(parse("--net", "./ns", "true"));
	assert_int_equal(spec.net, NIDUS_NET_PATH);
	assert_string_equal(spec.net_path, "./ns");
	taken(parse("--net", "/run/netns/x", "--net", "user", "true"));
	assert_int_equal(spec.net, NIDUS_NET_USER);
	assert_null(spec.net_path);
	refused_with(parse("--net", "wifi", "true"), "--net wifi: must be none, host, nat, user");
	refused_with(parse("--net", "", "true"), "must be none");
}

static void is_address(const struct ip_addr *addr, const char *text)
{
	char found[IP_TEXT_MAX];

	assert_string_equal(ip_addr_text(addr, found), text);
}

static void is_prefix(const struct ip_prefix *prefix, const char *text)
{
	char found[IP_TEXT_MAX];

	assert_string_equal(ip_prefix_text(prefix, found), text);
}

static void ports_are_published(void **state)
{
	const struct net_publish *publish;

	(void)state;
	taken(parse("--publish", "8080:80", "--publish", "127.0.0.1:53:5353/udp", "--publish",
		    "[2001:db8::1]:1:65535/tcp", "true"));
	publish = spec.net_options.publish;
	assert_int_equal(spec.net_options.publish_count, 3);
	assert_int_equal(publish[0].addr.family, 0);
	assert_int_equal(publish[0].host_port, 8080);
	assert_int_equal(publish[0].port, 80);
	assert_int_equal(publish[0].proto, IPPROTO_TCP);
	is_address(&publish[1].addr, "127.0.0.1");
	assert_int_equal(publish[1].host_port, 53);
	assert_int_equal(publish[1].port, 5353);
	assert_int_equal(publish[1].proto, IPPROTO_UDP);
	is_address(&publish[2].addr, "2001:db8::1");
	assert_int_equal(publish[2].port, 65535);
}

static void malformed_ports_are_refused(void **state)
{
	static char *const bad[] = {
		"", ":", "80", "80:", ":80", "80:80:80", "1.2.3.4:80", "1.2.3:80:80", "::1:80:80",
		"[1.2.3.4]:80:80", "[::1:80:80", "[::1]80:80", "[::1]:80", "[]:80:80", "80:80/",
		"80:80/sctp", "80:80/tcp/udp", "80/tcp:80", "65536:80", "80:65536", "-1:80", "+1:80",
		"0x1:80", " 1:80", "1:80 ", "000080:80", "[2001:db8::1%eth0]:80:80", "a:b:c", "1:2:3:4",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused_with(parse("--publish", bad[i], "true"), ": must be [ADDR:]PORT:PORT[/tcp|/udp], such as");
}

static void rules_keep_their_order(void **state)
{
	const struct net_rule *rules;

	(void)state;
	taken(parse("--net-deny", "10.0.0.0/8:443/tcp", "--net-allow", "192.0.2.1", "--net-deny",
		    "[fd00::/8]:53", "--net-allow", "fd00::/16", "--net-allow", "[::1]:53/udp",
		    "--net-deny", "0.0.0.0/0:25", "true"));
	rules = spec.net_options.rules;
	assert_int_equal(spec.net_options.rule_count, 6);
	assert_false(rules[0].allow);
	is_prefix(&rules[0].dst, "10.0.0.0/8");
	assert_int_equal(rules[0].port, 443);
	assert_int_equal(rules[0].proto, IPPROTO_TCP);
	assert_true(rules[1].allow);
	is_prefix(&rules[1].dst, "192.0.2.1/32");
	assert_int_equal(rules[1].port, 0);
	assert_int_equal(rules[1].proto, 0);
	is_prefix(&rules[2].dst, "fd00::/8");
	assert_int_equal(rules[2].port, 53);
	assert_int_equal(rules[2].proto, 0);
	is_prefix(&rules[3].dst, "fd00::/16");
	assert_int_equal(rules[4].proto, IPPROTO_UDP);
	is_prefix(&rules[4].dst, "::1/128");
	is_prefix(&rules[5].dst, "0.0.0.0/0");
}

static void malformed_rules_are_refused(void **state)
{
	/* fd00::1:443 without brackets might be an address or one with a port */
	static char *const bad[] = {
		"", "example.org", "10.0.0.0/33", "10.0.0.0/8:", "10.0.0.0/8:0",
		"10.0.0.0/8:65536", "10.0.0.0/8/tcp", "10.0.0.0/8:53/icmp", "10.0.0.0/8:53/", "fd00::1",
		"fd00::1:443", "fd00::/8:443", "[fd00::/8", "[fd00::/8]443", "[10.0.0.0/8]:443",
		"[fd00::/8]/tcp", "10.0.0.0/8:1-5", ":443",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused_with(parse("--net-allow", bad[i], "true"), ": must be CIDR[:PORT[/tcp|/udp]], such as");
}

static void host_ports_are_a_list(void **state)
{
	static char *const bad[] = { "", ",", "53,", ",53", "0", "53,0", "65536", "53;54", "53, 54" };

	(void)state;
	taken(parse("--net-host-ports", "53,8080", "--net-host-ports=22", "true"));
	assert_int_equal(spec.net_options.host_port_count, 3);
	assert_int_equal(spec.net_options.host_ports[1], 8080);
	assert_int_equal(spec.net_options.host_ports[2], 22);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused_with(parse("--net-host-ports", bad[i], "true"), "ports from 1 to 65535");
}

static void name_servers_are_addresses(void **state)
{
	char text[32];

	(void)state;
	taken(parse("--dns", "192.0.2.53", "--dns=2001:db8::53", "true"));
	assert_int_equal(spec.net_options.dns_count, 2);
	is_address(&spec.net_options.dns[1], "2001:db8::53");
	refused_with(parse("--dns", "resolver", "true"), "an IPv4 or IPv6 address");
	for (int i = 3; i <= NET_DNS_MAX; i++) {
		snprintf(text, sizeof(text), "192.0.2.%d", i);
		taken(parse("--dns", text, "true"));
	}
	refused_with(parse("--dns", "192.0.2.9", "true"), "too many name servers: at most 8 are allowed");
}

static void pools_are_one_of_each_family(void **state)
{
	(void)state;
	taken(parse("--net-pool", "fd00::/64", "--net-pool=10.9.0.0/24", "true"));
	is_prefix(&spec.net_options.pool4, "10.9.0.0/24");
	is_prefix(&spec.net_options.pool6, "fd00::/64");
	refused_with(parse("--net-pool", "10.9.0.0/24", "--net-pool", "10.8.0.0/24", "true"),
		     "one of IPv4 and one of IPv6");
	refused_with(parse("--net-pool", "10.9.0.1/24", "true"),
		     "has bits set beyond its length; did you mean 10.9.0.0/24?");
	refused_with(parse("--net-deny", "[fd00::1/8]:53", "true"), "did you mean fd00::/8?");
	refused_with(parse("--net-allow", "10.1.2.3/8:80/tcp", "true"), "did you mean 10.0.0.0/8?");
	refused_with(parse("--net-pool", "10.9.0.1", "true"), "a prefix without host bits");
	refused_with(parse("--net-pool", "10.0.0.0/4", "true"), "/8 or smaller");
}

static void forwarding_is_yes_or_no(void **state)
{
	(void)state;
	taken(parse("--net-forward", "no", "--net-peer", "web", "true"));
	assert_true(spec.net_options.has_forward);
	assert_false(spec.net_options.forward);
	assert_string_equal(spec.net_options.peer, "web");
	taken(parse("--net-forward=yes", "true"));
	assert_true(spec.net_options.forward);
	refused_with(parse("--net-forward", "maybe", "true"), "must be yes or no");
}

static void outputs_are_descriptors_or_paths(void **state)
{
	(void)state;
	taken(parse("--events", "2", "--report", "out/report.json", "true"));
	assert_int_equal(spec.events_fd, 2);
	assert_null(request.events_path);
	assert_int_equal(spec.report_fd, -1);
	assert_string_equal(request.report_path, "out/report.json");
	refused_with(parse("--events", "999999", "true"), "is not an open descriptor");
}

static void names_of_descriptors_are_descriptors(void **state)
{
	static char *const names[] = { "/dev/stdout", "/dev/stderr", "/dev/fd/0", "/proc/self/fd/2" };
	static const int fds[] = { 1, 2, 0, 2 };

	(void)state;
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		taken(parse("--events", names[i], "--report", names[i], "true"));
		assert_int_equal(spec.events_fd, fds[i]);
		assert_int_equal(spec.report_fd, fds[i]);
		assert_null(request.events_path);
		assert_null(request.report_path);
	}
	refused_with(parse("--report", "/dev/fd/999999", "true"), "is not an open descriptor");
	refused_with(parse("--report", "/dev/fd/", "true"), "--report");
	refused_with(parse("--report", "/dev/fd/../x", "true"), "--report");
}

static void a_hold_names_a_step_of_init(void **state)
{
	(void)state;
	taken(parse("--hold", "exec",
		    "true"));
	assert_int_equal(spec.hold_step, STEP_EXEC);
	refused_with(parse("--hold", "clone", "true"), "--hold clone: no such step");
	refused_with(parse("--hold", "foo", "true"),
		     "the steps are namespaces, sources, identity, root, pivot_root, host, tty, rlimit, "
		     "limits, fork, user, chdir, landlock, exec");
}

static void labels_are_pairs(void **state)
{
	(void)state;
	taken(parse("--label", "job=a=b", "true"));
	assert_string_equal(spec.labels[0].key, "job");
	assert_string_equal(spec.labels[0].value, "a=b");
	refused_with(parse("--label", "job", "true"), "KEY=VALUE");
}

static void detached_there_is_no_terminal(void **state)
{
	(void)state;
	refused_with(parse("--detach", "--tty", "true"), "--tty: cannot be used with --detach");
}

static void log_options_are_taken(void **state)
{
	(void)state;
	taken(parse("--log-level", "debug", "--log-format=json", "true"));
	assert_int_equal(cli_log.level, CLI_LOG_DEBUG);
	assert_true(cli_log.json);
	refused_with(parse("--log-level", "loud", "true"), "error, warn, info, debug or trace");
}

/* --args reads `bytes` from a pipe; the rest comes from the command line. */
static int parse_args(const char *bytes, size_t len, char *after)
{
	int fd = memfd_create("args", MFD_CLOEXEC); /* a pipe is full after 64 KiB */
	char text[16];

	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	snprintf(text, sizeof(text), "%d", fd);
	return parse("--args", text, "--pids", "7", after);
}

static void args_are_read_from_a_descriptor(void **state)
{
	static const char bytes[] = "--memory\0" "1M\0--setenv\0A\0\0--name=x";

	(void)state;
	taken(parse_args(bytes, sizeof(bytes) - 1, "true"));
	assert_int_equal(spec.memory_bytes, 1 << 20);
	assert_string_equal(spec.name, "x");
	assert_int_equal(spec.pids, 7);
	assert_string_equal(spec.envp[spec.envc - 1], "A=");
	assert_string_equal(spec.argv[0], "true");
}

static void args_hold_no_command(void **state)
{
	static const char bytes[] = "--memory\0" "1M\0sh";

	(void)state;
	refused_with(parse_args(bytes, sizeof(bytes), "true"), "contains a command");
}

static void args_do_not_nest(void **state)
{
	static const char bytes[] = "--args\0" "0";

	(void)state;
	refused_with(parse_args(bytes, sizeof(bytes), "true"), "not allowed in what --args reads");
}

static void args_are_bounded_in_bytes(void **state)
{
	static char bytes[(1 << 20) + 1];

	(void)state;
	for (size_t i = 0; i + sizeof("--new-session") < sizeof(bytes); i += sizeof("--new-session"))
		strcpy(bytes + i, "--new-session");
	refused_with(parse_args(bytes, sizeof(bytes), "true"), "at most 1 MiB of arguments");
	taken(parse_args(bytes, 20000 * sizeof("--new-session"), "true"));
}

static bool read_value(enum value_kind kind, const char *text, uint64_t *value)
{
	static const char *const names[] = {
		[A_DURATION] = "--timeout", [A_SIZE] = "--memory", [A_COUNT] = "--pids",
	};
	int rc;

	nidus_spec_free(&spec);
	assert_int_equal(nidus_spec_init(&spec), 0);
	rc = parse((char *)names[kind], (char *)text, "true");
	if (rc < 0 && !strstr(fault.what, names[kind]))
		fail_msg("'%s' is refused without its option: %s", text, fault.what);
	*value = kind == A_DURATION ? spec.wall_us : kind == A_SIZE ? spec.memory_bytes : spec.pids;
	return rc == 0;
}

static void values_are_read_as_everywhere(void **state)
{
	(void)state;
	try_values(read_value);
}

/* ---- words of other tools ---- */

static void names_ours(const char *names, const char *way)
{
	static const char *const of_verbs[] = { "--json", "--signal" };
	char name[64];

	for (const char *at = way; (at = strstr(at, "--")); at += strlen(name)) {
		size_t len = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");
		bool known = len == 2; /* "put -- before" */

		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		for (size_t i = 0; i < 2; i++)
			known |= strcmp(name, of_verbs[i]) == 0;
		known |= run_find_option(name, len) != NULL;
		if (!known)
			fail_msg("%s: there is no %s", names, name);
	}
}

static void what_is_said_of_other_tools_names_options_of_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		names_ours(verbs[i].names, verbs[i].way);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		names_ours(options[i].names, options[i].way);
}

static void no_option_of_ours_is_taken_for_anothers(void **state)
{
	(void)state;
	for (size_t i = 0; i < run_option_count; i++)
		if (elsewhere_option(run_options[i].name, strlen(run_options[i].name)))
			fail_msg("%s", run_options[i].name);
}

static void options_of_other_tools_are_answered(void **state)
{
	(void)state;
	refused_with(parse("--rm", "true"), "--rm: unknown option: nothing is left behind");
	refused_with(parse("-it", "true"), "-it: unknown option: standard input is connected");
	refused_with(parse("-p8080:80", "true"), "--publish PORT:PORT");
	refused_with(parse("--unshare-all", "true"), "namespaces are new anyway");
	refused_with(parse("--private=/x", "true"), "--private: unknown option: use --tmpfs DIR");
	refused_with(parse("--cgroup_mem_max", "5", "true"), "use --memory SIZE");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(parsing_stops_at_the_first_non_option),
		test(two_dashes_end_the_options),
		test(a_command_is_needed),
		test(help_needs_no_command),
		test(single_values_may_be_attached),
		test(only_single_values_may_be_attached),
		test(a_missing_value_is_told),
		test(a_letter_off_gets_a_suggestion),
		test(others_get_none),
		test(every_option_is_in_the_help),
		test(option_names_are_unique),
		test(faults_of_the_spec_name_the_options),
		test(every_option_of_the_spec_has_a_word),
		test(every_option_does_something),
		test(binds_keep_their_order_and_kind),
		test(perms_and_size_apply_to_the_next_operation_alone),
		test(modifiers_must_meet_an_operation_that_takes_them),
		test(permissions_are_octal),
		test(descriptors_carry_content),
		test(overlays_have_one_two_or_three_paths),
		test(a_user_has_a_group_of_the_same_number),
		test(a_user_by_name_has_the_group_of_its_table),
		test(malformed_users_are_refused),
		test(id_maps_have_ranges),
		test(the_last_userns_counts),
		test(malformed_maps_are_refused),
		test(capabilities_add_up_in_order),
		test(namespaces_are_shared_by_name),
		test(namespaces_are_joined_by_path),
		test(landlock_rules_have_a_path_or_a_port),
		test(a_refused_variable_keeps_its_value_secret),
		test(a_variable_is_set_by_two_words),
		test(the_environment_changes_in_order),
		test(zero_is_no_limit_to_ask_for),
		test(limits_reach_the_spec),
		test(refused_processors_are_told_the_range),
		test(rlimits_have_a_soft_and_a_hard_value),
		test(malformed_rlimits_are_refused),
		test(values_are_read_as_everywhere),
		test(networks_have_a_kind_or_a_path),
		test(ports_are_published),
		test(malformed_ports_are_refused),
		test(rules_keep_their_order),
		test(malformed_rules_are_refused),
		test(host_ports_are_a_list),
		test(name_servers_are_addresses),
		test(pools_are_one_of_each_family),
		test(forwarding_is_yes_or_no),
		test(outputs_are_descriptors_or_paths),
		test(names_of_descriptors_are_descriptors),
		test(a_hold_names_a_step_of_init),
		test(labels_are_pairs),
		test(detached_there_is_no_terminal),
		test(log_options_are_taken),
		test(args_are_read_from_a_descriptor),
		test(args_hold_no_command),
		test(args_do_not_nest),
		test(args_are_bounded_in_bytes),
		test(what_is_said_of_other_tools_names_options_of_ours),
		test(no_option_of_ours_is_taken_for_anothers),
		test(options_of_other_tools_are_answered),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
