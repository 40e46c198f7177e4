/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each call that the default filter refuses, by number, with arguments on both sides of
 * what its row tests; and the calls of the other architectures of this machine.
 */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../spawn/confine/seccomp_table.h"
#include "posture.h"

#define REFUSED 0
#define DONE 1 /* the call came through, or the kernel looked at its arguments */

struct call {
	long number;
	unsigned long args[6];
};

static int make_call(const void *arg)
{
	const struct call *call = arg;
	pid_t self = getpid();
	long result = syscall(call->number, call->args[0], call->args[1], call->args[2],
			      call->args[3], call->args[4], call->args[5]);

	if (getpid() != self) /* clone's child */
		_exit(0);
	if (result != -1)
		return DONE;
	return errno == EPERM || errno == EACCES || errno == ENOSYS || errno == EAFNOSUPPORT
		       ? REFUSED : DONE;
}

/* Pointers that lead nowhere, numbers that mean nothing: harmless if it comes through. */
static struct call call_of(long number)
{
	struct call call = { .number = number };

	for (int i = 0; i < 6; i++)
		call.args[i] = ~0ul;
	return call;
}

static void try_call(const struct seccomp_row *row, const struct call *call, const char *edge)
{
	int result = in_child(make_call, call);
	char name[64];

	snprintf(name, sizeof(name), "%s%s%s", row->name, edge[0] ? " " : "", edge);
	if (result == REFUSED || result == 128 + SIGSYS)
		contained(name);
	else
		escaped(name, "it came through to the kernel");
}

/* The smallest and the largest values that the test means, and one with the upper half set. */
static void try_test(const struct seccomp_row *row, struct call call, const struct seccomp_test *test)
{
	unsigned long *arg = &call.args[test->arg];

	switch (test->kind) {
	case SECCOMP_ANY_BIT:
		*arg = test->value & -test->value;
		try_call(row, &call, "lowest bit");
		*arg = 1ul << (63 - __builtin_clzl(test->value));
		try_call(row, &call, "highest bit");
		break;
	case SECCOMP_LOW32:
		*arg = test->value;
		try_call(row, &call, "exact");
		*arg |= 1ul << 40;
		try_call(row, &call, "with the upper half");
		break;
	case SECCOMP_ABOVE:
		*arg = test->value + 1;
		try_call(row, &call, "one above");
		*arg = 1ul << 32 | (test->value + 1);
		try_call(row, &call, "far above");
		break;
	case SECCOMP_NOT:
		*arg = test->value + 1;
		try_call(row, &call, "another");
		*arg = test->value | 1ul << 40;
		try_call(row, &call, "with the upper half");
		break;
	default:
		try_call(row, &call, "");
	}
}

/* A value that meets the test. */
static unsigned long meet(const struct seccomp_test *test)
{
	switch (test->kind) {
	case SECCOMP_ANY_BIT:
		return test->value & -test->value;
	case SECCOMP_ABOVE:
	case SECCOMP_NOT:
		return test->value + 1;
	default:
		return test->value;
	}
}

static void try_row(const struct seccomp_row *row)
{
	int number = seccomp_syscall_resolve_name(row->name);
	struct call call = call_of(number);

	if (number < 0) {
		skipped(row->name, "not on this architecture");
		return;
	}
	/* the first test is walked along */
	if (row->tests[1].kind != SECCOMP_ALWAYS)
		call.args[row->tests[1].arg] = meet(&row->tests[1]);
	if (strcmp(row->name, "clone") == 0)
		call.args[1] = call.args[2] = call.args[3] = call.args[4] = 0;
	try_test(row, call, &row->tests[0]);
}

static int make_new_call(const void *arg)
{
	(void)arg;
	/* far above all that exist: whatever is next is not judged yet */
	return syscall(2000, 0, 0, 0) == -1 && errno == ENOSYS ? REFUSED : DONE;
}

#ifdef __x86_64__
static int make_i386_call(const void *arg)
{
	long result = 20; /* getpid there, writev here */

	(void)arg;
	__asm__ volatile("int $0x80" : "+a"(result) : "b"(0), "c"(0), "d"(0) : "memory");
	return result > 0 ? DONE : REFUSED;
}

static int make_x32_call(const void *arg)
{
	(void)arg;
	return syscall(0x40000000 | SYS_getpid) > 0 ? DONE : REFUSED;
}

static void try_foreign(const char *name, int (*call)(const void *))
{
	int result = in_child(call, NULL);

	if (result == DONE)
		escaped(name, "a call of another architecture came through");
	else
		contained(name);
}
#endif

static void try_rows(const struct seccomp_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		try_row(&rows[i]);
}

void try_filter(void)
{
	try_rows(seccomp_namespace_rows,
		 sizeof(seccomp_namespace_rows) / sizeof(seccomp_namespace_rows[0]));
	try_rows(seccomp_rows, sizeof(seccomp_rows) / sizeof(seccomp_rows[0]));
	if (getpid() != 1)
		try_rows(seccomp_pid_1_rows, sizeof(seccomp_pid_1_rows) / sizeof(seccomp_pid_1_rows[0]));
	if (in_child(make_new_call, NULL) == REFUSED)
		contained("a call of the future");
	else
		escaped("a call of the future", "not ENOSYS");
#ifdef __x86_64__
	try_foreign("i386", make_i386_call);
	try_foreign("x32", make_x32_call);
#endif
}
