/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock rules: translates reading and writing into the access rights that this
 * machine's Landlock knows. Init asks the kernel for exactly these.
 */
#include <errno.h>
#include <linux/landlock.h>

#include "../spec/root.h"
#include "build.h"

/* Rights and scopes that may be newer than the headers. */
#define ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)
#define ACCESS_FS_IOCTL_DEV (UINT64_C(1) << 15)
#define ACCESS_NET_BIND_TCP (UINT64_C(1) << 0)
#define ACCESS_NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (UINT64_C(1) << 0)

#define ACCESS_FS_FIRST ((UINT64_C(1) << 13) - 1) /* EXECUTE to MAKE_SYM */
#define ACCESS_FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

#define ABI_REFER 2 /* Linux 5.19 */
#define ABI_TRUNCATE 3 /* Linux 6.2 */
#define ABI_NET 4 /* Linux 6.7 */
#define ABI_IOCTL_DEV 5 /* Linux 6.10 */
#define ABI_SCOPE 6 /* Linux 6.12 */

static uint64_t handled_fs(int abi)
{
	uint64_t access = ACCESS_FS_FIRST;

	if (abi >= ABI_REFER)
		access |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= ABI_TRUNCATE)
		access |= ACCESS_FS_TRUNCATE;
	if (abi >= ABI_IOCTL_DEV)
		access |= ACCESS_FS_IOCTL_DEV;
	return access;
}

static uint64_t rule_access(enum nidus_landlock_kind kind, int abi)
{
	switch (kind) {
	case NIDUS_LANDLOCK_RO:
		return ACCESS_FS_READ;
	case NIDUS_LANDLOCK_RX:
		return ACCESS_FS_READ | LANDLOCK_ACCESS_FS_EXECUTE;
	case NIDUS_LANDLOCK_RW:
		return handled_fs(abi) & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE;
	case NIDUS_LANDLOCK_BIND_TCP:
		return ACCESS_NET_BIND_TCP;
	case NIDUS_LANDLOCK_CONNECT_TCP:
		return ACCESS_NET_CONNECT_TCP;
	}
	return 0;
}

static bool is_port(const struct nidus_landlock *rule)
{
	return rule->kind == NIDUS_LANDLOCK_BIND_TCP || rule->kind == NIDUS_LANDLOCK_CONNECT_TCP;
}

int plan_check_landlock(const struct nidus_spec *spec, const struct plan_context *context,
			struct fault *fault)
{
	if (spec->landlock_count > 0 && context->landlock_abi < 1)
		return fault_set(fault, STEP_LANDLOCK, EOPNOTSUPP,
				 "Landlock: not in this kernel, or disabled");
	for (size_t i = 0; i < spec->landlock_count; i++)
		if (is_port(&spec->landlock[i]) && context->landlock_abi < ABI_NET)
			return fault_set(fault, STEP_LANDLOCK, EOPNOTSUPP,
					 "Landlock for TCP ports: needs Linux 6.7 or newer");
	return 0;
}

bool plan_reads_landlock_abi(const struct nidus_spec *spec)
{
	return spec->landlock_count > 0 || spec_shares_net(spec);
}

/*
 * One rule about files restricts all files; each TCP operation is restricted by its own rules.
 * In the caller's network namespace, abstract sockets of others are out of scope.
 */
void plan_put_landlock(struct plan_build *build, struct plan_header *header)
{
	const struct nidus_spec *spec = build->spec;
	int abi = build->context->landlock_abi;
	struct plan_landlock rules[PLAN_LANDLOCK_MAX] = { 0 };
	size_t count = 0;

	for (; count < spec->landlock_count && count < PLAN_LANDLOCK_MAX; count++) {
		const struct nidus_landlock *asked = &spec->landlock[count];
		struct plan_landlock *rule = &rules[count];

		rule->access = rule_access(asked->kind, abi);
		if (is_port(asked)) {
			rule->kind = PLAN_LANDLOCK_PORT;
			rule->port = asked->port;
			header->landlock_net |= rule->access;
		} else {
			rule->kind = PLAN_LANDLOCK_PATH;
			rule->path = plan_put_inside(build, asked->path, NULL);
			header->landlock_fs = handled_fs(abi);
		}
	}
	if (spec_shares_net(spec) && abi >= ABI_SCOPE)
		header->landlock_scoped = SCOPE_ABSTRACT_UNIX_SOCKET;
	header->landlock = plan_put_array(build, rules, count, sizeof(rules[0]));
}
