/* SPDX-License-Identifier: Apache-2.0 */
/* library COMMAND [ARG...]: runs it in a sandbox and prints how it ended. See docs/LIBRARY.md. */
#include <nidus.h>
#include <poll.h>
#include <stdio.h>

static int say(const struct fault *fault)
{
	char text[512];

	fprintf(stderr, "library: %s\n", nidus_fault_text(fault, text, sizeof(text)));
	return nidus_fault_exit_code(fault);
}

/* Until nothing is left. In a program with an event loop: nidus_fd is one descriptor of it. */
static void drive(struct nidus_sandbox *sandbox)
{
	struct pollfd ready = { .fd = nidus_fd(sandbox), .events = POLLIN };

	do
		poll(&ready, 1, -1);
	while (nidus_step(sandbox) != NIDUS_GONE);
}

static int run(const struct nidus_spec *spec)
{
	const struct nidus_result *result;
	struct nidus_sandbox *sandbox;
	struct fault fault;
	int exit_code;

	if (nidus_start(spec, &sandbox, &fault) < 0)
		return say(&fault);
	drive(sandbox);
	result = nidus_result(sandbox);
	if (result->reason == NIDUS_START_ERROR)
		say(&result->fault);
	exit_code = result->exit_code;
	printf("%s, exit code %d\n", nidus_reason_name(result->reason), exit_code);
	nidus_free(sandbox);
	return exit_code;
}

int main(int argc, char **argv)
{
	struct nidus_spec spec;
	struct fault fault;
	int exit_code;

	if (argc < 2) {
		fputs("usage: library COMMAND [ARG...]\n", stderr);
		return 2;
	}
	if (nidus_spec_init(&spec) < 0)
		return 1;
	spec.wall_us = 2000000;        /* --timeout 2s */
	spec.memory_bytes = 256 << 20; /* --memory 256M */
	if (nidus_spec_set_argv(&spec, argv + 1, (size_t)argc - 1) < 0)
		exit_code = 1;
	else if (nidus_spec_check(&spec, &fault) < 0)
		exit_code = say(&fault);
	else
		exit_code = run(&spec);
	nidus_spec_free(&spec);
	return exit_code;
}
