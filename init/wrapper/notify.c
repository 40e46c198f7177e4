/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readiness. In the convention of s6 it is a newline on a descriptor; in that of systemd
 * a datagram to NOTIFY_SOCKET. We provide that socket to the program: a message from a
 * descendant is passed on to the socket of our caller, and READY=1 becomes the newline.
 *
 * The socket is abstract, with a name chosen by the kernel. Any process in the network
 * namespace may send to it, and the kernel gives us the pid of the sender. A sender that
 * has exited by the time we look, such as `systemd-notify --ready` in a script, can't be
 * recognized as a descendant: it is accepted if it has the user id of the program. There
 * is no room for passed descriptors: the kernel closes them.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "../contract.h"
#include "../core/exec.h"
#include "../fd.h"
#include "../kernel_abi.h"
#include "supervisor.h"

#define VARIABLE "NOTIFY_SOCKET="
#define VARIABLE_LEN (sizeof(VARIABLE) - 1)
#define DATAGRAM_MAX 4096
#define PASS_ON_SECONDS 1 /* the longest wait for a receiver with a full queue */

#define READY "\nREADY=1\n" /* a line of the datagram; newlines are added at its ends if missing */
#define READY_LEN (sizeof(READY) - 1)

void notify_open(struct wrapper *w)
{
	static const struct sockaddr any = {.sa_family = AF_UNIX};
	static const struct timeval wait = {.tv_sec = PASS_ON_SECONDS};
	static const int on = 1;

	if (!w->options.ready_notify)
		return;
	w->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (w->notify_fd < 0 ||
	    setsockopt(w->notify_fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ||
	    setsockopt(w->notify_fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0 ||
	    bind(w->notify_fd, &any, sizeof(any.sa_family)) < 0)
		finish_failed(w, STEP_WATCH, "NOTIFY_SOCKET");
}

/* The environment with "NOTIFY_SOCKET=@name" of our own socket. */
char *const *notify_environment(const struct wrapper *w)
{
	const size_t at = VARIABLE_LEN - offsetof(struct sockaddr_un, sun_path);
	static char own[VARIABLE_LEN + sizeof(struct sockaddr_un)]; /* the end of it stays 0 */
	socklen_t len = sizeof(struct sockaddr_un);
	char **theirs;

	if (w->notify_fd < 0)
		return w->envp;
	if (getsockname(w->notify_fd, (struct sockaddr *)(void *)(own + at), &len) < 0)
		return NULL;
	memcpy(own, VARIABLE "@", VARIABLE_LEN + 1);
	theirs = program_variable(w->envp, VARIABLE);
	if (!theirs)
		return exec_vector(own, w->envp);
	*theirs = own; /* in the copy of this process */
	return w->envp;
}

void notify_ready(struct wrapper *w)
{
	if (w->ready_fd < 0)
		return;
	(void)!write(w->ready_fd, "\n", 1); /* the reader may be gone */
	if (w->ready_fd > STDERR_FILENO && w->ready_fd != w->report.fd)
		close(w->ready_fd);
	w->ready_fd = -1;
}

/* To the socket of the caller: "/path" or "@name". It is no error if that is gone. */
static void pass_on(const struct wrapper *w, const char *text, size_t len)
{
	char **theirs = program_variable(w->envp, VARIABLE);
	const char *name = theirs ? *theirs + VARIABLE_LEN : "";
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t name_len = strlen(name);

	if (name_len < 2 || name_len >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, name, name_len);
	if (to.sun_path[0] == '@')
		to.sun_path[0] = '\0';
	sendto(w->notify_fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&to,
	       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name_len));
}

static bool is_believed(const struct wrapper *w, const struct ucred *sender)
{
	uid_t user = w->program.account ? w->account.uid : getuid();

	if ((w->running && sender->pid == w->job.pid) || tree_has(&w->tree, sender->pid))
		return true;
	/* pid 0 is a sender outside of our pid namespace: kill(0) then succeeds for our group. */
	return sender->uid == user && kill(sender->pid, 0) < 0 && errno == ESRCH;
}

void notify_take(struct wrapper *w)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
	struct cmsghdr *head = (struct cmsghdr *)(void *)control;
	struct ucred sender;
	char text[1 + DATAGRAM_MAX + 1];
	struct iovec vector = {.iov_base = text + 1, .iov_len = DATAGRAM_MAX};
	struct msghdr message = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	head->cmsg_type = 0;
	n = syscall(SYS_recvmsg, w->notify_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n <= 0 || (message.msg_flags & MSG_TRUNC) || head->cmsg_type != SCM_CREDENTIALS)
		return;
	memcpy(&sender, CMSG_DATA(head), sizeof(sender));
	if (!is_believed(w, &sender))
		return;
	pass_on(w, text + 1, (size_t)n);
	text[0] = text[n + 1] = '\n';
	for (const char *at = text; at + READY_LEN <= text + n + 2; at++)
		if (memcmp(at, READY, READY_LEN) == 0)
			notify_ready(w);
}
