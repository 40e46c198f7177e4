/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sandbox's network through net.h alone: a thousand times with nothing left, and a
 * spawner that dies at any point, after which the journal is enough to undo it all.
 * NIDUS_TEST_CYCLES: another number, as for valgrind.
 */
#include <sys/pidfd.h>

#include "../../init/clock.h"
#include "../../net/lease.h"
#include "../../net/usermode.h"
#include "sandbox_live.h"

#define CYCLES 1000
#define RECORDS 8     /* of a journal: at most 7 are written */
#define POINTS_MAX 64 /* at which one can die */

/* ---- again and again ---- */

static void cycle(unsigned int number)
{
	struct net_usage usage;
	struct claims claims = { .count = 0 };
	struct net *net;
	char id[16];
	pid_t pid = start_process();

	snprintf(id, sizeof(id), "%012x", number);
	check_ok(claims_make(&claims, &options, state_fd, id, &net, &fault));
	check_ok(net_attach(net, pid, &fault));
	net_read(net, &usage);
	check(usage.rx_bytes != UINT64_MAX, "cycle %u", number);
	end_process(pid);
	check_ok(claims_remove(&claims, net, &fault));
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
	struct claims claims = { .count = 0 };
	struct net *net;
	pid_t pid;

	make_host();
	check_ok(claims_make(&claims, &options, state_fd, "twice", &net, &fault));
	for (int i = 0; i < 2; i++) {
		pid = start_process();
		check_ok(net_attach(net, pid, &fault));
		check(count().links == 1, "%zu links", count().links);
		end_process(pid);
	}
	check_ok(claims_remove(&claims, net, &fault));
	net_free(net);
	check_nothing_left("after the second");
}

/*
 * What all links have alike the kernel keeps in one list, which every next one walks: no
 * address of the host's end, no route for multicast; one route to the sandbox.
 */
static void body_nothing_shared(void)
{
	struct claims claims = { .count = 0 };
	struct net *net;
	pid_t pid;

	make_host();
	pid = start_process();
	check_ok(claims_make(&claims, &options, state_fd, "alone", &net, &fault));
	check_ok(net_attach(net, pid, &fault));
	check(count_lines("/proc/thread-self/net/if_inet6", "ndalone") == 0);
	check(count_lines("/proc/thread-self/net/ipv6_route", "ndalone") == 1, "%zu routes",
	      count_lines("/proc/thread-self/net/ipv6_route", "ndalone"));
	end_process(pid);
	check_ok(claims_remove(&claims, net, &fault));
	net_free(net);
	check_nothing_left("after it");
}

static void body_failed_attach(void)
{
	struct claims claims = { .count = 0 };
	struct net *net;

	make_host();
	check_ok(claims_make(&claims, &options, state_fd, "nobody", &net, &fault));
	check(net_attach(net, 0x7ffffff0, &fault) == -1 && fault.err == ENOENT, "%s: %s",
	      fault.what, strerror(fault.err));
	check_ok(claims_remove(&claims, net, &fault));
	net_free(net);
	check_nothing_left("after the failure");
}

/* A caller that can't write its record down, and so never takes what it chose. */
static void body_never_taken(void)
{
	struct claims claims = { .count = 0 };
	struct net_config config;
	struct net *net;
	int64_t began;

	make_host();
	config_init(&config);
	check_ok(net_open(&options, &config, state_fd, "never", &net, &fault));
	check_ok(net_choose(net, claims.all, &claims.count, &fault));
	began = clock_now_ms();
	check_ok(claims_remove(&claims, net, &fault));
	check(clock_now_ms() - began < LEASE_LOCK_MS, "it waited for its own lock");
	net_free(net);
	check_nothing_left("after the choice");
}

/* The program of a user network that is held, and never told to go. */
static void body_never_gone(void)
{
	const struct net_user_program program = { .kind = NET_USER_SLIRP4NETNS, .path = "/bin/true" };
	struct net_user *user;
	size_t fds;
	pid_t pid;

	make_host();
	pid = start_process();
	fds = count_fds();
	check_ok(net_user_start(&program, &options, pid, state_fd, &user, &fault));
	check_ok(net_user_stop(&user, NET_USER_STOP_MS, &fault));
	check(count_fds() == fds, "%zu descriptors, %zu before", count_fds(), fds);
	end_process(pid);
	check(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a child is left");
}

/* ---- dying ---- */

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

static void write_record(const struct net_claim *claim, void *arg)
{
	struct victim *victim = arg;

	reach_point(victim);
	if (write(victim->journal_fd, claim, sizeof(*claim)) != sizeof(*claim))
		_exit(1);
	reach_point(victim);
}

static const char *link_claim(const struct claims *claims)
{
	for (size_t i = 0; i < claims->count; i++)
		if (claims->all[i].resource == NET_LINK)
			return claims->all[i].text;
	return "";
}

static void live(struct victim *victim, const char *id)
{
	struct claims claims = { .point = write_record, .arg = victim };
	struct net *net;
	pid_t pid = start_process();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	check_ok(claims_make(&claims, &options, state_fd, id, &net, &fault));
	reach_point(victim);
	check_ok(net_attach(net, pid, &fault));
	reach_point(victim);
	end_process(pid);
	reach_point(victim);
	check_ok(net_remove(net, NET_LINK, link_claim(&claims), &fault));
	reach_point(victim);
	check_ok(net_remove(net, NET_ELEMENTS, id, &fault));
	reach_point(victim);
	check_ok(claims_remove(&claims, net, &fault)); /* what is gone is no fault */
	reach_point(victim);
	net_free(net);
	_exit(0);
}

static void read_records(int fd, struct claims *claims)
{
	while (claims->count < RECORDS &&
	       read(fd, &claims->all[claims->count], sizeof(*claims->all)) == sizeof(*claims->all))
		claims->count++;
}

/* And once more. */
static void recover(const struct claims *claims, const char *id)
{
	for (int again = 0; again < 2; again++) {
		struct net *net;

		check_ok(net_find(state_fd, id, &net, &fault));
		check_ok(claims_remove(claims, net, &fault));
		net_free(net);
	}
}

/* Dies at a point: false when it lived through all. */
static bool die_at(int point)
{
	struct victim victim = { .die_at = point };
	struct claims claims = { .count = 0 };
	char id[16], when[32];
	int ends[2], status;
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
	read_records(ends[0], &claims);
	check(waitpid(pid, &status, 0) == pid);
	check(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "%s: %#x", when, status);
	close(ends[0]);
	recover(&claims, id);
	check_nothing_left(when);
	return WIFSIGNALED(status);
}

static void body_deaths(void)
{
	int point = 0;

	make_host();
	while (point < POINTS_MAX && die_at(point))
		point++;
	/* before and after each of at least three records, and six steps */
	check(point >= 12 && point < POINTS_MAX, "%d points", point);
}

/* Of a neighbour nothing goes, neither by death nor by recovery. */
static void body_neighbour(void)
{
	struct census census;
	struct claims claims = { .count = 0 };
	struct net *net, *other;
	pid_t pid;

	make_host();
	pid = start_process();
	check_ok(claims_make(&claims, &options, state_fd, "neighbour", &net, &fault));
	check_ok(net_attach(net, pid, &fault));
	census = count();
	check_ok(net_find(state_fd, "other", &other, &fault));
	check(net_remove(other, NET_LINK, "ndneighbour", &fault) == -1);
	check(net_remove(other, NET_ELEMENTS, "neighbour", &fault) == -1);
	check_ok(net_remove(other, NET_ELEMENTS, "other", &fault));
	check_ok(net_remove(other, NET_LINK, "ndother", &fault));
	net_free(other);
	check(memcmp(&census, &(struct census){ count().links, count().ids, count().leases },
		     sizeof(census)) == 0);
	end_process(pid);
	check_ok(claims_remove(&claims, net, &fault));
	net_free(net);
	check_nothing_left("after the neighbour");
}

LIVE(a_thousand_networks_leave_nothing, body_cycles)
LIVE(a_second_pid_1_takes_the_place_of_the_first, body_attached_twice)
LIVE(links_share_no_address_and_no_route, body_nothing_shared)
LIVE(a_failed_attach_leaves_nothing, body_failed_attach)
LIVE(a_choice_that_is_never_taken_leaves_nothing, body_never_taken)
/* Not under a valgrind older than 3.20, which doesn't know the call. */
static void a_user_network_that_never_goes_leaves_nothing(void **state)
{
	int pidfd = pidfd_open(getpid(), 0);

	(void)state;
	if (pidfd < 0) {
		print_message("# skipped: pidfd_open: %s\n", strerror(errno));
		skip();
	}
	close(pidfd);
	netns_run(body_never_gone);
}

LIVE(whoever_dies_anywhere_is_undone_by_the_journal, body_deaths)
LIVE(recovery_touches_no_neighbour, body_neighbour)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_networks_leave_nothing),
		cmocka_unit_test(a_second_pid_1_takes_the_place_of_the_first),
		cmocka_unit_test(links_share_no_address_and_no_route),
		cmocka_unit_test(a_failed_attach_leaves_nothing),
		cmocka_unit_test(a_choice_that_is_never_taken_leaves_nothing),
		cmocka_unit_test(a_user_network_that_never_goes_leaves_nothing),
		cmocka_unit_test(whoever_dies_anywhere_is_undone_by_the_journal),
		cmocka_unit_test(recovery_touches_no_neighbour),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
