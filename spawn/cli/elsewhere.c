/* SPDX-License-Identifier: Apache-2.0 */
#include "elsewhere.h"

#include <stdbool.h>
#include <string.h>

struct word {
	const char *names; /* separated by blanks */
	const char *way;
};

static const struct word verbs[] = {
	{ "ps ls top", "use nidus list" },
	{ "inspect", "use nidus list --json, or the --report of nidus run" },
	{ "rm prune clean", "sandboxes remove themselves; nidus gc removes what a killed nidus left" },
	{ "start create up", "use nidus run, with --detach for the background" },
	{ "logs attach", "output goes where that of nidus run goes; --events FILE says what happened" },
	{ "images pull build rmi load import", "there are no images; use nidus run --root DIR" },
	{ "shutdown", "use nidus stop" },
	{ "signal", "use nidus kill --signal SIG NAME" },
	{ "info doctor", "use nidus check" },
	{ "--list --tree", "use nidus list" },
	{ "--shutdown", "use nidus stop NAME" },
};

static const struct word options[] = {
	/* docker */
	{ "--rm", "nothing is left behind anyway; leave it out" },
	{ "-i -t -it -ti --interactive", "standard input is connected anyway; a terminal of its own is --tty" },
	{ "-d --background", "use --detach" },
	{ "-v --volume --mount", "use --bind SRC DEST, or --ro-bind SRC DEST" },
	{ "-p --port -P --publish-all", "use --net nat (or user) --publish PORT:PORT" },
	{ "-e --env", "use --setenv VAR VALUE" },
	{ "--env-file", "use --setenv VAR VALUE for each variable, with --args FD from a file" },
	{ "-w --workdir", "use --chdir DIR" },
	{ "-u", "use --user USER[:GROUP]" },
	{ "-m", "use --memory SIZE" },
	{ "-c -h", "put -- before the command" },
	{ "--network", "use --net none, host, nat or user" },
	{ "--pids-limit --cgroup_pids_max", "use --pids N" },
	{ "--cpuset-cpus", "use --cpuset LIST" },
	{ "--memory-swap", "use --swap SIZE, which is in addition to --memory" },
	{ "--read-only", "the host's files are read-only anyway; leave it out" },
	{ "--ulimit", "use --rlimit NAME=SOFT[:HARD]" },
	{ "--entrypoint", "put the command behind the options" },
	{ "--security-opt", "use --seccomp FILE; no_new_privs is always set" },
	{ "--stop-timeout", "use --grace DURATION" },
	{ "--cidfile", "use --info-fd FD" },
	{ "--privileged", "there is no such switch; see --cap-add, --seccomp none, --dev-bind" },
	{ "--device", "use --dev-bind SRC DEST" },
	{ "--ipc --uts --cgroupns", "use --share NS to stay in the caller's" },
	/* bubblewrap */
	{ "--unshare-all --unshare-user --unshare-user-try --unshare-ipc --unshare-pid --unshare-net "
	  "--unshare-uts --unshare-cgroup --unshare-cgroup-try",
	  "namespaces are new anyway; leave it out (--share NS keeps one)" },
	{ "--share-net", "use --net host" },
	{ "--die-with-parent", "the sandbox ends with nidus anyway; leave it out (--outlive-parent)" },
	{ "--uid --gid", "use --user UID:GID" },
	{ "--json-status-fd", "use --events FD" },
	{ "--add-seccomp-fd", "use --seccomp FILE, a profile in the JSON form of OCI" },
	{ "--userns2 --pidns --disable-userns --assert-userns-disabled",
	  "new user namespaces inside are refused by the default filter anyway" },
	{ "--cap_keep --cap --keep_caps", "use --cap-add CAPABILITY" },
	/* firejail */
	{ "--private --private-home", "use --tmpfs DIR over what must not be seen, or --root DIR" },
	{ "--private-tmp --private-dev", "/tmp and /dev are private anyway; leave it out" },
	{ "--noroot --nonewprivs --caps.drop --caps", "there are no privileges inside anyway; leave it out" },
	{ "--whitelist", "use --ro-bind SRC DEST, or --bind SRC DEST" },
	{ "--blacklist", "use --tmpfs DIR over what must not be seen" },
	{ "--read-write", "use --bind DIR DIR" },
	{ "--noprofile", "no profile is read unless --profile names it; leave it out" },
	{ "--quiet -q -Q --really_quiet", "use --log-level error" },
	{ "--shell", "put the command behind the options" },
	/* nsjail */
	{ "--chroot", "use --root DIR" },
	{ "-R --bindmount_ro", "use --ro-bind SRC DEST" },
	{ "-B --bindmount", "use --bind SRC DEST" },
	{ "-T --tmpfsmount", "use --tmpfs DEST" },
	{ "--time_limit", "use --timeout DURATION" },
	{ "--cgroup_mem_max", "use --memory SIZE" },
	{ "--rlimit_as --rlimit_cpu --rlimit_fsize --rlimit_nofile --rlimit_nproc --rlimit_stack "
	  "--rlimit-as --rlimit-cpu --rlimit-fsize --rlimit-nofile --rlimit-nproc",
	  "use --rlimit NAME=SOFT[:HARD]" },
	{ "--disable_clone_newnet -N", "use --net host" },
	{ "--keep_env", "the environment is the caller's anyway; leave it out" },
	{ "-M -Mo -Me --mode", "use nidus run as it is: it runs one command and waits for it" },
};

static bool has_name(const char *names, const char *name, size_t len)
{
	for (; *names; names += strspn(names, " ")) {
		size_t one = strcspn(names, " ");

		if (one == len && memcmp(names, name, len) == 0)
			return true;
		names += one;
	}
	return false;
}

static const char *find(const struct word *words, size_t count, const char *name, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (has_name(words[i].names, name, len))
			return words[i].way;
	return NULL;
}

const char *elsewhere_verb(const char *name)
{
	return find(verbs, sizeof(verbs) / sizeof(verbs[0]), name, strlen(name));
}

const char *elsewhere_option(const char *name, size_t len)
{
	const size_t count = sizeof(options) / sizeof(options[0]);
	const char *way = find(options, count, name, len);

	if (!way && len > 2 && name[0] == '-' && name[1] != '-')
		way = find(options, count, name, 2);
	return way;
}
