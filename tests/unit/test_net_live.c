/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sandbox's network through net.h alone: a thousand times with nothing left, and a
 * spawner that dies at any point, after which the journal is enough to undo it all.
 * NIDUS_TEST_CYCLES: another number, as for valgrind.
 */
#include "netns_live.h"

#include <dirent.h>
#include <linux/netlink.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include "../../net/lease.h"
#include "../../net/net.h"
#include "../../net/nft.h"

#define CYCLES 1000
#define GONE_MS 10000
#define RECORDS 8     /* of a journal: at most 4 are written */
#define POINTS_MAX 64 /* at which one can die */

static const struct net_options options = { .has_forward = true, .forward = true };
static struct fault fault;
static int state_fd;

/* ---- what is there ---- */

struct census {
	size_t links, ids, leases;
};

static int count_link(const struct link_info *info, void *arg)
{
	(void)info;
	++*(size_t *)arg;
	return 0;
}

static int count_id(const char *id, void *arg)
{
	(void)id;
	++*(size_t *)arg;
	return 0;
}

static int count_lease(const struct ip_addr *addr, const char *id, void *arg)
{
	(void)addr;
	return count_id(id, arg);
}

static struct census count(void)
{
	struct census census = { 0 };
	struct rtnl route, nft;

	check_ok(rtnl_open(&route, NETLINK_ROUTE, &fault));
	check_ok(rtnl_open(&nft, NETLINK_NETFILTER, &fault));
	check_ok(link_list(&route, NET_LINK_GROUP, count_link, &census.links, &fault));
	check(nft_list(&nft, count_id, &census.ids, &fault) == 0 || fault.err == ENOENT, "%s: %s",
	      fault.what, strerror(fault.err));
	check_ok(lease_list(state_fd, count_lease, &census.leases, &fault));
	rtnl_close(&route);
	rtnl_close(&nft);
	return census;
}

static void check_nothing_left(const char *when)
{
	struct census census = { 0 };

	/* a link goes with its namespace, some 30 ms later */
	for (int64_t end = netns_now_us() + GONE_MS * 1000; netns_now_us() < end;) {
		struct timespec pause = { 0, 2000000 };

		census = count();
		if (census.links == 0)
			break;
		nanosleep(&pause, NULL);
	}
	check(census.links == 0 && census.ids == 0 && census.leases == 0,
	      "%s: %zu links, %zu ids with elements, %zu leases", when, census.links, census.ids,
	      census.leases);
}

static size_t count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t fds = 0;

	check(dir != NULL);
	while (readdir(dir))
		fds++;
	closedir(dir);
	return fds;
}

/* ---- a host, and what stands in for a sandbox ---- */

static void make_host(void)
{
	struct rtnl_batch batch;
	struct rtnl rtnl;

	if (unshare(CLONE_NEWNS) < 0)
		_exit(CHILD_SKIPPED);
	check(mount("", "/", "", MS_REC | MS_PRIVATE, NULL) == 0, "%s", strerror(errno));
	check(mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0, "%s", strerror(errno));
	state_fd = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check(state_fd >= 0 && setenv("NIDUS_CONFIG", "/dev/null", 1) == 0);
	check_ok(rtnl_open(&rtnl, NETLINK_ROUTE, &fault));
	rtnl_batch_init(&batch);
	link_set_up(&batch, 0, "lo");
	check_ok(rtnl_send(&rtnl, &batch, &fault));
	rtnl_close(&rtnl);
}

static pid_t start_process(void)
{
	int ends[2];
	char byte = 0;
	pid_t pid;

	check(pipe2(ends, O_CLOEXEC) == 0);
	pid = fork();
	check(pid >= 0, "%s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0 || write(ends[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	check(read(ends[0], &byte, 1) == 1, "no namespace");
	close(ends[0]);
	return pid;
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int no_journal(enum net_resource resource, const char *text, void *arg,
		      struct fault *unused)
{
	(void)resource;
	(void)text;
	(void)arg;
	(void)unused;
	return 0;
}

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

#define LIVE(name, body)                                                                           \
	static void name(void **state)                                                             \
	{                                                                                          \
		(void)state;                                                                       \
		netns_run(body);                                                                   \
	}

LIVE(a_thousand_networks_leave_nothing, body_cycles)
LIVE(a_second_pid_1_takes_the_place_of_the_first, body_attached_twice)
LIVE(a_failed_attach_leaves_nothing, body_failed_attach)
LIVE(whoever_dies_anywhere_is_undone_by_the_journal, body_deaths)
LIVE(recovery_touches_no_neighbour, body_neighbour)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_networks_leave_nothing),
		cmocka_unit_test(a_second_pid_1_takes_the_place_of_the_first),
		cmocka_unit_test(a_failed_attach_leaves_nothing),
		cmocka_unit_test(whoever_dies_anywhere_is_undone_by_the_journal),
		cmocka_unit_test(recovery_touches_no_neighbour),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
