/* SPDX-License-Identifier: Apache-2.0 */
/* nidus run --explain: decides like a start, but makes nothing and needs no privilege. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../explain/explain.h"
#include "../explain/spawner.h"
#include "../host/config.h"
#include "../life/network.h"
#include "../life/view.h"
#include "../confine/seccomp.h"
#include "../spec/refuse.h"
#include "cli.h"

static int print(struct explain_spawner *asked, struct fault *fault)
{
	struct view view;
	const struct nidus_spec *spec = asked->spec;
	struct seccomp_filter filter = { .code = NULL };
	struct plan_context context;
	struct cg groups;
	struct plan plan;
	char cwd[PATH_MAX];
	int rc;

	if (spec->seccomp == NIDUS_SECCOMP_DEFAULT)
		seccomp_default((limit_sets(spec, RLIMIT_CORE) ? SECCOMP_FREE_CORE : 0) |
					(spec->nest ? SECCOMP_NEST : 0),
				&filter);
	else if (spec->seccomp == NIDUS_SECCOMP_FILE &&
		 seccomp_compile(spec->seccomp_file, &filter, fault) < 0)
		return spec_blame_profile(spec, fault);
	plan_context_init(&context, asked->ids);
	if (view_find(spec, &view, fault) < 0) {
		seccomp_free(&filter);
		return -1;
	}
	asked->room = view.room;
	explain_limits_of_init(asked, &context, &groups);
	view_lend(&view, &context);
	asked->sockets_closed = view.sockets.count;
	context.no_core_handler = !limit_sets(spec, RLIMIT_CORE) && view.room.core_hard > 0;
	context.host_cwd = getcwd(cwd, sizeof(cwd)); /* NULL if it was removed: then it is / */
	context.filter = filter.code;
	context.filter_count = filter.count;
	rc = plan_make(spec, &context, &plan, fault);
	seccomp_free(&filter);
	if (rc < 0) {
		view_free(&view);
		return -1;
	}
	explain_spawner(asked, stdout);
	explain_plan(&plan, stdout);
	plan_free(&plan);
	view_free(&view);
	return fflush(stdout) == 0 ? 0 : fault_set(fault, STEP_PLAN, errno, "stdout");
}

int cli_explain(const struct nidus_spec *spec, const struct run_request *request,
		struct fault *fault)
{
	struct cg_machine machine;
	struct net_config config;
	struct ids ids;
	struct explain_spawner asked = {
		.spec = spec,
		.ids = &ids,
		.machine = &machine,
		.config = &config,
		.may_nat = network_may_nat(),
		.detach = request->detach,
		.events_path = request->events_path,
		.report_path = request->report_path,
		.init_path = request->init_path,
	};

	if (ids_choose(spec, "000000000000", NULL, NULL, &ids, fault) < 0)
		return -1;
	config_init(&config);
	if (spec->net == NIDUS_NET_NAT && host_config_read(&config, fault) < 0)
		return -1;
	cg_find(&machine);
	cli_explain_profiles(request);
	return print(&asked, fault);
}
