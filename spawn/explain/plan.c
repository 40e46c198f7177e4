/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plan bytes to words, in the order in which init goes through them. Shows what is
 * in the bytes, not what was asked for: so it parses them again, and trusts them no
 * more than init does.
 */
#include <linux/landlock.h>
#include <string.h>
#include <sys/resource.h>

#include "../confine/caps.h"
#include "../nidus.h"
#include "explain.h"
#include "parts.h"
#include "units.h"

static void print_string_line(const struct explain *explain, const char *label, struct plan_ref ref)
{
	explain_label(explain, label);
	explain_string(explain, ref);
	fputc('\n', explain->out);
}

static void print_namespaces(const struct explain *explain, const struct plan_header *header)
{
	explain_line(explain, "users",
		   header->flags & PLAN_NEW_USERNS ? "its own namespace"
						   : "the caller's namespace");
	if (header->flags & PLAN_NEW_CGROUP_NS)
		explain_line(explain, "cgroup", "its own namespace");
	explain_label(explain, "init");
	fprintf(explain->out, "user %u:%u", header->init_uid, header->init_gid);
	if (header->watch_uid != header->init_uid || header->watch_gid != header->init_gid)
		fprintf(explain->out, "; while the command runs, %u:%u", header->watch_uid,
			header->watch_gid);
	fputc('\n', explain->out);
}

static void print_host(const struct explain *explain, const struct plan_header *header)
{
	struct plan_array sysctls = header->sysctls;

	if (header->hostname.len > 0)
		print_string_line(explain, "hostname", header->hostname);
	if (header->flags & PLAN_LOOPBACK)
		explain_line(explain, "loopback", "brought up");
	if (!explain_has_array(explain, "sysctls", sysctls, sizeof(struct plan_sysctl),
			       PLAN_SYSCTLS_MAX))
		return;
	for (uint32_t i = 0; i < sysctls.count; i++) {
		struct plan_sysctl sysctl;

		explain_element(explain, sysctls, i, sizeof(sysctl), &sysctl);
		explain_label(explain, "sysctl");
		explain_string(explain, sysctl.name);
		fputs(" = ", explain->out);
		explain_string(explain, sysctl.value);
		fputc('\n', explain->out);
	}
}

static void print_rlimit_value(const struct explain *explain, uint64_t value)
{
	if (value == RLIM_INFINITY)
		fputs("unlimited", explain->out);
	else
		fprintf(explain->out, "%llu", (unsigned long long)value);
}

static void print_rlimits(const struct explain *explain, const struct plan_header *header)
{
	static const char *const names[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = "cpu",		[RLIMIT_FSIZE] = "fsize",
		[RLIMIT_DATA] = "data",		[RLIMIT_STACK] = "stack",
		[RLIMIT_CORE] = "core",		[RLIMIT_RSS] = "rss",
		[RLIMIT_NPROC] = "nproc",	[RLIMIT_NOFILE] = "nofile",
		[RLIMIT_MEMLOCK] = "memlock",	[RLIMIT_AS] = "as",
		[RLIMIT_LOCKS] = "locks",	[RLIMIT_SIGPENDING] = "sigpending",
		[RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
		[RLIMIT_RTPRIO] = "rtprio",	[RLIMIT_RTTIME] = "rttime",
	};
	struct plan_array rlimits = header->rlimits;

	if (!explain_has_array(explain, "rlimits", rlimits, sizeof(struct plan_rlimit),
			       PLAN_RLIMITS_MAX))
		return;
	for (uint32_t i = 0; i < rlimits.count; i++) {
		struct plan_rlimit limit;

		explain_element(explain, rlimits, i, sizeof(limit), &limit);
		explain_label(explain, "rlimit");
		fprintf(explain->out, "%s ",
			limit.resource < RLIM_NLIMITS ? names[limit.resource] : "(unknown)");
		print_rlimit_value(explain, limit.soft);
		fputc(':', explain->out);
		print_rlimit_value(explain, limit.hard);
		fputc('\n', explain->out);
	}
}

static void print_limits(const struct explain *explain, const struct plan_header *header)
{
	char text[UNITS_TEXT_MAX];

	if (header->wall_us)
		explain_line(explain, "time", units_duration_text(header->wall_us, text));
	if (header->cpu_us) {
		explain_label(explain, "cpu time");
		fprintf(explain->out, "%s, %s\n", units_duration_text(header->cpu_us, text),
			header->cpu_usage_form == PLAN_CPU_NONE ? "summed from /proc"
								: "read from its cgroup");
	}
	if (header->memory_bytes) {
		explain_label(explain, "memory");
		fprintf(explain->out, "%s, watched by init ",
			units_size_text(header->memory_bytes, text));
		fprintf(explain->out, "every %s\n",
			units_duration_text(header->memory_interval_us, text));
	}
	explain_line(explain, "grace", units_duration_text(header->grace_us, text));
	if (header->flags & PLAN_OUTLIVE_PARENT)
		explain_line(explain, "end", "outlives the spawner");
}

static void print_workload(const struct explain *explain, const struct plan_header *header)
{
	char names[1024];

	explain_label(explain, "workload");
	fprintf(explain->out, "user %u:%u%s", header->work_uid, header->work_gid,
		header->flags & PLAN_KEEP_GROUPS ? ", groups kept" : "");
	if (header->oom_score_adj)
		fprintf(explain->out, ", oom_score_adj %d", header->oom_score_adj);
	if (header->flags & PLAN_NEW_SESSION)
		fputs(", new session", explain->out);
	if (header->flags & PLAN_NEW_KEYRING)
		fputs(", new session keyring", explain->out);
	if (header->flags & PLAN_NO_NEW_PRIVS)
		fputs(", no_new_privs", explain->out);
	if (header->flags & PLAN_TTY)
		fputs(", its own terminal", explain->out);
	if (header->flags & PLAN_FOREGROUND)
		fputs(", in the terminal's foreground", explain->out);
	if (header->flags & PLAN_AS_PID_1)
		fputs(", as PID 1 of a pid namespace of its own", explain->out);
	fputc('\n', explain->out);
	explain_line(explain, "capabilities", caps_text(header->caps, names, sizeof(names)));
	explain_label(explain, "directory");
	explain_string(explain, header->cwd);
	fputs(header->flags & PLAN_CWD_OPTIONAL ? ", else /\n" : "\n", explain->out);
}

static void print_landlock(const struct explain *explain, const struct plan_header *header)
{
	struct plan_array rules = header->landlock;

	if (header->landlock_fs || header->landlock_net || header->landlock_scoped) {
		explain_label(explain, "landlock");
		fprintf(explain->out, "handles files %#llx, network %#llx, scopes %#llx\n",
			(unsigned long long)header->landlock_fs,
			(unsigned long long)header->landlock_net,
			(unsigned long long)header->landlock_scoped);
	}
	if (!explain_has_array(explain, "landlock", rules, sizeof(struct plan_landlock),
			       PLAN_LANDLOCK_MAX))
		return;
	for (uint32_t i = 0; i < rules.count; i++) {
		struct plan_landlock rule;

		explain_element(explain, rules, i, sizeof(rule), &rule);
		explain_label(explain, "landlock");
		fprintf(explain->out, "allow %#llx ", (unsigned long long)rule.access);
		if (rule.kind == PLAN_LANDLOCK_PORT)
			fprintf(explain->out, "on port %u", rule.port);
		else
			explain_string(explain, rule.path);
		fputc('\n', explain->out);
	}
}

static void print_fds(const struct explain *explain, const char *label, struct plan_array fds)
{
	if (!explain_has_array(explain, label, fds, sizeof(int32_t), PLAN_FDS_MAX) ||
	    fds.count == 0)
		return;
	explain_label(explain, label);
	for (uint32_t i = 0; i < fds.count; i++) {
		int32_t fd;

		explain_element(explain, fds, i, sizeof(fd), &fd);
		fprintf(explain->out, "%s%d", i > 0 ? " " : "", fd);
	}
	fputc('\n', explain->out);
}

/* A variable's name only: its value may be a secret, the length is not. */
static void print_variable(const struct explain *explain, struct plan_ref ref)
{
	const char *text = explain_find(explain, ref);
	const char *equals = text ? memchr(text, '=', ref.len) : NULL;

	explain_label(explain, "environment");
	if (!equals) {
		fputs("(damaged)\n", explain->out);
		return;
	}
	explain_escaped(explain, text, (size_t)(equals - text));
	fprintf(explain->out, " (%zu bytes)\n", ref.len - (size_t)(equals - text) - 1);
}

static void print_exec(const struct explain *explain, const struct plan_header *header)
{
	const size_t size = sizeof(struct plan_ref);
	struct plan_ref ref;

	if (explain_has_array(explain, "environment", header->envp, size, PLAN_STRINGS_MAX)) {
		for (uint32_t i = 0; i < header->envp.count; i++) {
			explain_element(explain, header->envp, i, size, &ref);
			print_variable(explain, ref);
		}
	}
	if (explain_has_array(explain, "command", header->argv, size, PLAN_STRINGS_MAX)) {
		explain_label(explain, "command");
		for (uint32_t i = 0; i < header->argv.count; i++) {
			explain_element(explain, header->argv, i, size, &ref);
			if (i > 0)
				fputc(' ', explain->out);
			explain_string(explain, ref);
		}
		fputc('\n', explain->out);
	}
	if (explain_has_array(explain, "exec", header->exec, size, PLAN_EXEC_MAX)) {
		for (uint32_t i = 0; i < header->exec.count; i++) {
			explain_element(explain, header->exec, i, size, &ref);
			print_string_line(explain, i == 0 ? "exec" : "or", ref);
		}
	}
}

void explain_plan(const struct plan *plan, FILE *out)
{
	struct explain explain = { plan->bytes, plan->size, out };
	struct plan_header header;

	if (plan->size < sizeof(header)) {
		fputs("not a plan: too short\n", out);
		return;
	}
	memcpy(&header, plan->bytes, sizeof(header));
	if (header.magic != PLAN_MAGIC || header.version != CONTRACT_VERSION ||
	    header.header_size != sizeof(header) || header.size != plan->size) {
		fputs("not a plan of this version\n", out);
		return;
	}
	explain_label(&explain, "plan");
	fprintf(out, "version %u, %u bytes\n", header.version, header.size);
	if (header.hold_step)
		explain_line(&explain, "hold", nidus_step_name(header.hold_step));
	print_namespaces(&explain, &header);
	explain_mounts(&explain, &header);
	print_host(&explain, &header);
	print_rlimits(&explain, &header);
	print_limits(&explain, &header);
	print_workload(&explain, &header);
	print_landlock(&explain, &header);
	explain_label(&explain, "seccomp");
	if (header.seccomp.count)
		fprintf(out, "%u instructions\n", header.seccomp.count);
	else
		fputs("none\n", out);
	print_fds(&explain, "passed fds", header.pass_fds);
	print_fds(&explain, "held fds", header.hold_fds);
	print_exec(&explain, &header);
}
