/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The appliance role: PID 1 of a real or virtual machine, or of a container that
 * is run like one.
 */
#ifndef NIDUS_INIT_MACHINE_H
#define NIDUS_INIT_MACHINE_H

/*
 * The role, from early mounts to reboot(2). argv: that of main, complete. As the init of a
 * kernel, its last words are the program, as many as follow `--` in /proc/cmdline; in a
 * container it is [--machine] [--config PATH] [-- PROGRAM [ARG…]].
 */
void machine_role(char **argv, char *const *envp) __attribute__((noreturn));

/* `nidus-init poweroff|reboot|halt`: asks PID 1. Returns the exit status. */
int machine_command(const char *verb);

#endif
