/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal of `nidus run`, in one of three arrangements:
 *
 *   shared  neither --tty nor --new-session: the workload has its own process group in
 *           our session. If we are in the foreground, init gives that group the
 *           terminal, whose signals then go only to it. When it stops, we take the
 *           terminal back and stop ourselves, so that the shell sees its job stopped;
 *           when continued, we give the terminal to the group again.
 *   relayed --tty: the workload has a pty; our terminal is raw and carries bytes (relay.h).
 *   apart   --new-session, or stdin is not a terminal: nothing to do here.
 */
#ifndef NIDUS_CLI_TERMINAL_H
#define NIDUS_CLI_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

#include "../nidus.h"

struct terminal {
	bool controlling; /* stdin is our controlling terminal */
	bool shared;      /* for spec.terminal: init can give it to the workload */
	bool given;       /* the workload's group has the foreground; at first for spec.foreground */
	bool relayed;
	bool raw;
	bool has_ours, has_theirs;
	struct termios ours, theirs; /* settings: ours, and those of the stopped workload */
};

/* Finds the arrangement. Changes nothing. */
void terminal_open(struct terminal *terminal, const struct nidus_spec *spec);

/* True when this process may read from stdin without being stopped for it. */
bool terminal_may_read(const struct terminal *terminal);

/*
 * The workload was stopped by `signal`: stops this job, returns when continued. If it was
 * stopped because it did not have the terminal, and we have it now, it gets it instead.
 */
int terminal_stop(struct terminal *terminal, struct nidus_sandbox *sandbox, int signal,
		  struct fault *fault);

/* This process was stopped, or is to be, independently of the workload. */
void terminal_suspend(struct terminal *terminal, int signal);

/* A SIGCONT came: forwards it, with the terminal if we have it. */
int terminal_continue(struct terminal *terminal, struct nidus_sandbox *sandbox,
		      struct fault *fault);

/* --tty: our terminal carries bytes unchanged, as long as it is ours. */
void terminal_make_raw(struct terminal *terminal);

/* The size of our terminal becomes that of the spec's own, from its start. */
void terminal_give_size(struct nidus_spec *spec);

/* Gives the pty behind `master` the size of our terminal. */
void terminal_copy_size(int master);

/* Takes the terminal back and restores it. Idempotent. */
void terminal_close(struct terminal *terminal);

#endif
