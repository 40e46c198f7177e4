/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine role: theory of operation.
 *
 * PID 1 of a machine, or of a container that is run like one. It mounts what a
 * system stands on, reads one small file (conf.c) and starts the services that it
 * lists. From then on it is one loop (watch.c) that is woken by what happens and by
 * nothing else: a child ended, a start is decided, a service is ready, a deadline
 * is over, somebody asks for the end.
 *
 * PID 1 itself does as little as it can, as nothing may end or block it. Each
 * service is prepared by its own process (service.c): session, cgroup and its limits,
 * output, private mounts, user, capabilities, filter. What fails there PID 1 reads from
 * a shared page, and is that service's failure alone. A file that is wrong,
 * a program that is missing, ends in a shell on the console (emergency.c), not in a
 * panic.
 *
 * The end is a state (stop.c): a signal, a command, or a service that was given up
 * chooses it, the first choice stands, and the same loop carries it out. Signals
 * are all blocked and read from a signalfd; there are no handlers.
 *
 * In a container there is no reboot(2): the exit status tells. What it may not
 * mount or divide, its manager has given it, or it does without; but a limit that
 * a service asks for and cannot have is an error there too.
 */
#include "machine.h"

#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "../clock.h"
#include "../pid_namespace.h"
#include "../kernel_abi.h"
#include "../core/loopback.h"
#include "cmdline.h"
#include "files.h"
#include "role.h"

#define CONF_PATH "/etc/nidus/machine.conf"
#define EXIT_FAULT 125

/* For the shell, and for a program on the command line. */
static void give_console(struct conf_service *service)
{
	service->terminal = true;
	service->program.drop_caps = false;
	service->program.no_new_privs = false;
}

/* Descriptors, ignored signals and the mask of whoever started us are nobody's of ours. */
static void take_process(struct machine *m, char *const *envp)
{
	static const struct sigaction plain; /* SIG_DFL */

	m->ours = pid_namespace_is_first();
	if (m->ours)
		reboot(RB_DISABLE_CAD); /* EPERM, EINVAL: a kernel without; it needs no help then */
	m->envp = envp;
	m->console = CONSOLE_NONE;
	end_reset(&m->others);
	conf_begin(&m->conf);
	/* both are tried; without them there is no memory at all, and nothing can be started */
	if ((sys_close_range(3, UINT32_MAX, CLOSE_RANGE_CLOEXEC) | signals_take(&m->signals)) < 0)
		machine_tell_errno("descriptors");
	for (int signal = 1; signal <= 64; signal++)
		sigaction(signal, &plain, NULL); /* EINVAL: KILL, STOP */
	m->signals.mask = 0;
	m->signals.ignores_children = false;
}

/* -1: told; there is nothing to go by. */
static int read_conf(struct machine *m, const char *path)
{
	static char text[CONF_TEXT_MAX + 2]; /* a byte too many, and the NUL */
	ssize_t len = file_read(AT_FDCWD, path, text, sizeof(text));
	const char *name = strrchr(path, '/');

	if (len < 0)
		machine_tell_errno(path);
	else if (len > CONF_TEXT_MAX)
		machine_tell(path, "larger than 64K");
	else if (conf_parse(&m->conf, text, (size_t)len, name ? name + 1 : path) == 0)
		return chdir("/");
	return -1;
}

/* Of a program on the command line, all that it needs is to be run. */
static void take_program(struct machine *m, char **program)
{
	struct conf_service *service = &m->conf.services[0];

	conf_begin_service(service, "main");
	give_console(service);
	service->program.argv = program;
	service->respawn = RESPAWN_NEVER;
	m->conf.service_count = 1;
	m->conf.when_done = END_POWEROFF;
}

/* The configured one, and that of an emergency. */
static void take_shell(struct conf_service *shell)
{
	give_console(shell);
	shell->limit = 0;
	shell->stop_signal = SIGHUP; /* which interactive shells obey */
	shell->grace_us = 2000000u;
}

static int take_conf(struct machine *m, char **argv)
{
	const char *path = CONF_PATH;
	char **program;
	int result = cmdline_take(m->ours, argv, &path, &program);

	if (program)
		take_program(m, program);
	else if (result == 0)
		result = read_conf(m, path);
	take_shell(&m->conf.shell);
	return result;
}

/* Failures are told, and the machine goes on without; but not without its file systems. */
static int set_up(struct machine *m)
{
	static struct fault fault;
	const char *hostname = m->conf.hostname;

	if (hostname && sethostname(hostname, strlen(hostname)) < 0)
		machine_tell_errno("hostname");
	if (loopback_up(&fault) < 0)
		machine_tell_fault("network", &fault);
	for (unsigned i = 0; i < m->conf.mount_count; i++)
		if (early_mount(&m->conf.mounts[i]) < 0 && m->ours)
			return -1;
	return 0;
}

static void begin_services(struct machine *m, bool good)
{
	if (good) {
		services_begin(m);
	} else {
		m->conf.service_count = 0;
		m->conf.shell.program.argv = NULL;
		emergency(m, EXIT_FAULT);
	}
}

void machine_role(char **argv, char *const *envp)
{
	static struct machine m;
	bool good;

	if (getpid() != 1) {
		machine_tell(NULL, "--machine: not PID 1"); /* kill(-1) would reach everybody */
		_exit(EXIT_FAULT);
	}
	take_process(&m, envp);
	early_devices(&m);
	console_open(&m, CONSOLE_FIRST);
	early_mounts(&m);
	groups_open(&m);
	good = take_conf(&m, argv) == 0;
	if (m.conf.console)
		console_open(&m, m.conf.console);
	good = good && set_up(&m) == 0;

	/* From here PID 1 must not exit but through shutdown_finish. */
	begin_services(&m, good);
	machine_watch(&m);
	shutdown_finish(&m);
}
