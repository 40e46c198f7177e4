/* SPDX-License-Identifier: Apache-2.0 */
/* What each option of `nidus run` does. The compiler reports an option without a case. */
#include "run_set.h"

int run_set(struct run_parse *parse, const struct run_option *option, const char *const *values,
	    struct fault *fault)
{
	struct run_request *request = parse->request;
	struct nidus_spec *spec = parse->spec;
	const char *value = values[0];

	switch (option->id) {
	/* files; names, meaning and order as in bubblewrap */
	case RUN_ROOT:
		spec->root = value;
		return 0;
	case RUN_HOME:
		return run_set_home(spec, option, value, fault);
	case RUN_BIND:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_BIND, .src = value, .dst = values[1] }, fault);
	case RUN_BIND_TRY:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_BIND, .src = value, .dst = values[1],
			.optional = true }, fault);
	case RUN_RO_BIND:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_BIND, .src = value, .dst = values[1],
			.read_only = true }, fault);
	case RUN_RO_BIND_TRY:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_BIND, .src = value, .dst = values[1],
			.read_only = true, .optional = true }, fault);
	case RUN_DEV_BIND:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_BIND, .src = value, .dst = values[1],
			.devices = true }, fault);
	case RUN_DEV_BIND_TRY:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_BIND, .src = value, .dst = values[1],
			.devices = true, .optional = true }, fault);
	case RUN_BIND_FD:
		return run_add_bind_fd(parse, option, value, (struct nidus_mount){
			.dst = values[1] }, fault);
	case RUN_RO_BIND_FD:
		return run_add_bind_fd(parse, option, value, (struct nidus_mount){
			.dst = values[1], .read_only = true }, fault);
	case RUN_TMPFS:
		return run_add_made(parse, option, (struct nidus_mount){
			.kind = NIDUS_TMPFS, .dst = value }, fault);
	case RUN_PROC:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_PROC, .dst = value }, fault);
	case RUN_DEV:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_DEV, .dst = value }, fault);
	case RUN_MQUEUE:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_MQUEUE, .dst = value }, fault);
	case RUN_DIR:
		return run_add_made(parse, option, (struct nidus_mount){
			.kind = NIDUS_DIR, .dst = value }, fault);
	case RUN_FILE:
		return run_add_data(parse, option, value, (struct nidus_mount){
			.kind = NIDUS_FILE, .dst = values[1] }, fault);
	case RUN_BIND_DATA:
		return run_add_data(parse, option, value, (struct nidus_mount){
			.kind = NIDUS_BIND_DATA, .dst = values[1] }, fault);
	case RUN_RO_BIND_DATA:
		return run_add_data(parse, option, value, (struct nidus_mount){
			.kind = NIDUS_BIND_DATA, .dst = values[1], .read_only = true }, fault);
	case RUN_SYMLINK:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_SYMLINK, .src = value, .dst = values[1] }, fault);
	case RUN_CHMOD:
		return run_add_chmod(parse, option, values, fault);
	case RUN_PERMS:
		return run_set_perms(parse, option, value, fault);
	case RUN_SIZE:
		return run_set_size(parse, option, value, fault);
	case RUN_REMOUNT_RO:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_REMOUNT_RO, .dst = value }, fault);
	case RUN_DENY_PATH:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_DENY, .dst = value }, fault);
	case RUN_OVERLAY_SRC:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_OVERLAY_SRC, .src = value }, fault);
	case RUN_OVERLAY:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_OVERLAY, .src = value, .src2 = values[1],
			.dst = values[2] }, fault);
	case RUN_TMP_OVERLAY:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_TMP_OVERLAY, .dst = value }, fault);
	case RUN_RO_OVERLAY:
		return run_add_mount(parse, option, (struct nidus_mount){
			.kind = NIDUS_RO_OVERLAY, .dst = value }, fault);

	/* identity */
	case RUN_USER:
		return run_set_user(parse, option, value, fault);
	case RUN_USERNS:
		return run_set_userns(spec, option, value, fault);
	case RUN_HOSTNAME:
		spec->hostname = value;
		return 0;
	case RUN_CAP_ADD:
		return run_add_caps(spec, option, value, fault);
	case RUN_CAP_DROP:
		return run_drop_caps(spec, option, value, fault);
	case RUN_NEST:
		spec->nest = true;
		return 0;
	case RUN_SECCOMP:
		return run_set_seccomp(spec, option, value, fault);
	case RUN_LANDLOCK_RO:
		return run_add_landlock_path(spec, option, NIDUS_LANDLOCK_RO, value, fault);
	case RUN_LANDLOCK_RW:
		return run_add_landlock_path(spec, option, NIDUS_LANDLOCK_RW, value, fault);
	case RUN_LANDLOCK_RX:
		return run_add_landlock_path(spec, option, NIDUS_LANDLOCK_RX, value, fault);
	case RUN_LANDLOCK_BIND_TCP:
		return run_add_landlock_port(spec, option, NIDUS_LANDLOCK_BIND_TCP, value, fault);
	case RUN_LANDLOCK_CONNECT_TCP:
		return run_add_landlock_port(spec, option, NIDUS_LANDLOCK_CONNECT_TCP, value, fault);
	case RUN_SHARE:
		return run_set_share(spec, option, value, fault);
	case RUN_JOIN:
		return run_set_join(spec, option, value, fault);

	/* process */
	case RUN_CHDIR:
		spec->cwd = value;
		return 0;
	case RUN_CWD:
		return run_set_cwd(request, option, value, fault);
	case RUN_SETENV:
		return run_set_variable(spec, option, values, fault);
	case RUN_UNSETENV:
		return run_unset_variable(spec, option, value, fault);
	case RUN_CLEARENV:
		return run_clear_variables(spec, option, fault);
	case RUN_CLEAN_ENV:
		return nidus_spec_cleanenv(spec) < 0 ? run_no_memory(fault, option) : 0;
	case RUN_NEW_SESSION:
		spec->new_session = true;
		return 0;
	case RUN_TTY:
		spec->tty = true;
		return 0;
	case RUN_AS_PID_1:
		spec->as_pid_1 = true;
		return 0;
	case RUN_ARGS: /* handled by the loop of run_options.c */
		return run_refuse(fault, option, value, "not possible here");
	case RUN_PROFILE: /* run_apply_profiles has read those of the command line */
		return parse->in_args ? run_refuse(fault, option, value,
						   "not allowed in what --args reads") :
					0;
	case RUN_OUTLIVE_PARENT:
		spec->outlive_parent = true;
		return 0;
	case RUN_PASS_FD:
		return run_add_pass_fd(spec, option, value, fault);

	/* limits */
	case RUN_MEMORY:
		return run_set_positive_size(option, value, &spec->memory_bytes, fault);
	case RUN_SWAP:
		return cli_parse_size(option->name, value, &spec->swap_bytes, fault);
	case RUN_CPUS:
		return cli_parse_millicpus(option->name, value, &spec->millicpus, fault);
	case RUN_CPUSET:
		spec->cpuset = value;
		return 0;
	case RUN_IO_WEIGHT:
		return run_set_io_weight(spec, option, value, fault);
	case RUN_PIDS:
		return run_set_pids(spec, option, value, fault);
	case RUN_TIMEOUT:
		return run_set_positive_duration(option, value, &spec->wall_us, fault);
	case RUN_CPU_TIME:
		return run_set_positive_duration(option, value, &spec->cpu_us, fault);
	case RUN_GRACE:
		return cli_parse_duration(option->name, value, &spec->grace_us, fault);
	case RUN_MEMORY_INTERVAL:
		return run_set_positive_duration(option, value, &spec->memory_interval_us, fault);
	case RUN_RLIMIT:
		return run_add_rlimit(spec, option, value, fault);
	case RUN_LIMITS_MODE:
		return run_set_limits_mode(spec, option, value, fault);

	/* network */
	case RUN_NET:
		return run_set_net(spec, option, value, fault);
	case RUN_PUBLISH:
		return run_add_publish(spec, option, value, fault);
	case RUN_NET_ALLOW:
		return run_add_rule(spec, option, RUN_ALLOW, value, fault);
	case RUN_NET_DENY:
		return run_add_rule(spec, option, RUN_DENY, value, fault);
	case RUN_NET_PEER:
		spec->net_options.peer = value;
		return 0;
	case RUN_NET_HOST_PORTS:
		return run_add_host_ports(spec, option, value, fault);
	case RUN_DNS:
		return run_add_dns(spec, option, value, fault);
	case RUN_NET_POOL:
		return run_set_pool(parse, option, value, fault);
	case RUN_NET_FORWARD:
		return run_set_forward(spec, option, value, fault);

	/* names, outputs, and how it is started */
	case RUN_NAME:
		spec->name = value;
		return 0;
	case RUN_LABEL:
		return run_add_label(spec, option, value, fault);
	case RUN_DETACH:
		request->detach = true;
		return 0;
	case RUN_LOCK_FILE:
		spec->lock_file = value;
		return 0;
	case RUN_LOCK_WAIT:
		return cli_parse_duration(option->name, value, &spec->lock_wait_us, fault);
	case RUN_EVENTS:
		return run_set_output(option, value, &spec->events_fd, &request->events_path, fault);
	case RUN_REPORT:
		return run_set_output(option, value, &spec->report_fd, &request->report_path, fault);
	case RUN_REPORT_STRICT:
		request->report_strict = true;
		return 0;
	case RUN_INFO_FD:
		return cli_parse_fd(option->name, value, &spec->info_fd, fault);
	case RUN_BLOCK_FD:
		return cli_parse_fd(option->name, value, &spec->block_fd, fault);
	case RUN_SYNC_FD:
		return cli_parse_fd(option->name, value, &spec->sync_fd, fault);
	case RUN_INIT:
		request->init_path = value;
		return 0;
	case RUN_EXPLAIN:
		request->explain = true;
		return 0;
	case RUN_HOLD:
		return run_set_hold(spec, option, value, fault);
	case RUN_LOG_LEVEL:
	case RUN_LOG_FORMAT:
		return cli_parse_log(option->name, value, fault);
	case RUN_HELP:
		request->help = true;
		return 0;
	}
	return run_refuse(fault, option, NULL, "does nothing");
}
