/* SPDX-License-Identifier: Apache-2.0 */
/* Events and reports: their form, and what a bad reader can do to us (nothing). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../spawn/report/events.h"
#include "../../spawn/report/json_line.h"

static int ends[2];
static struct events events;

static int setup(void **state)
{
	(void)state;
	events = (struct events){ .id = "0123456789ab", .name = "box" };
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	events.fd = ends[1];
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* The one line in the pipe, parsed strictly. */
static struct json_object *read_line(void)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;
	char text[16384];
	ssize_t n = read(ends[0], text, sizeof(text) - 1);

	assert_in_range(n, 2, PIPE_BUF);
	assert_int_equal(text[n - 1], '\n');
	text[n - 1] = '\0';
	assert_null(strchr(text, '\n'));
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, (int)n);
	if (!object)
		fail_msg("not JSON: %s", text);
	json_tokener_free(tokener);
	return object;
}

/* Reads the line and compares its JSON without "ts", which comes first. */
static void line_is(const char *wanted)
{
	struct json_object *object = read_line();

	assert_non_null(json_object_object_get(object, "ts"));
	json_object_object_del(object, "ts");
	assert_string_equal(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							   JSON_C_TO_STRING_NOSLASHESCAPE), wanted);
	json_object_put(object);
}

#define HEAD(seq, event) "{\"seq\":" seq ",\"event\":\"" event "\",\"id\":\"0123456789ab\",\"name\":\"box\","

static void spawned(void **state)
{
	struct events_namespaces namespaces = { .inode = { 1, 2, 3, 0, 5, 6, 7, 0 } };

	(void)state;
	events_spawned(&events, 42, &namespaces, "/sys/fs/cgroup/nidus/x", NULL, NULL);
	line_is(HEAD("0", "spawned") "\"pid\":42,\"namespaces\":{\"user\":1,\"mnt\":2,\"pid\":3,"
		"\"net\":null,\"ipc\":5,\"uts\":6,\"cgroup\":7,\"time\":null},"
		"\"cgroup\":\"/sys/fs/cgroup/nidus/x\"}");
}

static void short_events_and_their_sequence(void **state)
{
	(void)state;
	events_setup_finished(&events, 42, 1750);
	line_is(HEAD("0", "setup_finished") "\"pid\":42,\"setup_us\":1750}");
	events_degraded(&events, "--swap", "no swap controller");
	line_is(HEAD("1", "degraded") "\"control\":\"--swap\",\"why\":\"no swap controller\"}");
	events_limit(&events, "wall", 1000001, 1000000);
	line_is(HEAD("2", "limit") "\"which\":\"wall\",\"used\":1000001,\"limit\":1000000}");
	events_cleaned(&events, 3, 812);
	line_is(HEAD("3", "cleaned") "\"resources\":3,\"us\":812}");
}

static void exited_tells_unknown_as_null(void **state)
{
	struct nidus_result result = {
		.reason = NIDUS_OOM, .exit_code = 137, .signal = 9, .wall_us = 5, .cpu_user_us = 6,
		.cpu_sys_us = 7, .memory_peak = 1 << 26, .pids_peak = NIDUS_UNSET, .oom_kills = 1,
		.zombies_reaped = 0,
	};

	(void)state;
	events_exited(&events, &result);
	line_is(HEAD("0", "exited") "\"reason\":\"oom\",\"exit_code\":137,\"signal\":9,\"wall_us\":5,"
		"\"cpu_user_us\":6,\"cpu_sys_us\":7,\"memory_peak\":67108864,\"pids_peak\":null,"
		"\"oom_kills\":1,\"zombies_reaped\":0}");
}

static void failed_names_step_errno_and_object(void **state)
{
	struct fault fault;

	(void)state;
	fault_set(&fault, STEP_EXEC, ENOENT, "/bin/nothing");
	events_failed(&events, &fault);
	line_is(HEAD("0", "failed") "\"step\":\"exec\",\"errno\":2,\"object\":\"/bin/nothing\","
		"\"message\":\"init: exec /bin/nothing: No such file or directory\"}");
}

static void cleanup_failed_names_the_resource(void **state)
{
	struct fault fault;

	(void)state;
	fault_set(&fault, STEP_CLEANUP, EBUSY, "/sys/fs/cgroup/nidus/x");
	events_cleanup_failed(&events, &fault);
	line_is(HEAD("0", "cleanup_failed") "\"resource\":\"/sys/fs/cgroup/nidus/x\",\"errno\":16,"
		"\"message\":\"cleanup /sys/fs/cgroup/nidus/x: Device or resource busy\"}");
}

static void no_name_is_null(void **state)
{
	(void)state;
	events.name = NULL;
	events_cleaned(&events, 0, 1);
	line_is("{\"seq\":0,\"event\":\"cleaned\",\"id\":\"0123456789ab\",\"name\":null,"
		"\"resources\":0,\"us\":1}");
}

static void any_bytes_become_valid_utf8(void **state)
{
	/* lone continuation, overlong, surrogate, cut off, C1 control, escape; then good ones */
	static const char bad[] = "a\x80" "b\xc0\xaf" "c\xed\xa0\x80" "d\xc2\x9b" "e\x1b[f\n"
				  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7\"\\\xe2\x82";
	struct json_object *line;

	(void)state;
	events_degraded(&events, "x", bad);
	line = read_line();
	assert_string_equal(json_object_get_string(json_object_object_get(line, "why")),
			    "a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd"
			    "c\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" "d\xef\xbf\xbd\xef\xbf\xbd"
			    "e\xef\xbf\xbd[f\n\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7\"\\"
			    "\xef\xbf\xbd\xef\xbf\xbd");
	json_object_put(line);
}

static void the_longest_line_is_one_write(void **state)
{
	struct fault fault = { .step = STEP_EXEC, .err = ENOENT };
	char why[2000], name[65];

	(void)state;
	memset(fault.what, '\x1b', sizeof(fault.what) - 1);
	memset(why, '\x80', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	memset(name, '"', 64);
	name[64] = '\0';
	events.name = name;
	events.dropped = UINT64_MAX;
	events_failed(&events, &fault);
	json_object_put(read_line());
	events.dropped = UINT64_MAX;
	events_degraded(&events, why, why);
	json_object_put(read_line());
	assert_int_equal(events.dropped, 0);
}

static void nobody_listening_costs_nothing(void **state)
{
	(void)state;
	events.fd = -1;
	events_cleaned(&events, 0, 1);
	assert_int_equal(events.seq, 0);
	assert_int_equal(events.dropped, 0);
}

static void a_reader_that_is_gone_kills_nobody(void **state)
{
	sigset_t pending;

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	close(ends[0]);
	events_cleaned(&events, 0, 1);
	assert_int_equal(events.dropped, 1);
	sigpending(&pending);
	assert_false(sigismember(&pending, SIGPIPE));
}

static void a_signal_of_somebody_else_stays_pending(void **state)
{
	sigset_t pipe_only, pending;

	(void)state;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
	raise(SIGPIPE);
	close(ends[0]);
	events_cleaned(&events, 0, 1);
	sigpending(&pending);
	assert_true(sigismember(&pending, SIGPIPE));
	assert_int_equal(sigtimedwait(&pipe_only, NULL, &(struct timespec){ 0, 0 }), SIGPIPE);
	pthread_sigmask(SIG_UNBLOCK, &pipe_only, NULL);
}

static void a_full_pipe_drops_and_the_next_tells(void **state)
{
	char page[PIPE_BUF] = { 0 };
	struct pollfd poll_fd = { .fd = ends[1], .events = POLLOUT };

	(void)state;
	while (poll(&poll_fd, 1, 0) == 1)
		assert_true(write(ends[1], page, sizeof(page)) > 0);
	events_cleaned(&events, 0, 1);
	events_cleaned(&events, 0, 1);
	assert_int_equal(events.dropped, 2);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	while (read(ends[0], page, sizeof(page)) > 0)
		;
	events_cleaned(&events, 0, 9);
	line_is("{\"seq\":2,\"event\":\"cleaned\",\"id\":\"0123456789ab\",\"name\":\"box\","
		"\"dropped\":2,\"resources\":0,\"us\":9}");
	assert_int_equal(events.dropped, 0);
}

static void a_closed_socket_kills_nobody(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	close(pair[0]);
	events.fd = pair[1];
	events_cleaned(&events, 0, 1);
	assert_int_equal(events.dropped, 1);
	close(pair[1]);
}

static void times_are_those_of_gmtime(void **state)
{
	const int64_t seconds[] = { 0, 951782399, 951782400, 1709164800, 1709251199, 4102444800,
				    1763701740, 2147483648, 13574563199 };
	char text[JSON_LINE_TS_MAX], wanted[JSON_LINE_TS_MAX], *end;
	struct tm tm;

	(void)state;
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		struct timespec time = { .tv_sec = seconds[i], .tv_nsec = 7 };

		gmtime_r(&time.tv_sec, &tm);
		end = wanted + strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S", &tm);
		strcpy(end, ".000000007Z");
		json_line_time(&time, text);
		assert_string_equal(text, wanted);
	}
}

static void info_has_the_names_of_bubblewrap(void **state)
{
	struct events_namespaces namespaces = { .inode = { 1, 2, 3, 0, 5, 6, 7, 0 } };
	struct json_object *line;
	struct fault fault;

	(void)state;
	assert_int_equal(events_info(ends[1], "0123456789ab", 42, &namespaces, &fault), 0);
	line = read_line();
	assert_int_equal(json_object_get_int(json_object_object_get(line, "child-pid")), 42);
	assert_int_equal(json_object_get_int(json_object_object_get(line, "pid-namespace")), 3);
	assert_null(json_object_object_get(line, "net-namespace"));
	json_object_put(line);
}

static void own_namespaces_are_shared(void **state)
{
	struct events_namespaces namespaces;

	(void)state;
	events_read_namespaces(getpid(), &namespaces);
	for (int i = 0; i < NIDUS_NS_COUNT; i++)
		assert_int_equal(namespaces.inode[i], 0);
}

static void report_has_every_field(void **state)
{
	struct nidus_label labels[] = { { "team", "blue" }, { "a\x80", "b\xff" } };
	struct nidus_spec spec = { .name = "box", .labels = labels, .label_count = 2 };
	struct nidus_result result = { .reason = NIDUS_EXITED, .exit_code = 7, .cleaned = true,
				       .memory_peak = NIDUS_UNSET, .setup_us = NIDUS_UNSET };
	struct json_object *line;
	struct fault fault;

	(void)state;
	assert_int_equal(report_write(ends[1], "0123456789ab", &spec, &result, &fault), 0);
	line = read_line();
	assert_string_equal(json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN),
		"{\"id\":\"0123456789ab\",\"name\":\"box\",\"labels\":{\"team\":\"blue\","
		"\"a\xef\xbf\xbd\":\"b\xef\xbf\xbd\"},\"reason\":\"exited\",\"exit_code\":7,"
		"\"signal\":null,\"core_dumped\":false,\"setup_us\":null,\"wall_us\":0,"
		"\"cpu_user_us\":0,\"cpu_sys_us\":0,\"cpu_throttled_us\":0,\"memory_peak\":null,"
		"\"memory_source\":null,\"max_rss\":0,"
		"\"net_rx_bytes\":0,\"net_tx_bytes\":0,"
		"\"oom_kills\":0,\"pids_peak\":0,\"pids_max_hits\":0,\"zombies_reaped\":0,"
		"\"degraded\":0,\"cleaned\":true,\"fault\":null,\"cleanup\":null}");
	json_object_put(line);
}

static void report_waits_for_a_full_pipe_no_longer_than_a_second(void **state)
{
	char page[PIPE_BUF] = { 0 };
	struct pollfd poll_fd = { .fd = ends[1], .events = POLLOUT };
	struct nidus_spec spec = { 0 };
	struct nidus_result result = { .fault = { .step = STEP_EXEC, .err = ENOENT } };
	struct timespec before, after;
	struct fault fault;

	(void)state;
	while (poll(&poll_fd, 1, 0) == 1)
		assert_true(write(ends[1], page, sizeof(page)) > 0);
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(report_write(ends[1], "0123456789ab", &spec, &result, &fault), -1);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_int_equal(fault.err, EAGAIN);
	assert_in_range(after.tv_sec - before.tv_sec, 0, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(spawned),
		TEST(short_events_and_their_sequence),
		TEST(exited_tells_unknown_as_null),
		TEST(failed_names_step_errno_and_object),
		TEST(cleanup_failed_names_the_resource),
		TEST(no_name_is_null),
		TEST(any_bytes_become_valid_utf8),
		TEST(the_longest_line_is_one_write),
		TEST(nobody_listening_costs_nothing),
		TEST(a_reader_that_is_gone_kills_nobody),
		TEST(a_signal_of_somebody_else_stays_pending),
		TEST(a_full_pipe_drops_and_the_next_tells),
		TEST(a_closed_socket_kills_nobody),
		TEST(times_are_those_of_gmtime),
		TEST(info_has_the_names_of_bubblewrap),
		TEST(own_namespaces_are_shared),
		TEST(report_has_every_field),
		TEST(report_waits_for_a_full_pipe_no_longer_than_a_second),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
