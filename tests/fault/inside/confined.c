/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confined KEY=VALUE…: the workload of the walk. Prints "confined" and exits with 0 if it is
 * confined as asked; else "not confined: WHAT", and 77.
 *
 *     uid=N gid=N   its ids inside            pid=N       its pid inside
 *     ns=TEXT       the host's namespaces, "mnt:[1] net:[2] …": it may be in none of them
 *     nproc=N nofile=N                        its limits
 *     hidden=PATH   what --deny hides         writable=PATH  a directory it may write in
 *     net=lo|nat    the links it may see
 *     tell=FD       says y or n there, and waits for an answer
 *     connect=ADDR  opens a connection to port 7 there, and never closes it
 *     stay=1        goes on until it is killed
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define NOT_CONFINED 77

static int tell_fd = -1, keeps_fd = -1;
static bool stays;

static void tell(char verdict)
{
	if (tell_fd >= 0 && (write(tell_fd, &verdict, 1) != 1 || read(tell_fd, &verdict, 1) < 0))
		exit(NOT_CONFINED);
}

__attribute__((noreturn, format(printf, 1, 2))) static void not_confined(const char *what, ...)
{
	va_list args;

	va_start(args, what);
	printf("not confined: ");
	vprintf(what, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	tell('n');
	exit(NOT_CONFINED);
}

static void check_status(const char *key, int base, unsigned long long wanted)
{
	FILE *file = fopen("/proc/self/status", "re");
	size_t len = strlen(key);
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		unsigned long long value;

		if (strncmp(line, key, len) != 0 || line[len] != ':')
			continue;
		value = strtoull(line + len + 1, NULL, base);
		if (value != wanted)
			not_confined("%s is %#llx", key, value);
		fclose(file);
		return;
	}
	not_confined("no %s in /proc/self/status", key);
}

/* No id of the map may be root's outside. */
static void check_map(const char *path)
{
	unsigned inside, outside, count, lines = 0;
	FILE *file = fopen(path, "re");

	while (file && fscanf(file, "%u %u %u", &inside, &outside, &count) == 3) {
		lines++;
		if (outside == 0 || count > 65536 * 2)
			not_confined("%s: %u %u %u", path, inside, outside, count);
	}
	if (file)
		fclose(file);
	if (lines == 0)
		not_confined("%s has no line", path);
}

static void check_privileges(void)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		check_status(sets[i], 16, 0);
	check_status("NoNewPrivs", 10, 1);
	check_status("Seccomp", 10, 2);
	check_map("/proc/self/uid_map");
	check_map("/proc/self/gid_map");
	if (getgroups(0, NULL) > 0 && getuid() == 65534)
		not_confined("%d groups", getgroups(0, NULL));
}

static void check_namespaces(const char *of_host)
{
	static const char *const kinds[] = { "user", "mnt", "pid", "net", "ipc", "uts", "cgroup" };
	char path[64], text[64];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i]);
		n = readlink(path, text, sizeof(text) - 1);
		if (n < 0)
			not_confined("%s can't be read", path);
		text[n] = '\0';
		if (strstr(of_host, text))
			not_confined("%s is the host's", text);
	}
}

static void refuse_writing(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		not_confined("%s can be written", path);
}

static void refuse_reading(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char byte;

	if (fd >= 0 && read(fd, &byte, 1) == 1)
		not_confined("%s can be read", path);
	if (fd >= 0)
		close(fd);
}

/* Homes, /tmp and /run are the sandbox's own: of the host's there are at most empty directories. */
static void check_empty(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	char below[512];

	while (directory && (entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof(below), "%.250s/%.250s", path, entry->d_name);
		if (entry->d_type != DT_DIR)
			not_confined("%s is there", below);
		check_empty(below);
	}
	if (directory)
		closedir(directory);
}

static void check_read_only(const char *path)
{
	struct statvfs fs;

	if (statvfs(path, &fs) < 0 || !(fs.f_flag & ST_RDONLY) || !(fs.f_flag & ST_NOSUID))
		not_confined("%s is writable", path);
}

/* What the default view masks, hides, or shows read-only. Not all is here on every machine. */
static void check_kernel_files(void)
{
	static const char *const masked[] = {
		"/proc/kcore", "/proc/keys", "/proc/key-users", "/proc/timer_list", "/proc/slabinfo",
		"/proc/interrupts", "/proc/softirqs", "/proc/vmallocinfo", "/proc/pagetypeinfo",
		"/sys/kernel/notes", "/sys/kernel/vmcoreinfo", "/dev/mem", "/dev/vda", "/dev/sda"
	};
	static const char *const refused[] = { "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern",
					       "/proc/sys/kernel/hostname",
					       "/sys/kernel/uevent_helper",
					       "/proc/irq/default_smp_affinity" };
	static const char *const read_only[] = { "/proc/sys", "/proc/bus", "/proc/fs", "/proc/irq",
						 "/sys" };

	for (size_t i = 0; i < sizeof(masked) / sizeof(masked[0]); i++)
		refuse_reading(masked[i]);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		refuse_writing(refused[i]);
	for (size_t i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++)
		if (access(read_only[i], F_OK) == 0)
			check_read_only(read_only[i]);
	if (getpid() != 1)
		refuse_reading("/proc/1/environ");
	check_empty("/proc/acpi");
	check_empty("/sys/firmware");
}

static void check_root(void)
{
	struct rlimit core;

	check_read_only("/");
	refuse_writing("/etc/hostname");
	if (mkdir("/confined", 0700) == 0)
		not_confined("a directory in /");
	if (mkdir("/usr/confined", 0700) == 0)
		not_confined("a directory in /usr");
	if (getrlimit(RLIMIT_CORE, &core) < 0 || core.rlim_max > 1)
		not_confined("RLIMIT_CORE is %lu", (unsigned long)core.rlim_max);
	check_empty("/tmp");
	check_empty("/var/tmp");
	check_empty("/run");
	check_empty("/dev/shm");
	check_empty("/root");
	check_empty("/home");
}

static void check_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!directory)
		not_confined("/proc/self/fd");
	while ((entry = readdir(directory))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd > 2 && fd != dirfd(directory) && fd != tell_fd &&
		    fd != keeps_fd)
			not_confined("descriptor %d is open", fd);
	}
	closedir(directory);
}

static void check_limit(const char *name, int resource, const char *wanted)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)resource, &limit) < 0 ||
	    limit.rlim_cur != strtoul(wanted, NULL, 10) || limit.rlim_max != limit.rlim_cur)
		not_confined("%s is %lu", name, (unsigned long)limit.rlim_cur);
}

static void check_links(const char *wanted)
{
	FILE *file = fopen("/proc/net/dev", "re");
	char line[512];
	int count = 0;

	while (file && fgets(line, sizeof(line), file))
		count += strchr(line, ':') != NULL && !strstr(line, " lo:");
	if (file)
		fclose(file);
	if (!file || count != (strcmp(wanted, "nat") == 0))
		not_confined("%d links", count);
}

static void check_writable(const char *path)
{
	char file[512];

	snprintf(file, sizeof(file), "%.480s/written", path);
	if (mkdir(file, 0700) < 0 || rmdir(file) < 0)
		not_confined("%s can't be written: %s", path, strerror(errno));
}

static void check_connection(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(7) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 || fd < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		not_confined("no connection to %s: %s", address, strerror(errno));
	keeps_fd = fd;
}

static void check_number(const char *name, long is, const char *wanted)
{
	if (is != strtol(wanted, NULL, 10))
		not_confined("%s is %ld", name, is);
}

static void check(const char *key, const char *value)
{
	if (strcmp(key, "uid") == 0)
		check_number("uid", getuid(), value);
	else if (strcmp(key, "gid") == 0)
		check_number("gid", getgid(), value);
	else if (strcmp(key, "pid") == 0)
		check_number("pid", getpid(), value);
	else if (strcmp(key, "ns") == 0)
		check_namespaces(value);
	else if (strcmp(key, "nproc") == 0)
		check_limit("RLIMIT_NPROC", RLIMIT_NPROC, value);
	else if (strcmp(key, "nofile") == 0)
		check_limit("RLIMIT_NOFILE", RLIMIT_NOFILE, value);
	else if (strcmp(key, "hidden") == 0)
		refuse_reading(value);
	else if (strcmp(key, "writable") == 0)
		check_writable(value);
	else if (strcmp(key, "net") == 0)
		check_links(value);
	else if (strcmp(key, "tell") == 0)
		tell_fd = atoi(value);
	else if (strcmp(key, "connect") == 0)
		check_connection(value);
	else if (strcmp(key, "stay") == 0)
		stays = true;
	else
		not_confined("%s: no such check", key);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (!equals)
			not_confined("%s: no such check", argv[i]);
		*equals = '\0';
		check(argv[i], equals + 1);
	}
	check_privileges();
	check_kernel_files();
	check_root();
	check_descriptors();
	puts("confined");
	fflush(stdout);
	tell('y');
	while (stays)
		pause();
	return 0;
}
