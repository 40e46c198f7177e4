/* SPDX-License-Identifier: Apache-2.0 */
/* Plans for tests: a spec, ids and a context with nothing opened, ready to change. */
#ifndef NIDUS_TEST_PLAN_FIXTURE_H
#define NIDUS_TEST_PLAN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../../spawn/plan/plan.h"

struct fixture {
	struct nidus_spec spec;
	struct ids ids;
	struct plan_context context;
	struct plan plan;
};

/* As root with ids of its own, an empty environment, command "prog". */
static inline int fixture_set_up(void **state)
{
	static char *const argv[] = { (char *)"prog", (char *)"-x", (char *)"" };
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || nidus_spec_init(&f->spec) < 0)
		return -1;
	nidus_spec_clearenv(&f->spec);
	f->spec.home_set = false;
	nidus_spec_set_argv(&f->spec, argv, 3);
	f->ids.new_userns = true;
	f->ids.shifted = true;
	f->ids.work_uid = 65534;
	f->ids.work_gid = 65533;
	plan_context_init(&f->context, &f->ids);
	f->context.host_cwd = "/home/me";
	*state = f;
	return 0;
}

static inline int fixture_tear_down(void **state)
{
	struct fixture *f = *state;

	plan_free(&f->plan);
	nidus_spec_free(&f->spec);
	free(f);
	return 0;
}

/* Checks the spec and makes the plan; fails the test where either is refused. */
static inline void fixture_make(struct fixture *f)
{
	struct fault fault = { 0 };

	plan_free(&f->plan);
	if (nidus_spec_check(&f->spec, &fault) < 0 ||
	    plan_make(&f->spec, &f->context, &f->plan, &fault) < 0)
		fail_msg("step %u, errno %d: %s", fault.step, fault.err, fault.what);
}

static inline struct nidus_mount *fixture_add(struct fixture *f, enum nidus_mount_kind kind,
					      const char *src, const char *dst)
{
	struct nidus_mount mount = { .kind = kind, .src = src, .dst = dst, .fd = -1, .perms = -1 };

	assert_int_equal(nidus_spec_add_mount(&f->spec, &mount), 0);
	return &f->spec.mounts[f->spec.mount_count - 1];
}

/* A spec in which every array of the plan has elements. */
static inline void fixture_fill(struct fixture *f)
{
	static const struct sock_filter filter[] = { { 0x06, 0, 0, 0x7fff0000 } };
	static const int hold[] = { 20, 21 };
	struct nidus_rlimit rlimit = { 7, 10, 20 };
	struct nidus_landlock path = { NIDUS_LANDLOCK_RO, "/usr", 0 };
	struct nidus_landlock port = { NIDUS_LANDLOCK_BIND_TCP, NULL, 8080 };

	nidus_spec_setenv(&f->spec, "PATH", "/usr/bin:/bin");
	nidus_spec_setenv(&f->spec, "TOKEN", "s3cret");
	nidus_spec_add_rlimit(&f->spec, &rlimit);
	nidus_spec_add_landlock(&f->spec, &path);
	nidus_spec_add_landlock(&f->spec, &port);
	nidus_spec_add_pass_fd(&f->spec, 9);
	nidus_spec_add_pass_fd(&f->spec, 5);
	f->spec.wall_us = 1500000;
	f->spec.cpu_us = 2000000;
	f->spec.memory_bytes = 64 << 20;
	f->spec.hostname = "box";
	fixture_add(f, NIDUS_OVERLAY_SRC, "/low", NULL);
	fixture_add(f, NIDUS_OVERLAY_SRC, "/high", NULL);
	fixture_add(f, NIDUS_OVERLAY, "upper", "/over")->src2 = "work";
	fixture_add(f, NIDUS_BIND, "data", "/data");
	fixture_add(f, NIDUS_FILE, NULL, "/data/file")->fd = 11;
	fixture_add(f, NIDUS_SYMLINK, "data", "/link");
	f->context.control_fd = 15;
	f->context.report_fd = 16;
	f->context.monitor_bytes = 64 << 20;
	f->context.filter = filter;
	f->context.filter_count = 1;
	f->context.hold_fds = hold;
	f->context.hold_fd_count = 2;
}

#endif
