/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program of --net user as a child. Private to net/usermode*.c. */
#ifndef NIDUS_NET_USERMODE_CHILD_H
#define NIDUS_NET_USERMODE_CHILD_H

#include "usermode_args.h"

#define USER_CHILD_FDS 5 /* 0 to 4; -1: closed for the program */

struct user_child {
	pid_t pid;   /* 0: none */
	int pidfd;
	int go_fd;   /* what it waits for before its exec; -1: let go */
	int go_read_fd; /* its end of that: held, too, so that a write is never SIGPIPE */
	int says_fd; /* its standard error, non-blocking at both ends; -1 once closed */
	char says[USER_SAYS_MAX];
	size_t says_len; /* of a long message the end is kept */
};

struct user_program {
	const char *path;
	char *const *argv;
	int dir_fd;               /* its working directory; -1: / */
	int out_fd;               /* its standard output; -1: /dev/null */
	int exit_fd, ready_fd;    /* -1: none */
};

/* No child, nothing open. */
void user_child_init(struct user_child *child);
/*
 * Forks, and holds the program before its exec so that its pid can be journalled: if the
 * spawner dies before user_child_go, the child ends by itself.
 */
int user_child_hold(struct user_child *child, const struct user_program *program,
		    struct fault *fault);
/* Lets it exec. */
int user_child_go(struct user_child *child, const char *path, struct fault *fault);
/* Waits until until_ms (user_now_ms). 1: ready_fd is readable; 0: the program ended; -1: fault. */
int user_child_wait(struct user_child *child, int ready_fd, int64_t until_ms, const char *name,
		    struct fault *fault);
/* The fault for a program that ended by itself, with what it printed. */
int user_child_failed(struct user_child *child, const char *name, struct fault *fault);
/* Forgets what it has printed so far, so that none of it is quoted. */
void user_child_forget(struct user_child *child);
/* "NAME was ended by signal 9: its last output". The program has ended and is not reaped. */
#define USER_EPITAPH_MAX (USER_SAYS_MAX + 64)
const char *user_child_epitaph(struct user_child *child, const char *name,
			       char text[USER_EPITAPH_MAX]);
/* Kills it. */
void user_child_kill(struct user_child *child);
/* Kills and reaps. -1 with errno ETIMEDOUT: not gone within wait_ms. */
int user_child_end(struct user_child *child, int wait_ms);

/* A pipe whose ends don't collide with the descriptors that a program gets. Close-on-exec. */
int user_pipe(int *read_end, int *write_end);

#endif
