/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spec to plan bytes: the header and everything except the file operations
 * (mounts.c). Pure: everything that had to be looked up is in the context.
 */
#include "plan.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../spec/refuse.h"
#include "../spec/root.h"
#include "build.h"

#define CORE_NO_HANDLER 1 /* bytes: for 0 the kernel still runs a handler, for 1 it runs none */
#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"

void plan_context_init(struct plan_context *context, const struct ids *ids)
{
	memset(context, 0, sizeof(*context));
	context->ids = ids;
	context->control_fd = -1;
	context->report_fd = -1;
	context->tty_fd = -1;
	context->cpu_usage_fd = -1;
	context->resolv_fd = -1;
	context->hosts_fd = -1;
	context->hostname_fd = -1;
	context->home_tree_fd = -1;
	context->landlock_abi = PLAN_LANDLOCK_ABI;
}

void plan_free(struct plan *plan)
{
	free(plan->bytes);
	plan->bytes = NULL;
	plan->size = 0;
}

static bool is_own(const struct nidus_spec *spec, enum nidus_ns ns)
{
	return !(spec->share & 1u << ns) && !spec->join[ns];
}

/* True if a network namespace is created for it: loopback starts down there. */
static bool has_own_net(const struct nidus_spec *spec)
{
	switch (spec->net) {
	case NIDUS_NET_NONE:
	case NIDUS_NET_NAT:
	case NIDUS_NET_USER:
		return is_own(spec, NIDUS_NS_NET);
	case NIDUS_NET_HOST:
	case NIDUS_NET_PATH:
		break;
	}
	return false;
}

/* What would have to be done in the new root before the confinement is complete. */
static bool forks_first(const struct nidus_spec *spec)
{
	return !spec->tty && !spec->as_pid_1 && !spec_leaves_root(spec) &&
	       spec->hold_step == STEP_NONE && spec->landlock_count == 0 &&
	       !spec_shares_net(spec) && spec->seccomp != NIDUS_SECCOMP_FILE;
}

bool plan_makes_net(const struct nidus_spec *spec)
{
	return forks_first(spec) && has_own_net(spec) && spec->net == NIDUS_NET_NONE &&
	       spec->events_fd < 0 && spec->info_fd < 0;
}

static uint64_t header_flags(const struct nidus_spec *spec, const struct ids *ids)
{
	uint64_t flags = PLAN_NO_NEW_PRIVS | PLAN_NEW_KEYRING;

	flags |= spec->outlive_parent ? PLAN_OUTLIVE_PARENT : 0;
	flags |= spec->new_session ? PLAN_NEW_SESSION : 0;
	flags |= spec->tty ? PLAN_TTY : 0;
	flags |= spec->foreground ? PLAN_FOREGROUND : 0;
	flags |= spec->as_pid_1 ? PLAN_AS_PID_1 : 0;
	flags |= ids->deny_setgroups ? PLAN_KEEP_GROUPS : 0;
	flags |= ids->new_userns ? PLAN_NEW_USERNS : 0;
	flags |= spec->cwd ? 0 : PLAN_CWD_OPTIONAL;
	flags |= is_own(spec, NIDUS_NS_CGROUP) ? PLAN_NEW_CGROUP_NS : 0;
	flags |= has_own_net(spec) ? PLAN_LOOPBACK : 0;
	flags |= spec_leaves_root(spec) ? PLAN_NO_ROOT : 0;
	flags |= forks_first(spec) ? PLAN_FORK_FIRST : 0;
	flags |= plan_makes_net(spec) ? PLAN_MAKE_NET : 0;
	return flags;
}

/* ---- command ---- */

static void put_arguments(struct plan_build *build, struct plan_header *header)
{
	const struct nidus_spec *spec = build->spec;
	struct plan_ref *refs = calloc(spec->argc + 1, sizeof(*refs));

	if (!refs) {
		build->err = build->err ? build->err : ENOMEM;
		return;
	}
	for (size_t i = 0; i < spec->argc; i++)
		refs[i] = plan_put_string(build, spec->argv[i]);
	header->argv = plan_put_array(build, refs, spec->argc, sizeof(*refs));
	free(refs);
}

const char *plan_search_path(const struct nidus_spec *spec)
{
	for (size_t i = 0; i < spec->envc; i++)
		if (strncmp(spec->envp[i], "PATH=", 5) == 0)
			return spec->envp[i] + 5;
	return DEFAULT_PATH;
}

/*
 * The paths to try for the command. An empty element of PATH would mean the current
 * directory, whose contents may be the workload's, and is left out.
 */
static void put_candidates(struct plan_build *build, struct plan_header *header)
{
	const char *name = build->spec->argv[0], *path;
	struct plan_ref refs[PLAN_EXEC_MAX];
	size_t count = 0, len;

	if (strchr(name, '/')) {
		refs[count++] = plan_put_string(build, name);
	} else {
		for (path = plan_search_path(build->spec); count < PLAN_EXEC_MAX; path += len + 1) {
			len = strcspn(path, ":");
			if (len > 0 && len + strlen(name) + 2 <= PATH_MAX)
				refs[count++] = plan_put_joined(build, path, len, name);
			if (path[len] == '\0')
				break;
		}
	}
	header->exec = plan_put_array(build, refs, count, sizeof(refs[0]));
}

/* ---- limits, namespaces, confinement ---- */

static void put_rlimits(struct plan_build *build, struct plan_header *header)
{
	const struct nidus_spec *spec = build->spec;
	struct plan_rlimit limits[PLAN_RLIMITS_MAX + 2] = { 0 };
	uint64_t nproc = build->context->nproc_limit;
	size_t count = 0;

	for (size_t i = 0; i < spec->rlimit_count && count < PLAN_RLIMITS_MAX; i++) {
		struct plan_rlimit *limit = &limits[count++];

		limit->resource = (uint32_t)spec->rlimits[i].resource;
		limit->soft = spec->rlimits[i].soft;
		limit->hard = spec->rlimits[i].hard;
		if (limit->resource != RLIMIT_NPROC || nproc == 0)
			continue;
		limit->soft = limit->soft < nproc ? limit->soft : nproc;
		limit->hard = limit->hard < nproc ? limit->hard : nproc;
		nproc = 0;
	}
	if (build->context->no_core_handler)
		limits[count++] = (struct plan_rlimit){ RLIMIT_CORE, 0, CORE_NO_HANDLER,
							CORE_NO_HANDLER };
	if (nproc > 0)
		limits[count++] = (struct plan_rlimit){ RLIMIT_NPROC, 0, nproc, nproc };
	if (count > PLAN_RLIMITS_MAX)
		build->err = build->err ? build->err : E2BIG;
	header->rlimits = plan_put_array(build, limits, count, sizeof(limits[0]));
}

/*
 * Lets the workload listen on port 80 and use ping without a capability: in its own
 * network namespace it competes with nobody for ports. Both sysctls exist since Linux
 * 4.11 or earlier. Not done without a network: the start would pay for a file system
 * that nobody needs.
 */
static void put_sysctls(struct plan_build *build, struct plan_header *header)
{
	const struct nidus_spec *spec = build->spec;
	struct plan_sysctl sysctls[2];
	uint32_t gid = build->context->ids->work_gid;
	char group[32];

	if (spec->net != NIDUS_NET_NAT && spec->net != NIDUS_NET_USER)
		return;
	/* only the workload's group: the kernel refuses a range whose ends are not mapped */
	snprintf(group, sizeof(group), "%u %u", gid, gid);
	sysctls[0].name = plan_put_string(build, "net/ipv4/ip_unprivileged_port_start");
	sysctls[0].value = plan_put_string(build, "0");
	sysctls[1].name = plan_put_string(build, "net/ipv4/ping_group_range");
	sysctls[1].value = plan_put_string(build, group);
	header->sysctls = plan_put_array(build, sysctls, 2, sizeof(sysctls[0]));
}

static int compare_fds(const void *a, const void *b)
{
	int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;

	return (left > right) - (left < right);
}

static struct plan_array put_fds(struct plan_build *build, const int *fds, size_t count)
{
	int32_t sorted[PLAN_FDS_MAX];

	if (count > PLAN_FDS_MAX) {
		build->err = build->err ? build->err : E2BIG;
		count = 0;
	}
	if (count == 0)
		return (struct plan_array){ 0 };
	for (size_t i = 0; i < count; i++)
		sorted[i] = fds[i];
	qsort(sorted, count, sizeof(sorted[0]), compare_fds);
	return plan_put_array(build, sorted, count, sizeof(sorted[0]));
}

/* ---- the whole ---- */

static void fill_scalars(const struct plan_build *build, struct plan_header *header)
{
	const struct nidus_spec *spec = build->spec;
	const struct plan_context *context = build->context;

	header->magic = PLAN_MAGIC;
	header->version = CONTRACT_VERSION;
	header->header_size = sizeof(*header);
	header->hold_step = spec->hold_step;
	header->flags = header_flags(spec, context->ids);
	header->control_fd = context->control_fd;
	header->report_fd = context->report_fd;
	header->tty_fd = spec->terminal ? context->tty_fd : -1;
	header->tty_rows = spec->tty ? spec->tty_rows : 0;
	header->tty_cols = spec->tty ? spec->tty_cols : 0;
	header->cpu_usage_fd = context->cpu_usage_fd;
	header->cpu_usage_form = context->cpu_usage_form;
	header->init_uid = context->ids->init_uid;
	header->init_gid = context->ids->init_gid;
	header->watch_uid = context->ids->watch_uid;
	header->watch_gid = context->ids->watch_gid;
	header->work_uid = context->ids->work_uid;
	header->work_gid = context->ids->work_gid;
	header->signal_mask = spec->signal_mask;
	header->oom_score_adj = PLAN_OOM_SCORE_ADJ;
	header->caps = spec->caps;
	header->wall_us = spec->wall_us;
	header->cpu_us = spec->cpu_us;
	header->grace_us = spec->grace_us;
	header->memory_bytes = context->monitor_bytes;
	header->memory_interval_us = context->monitor_bytes ? spec->memory_interval_us : 0;
}

const char *plan_hostname(const struct nidus_spec *spec)
{
	if (!is_own(spec, NIDUS_NS_UTS))
		return NULL;
	if (spec->hostname)
		return spec->hostname;
	return spec->name ? spec->name : "nidus";
}

static const char *working_directory(const struct plan_build *build)
{
	const char *host = build->context->host_cwd;

	if (build->spec->cwd)
		return build->spec->cwd;
	return host && host[0] == '/' ? host : "/"; /* "(unreachable)/…" is not a path */
}

static void fill(struct plan_build *build, struct plan_header *header)
{
	const struct plan_context *context = build->context;

	plan_put(build, header, sizeof(*header), 8);
	fill_scalars(build, header);
	header->hostname = plan_put_string(build, plan_hostname(build->spec));
	header->cwd = plan_put_string(build, working_directory(build));
	put_candidates(build, header);
	put_arguments(build, header);
	plan_put_environment(build, header);
	plan_expand_mounts(build);
	plan_bound_scratch(build, header);
	header->mounts =
		plan_put_array(build, build->mounts, build->mount_count, sizeof(build->mounts[0]));
	put_rlimits(build, header);
	put_sysctls(build, header);
	plan_put_landlock(build, header);
	if (context->filter_count > PLAN_SECCOMP_MAX)
		build->err = build->err ? build->err : E2BIG;
	header->seccomp = plan_put_array(build, context->filter, context->filter_count,
					 sizeof(context->filter[0]));
	header->pass_fds = put_fds(build, build->spec->pass_fds, build->spec->pass_fd_count);
	header->hold_fds = put_fds(build, context->hold_fds, context->hold_fd_count);
	header->size = (uint32_t)build->size;
}

/* Blames what takes most of the plan: the last operation where that is the mounts. */
static int refuse_size(const struct nidus_spec *spec, struct fault *fault)
{
	size_t words = 0;

	for (size_t i = 0; i < spec->argc; i++)
		words += strlen(spec->argv[i]);
	for (size_t i = 0; i < spec->envc; i++)
		words += strlen(spec->envp[i]);
	if (spec->mount_count > 0 && words < PLAN_SIZE_MAX / 2) {
		spec_about_mount(spec, spec->mount_count - 1, fault);
	} else {
		fault_set(fault, STEP_PLAN, E2BIG, "arguments and environment");
	}
	return spec_fault(fault, STEP_PLAN, E2BIG,
			  "file operations, arguments and environment take more than %u MiB "
			  "together", PLAN_SIZE_MAX >> 20);
}

int plan_make(const struct nidus_spec *spec, const struct plan_context *context, struct plan *plan,
	      struct fault *fault)
{
	struct plan_header header = { 0 };
	struct plan_build *build;
	int err;

	plan->bytes = NULL;
	plan->size = 0;
	if (spec->as_pid_1 && context->monitor_bytes)
		return spec_refuse(spec_about(spec, NIDUS_OPTION_AS_PID_1, fault), EINVAL,
				   "cannot be used with %s where no cgroup can limit it",
				   spec_word(spec, NIDUS_OPTION_MEMORY));
	if (plan_check_landlock(spec, context, fault) < 0)
		return -1;
	build = calloc(1, sizeof(*build));
	if (!build)
		return fault_set(fault, STEP_PLAN, ENOMEM, "plan");
	build->spec = spec;
	build->context = context;
	fill(build, &header);
	err = build->err;
	if (err == 0) {
		memcpy(build->bytes, &header, sizeof(header));
		plan->bytes = build->bytes;
		plan->size = build->size;
	} else {
		free(build->bytes);
	}
	free(build);
	if (err == E2BIG)
		return refuse_size(spec, fault);
	if (err != 0)
		return fault_set(fault, STEP_PLAN, err, "plan");
	if (header.exec.count == 0) {
		plan_free(plan);
		return fault_set(fault, STEP_EXEC, ENOENT, spec->argv[0]);
	}
	return 0;
}
