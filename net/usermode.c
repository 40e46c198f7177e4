/* SPDX-License-Identifier: Apache-2.0 */
/* --net user: from the search for the program to its end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../init/clock.h"
#include "../init/contract.h"
#include "../init/fd.h"
#include "../init/small_file.h"
#include "publish.h"
#include "usermode_child.h"
#include "usermode_inside.h"

#define VERSION_MS 2000
#define API_ANSWER_MAX 4096
#define ROUTES_MAX 16384

struct net_user {
	enum net_user_kind kind;
	struct user_child child;
	int exit_fd; /* EOF at the other end ends slirp4netns */

	/* while it starts */
	const struct net_options *options;
	struct user_place place;
	struct user_inside inside;
	int dir_fd;   /* of the caller */
	int ready_fd;
	int64_t until_ms;
};

static const char *const names[] = {
	[NET_USER_SLIRP4NETNS] = "slirp4netns",
	[NET_USER_PASTA] = "pasta",
};

static bool find(enum net_user_kind kind, struct net_user_program *program)
{
	static const char *const places[] = { "/usr/bin", "/usr/local/bin", "/bin" };
	struct stat st;

	program->kind = kind;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(program->path, sizeof(program->path), "%s/%s", places[i], names[kind]);
		if (stat(program->path, &st) == 0 && S_ISREG(st.st_mode) &&
		    faccessat(AT_FDCWD, program->path, X_OK, AT_EACCESS) == 0)
			return true;
	}
	return false;
}

/* The first line of `pasta --version` at most. */
static int ask_version(const char *path, char *text, size_t size, struct fault *fault)
{
	char *const argv[] = { (char *)"pasta", (char *)"--version", NULL };
	cleanup_fd int read_fd = -1, write_fd = -1;
	struct user_program program = { .path = path, .argv = argv, .dir_fd = -1, .exit_fd = -1,
					.ready_fd = -1 };
	int64_t until_ms = clock_now_ms() + VERSION_MS;
	struct user_child child;
	ssize_t n = 0;
	int ret;

	if (user_pipe(&read_fd, &write_fd) < 0)
		return fault_set(fault, STEP_NETWORK, errno, path);
	program.out_fd = write_fd;
	if (user_child_hold(&child, &program, fault) < 0)
		return -1;
	fd_close(&write_fd);
	ret = user_child_go(&child, path, fault);
	if (ret == 0)
		ret = user_child_wait(&child, read_fd, until_ms, path, fault);
	if (ret > 0)
		n = read(read_fd, text, size - 1);
	user_child_end(&child, NET_USER_STOP_MS);
	text[n > 0 ? n : 0] = '\0';
	return ret < 0 ? -1 : 0;
}

static int check_pasta(const char *path, struct fault *fault)
{
	char version[128], why[FAULT_WHY_MAX];

	if (ask_version(path, version, sizeof(version), fault) < 0)
		return -1;
	if (user_pasta_date(version) >= NET_USER_PASTA_FLOOR)
		return 0;
	version[strcspn(version, "\n")] = '\0';
	snprintf(why, sizeof(why),
		 "a user network needs slirp4netns (Debian: slirp4netns), or pasta %d or later; "
		 "this is '%.60s'",
		 NET_USER_PASTA_FLOOR, version);
	fault_set(fault, STEP_NETWORK, ENOENT, "pasta");
	return fault_because(fault, why);
}

static int check_options(const struct net_options *options, struct fault *fault)
{
	const char *option = options->rule_count > 0	  ? "rules" :
			     options->peer		  ? "peer" :
			     options->host_port_count > 0 ? "host ports" :
			     options->has_forward	  ? "forward" :
			     options->pool4.addr.family || options->pool6.addr.family ? "pool" : NULL;

	if (!option)
		return 0;
	fault_set(fault, STEP_NETWORK, EOPNOTSUPP, option);
	return fault_because(fault, "only in a nat network");
}

static int check_publish(const struct net_user_program *program, const struct net_options *options,
			 struct fault *fault)
{
	char port[PUBLISH_TEXT_MAX];

	for (size_t i = 0; i < options->publish_count; i++) {
		if (program->kind != NET_USER_SLIRP4NETNS ||
		    options->publish[i].addr.family != AF_INET6)
			continue;
		fault_set(fault, STEP_NETWORK, EAFNOSUPPORT,
			  publish_text(&options->publish[i], port));
		return fault_because(fault, "slirp4netns publishes IPv4 only");
	}
	return 0;
}

int net_user_find(const struct net_options *options, struct net_user_program *program,
		  struct fault *fault)
{
	if (check_options(options, fault) < 0)
		return -1;
	if (!find(NET_USER_SLIRP4NETNS, program)) {
		if (!find(NET_USER_PASTA, program))
			return fault_set(fault, STEP_NETWORK, ENOENT,
					 "a user network needs slirp4netns or pasta (Debian: slirp4netns)");
		if (check_pasta(program->path, fault) < 0)
			return -1;
	}
	if (faccessat(AT_FDCWD, NET_USER_TUN, R_OK | W_OK, AT_EACCESS) < 0)
		return fault_set(fault, STEP_NETWORK, errno, NET_USER_TUN);
	return check_publish(program, options, fault);
}

static int look_around(pid_t init_pid, struct user_place *place, struct fault *fault)
{
	char path[64], map[4096], routes[ROUTES_MAX];

	snprintf(path, sizeof(path), "/proc/%d/uid_map", init_pid);
	if (small_file_read(AT_FDCWD, path, map, sizeof(map)) < 0)
		return fault_set(fault, STEP_NETWORK, errno, path);
	/* missing: no IPv6 */
	small_file_read(AT_FDCWD, "/proc/net/ipv6_route", routes, sizeof(routes));
	*place = (struct user_place){
		.init_pid = init_pid,
		.has_root = user_map_has_root(map),
		.has_ipv6 = user_routes_have_default(routes),
		.privileged = geteuid() == 0,
	};
	return 0;
}

static int connect_api(int dir_fd)
{
	cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	/* by descriptor: the path of a state directory can be too long for an address */
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/%s", dir_fd,
		 USER_API_NAME);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	return fd_take(&fd);
}

/* One request, one connection. */
static int publish_one(const struct net_publish *publish, int dir_fd, int64_t until_ms,
		       struct fault *fault)
{
	char answer[API_ANSWER_MAX], port[PUBLISH_TEXT_MAX];
	cleanup_fd int fd = connect_api(dir_fd);
	size_t len = 0;
	char *request;
	ssize_t n;

	if (fd < 0)
		return fault_set(fault, STEP_NETWORK, errno, publish_text(publish, port));
	if (user_api_request(publish, &request, fault) < 0)
		return -1;
	n = send(fd, request, strlen(request), MSG_NOSIGNAL);
	if (n < 0 || (size_t)n != strlen(request)) {
		free(request);
		return fault_set(fault, STEP_NETWORK, n < 0 ? errno : EIO,
				 publish_text(publish, port));
	}
	free(request);
	while (len < sizeof(answer)) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int64_t left = until_ms - clock_now_ms();

		if (left <= 0 || poll(&ready, 1, (int)left) == 0)
			return fault_set(fault, STEP_NETWORK, ETIMEDOUT,
					 publish_text(publish, port));
		n = recv(fd, answer + len, sizeof(answer) - len, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return fault_set(fault, STEP_NETWORK, errno, publish_text(publish, port));
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return user_api_answer(answer, len, publish, fault);
}

/* Opens the FIFO before its writer does: until then poll reports neither EOF nor hang-up. */
static int open_fifo(int dir_fd)
{
	/* left by an earlier try */
	if (unlinkat(dir_fd, USER_FIFO_NAME, 0) < 0 && errno != ENOENT)
		return -1;
	if (mkfifoat(dir_fd, USER_FIFO_NAME, 0600) < 0)
		return -1;
	return openat(dir_fd, USER_FIFO_NAME, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
}

/* Forks the program, held before its exec; it then has its own ends of the pipes. */
static int hold_program(struct net_user *user, const char *path, struct user_args *args,
			struct fault *fault)
{
	cleanup_fd int exit_read = -1, ready_write = -1;
	struct user_program program = { .path = path, .argv = args->argv, .dir_fd = user->dir_fd,
					.out_fd = -1, .exit_fd = -1, .ready_fd = -1 };

	if (user->kind == NET_USER_PASTA) {
		user->ready_fd = open_fifo(user->dir_fd);
		if (user->ready_fd < 0)
			return fault_set(fault, STEP_NETWORK, errno, USER_FIFO_NAME);
	} else {
		if (user_pipe(&exit_read, &user->exit_fd) < 0 ||
		    user_pipe(&user->ready_fd, &ready_write) < 0)
			return fault_set(fault, STEP_NETWORK, errno, "pipe");
		program.exit_fd = exit_read;
		program.ready_fd = ready_write;
	}
	return user_child_hold(&user->child, &program, fault);
}

/* The namespace is prepared before the link exists. */
static int start(struct net_user *user, const char *path, pid_t init_pid, struct fault *fault)
{
	struct user_args *args;
	int ret;

	if (look_around(init_pid, &user->place, fault) < 0)
		return -1;
	args = malloc(sizeof(*args));
	if (!args)
		return fault_set(fault, STEP_NETWORK, ENOMEM, path);
	ret = user->kind == NET_USER_PASTA ?
		      user_args_pasta(args, &user->place, user->options, fault) :
		      user_args_slirp4netns(args, &user->place, user->options, fault);
	if (ret == 0)
		ret = user_inside_enter(&user->inside, init_pid, user->until_ms, fault);
	if (ret == 0)
		ret = hold_program(user, path, args, fault);
	free(args);
	return ret;
}

/* No more ports can be requested from here on. Either file may be missing. */
static int end_start(struct net_user *user, struct fault *fault)
{
	user_inside_leave(&user->inside);
	fd_close(&user->ready_fd);
	if ((unlinkat(user->dir_fd, USER_API_NAME, 0) < 0 && errno != ENOENT) ||
	    (unlinkat(user->dir_fd, USER_FIFO_NAME, 0) < 0 && errno != ENOENT))
		return fault_set(fault, STEP_NETWORK, errno, USER_API_NAME);
	return 0;
}

int net_user_start(const struct net_user_program *program, const struct net_options *options,
		   pid_t init_pid, int state_dir_fd, struct net_user **out, struct fault *fault)
{
	struct net_user *user = calloc(1, sizeof(*user));
	struct fault ignored; /* the first fault is the one to report */

	*out = NULL;
	if (!user)
		return fault_set(fault, STEP_NETWORK, ENOMEM, program->path);
	user->kind = program->kind;
	user->options = options;
	user->dir_fd = state_dir_fd;
	user->exit_fd = user->ready_fd = -1;
	user_child_init(&user->child);
	user_inside_init(&user->inside);
	user->until_ms = clock_now_ms() + NET_USER_READY_MS;
	if (start(user, program->path, init_pid, fault) == 0) {
		*out = user;
		return 0;
	}
	end_start(user, &ignored);
	net_user_stop(&user, NET_USER_STOP_MS, &ignored);
	return -1;
}

pid_t net_user_pid(const struct net_user *user)
{
	return user->child.pid;
}

static int bring_up(struct net_user *user, struct fault *fault)
{
	int ret = user_child_go(&user->child, names[user->kind], fault);

	if (ret == 0)
		ret = user_child_wait(&user->child, user->ready_fd, user->until_ms,
				      names[user->kind], fault);
	if (ret < 0)
		return -1;
	if (ret == 0)
		return user_child_failed(&user->child, names[user->kind], fault);
	if (user->kind != NET_USER_SLIRP4NETNS)
		return 0;
	/* with pasta addresses are ready at once, and it publishes ports itself */
	if (user->place.has_ipv6 &&
	    user_inside_wait_ipv6(&user->inside, user->until_ms, fault) < 0)
		return -1;
	user_inside_leave(&user->inside);
	for (size_t i = 0; i < user->options->publish_count; i++)
		if (publish_one(&user->options->publish[i], user->dir_fd, user->until_ms, fault) < 0)
			return -1;
	return 0;
}

int net_user_go(struct net_user *user, struct fault *fault)
{
	struct fault ignored; /* the first fault is the one to report */
	int ret = bring_up(user, fault);

	if (end_start(user, ret < 0 ? &ignored : fault) < 0)
		ret = -1;
	if (ret == 0)
		user_child_forget(&user->child); /* messages of a successful start are dropped */
	return ret;
}

const struct fault *net_user_no_filter(const struct net_user *user)
{
	return user->inside.no_filter.step == STEP_NONE ? NULL : &user->inside.no_filter;
}

int net_user_fd(const struct net_user *user)
{
	return user->child.pidfd;
}

const char *net_user_epitaph(struct net_user *user, char text[NET_USER_EPITAPH_MAX])
{
	_Static_assert(NET_USER_EPITAPH_MAX == USER_EPITAPH_MAX, "the same text");
	return user_child_epitaph(&user->child, names[user->kind], text);
}

void net_user_address(const struct net_user *user, struct ip_addr *addr4)
{
	static const struct ip_addr guest = { .family = AF_INET, .bytes = { 10, 0, 2, 100 } };

	*addr4 = user->kind == NET_USER_SLIRP4NETNS ? guest : (struct ip_addr){ 0 };
}

void net_user_kill(struct net_user *user)
{
	if (!user)
		return;
	fd_close(&user->exit_fd);
	user_child_kill(&user->child);
}

int net_user_stop(struct net_user **user, int wait_ms, struct fault *fault)
{
	if (!*user)
		return 0;
	fd_close(&(*user)->exit_fd);
	if (user_child_end(&(*user)->child, wait_ms) < 0)
		return fault_set(fault, STEP_CLEANUP, errno, names[(*user)->kind]);
	user_inside_leave(&(*user)->inside); /* ends the process inside if it never got GO */
	fd_close(&(*user)->ready_fd);
	free(*user);
	*user = NULL;
	return 0;
}
