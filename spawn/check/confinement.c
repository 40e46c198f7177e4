/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: what confines the workload once it runs. */
#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"
#include "../confine/seccomp.h"

#define LANDLOCK_VERSION_FLAG 1 /* LANDLOCK_CREATE_RULESET_VERSION */
#define LANDLOCK_ABI_NET 4      /* Linux 6.7: TCP ports */
#define LANDLOCK_ABI_SCOPE 6    /* Linux 6.12: signals, abstract sockets */

static int probe_no_new_privs(void *arg)
{
	(void)arg;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? errno : 0;
}

static int probe_seccomp(void *arg)
{
	struct seccomp_filter filter;
	struct sock_fprog program;

	(void)arg;
	seccomp_default(SECCOMP_PLAIN, &filter);
	program.len = (unsigned short)filter.count;
	program.filter = (struct sock_filter *)filter.code;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return errno;
	/* Not only accepted, but in force. */
	return syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS ? 0 : ENOTRECOVERABLE;
}

static void check_landlock(struct check *check)
{
	struct check_item *item = check_add(check, "landlock", false,
		"landlock rules on paths, ports and signals, in addition to the mounts",
		"Linux 5.13 with CONFIG_SECURITY_LANDLOCK, and landlock in the boot parameter lsm=");
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_FLAG);

	if (abi < 0)
		check_found_probe(item, errno, "");
	else if (abi < LANDLOCK_ABI_NET)
		check_found(item, CHECK_LIMITED, "ABI %ld: paths only, no ports (ABI 4, Linux 6.7)",
			    abi);
	else if (abi < LANDLOCK_ABI_SCOPE)
		check_found(item, CHECK_LIMITED, "ABI %ld: paths and ports, no scopes "
			    "(ABI 6, Linux 6.12)", abi);
	else
		check_found(item, CHECK_OK, "ABI %ld: paths, ports, scopes", abi);
}

void check_confinement(struct check *check)
{
	struct check_item *item;

	item = check_add(check, "no-new-privs", true,
		"set-user-ID programs gain nothing inside", "Linux 3.5 or newer");
	check_found_probe(item, check_probe(probe_no_new_privs, NULL), "can be set");
	item = check_add(check, "seccomp", true,
			 "the default filter: blocks system calls that a sandbox has no use for",
			 "a kernel with CONFIG_SECCOMP_FILTER; without a filter (seccomp none) it "
			 "still runs");
	check_found_probe(item, check_probe(probe_seccomp, NULL),
			  "the default filter is accepted and in force");
	check_landlock(check);
}
