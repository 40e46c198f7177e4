/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launches TOTAL AT_ONCE COMMAND…: what a supervisor does. One process, one
 * poll loop, TOTAL sandboxes of which AT_ONCE live at a time. Prints
 * "launches N failed F fds BEFORE AFTER children C" and exits 0 when all ended
 * with status 0, all were cleaned, and the number of descriptors is what it was.
 * LAUNCHES_NET=nat or user in the environment: their network.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../spawn/nidus.h"

#define AT_ONCE_MAX 256
#define QUIET_MS 60000

struct caller {
	struct nidus_spec spec;
	struct nidus_sandbox *running[AT_ONCE_MAX];
	long total, at_once, started, ended, failed;
};

static int count_fds(void)
{
	int count = 0;
	DIR *directory = opendir("/proc/self/fd");

	if (!directory)
		return -1;
	while (readdir(directory))
		count++;
	closedir(directory);
	return count - 3; /* ".", ".." and the directory itself */
}

static void say_fault(const struct fault *fault)
{
	char text[512];

	fprintf(stderr, "launches: %s\n", nidus_fault_text(fault, text, sizeof(text)));
}

static void start_one(struct caller *caller, size_t slot)
{
	struct fault fault = { 0 };

	caller->started++;
	if (nidus_start(&caller->spec, &caller->running[slot], &fault) < 0) {
		say_fault(&fault);
		caller->failed++;
		caller->ended++;
		caller->running[slot] = NULL;
	}
}

static void step_one(struct caller *caller, size_t slot)
{
	const struct nidus_result *result;

	if (nidus_step(caller->running[slot]) != NIDUS_GONE)
		return;
	result = nidus_result(caller->running[slot]);
	if (result->exit_code != 0 || !result->cleaned) {
		fprintf(stderr, "launches: exit code %d, reason %s, cleaned %d\n",
			result->exit_code, nidus_reason_name(result->reason), result->cleaned);
		say_fault(result->cleaned ? &result->fault : &result->cleanup);
		caller->failed++;
	}
	nidus_free(caller->running[slot]);
	caller->running[slot] = NULL;
	caller->ended++;
}

static int run_all(struct caller *caller)
{
	struct pollfd polls[AT_ONCE_MAX];

	while (caller->ended < caller->total) {
		for (size_t i = 0; i < (size_t)caller->at_once; i++) {
			if (!caller->running[i] && caller->started < caller->total)
				start_one(caller, i);
			polls[i].fd = caller->running[i] ? nidus_fd(caller->running[i]) : -1;
			polls[i].events = POLLIN;
		}
		if (caller->ended == caller->total)
			break;
		if (poll(polls, (nfds_t)caller->at_once, QUIET_MS) == 0) {
			fprintf(stderr, "launches: nothing happened for %d ms\n", QUIET_MS);
			return -1;
		}
		for (size_t i = 0; i < (size_t)caller->at_once; i++)
			if (caller->running[i] && polls[i].revents)
				step_one(caller, i);
	}
	return 0;
}

static void set_network(struct nidus_spec *spec, const char *net)
{
	if (net)
		spec->net = strcmp(net, "nat") == 0 ? NIDUS_NET_NAT : NIDUS_NET_USER;
}

int main(int argc, char **argv)
{
	struct caller caller = { 0 };
	struct fault fault = { 0 };
	int before, after, children;

	if (argc < 4)
		return 2;
	caller.total = atol(argv[1]);
	caller.at_once = atol(argv[2]);
	if (caller.at_once < 1 || caller.at_once > AT_ONCE_MAX)
		return 2;
	if (nidus_spec_init(&caller.spec) < 0 ||
	    nidus_spec_set_argv(&caller.spec, argv + 3, (size_t)argc - 3) < 0)
		return 1;
	set_network(&caller.spec, getenv("LAUNCHES_NET"));
	if (nidus_spec_check(&caller.spec, &fault) < 0) {
		say_fault(&fault);
		return 1;
	}

	before = count_fds();
	if (run_all(&caller) < 0)
		return 1;
	after = count_fds();
	children = waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? 0 : 1;
	nidus_spec_free(&caller.spec);

	printf("launches %ld failed %ld fds %d %d children %d\n", caller.ended, caller.failed,
	       before, after, children);
	return caller.failed != 0 || before != after || children != 0;
}
