/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: each namespace made for real, and what stands in the way of users. */
#include <errno.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "probe.h"

#define NOBODY 65534 /* any id except 0 can represent an ordinary user */

static int probe_userns(void *arg)
{
	(void)arg;
	return check_enter_userns();
}

/*
 * A namespace inside a user namespace. That is the real test: AppArmor allows the
 * user namespace, but then denies the capabilities in it.
 */
static int probe_inside(void *arg)
{
	int err = check_enter_userns();

	if (err)
		return err;
	return unshare(*(int *)arg) < 0 ? errno : 0;
}

static int probe_as_nobody(void *arg)
{
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return errno;
	/* After the change of ids our /proc files, with the maps, belong to root. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return probe_inside(arg);
}

static void check_policy(struct check *check)
{
	struct check_item *item = check_add(check, "userns-policy", false,
		"this machine's rules about who may create user namespaces",
		"sysctl user.max_user_namespaces=16384, kernel.unprivileged_userns_clone=1; for "
		"AppArmor a profile for nidus with \"userns,\", or "
		"kernel.apparmor_restrict_unprivileged_userns=0");
	long max = check_read_number("/proc/sys/user/max_user_namespaces");
	long clone = check_read_number("/proc/sys/kernel/unprivileged_userns_clone");
	long apparmor =
		check_read_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");

	if (max == 0)
		check_found(item, CHECK_MISSING, "user.max_user_namespaces=0: nobody may");
	else if (clone == 0)
		check_found(item, CHECK_LIMITED,
			    "kernel.unprivileged_userns_clone=0: only root may");
	else if (apparmor > 0)
		check_found(item, CHECK_LIMITED, "kernel.apparmor_restrict_unprivileged_userns=%ld:"
			    " only root and programs with a profile may", apparmor);
	else
		check_found(item, CHECK_OK, "user.max_user_namespaces=%ld, no restriction", max);
}

static void check_for_users(struct check *check)
{
	struct check_item *item = check_add(check, "userns-as-user", false,
		"ordinary users can run nidus too", "see userns-policy");
	int flag = CLONE_NEWNS;

	check_found_probe(item, check_probe(probe_as_nobody, &flag), "works for ordinary users");
	if (item->status == CHECK_MISSING)
		item->status = CHECK_LIMITED;
}

void check_namespaces(struct check *check)
{
	static const char how[] = "a kernel with this kind of namespace, and user.max_*_namespaces "
				  "above 0; inside a container: one that allows nesting";
	static const struct {
		const char *name, *means;
		int flag;
		bool required;
	} kinds[] = {
		{ "mntns", "the sandbox's own view of files", CLONE_NEWNS, true },
		{ "pidns", "the sandbox ends with its PID 1", CLONE_NEWPID, true },
		{ "netns", "no network but loopback", CLONE_NEWNET, true },
		{ "utsns", "its own hostname", CLONE_NEWUTS, true },
		{ "ipcns", "its own shared memory and message queues", CLONE_NEWIPC, true },
		{ "cgroupns", "the host's groups are not visible", CLONE_NEWCGROUP, true },
		{ "timens", "joining time namespaces; not used by default", CLONE_NEWTIME, false },
	};
	struct check_item *item = check_add(check, "userns", true,
		"root inside is nobody outside; ordinary users can't start anything without it",
		"see userns-policy; inside a container: one that allows nesting");

	check_found_probe(item, check_probe(probe_userns, NULL), "created, with the own id mapped");
	check_policy(check);
	if (geteuid() == 0)
		check_for_users(check);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int flag = kinds[i].flag;

		item = check_add(check, kinds[i].name, kinds[i].required, kinds[i].means, how);
		check_found_probe(item, check_probe(probe_inside, &flag), "made");
	}
}
