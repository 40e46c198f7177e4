/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How each rival runs a command: read-only root of the host or of its parts, /proc, /dev,
 * /tmp and /run of its own, and the namespaces that nidus makes by default. What a rival
 * lacks beside that (a filter, an init, limits) is its gain: the table compares times.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

static size_t count_words(char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

/* For the life of the bench. */
static char *const *join(char *const *first, char *const *second, char *const *third)
{
	char *const *const parts[] = { first, second, third };
	char **argv = calloc(count_words(first) + count_words(second) + count_words(third) + 1,
			     sizeof(*argv));
	size_t used = 0;

	if (!argv)
		abort();
	for (int part = 0; part < 3; part++)
		for (char *const *word = parts[part]; word && *word; word++)
			argv[used++] = *word;
	return argv;
}

char *const *nidus_argv(const struct bench *bench, char *const *options, char *const *command)
{
	char *const head[] = { (char *)bench->nidus, "run", NULL };
	static char *const dashes[] = { "--", NULL };

	return join(head, options, join(dashes, command, NULL));
}

char *const *bwrap_argv(char *const *options, char *const *command)
{
	static char *const head[] = {
		"bwrap",   "--unshare-all", "--unshare-user", "--ro-bind", "/",	      "/",
		"--proc",  "/proc",	    "--dev",	      "/dev",	   "--tmpfs", "/tmp",
		"--tmpfs", "/run",	    "--tmpfs",	      "/dev/shm",  NULL
	};
	static char *const dashes[] = { "--", NULL };

	return join(head, options, join(dashes, command, NULL));
}

/* ---- crun and runc: a bundle ---- */

static void write_words(FILE *file, char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		fprintf(file, "%s\"%s\"", i ? "," : "", words[i]);
}

static const char config_head[] =
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"root\",\"readonly\":true},"
	"\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/"
	"dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\",\"options\":[\"nosuid\"]},"
	"{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},"
	"{\"destination\":\"/tmp\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},"
	"{\"destination\":\"/run\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},"
	"{\"destination\":\"/usr\",\"type\":\"bind\",\"source\":\"/"
	"usr\",\"options\":[\"rbind\",\"ro\"]},"
	"{\"destination\":\"/etc\",\"type\":\"bind\",\"source\":\"/"
	"etc\",\"options\":[\"rbind\",\"ro\"]},"
	"{\"destination\":\"/mnt\",\"type\":\"bind\",\"source\":\"/"
	"mnt\",\"options\":[\"rbind\",\"ro\"]}],"
	"\"linux\":{\"uidMappings\":[{\"containerID\":0,\"hostID\":1000000,\"size\":65536}],"
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":1000000,\"size\":65536}],"
	"\"namespaces\":[{\"type\":\"user\"},{\"type\":\"pid\"},{\"type\":\"mount\"},"
	"{\"type\":\"uts\"},{\"type\":\"ipc\"},{\"type\":\"network\"}]";

static const char config_limits[] =
	",\"resources\":{\"memory\":{\"limit\":268435456},\"pids\":{\"limit\":100}}";

/* The host's top links, so that a command is at the same path. */
static int make_root(const char *root)
{
	static const char *const links[] = { "bin", "sbin", "lib", "lib64", "lib32" };
	static const char *const places[] = { "proc", "dev", "tmp", "run", "usr", "etc", "mnt" };
	char path[512], from[32], to[256];

	if (mkdir(root, 0755) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, places[i]);
		if (mkdir(path, 0755) < 0)
			return -1;
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		ssize_t len;

		snprintf(from, sizeof(from), "/%s", links[i]);
		snprintf(path, sizeof(path), "%s/%s", root, links[i]);
		len = readlink(from, to, sizeof(to) - 1);
		if (len < 0)
			continue;
		to[len] = '\0';
		if (symlink(to, path) < 0)
			return -1;
	}
	return 0;
}

static int make_bundle(const char *bundle, char *const *command, enum limits limits)
{
	char path[256];
	FILE *file;

	if (mkdir(bundle, 0755) < 0)
		return errno == EEXIST ? 0 : -1;
	snprintf(path, sizeof(path), "%s/root", bundle);
	if (make_root(path) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/config.json", bundle);
	file = fopen(path, "we");
	if (!file)
		return -1;
	fprintf(file, "%s%s},\"process\":{\"user\":{\"uid\":65534,\"gid\":65534},\"cwd\":\"/\",",
		config_head, limits == LIMITED ? config_limits : "");
	fprintf(file,
		"\"noNewPrivileges\":true,\"capabilities\":{},\"env\":[\"PATH=/usr/bin:/bin\"],");
	fprintf(file, "\"args\":[");
	write_words(file, command);
	fprintf(file, "]}}\n");
	return fclose(file);
}

#define CONTAINER "nidus-bench"
#define CONTAINERS "/run/nidus-bench/containers" /* in STATE_TMPFS */

static char *const *container_argv(const char *program, char *const *command, enum limits limits)
{
	static unsigned number;
	char *bundle = NULL;

	if (asprintf(&bundle, STATE_TMPFS "/bundle-%u", ++number) < 0)
		abort();
	if (make_bundle(bundle, command, limits) < 0)
		perror(bundle);
	char *const words[] = { (char *)program, "--root", CONTAINERS, "run",
				"--bundle",	 bundle,   CONTAINER,  NULL };
	return join(words, NULL, NULL);
}

void rivals_clean(void)
{
	static const char *const programs[] = { "crun", "runc" };

	for (int i = 0; i < 2; i++) {
		char *const argv[] = { (char *)programs[i], "--root",  CONTAINERS, "delete",
				       "--force",	    CONTAINER, NULL };
		struct rival rival = { .name = programs[i], .argv = argv, .missing = true };

		succeeds(start(&rival, -1));
	}
}

/* ---- all ---- */

static char *const unshare_words[] = { "unshare",  "--user", "--map-root-user", "--pid",
				       "--mount",  "--uts",  "--ipc",		"--net",
				       "--cgroup", "--fork", "--mount-proc",	"--",
				       NULL };
static char *const firejail_words[] = { "firejail",
					"--quiet",
					"--noprofile",
					"--private-dev",
					"--private-tmp",
					"--net=none",
					"--caps.drop=all",
					"--seccomp",
					"--",
					NULL };
static char *const nspawn_words[] = { "systemd-nspawn",
				      "--quiet",
				      "--register=no",
				      "--keep-unit",
				      "--volatile=overlay",
				      "--private-network",
				      "--private-users=pick",
				      "--as-pid2",
				      "--directory=/",
				      "--",
				      NULL };
static char *const nsjail_words[] = { "nsjail", "-Mo",	 "-Q",	    "--chroot", "/",
				      "--user", "65534", "--group", "65534",	"--disable_rlimits",
				      "--",	NULL };
static char *const minijail_words[] = { "minijail0", "-U", "-m", "-M", "-p",	"-v", "-e",
					"-l",	     "-N", "-r", "-n", "--uts", "--", NULL };

static void add(struct rival *rivals, size_t *count, const char *name, char *const *argv)
{
	rivals[(*count)++] = (struct rival){ .name = name, .argv = argv };
}

size_t rivals_for(const struct bench *bench, char *const *command, enum limits limits,
		  struct rival *rivals)
{
	static char *const limit_words[] = { "--memory", "256M", "--pids", "100", NULL };
	static char bare_path[512];
	char *const bare[] = { bare_path, NULL };
	char *const *options = limits == LIMITED ? limit_words : NULL;
	size_t count = 0;

	snprintf(bare_path, sizeof(bare_path), "%s/bare", bench->build);
	add(rivals, &count, "nidus", nidus_argv(bench, options, command));
	rivals[0].state_root = STATE_TMPFS "/state";
	add(rivals, &count, "nidus, state on disk", nidus_argv(bench, options, command));
	rivals[1].state_root = bench->disk;
	add(rivals, &count, "floor", join(bare, command, NULL));
	if (limits == UNLIMITED) {
		add(rivals, &count, "unshare", join(unshare_words, command, NULL));
		add(rivals, &count, "bubblewrap", bwrap_argv(NULL, command));
	}
	add(rivals, &count, "crun", container_argv("crun", command, limits));
	add(rivals, &count, "runc", container_argv("runc", command, limits));
	if (limits == UNLIMITED) {
		add(rivals, &count, "firejail", join(firejail_words, command, NULL));
		add(rivals, &count, "systemd-nspawn", join(nspawn_words, command, NULL));
		add(rivals, &count, "nsjail", join(nsjail_words, command, NULL));
		add(rivals, &count, "minijail", join(minijail_words, command, NULL));
	}
	return count;
}
