/* SPDX-License-Identifier: Apache-2.0 */
/* Leases: never one address twice, whoever asks at once; and whose each is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../init/contract.h"
#include "../../net/lease.h"
#include "lease_files.h"

#define LAUNCHERS 64
#define WAIT_S 60

static char root[64];
static int state_fd = -1;

static int set_up(void **state)
{
	(void)state;
	strcpy(root, "/tmp/nidus-lease-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	state_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return state_fd < 0 ? -1 : 0;
}

static int remove_one(const struct ip_addr *addr, const char *id, void *arg)
{
	struct fault fault;

	(void)arg;
	return lease_release(state_fd, id, addr, &fault);
}

static int tear_down(void **state)
{
	(void)state;
	lease_files_each(state_fd, remove_one, NULL);
	unlinkat(state_fd, "leases/lock", 0);
	unlinkat(state_fd, "leases", AT_REMOVEDIR);
	close(state_fd);
	return rmdir(root);
}

static struct ip_prefix pool_of(const char *text)
{
	struct ip_prefix pool;

	assert_true(ip_prefix_parse(text, &pool));
	return pool;
}

/* All three calls. */
static int take_one(const struct ip_prefix *pool, const char *id, lease_is_used *is_used, void *arg,
		    struct ip_addr *addr, struct fault *fault)
{
	struct lease_lock lock;
	int ret;

	if (lease_lock(&lock, state_fd, fault) < 0)
		return -1;
	ret = lease_choose(&lock, pool, id, is_used, arg, addr, fault);
	if (ret == 0)
		ret = lease_make(&lock, id, addr, fault);
	lease_unlock(&lock);
	return ret;
}

static void take_with(const char *pool_text, const char *id, lease_is_used *is_used, void *arg,
		      char text[IP_TEXT_MAX])
{
	struct ip_prefix pool = pool_of(pool_text);
	struct fault fault;
	struct ip_addr addr;

	if (take_one(&pool, id, is_used, arg, &addr, &fault) < 0)
		fail_msg("%s: errno %d: %s", pool_text, fault.err, fault.what);
	assert_true(ip_prefix_contains(&pool, &addr));
	ip_addr_text(&addr, text);
}

static void take(const char *pool, const char *id, char text[IP_TEXT_MAX])
{
	take_with(pool, id, NULL, NULL, text);
}

static void refused(const char *pool_text, const char *id, lease_is_used *is_used, int err,
		    const char *what)
{
	struct ip_prefix pool = pool_of(pool_text);
	struct fault fault;
	struct ip_addr addr;

	assert_int_equal(take_one(&pool, id, is_used, NULL, &addr, &fault), -1);
	assert_int_equal(fault.step, STEP_NETWORK);
	assert_int_equal(fault.err, err);
	assert_string_equal(fault.what, what);
}

static void release(const char *id, const char *text)
{
	struct ip_addr addr;
	struct fault fault;

	assert_true(ip_addr_parse(text, &addr));
	assert_int_equal(lease_release(state_fd, id, &addr, &fault), 0);
}

struct census {
	unsigned int count, nobodys;
	char last_id[32];
};

static int count_one(const struct ip_addr *addr, const char *id, void *arg)
{
	struct census *census = arg;

	(void)addr;
	census->count++;
	census->nobodys += id[0] == '\0';
	snprintf(census->last_id, sizeof(census->last_id), "%s", id);
	return 0;
}

static struct census census(void)
{
	struct census census = { 0 };

	assert_int_equal(lease_files_each(state_fd, count_one, &census), 0);
	return census;
}

/* ---- one after the other ---- */

static void an_id_always_begins_at_the_same_address(void **state)
{
	char first[IP_TEXT_MAX], again[IP_TEXT_MAX];

	(void)state;
	take("10.213.0.0/16", "0123456789ab", first);
	release("0123456789ab", first);
	take("10.213.0.0/16", "0123456789ab", again);
	assert_string_equal(first, again);
}

static void a_lease_is_a_file_with_its_id(void **state)
{
	char text[IP_TEXT_MAX], path[160], content[32] = "";
	int fd;

	(void)state;
	take("fd00::/64", "0123456789ab", text);
	snprintf(path, sizeof(path), "%s/leases/%s", root, text);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, content, sizeof(content) - 1), 12);
	close(fd);
	assert_string_equal(content, "0123456789ab");
	assert_int_equal(census().count, 1);
}

static void a_pool_is_leased_whole_and_then_exhausted(void **state)
{
	char text[IP_TEXT_MAX], id[16];

	(void)state;
	for (int i = 0; i < 6; i++) {
		snprintf(id, sizeof(id), "id%d", i);
		take("10.9.8.0/29", id, text);
	}
	assert_int_equal(census().count, 6);
	refused("10.9.8.0/29", "id7", NULL, ENOSPC, "pool 10.9.8.0/29: no address is free");
	release("id5", text);
	take("10.9.8.0/29", "id7", text);
}

static void a_pool_of_one(void **state)
{
	char text[IP_TEXT_MAX];

	(void)state;
	take("10.9.8.7/32", "a", text);
	assert_string_equal(text, "10.9.8.7");
	refused("10.9.8.7/32", "b", NULL, ENOSPC, "pool 10.9.8.7/32: no address is free");
}

static void only_the_holder_releases(void **state)
{
	char text[IP_TEXT_MAX];

	(void)state;
	take("10.9.8.0/24", "mine", text);
	release("other", text);
	assert_int_equal(census().count, 1);
	release("mine", text);
	release("mine", text); /* again: nothing to do */
	assert_int_equal(census().count, 0);
}

static void releasing_where_nothing_was_ever_leased(void **state)
{
	(void)state;
	release("mine", "10.9.8.7");
	assert_int_equal(census().count, 0);
}

static void what_a_dead_maker_left_is_nobodys(void **state)
{
	char text[IP_TEXT_MAX], path[160];
	struct census left;
	int fd;

	(void)state;
	take("10.9.8.7/32", "a", text);
	snprintf(path, sizeof(path), "%s/leases/%s", root, text);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	close(fd);
	left = census();
	assert_int_equal(left.count, 1);
	assert_int_equal(left.nobodys, 1);
	take("10.9.8.7/32", "b", text);
	assert_string_equal(census().last_id, "b");
}

static void other_files_are_no_leases(void **state)
{
	char text[IP_TEXT_MAX], path[160];
	int fd;

	(void)state;
	take("10.9.8.0/24", "a", text);
	snprintf(path, sizeof(path), "%s/leases/10.9.8", root);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(census().count, 1);
	unlink(path);
}

static void a_link_in_the_place_of_the_directory_is_refused(void **state)
{
	struct ip_prefix pool = pool_of("10.9.8.0/24");
	struct fault fault;
	struct ip_addr addr;

	(void)state;
	assert_int_equal(symlinkat("/tmp", state_fd, "leases"), 0);
	assert_int_equal(take_one(&pool, "a", NULL, NULL, &addr, &fault), -1);
	assert_int_equal(fault.err, ENOTDIR);
	unlinkat(state_fd, "leases", 0);
}

/* ---- what the host has ---- */

static unsigned int questions;

static int below_64(const struct ip_addr *addr, void *arg, bool *used, struct fault *fault)
{
	(void)arg;
	(void)fault;
	questions++;
	*used = addr->bytes[3] > LAUNCHERS;
	return 0;
}

static int always(const struct ip_addr *addr, void *arg, bool *used, struct fault *fault)
{
	(void)addr;
	(void)arg;
	(void)fault;
	questions++;
	*used = true;
	return 0;
}

static int unknown(const struct ip_addr *addr, void *arg, bool *used, struct fault *fault)
{
	(void)addr;
	(void)arg;
	*used = false;
	return fault_set(fault, STEP_NETWORK, EIO, "route");
}

static int is_the_one(const struct ip_addr *addr, void *arg, bool *used, struct fault *fault)
{
	char text[IP_TEXT_MAX];

	(void)fault;
	*used = strcmp(ip_addr_text(addr, text), arg) == 0;
	return 0;
}

static void an_address_of_the_hosts_is_avoided_deterministically(void **state)
{
	char first[IP_TEXT_MAX], second[IP_TEXT_MAX], again[IP_TEXT_MAX];

	(void)state;
	take("10.213.0.0/16", "id", first);
	release("id", first);
	take_with("10.213.0.0/16", "id", is_the_one, first, second);
	assert_string_not_equal(first, second);
	release("id", second);
	take_with("10.213.0.0/16", "id", is_the_one, first, again);
	assert_string_equal(second, again);
}

static void half_a_pool_of_the_hosts_costs_few_questions(void **state)
{
	char text[IP_TEXT_MAX], id[16];

	(void)state;
	questions = 0;
	for (int i = 0; i < 32; i++) {
		snprintf(id, sizeof(id), "id%d", i);
		take_with("10.9.8.0/25", id, below_64, NULL, text);
	}
	if (questions > 32 * 6)
		fail_msg("32 leases of 64 free ones in 126: the host was asked %u times", questions);
}

static void a_pool_that_is_all_the_hosts_is_exhausted_in_bounded_time(void **state)
{
	(void)state;
	questions = 0;
	refused("10.213.0.0/16", "id", always, ENOSPC, "pool 10.213.0.0/16: no address is free");
	assert_int_equal(questions, LEASE_QUESTIONS_MAX);
	assert_int_equal(census().count, 0);
}

static void not_to_know_is_a_fault(void **state)
{
	(void)state;
	refused("10.213.0.0/16", "id", unknown, EIO, "route");
	assert_int_equal(census().count, 0);
}

/* ---- intent before effect ---- */

static void a_choice_makes_no_lease(void **state)
{
	struct ip_prefix pool = pool_of("10.9.8.0/24");
	struct lease_lock lock;
	struct ip_addr addr;
	struct fault fault;

	(void)state;
	assert_int_equal(lease_lock(&lock, state_fd, &fault), 0);
	assert_int_equal(lease_choose(&lock, &pool, "id", NULL, NULL, &addr, &fault), 0);
	assert_int_equal(census().count, 0);
	assert_int_equal(lease_make(&lock, "id", &addr, &fault), 0);
	assert_int_equal(census().count, 1);
	lease_unlock(&lock);
}

/* Between the choice and the lease nobody else chooses, or releases. */
static void a_choice_is_kept_by_the_lock(void **state)
{
	struct ip_prefix pool = pool_of("10.9.8.7/32");
	struct ip_addr addr, theirs;
	struct lease_lock lock;
	struct fault fault;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(lease_lock(&lock, state_fd, &fault), 0);
	assert_int_equal(lease_choose(&lock, &pool, "mine", NULL, NULL, &addr, &fault), 0);
	pid = fork();
	if (pid == 0) {
		close(lock.lock_fd);
		_exit(take_one(&pool, "theirs", NULL, NULL, &theirs, &fault) < 0 &&
				      fault.err == ENOSPC ? 0 : 1);
	}
	usleep(20000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(lease_make(&lock, "mine", &addr, &fault), 0);
	lease_unlock(&lock);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(census().last_id, "mine");
}

/* A caller whose record can't be written lets go of the lock, and that is all. */
static void a_choice_that_is_dropped_is_free_again(void **state)
{
	struct ip_prefix pool = pool_of("10.9.8.7/32");
	char text[IP_TEXT_MAX];
	struct lease_lock lock;
	struct ip_addr addr;
	struct fault fault;

	(void)state;
	assert_int_equal(lease_lock(&lock, state_fd, &fault), 0);
	assert_int_equal(lease_choose(&lock, &pool, "id", NULL, NULL, &addr, &fault), 0);
	lease_unlock(&lock);
	lease_unlock(&lock);
	assert_int_equal(census().count, 0);
	take("10.9.8.7/32", "other", text);
}

/* ---- all at once ---- */

/* A launcher: waits for the start, leases, tells the address. */
static void launch(int number, int start, int answer)
{
	struct ip_prefix pool;
	struct ip_addr addr = { 0 };
	struct fault fault;
	char id[16], go;

	alarm(WAIT_S);
	snprintf(id, sizeof(id), "%012x", (unsigned int)number);
	if (!ip_prefix_parse("10.9.8.0/25", &pool) || read(start, &go, 1) != 0 ||
	    take_one(&pool, id, below_64, NULL, &addr, &fault) < 0)
		addr.bytes[3] = 0;
	_exit(write(answer, &addr.bytes[3], 1) == 1 ? 0 : 1);
}

static void sixty_four_at_once_get_sixty_four_addresses(void **state)
{
	bool seen[256] = { false };
	int start[2], answer[2];
	unsigned char last;

	(void)state;
	assert_int_equal(pipe2(start, O_CLOEXEC), 0);
	assert_int_equal(pipe2(answer, O_CLOEXEC), 0);
	for (int i = 0; i < LAUNCHERS; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			close(start[1]);
			launch(i, start[0], answer[1]);
		}
	}
	close(start[0]);
	close(answer[1]);
	close(start[1]); /* the start: everybody reads the end at once */
	for (int i = 0; i < LAUNCHERS; i++) {
		assert_int_equal(read(answer[0], &last, 1), 1);
		assert_in_range(last, 1, LAUNCHERS);
		if (seen[last])
			fail_msg("10.9.8.%u was leased twice", last);
		seen[last] = true;
	}
	close(answer[0]);
	for (int i = 0; i < LAUNCHERS; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(census().count, LAUNCHERS);
	refused("10.9.8.0/25", "one more", below_64, ENOSPC,
		"pool 10.9.8.0/25: no address is free");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_id_always_begins_at_the_same_address),
		TEST(a_lease_is_a_file_with_its_id),
		TEST(a_pool_is_leased_whole_and_then_exhausted),
		TEST(a_pool_of_one),
		TEST(only_the_holder_releases),
		TEST(releasing_where_nothing_was_ever_leased),
		TEST(what_a_dead_maker_left_is_nobodys),
		TEST(other_files_are_no_leases),
		TEST(a_link_in_the_place_of_the_directory_is_refused),
		TEST(an_address_of_the_hosts_is_avoided_deterministically),
		TEST(half_a_pool_of_the_hosts_costs_few_questions),
		TEST(a_pool_that_is_all_the_hosts_is_exhausted_in_bounded_time),
		TEST(not_to_know_is_a_fault),
		TEST(a_choice_makes_no_lease),
		TEST(a_choice_is_kept_by_the_lock),
		TEST(a_choice_that_is_dropped_is_free_again),
		TEST(sixty_four_at_once_get_sixty_four_addresses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
