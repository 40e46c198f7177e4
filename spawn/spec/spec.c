/* SPDX-License-Identifier: Apache-2.0 */
/* The spec's defaults, and what front ends append to it. */
#include "spec.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEFAULT_GRACE_US 2000000u /* long enough to flush, short enough to wait for */
#define DEFAULT_MEMORY_INTERVAL_US 100000u /* a scan of /proc costs about 10 us a process */

/* Appends a "K=V" that is already in the arena, before the closing NULL. */
static int append_env(struct nidus_spec *spec, char *entry)
{
	char **grown = arena_grow(&spec->arena, spec->envp, spec->envc + 1, sizeof(*grown));

	if (!grown)
		return -1;
	spec->envp = grown;
	spec->envp[spec->envc++] = entry;
	spec->envp[spec->envc] = NULL;
	return 0;
}

static int copy_environ(struct nidus_spec *spec)
{
	for (char **from = environ; from && *from; from++) {
		const char *equals = strchr(*from, '=');
		char *entry;

		if (!equals || equals == *from)
			continue; /* without a name no program could look it up */
		entry = nidus_spec_strdup(spec, *from);
		if (!entry || append_env(spec, entry) < 0)
			return -1;
	}
	spec->inherited_envc = spec->envc;
	return 0;
}

/* As the kernel numbers them: bit n-1 is signal n. */
static uint64_t ignored_signals(void)
{
	struct sigaction action;
	uint64_t ignored = 0;

	for (int signal = 1; signal <= 64; signal++) /* EINVAL: those that libc uses itself */
		if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			ignored |= 1ull << (signal - 1);
	return ignored;
}

int nidus_spec_init(struct nidus_spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	spec->default_mounts = true;
	spec->swap_bytes = NIDUS_UNSET;
	spec->grace_us = DEFAULT_GRACE_US;
	spec->memory_interval_us = DEFAULT_MEMORY_INTERVAL_US;
	spec->block_fd = -1;
	spec->sync_fd = -1;
	spec->info_fd = -1;
	spec->events_fd = -1;
	spec->report_fd = -1;
	spec->init_fd = -1;
	for (int fd = 0; fd < 3; fd++)
		spec->stdio[fd] = fd;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &spec->signal_mask,
		sizeof(spec->signal_mask));
	spec->signals_ignored = ignored_signals();
	spec->envp = arena_alloc(&spec->arena, sizeof(*spec->envp));
	if (spec->envp && copy_environ(spec) == 0)
		return 0;
	nidus_spec_free(spec);
	errno = ENOMEM;
	return -1;
}

void nidus_spec_free(struct nidus_spec *spec)
{
	arena_free(&spec->arena);
	memset(spec, 0, sizeof(*spec));
}

char *nidus_spec_strdup(struct nidus_spec *spec, const char *text)
{
	return arena_strdup(&spec->arena, text);
}

int nidus_spec_add_mount(struct nidus_spec *spec, const struct nidus_mount *mount)
{
	struct nidus_mount *grown =
		arena_grow(&spec->arena, spec->mounts, spec->mount_count, sizeof(*grown));

	if (!grown)
		return -1;
	spec->mounts = grown;
	spec->mounts[spec->mount_count++] = *mount;
	return 0;
}

int nidus_spec_add_rlimit(struct nidus_spec *spec, const struct nidus_rlimit *rlimit)
{
	struct nidus_rlimit *grown;

	for (size_t i = 0; i < spec->rlimit_count; i++) {
		if (spec->rlimits[i].resource != rlimit->resource)
			continue;
		spec->rlimits[i] = *rlimit;
		return 0;
	}
	grown = arena_grow(&spec->arena, spec->rlimits, spec->rlimit_count, sizeof(*grown));
	if (!grown)
		return -1;
	spec->rlimits = grown;
	spec->rlimits[spec->rlimit_count++] = *rlimit;
	return 0;
}

int nidus_spec_add_label(struct nidus_spec *spec, const char *key, const char *value)
{
	struct nidus_label *grown;

	for (size_t i = 0; i < spec->label_count; i++) {
		if (strcmp(spec->labels[i].key, key) != 0)
			continue;
		spec->labels[i].value = value;
		return 0;
	}
	grown = arena_grow(&spec->arena, spec->labels, spec->label_count, sizeof(*grown));
	if (!grown)
		return -1;
	spec->labels = grown;
	spec->labels[spec->label_count++] = (struct nidus_label){ key, value };
	return 0;
}

int nidus_spec_add_landlock(struct nidus_spec *spec, const struct nidus_landlock *rule)
{
	struct nidus_landlock *grown =
		arena_grow(&spec->arena, spec->landlock, spec->landlock_count, sizeof(*grown));

	if (!grown)
		return -1;
	spec->landlock = grown;
	spec->landlock[spec->landlock_count++] = *rule;
	return 0;
}

int nidus_spec_add_id_range(struct nidus_spec *spec, const struct nidus_id_range *range)
{
	struct nidus_id_range *grown =
		arena_grow(&spec->arena, spec->id_ranges, spec->id_range_count, sizeof(*grown));

	if (!grown)
		return -1;
	spec->id_ranges = grown;
	spec->id_ranges[spec->id_range_count++] = *range;
	return 0;
}

int nidus_spec_add_pass_fd(struct nidus_spec *spec, int fd)
{
	int *grown = arena_grow(&spec->arena, spec->pass_fds, spec->pass_fd_count, sizeof(*grown));

	if (!grown)
		return -1;
	spec->pass_fds = grown;
	spec->pass_fds[spec->pass_fd_count++] = fd;
	return 0;
}

/* ---- network ---- */

int nidus_spec_add_publish(struct nidus_spec *spec, const struct net_publish *publish)
{
	struct net_options *net = &spec->net_options;
	struct net_publish *grown =
		arena_grow(&spec->arena, net->publish, net->publish_count, sizeof(*grown));

	if (!grown)
		return -1;
	net->publish = grown;
	net->publish[net->publish_count++] = *publish;
	return 0;
}

int nidus_spec_add_net_rule(struct nidus_spec *spec, const struct net_rule *rule)
{
	struct net_options *net = &spec->net_options;
	struct net_rule *grown =
		arena_grow(&spec->arena, net->rules, net->rule_count, sizeof(*grown));

	if (!grown)
		return -1;
	net->rules = grown;
	net->rules[net->rule_count++] = *rule;
	return 0;
}

int nidus_spec_add_host_port(struct nidus_spec *spec, uint16_t port)
{
	struct net_options *net = &spec->net_options;
	uint16_t *grown =
		arena_grow(&spec->arena, net->host_ports, net->host_port_count, sizeof(*grown));

	if (!grown)
		return -1;
	net->host_ports = grown;
	net->host_ports[net->host_port_count++] = port;
	return 0;
}

int nidus_spec_add_dns(struct nidus_spec *spec, const struct ip_addr *addr)
{
	struct net_options *net = &spec->net_options;

	if (net->dns_count == NET_DNS_MAX) {
		errno = E2BIG;
		return -1;
	}
	net->dns[net->dns_count++] = *addr;
	return 0;
}

/* ---- command and environment ---- */

int nidus_spec_set_argv(struct nidus_spec *spec, char *const *argv, size_t argc)
{
	char **copy;

	if (argc > SIZE_MAX / sizeof(*copy) - 1) {
		errno = ENOMEM;
		return -1;
	}
	copy = arena_alloc(&spec->arena, (argc + 1) * sizeof(*copy));
	if (!copy)
		return -1;
	if (argc > 0)
		memcpy(copy, argv, argc * sizeof(*copy));
	spec->argv = copy;
	spec->argc = argc;
	return 0;
}

static bool is_key(const char *key)
{
	return key[0] != '\0' && !strchr(key, '=');
}

static bool has_key(const char *entry, const char *key, size_t len)
{
	return strncmp(entry, key, len) == 0 && entry[len] == '=';
}

/* Removes every entry of that name: an inherited environment may repeat one. */
static void remove_key(struct nidus_spec *spec, const char *key)
{
	size_t len = strlen(key), kept = 0, removed = 0;

	for (size_t i = 0; i < spec->envc; i++)
		if (!has_key(spec->envp[i], key, len))
			spec->envp[kept++] = spec->envp[i];
		else if (i < spec->inherited_envc)
			removed++;
	spec->inherited_envc -= removed;
	spec->envc = kept;
	spec->envp[kept] = NULL;
	if (strcmp(key, "HOME") == 0)
		spec->home_set = true;
}

int nidus_spec_setenv(struct nidus_spec *spec, const char *key, const char *value)
{
	char *entry;

	if (!is_key(key)) {
		errno = EINVAL;
		return -1;
	}
	entry = arena_alloc(&spec->arena, strlen(key) + 1 + strlen(value) + 1);
	if (!entry)
		return -1;
	stpcpy(stpcpy(stpcpy(entry, key), "="), value);
	remove_key(spec, key);
	return append_env(spec, entry);
}

int nidus_spec_unsetenv(struct nidus_spec *spec, const char *key)
{
	if (!is_key(key)) {
		errno = EINVAL;
		return -1;
	}
	remove_key(spec, key);
	return 0;
}

int nidus_spec_clearenv(struct nidus_spec *spec)
{
	spec->envp = arena_alloc(&spec->arena, sizeof(*spec->envp));
	if (!spec->envp)
		return -1;
	spec->envc = 0;
	spec->inherited_envc = 0;
	spec->home_set = true;
	return 0;
}

static bool is_kept(const char *key)
{
	static const char *const names[] = { "PATH", "HOME", "TERM", "LANG", "USER" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(key, names[i]) == 0)
			return true;
	return false;
}

int nidus_spec_cleanenv(struct nidus_spec *spec)
{
	for (size_t i = 0; i < spec->envc;) {
		const char *entry = spec->envp[i];
		char *key = arena_strndup(&spec->arena, entry, strcspn(entry, "="));

		if (!key)
			return -1;
		if (is_kept(key))
			i++;
		else
			remove_key(spec, key); /* the next entry is at i now */
	}
	return 0;
}
