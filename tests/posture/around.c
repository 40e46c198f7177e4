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
	if (chdir("/..") == 0 && stat("/../proc/self", &(struct stat){ 0 }) == 0 && getcwd(cwd, sizeof(cwd)) &&
	    strcmp(cwd, "/") != 0)
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
		"/run/docker.sock", "/var/run/docker.sock", "/run/containerd/containerd.sock",
		"/run/dbus/system_bus_socket", "/run/systemd/private", "/run/systemd/notify",
		"/run/systemd/journal/socket", "/run/podman/podman.sock", "/dev/log", "/tmp/.X11-unix/X0",
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

static int reach(const void *arg)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(80) };
	bool is4 = inet_pton(AF_INET, arg, &v4.sin_addr) == 1;
	int fd, err = 0;
	socklen_t len = sizeof(err);
	struct pollfd ready = { .events = POLLOUT };

	if (!is4 && inet_pton(AF_INET6, arg, &v6.sin6_addr) != 1)
		return 0;
	fd = socket(is4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ready.fd = fd;
	if (fd < 0)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, getenv("POSTURE_DEVICE") ? getenv("POSTURE_DEVICE") : "",
		       getenv("POSTURE_DEVICE") ? (socklen_t)strlen(getenv("POSTURE_DEVICE")) : 0) < 0)
		return 0;
	if (connect(fd, is4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, is4 ? sizeof(v4) : sizeof(v6)) == 0)
		return 1;
	if (errno != EINPROGRESS || poll(&ready, 1, CONNECT_MS) <= 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return 0;
	return err == 0;
}

void try_network(void)
{
	const char *named = getenv("POSTURE_METADATA");
	char list[512], *rest = list, *address;
	int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

	if (raw >= 0)
		escaped("raw sockets", "made one");
	else
		contained("raw sockets");
	if (raw >= 0)
		close(raw);
	snprintf(list, sizeof(list), "%s", named ? named : "169.254.169.254");
	while ((address = strsep(&rest, " "))) {
		if (address[0] == '\0')
			continue;
		if (in_child(reach, address) == 1)
			escaped(address, "a metadata service answers");
		else
			contained(address);
	}
}
