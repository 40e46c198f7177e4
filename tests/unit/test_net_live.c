/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sandbox's network through net.h alone: a thousand times with nothing left, and a
 * spawner that dies at any point, after which the journal is enough to undo it all.
 * NIDUS_TEST_CYCLES: another number, as for valgrind.
 */
#include "sandbox_live.h"

#define CYCLES 1000
#define RECORDS 8     /* of a journal: at most 4 are written */
#define POINTS_MAX 64 /* at which one can die */

/* ---- again and again ---- */

static void cycle(unsigned int number)
{
	struct net_usage usage;
	struct net *net;
	char id[16];
	pid_t pid = start_process();

	snprintf(id, sizeof(id), "%012x", number);
	check_ok(net_prepare(&options, state_fd, id, no_journal, NULL, &net, &fault));
	check_ok(net_attach(net, pid, &fault));
	net_read(net, &usage);
	check(usage.rx_bytes != UINT64_MAX, "cycle %u", number);
	end_process(pid);
	check_ok(net_detach(net, &fault));
	net_free(net);
}

static void body_cycles(void)
{
	const char *wish = getenv("NIDUS_TEST_CYCLES");
	unsigned int cycles = wish ? (unsigned int)atoi(wish) : CYCLES;
	size_t fds;

	make_host();
	cycle(0);
	fds = count_fds();
	for (unsigned int i = 1; i <= cycles; i++)
		cycle(i);
	check(count_fds() == fds, "%zu descriptors, %zu before", count_fds(), fds);
	check_nothing_left("after all cycles");
}

static size_t count_lines(const char *path, const char *needle)
{
	char line[256];
	size_t count = 0;
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		count += strstr(line, needle) != NULL;
	if (f)
		fclose(f);
	return count;
}

/* Whoever is killed at birth gets another PID 1: net_attach a second time. */
static void body_attached_twice(void)
{
	struct net *net;
	pid_t pid;

	make_host();
	check_ok(net_prepare(&options, state_fd, "twice", no_journal, NULL, &net, &fault));
	for (int i = 0; i < 2; i++) {
		pid = start_process();
		check_ok(net_attach(net, pid, &fault));
		check(count().links == 1, "%zu links", count().links);
		end_process(pid);
	}
	check_ok(net_detach(net, &fault));
	net_free(net);
	check_nothing_left("after the second");
}

/*
 * What all links have alike the kernel keeps in one list, which every next one walks: no
 * address of the host's end, no route for multicast; one route to the sandbox.
 */
static void body_nothing_shared(void)
{
	struct net *net;
	pid_t pid;

	make_host();
	pid = start_process();
	check_ok(net_prepare(&options, state_fd, "alone", no_journal, NULL, &net, &fault));
	check_ok(net_attach(net, pid, &fault));
	check(count_lines("/proc/thread-self/net/if_inet6", "ndalone") == 0);
	check(count_lines("/proc/thread-self/net/ipv6_route", "ndalone") == 1, "%zu routes",
	      count_lines("/proc/thread-self/net/ipv6_route", "ndalone"));
	end_process(pid);
	check_ok(net_detach(net, &fault));
	net_free(net);
	check_nothing_left("after it");
}

static void body_failed_attach(void)
{
	struct net *net;

	make_host();
	check_ok(net_prepare(&options, state_fd, "nobody", no_journal, NULL, &net, &fault));
	check(net_attach(net, 0x7ffffff0, &fault) == -1 && fault.err == ENOENT, "%s: %s",
	      fault.what, strerror(fault.err));
	check_ok(net_detach(net, &fault));
	net_free(net);
	check_nothing_left("after the failure");
}

/* ---- dying ---- */

struct record {
	uint32_t resource;
	char text[60];
};

/* What the dying one wrote down comes through a pipe, and a point is where it may die. */
struct victim {
	int journal_fd;
	int point, die_at;
};

static void reach_point(struct victim *victim)
{
	if (victim->point++ == victim->die_at)
		kill(getpid(), SIGKILL);
}

static int write_record(enum net_resource resource, const char *text, void *arg,
			struct fault *unused)
{
	struct victim *victim = arg;
	struct record record = { .resource = resource };

	(void)unused;
	snprintf(record.text, sizeof(record.text), "%s", text);
	reach_point(victim);
	if (write(victim->journal_fd, &record, sizeof(record)) != sizeof(record))
		_exit(1);
	reach_point(victim);
	return 0;
}

static void live(struct victim *victim, const char *id)
{
	struct net *net;
	pid_t pid = start_process();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	check_ok(net_prepare(&options, state_fd, id, write_record, victim, &net, &fault));
	reach_point(victim);
	check_ok(net_attach(net, pid, &fault));
	reach_point(victim);
	end_process(pid);
	reach_point(victim);
	check_ok(net_detach(net, &fault));
	reach_point(victim);
	_exit(0);
}

static size_t read_records(int fd, struct record *records)
{
	size_t n = 0;

	while (n < RECORDS && read(fd, &records[n], sizeof(*records)) == sizeof(*records))
		n++;
	return n;
}

static void recover(const struct record *records, size_t n, const char *id)
{
	/* backwards, as a journal is undone, and once more */
	for (int again = 0; again < 2; again++)
		for (size_t i = n; i-- > 0;)
			check_ok(net_recover((enum net_resource)records[i].resource,
					     records[i].text, state_fd, id, &fault));
}

/* Dies at a point: false when it lived through all. */
static bool die_at(int point)
{
	struct victim victim = { .die_at = point };
	struct record records[RECORDS];
	char id[16], when[32];
	int ends[2], status;
	size_t n;
	pid_t pid;

	snprintf(id, sizeof(id), "dies%d", point);
	snprintf(when, sizeof(when), "died at point %d", point);
	check(pipe2(ends, O_CLOEXEC) == 0);
	pid = fork();
	check(pid >= 0, "%s", strerror(errno));
	if (pid == 0) {
		victim.journal_fd = ends[1];
		live(&victim, id);
	}
	close(ends[1]);
	n = read_records(ends[0], records);
	check(waitpid(pid, &status, 0) == pid);
	check(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "%s: %#x", when, status);
	close(ends[0]);
	recover(records, n, id);
	check_nothing_left(when);
	return WIFSIGNALED(status);
}

static void body_deaths(void)
{
	int point = 0;

	make_host();
	while (point < POINTS_MAX && die_at(point))
		point++;
	/* before and after each of at least three records, and four steps */
	check(point >= 10 && point < POINTS_MAX, "%d points", point);
}

/* Of a neighbour nothing goes, neither by death nor by recovery. */
static void body_neighbour(void)
{
	struct census census;
	struct net *net;
	pid_t pid;

	make_host();
	pid = start_process();
	check_ok(net_prepare(&options, state_fd, "neighbour", no_journal, NULL, &net, &fault));
	check_ok(net_attach(net, pid, &fault));
	census = count();
	check(net_recover(NET_LINK, "ndneighbour", state_fd, "other", &fault) == -1);
	check(net_recover(NET_ELEMENTS, "neighbour", state_fd, "other", &fault) == -1);
	check_ok(net_recover(NET_ELEMENTS, "other", state_fd, "other", &fault));
	check_ok(net_recover(NET_LINK, "ndother", state_fd, "other", &fault));
	check(memcmp(&census, &(struct census){ count().links, count().ids, count().leases },
		     sizeof(census)) == 0);
	end_process(pid);
	check_ok(net_detach(net, &fault));
	net_free(net);
	check_nothing_left("after the neighbour");
}

LIVE(a_thousand_networks_leave_nothing, body_cycles)
LIVE(a_second_pid_1_takes_the_place_of_the_first, body_attached_twice)
LIVE(links_share_no_address_and_no_route, body_nothing_shared)
LIVE(a_failed_attach_leaves_nothing, body_failed_attach)
LIVE(whoever_dies_anywhere_is_undone_by_the_journal, body_deaths)
LIVE(recovery_touches_no_neighbour, body_neighbour)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_networks_leave_nothing),
		cmocka_unit_test(a_second_pid_1_takes_the_place_of_the_first),
		cmocka_unit_test(links_share_no_address_and_no_route),
		cmocka_unit_test(a_failed_attach_leaves_nothing),
		cmocka_unit_test(whoever_dies_anywhere_is_undone_by_the_journal),
		cmocka_unit_test(recovery_touches_no_neighbour),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
