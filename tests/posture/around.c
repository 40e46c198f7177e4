/* SPDX-License-Identifier: Apache-2.0 */
/* What is around: descriptors, terminals, sockets, other processes, the network. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "posture.h"

#define CONNECT_MS 1500
#define OWN_PIDS 32 /* more processes than a sandbox of one command has */

/* ---- descriptors ---- */

void try_descriptors(void)
{
	char path[64], target[4096], cwd[4096];
	bool clean = true;

	for (int fd = 3; fd < 1024; fd++) {
		ssize_t len;

		if (fcntl(fd, F_GETFD) < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		escaped("inherited", "descriptor %d: %s", fd, target);
		clean = false;
	}
	if (clean)
		contained("inherited");
	if (!getcwd(cwd, sizeof(cwd)) || cwd[0] != '/')
		escaped("cwd", "outside of the root");
	else
		contained("cwd");
	if (chdir("/..") == 0 && stat("/../proc/self", &(struct stat){ 0 }) == 0 &&
	    getcwd(cwd, sizeof(cwd)) && strcmp(cwd, "/") != 0)
		escaped("dot-dot", "%s", cwd);
	else
		contained("dot-dot");
	if (getenv("POSTURE_SECRET"))
		closed(getenv("POSTURE_SECRET"), O_RDONLY);
}

/* ---- terminals ---- */

static int type_ahead(const void *arg)
{
	char byte = '\n';

	return ioctl(*(const int *)arg, TIOCSTI, &byte) == 0;
}

static int paste(const void *arg)
{
	char code = 3;

	return ioctl(*(const int *)arg, TIOCLINUX, &code) == 0;
}

void try_terminal(void)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	int fd = tty >= 0 ? tty : 0;

	if (in_child(type_ahead, &fd) == 1)
		escaped("TIOCSTI", "typed into the terminal");
	else
		contained("TIOCSTI");
	if (in_child(paste, &fd) == 1)
		escaped("TIOCLINUX", "pasted");
	else
		contained("TIOCLINUX");
	closed("/dev/tty0", O_RDWR);
	closed("/dev/ttyS0", O_RDWR);
	closed("/dev/vcs", O_RDONLY);
	if (tty >= 0)
		close(tty);
}

/* ---- sockets and FIFOs in view ---- */

static int connect_to(const void *arg)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, arg, sizeof(address.sun_path) - 1);
	return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

static int open_both(const void *arg)
{
	int fd = open(arg, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && write(fd, "x", 1) == 1;
}

void try_sockets(void)
{
	static const char *const usual[] = {
		"/run/docker.sock",
		"/var/run/docker.sock",
		"/run/containerd/containerd.sock",
		"/run/dbus/system_bus_socket",
		"/run/systemd/private",
		"/run/systemd/notify",
		"/run/systemd/journal/socket",
		"/run/podman/podman.sock",
		"/dev/log",
		"/tmp/.X11-unix/X0",
	};
	const char *socket = getenv("POSTURE_SOCKET"), *fifo = getenv("POSTURE_FIFO");

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (in_child(connect_to, usual[i]) == 1)
			escaped(usual[i], "connected");
		else
			contained(usual[i]);
	}
	if (!socket)
		skipped("planted socket", "none");
	else if (in_child(connect_to, socket) == 1)
		escaped("planted socket", "connected to %s", socket);
	else
		contained("planted socket");
	if (!fifo)
		skipped("planted FIFO", "none");
	else if (in_child(open_both, fifo) == 1)
		escaped("planted FIFO", "wrote into %s", fifo);
	else
		contained("planted FIFO");
}

/* ---- other sandboxes, the host's processes ---- */

void try_others(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct shm_info info;
	unsigned count = 0;

	while (proc && (entry = readdir(proc)))
		count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
	if (proc)
		closedir(proc);
	if (count > OWN_PIDS)
		escaped("processes", "%u are to be seen", count);
	else
		contained("processes");
	if (getppid() > 1)
		escaped("parent", "it is %d: not PID 1, and not outside", (int)getppid());
	else
		contained("parent");
	if (shmctl(0, SHM_INFO, (struct shmid_ds *)&info) >= 0 && info.used_ids > 0)
		escaped("System V memory", "%d segments of others", info.used_ids);
	else
		contained("System V memory");
}

/* ---- the network ---- */

#define ADDRESSES_MAX 16

/* A socket that is connecting to the address; -1: that can't even begin. */
static int begin_reach(const char *address, in_port_t port, const char *device)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = port };
	bool is4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
	const struct sockaddr *to = is4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
	int fd;

	if (!is4 && inet_pton(AF_INET6, address, &v6.sin6_addr) != 1)
		return -1;
	fd = socket(is4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if ((!device ||
	     setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) == 0) &&
	    (connect(fd, to, is4 ? sizeof(v4) : sizeof(v6)) == 0 || errno == EINPROGRESS))
		return fd;
	close(fd);
	return -1;
}

static bool is_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	return fd >= 0 && getpeername(fd, (struct sockaddr *)&peer, &len) == 0;
}

/* All at once: what is dropped without an answer takes its time. */
static void reach(char *const *addresses, size_t count, in_port_t port, const char *device)
{
	struct pollfd ready[ADDRESSES_MAX];

	for (size_t i = 0; i < count; i++)
		ready[i] = (struct pollfd){ .fd = begin_reach(addresses[i], port, device),
					    .events = POLLOUT };
	for (int tick = 0; tick < CONNECT_MS / 100; tick++) {
		bool waits = false;

		for (size_t i = 0; i < count; i++)
			waits |= ready[i].fd >= 0 && poll(&ready[i], 1, 0) == 0;
		if (waits)
			poll(NULL, 0, 100);
	}
	for (size_t i = 0; i < count; i++) {
		if (is_connected(ready[i].fd))
			escaped(addresses[i], "port %u answers%s%s", ntohs(port),
				device ? " by " : "", device ? device : "");
		else
			contained(addresses[i]);
		if (ready[i].fd >= 0)
			close(ready[i].fd);
	}
}

void try_network(void)
{
	const char *named = getenv("POSTURE_METADATA"), *port = getenv("POSTURE_PORT");
	char list[512], *rest = list, *address, *addresses[ADDRESSES_MAX];
	int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	size_t count = 0;

	if (raw >= 0)
		escaped("raw sockets", "made one");
	else
		contained("raw sockets");
	if (raw >= 0)
		close(raw);
	snprintf(list, sizeof(list), "%s", named ? named : "169.254.169.254");
	while (count < ADDRESSES_MAX && (address = strsep(&rest, " ")))
		if (address[0] != '\0')
			addresses[count++] = address;
	reach(addresses, count, htons((in_port_t)(port ? atoi(port) : 80)),
	      getenv("POSTURE_DEVICE"));
}
