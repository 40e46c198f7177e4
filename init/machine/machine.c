/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine role: theory of operation.
 *
 * PID 1 of a machine, or of a container that is run like one. It mounts the base file
 * systems, reads one small file (conf.c) and starts the services listed there. From then
 * on it is one loop (watch.c) that wakes up only for events: a child ended, a start is
 * decided, a service is ready, a deadline is over, or the end was requested.
 *
 * PID 1 itself does as little as it can, as nothing may end or block it. Each service is
 * prepared by its own process (service.c): session, cgroup and its limits, output, private
 * mounts, user, capabilities, filter. PID 1 reads a failure there from a shared page; it
 * affects only that service. A wrong configuration or a missing program leads to a shell
 * on the console (emergency.c), not to a panic.
 *
 * The end is a state (stop.c): a signal, a command, or a service that was given up
 * chooses it, the first choice wins, and the same loop carries it out. All signals are
 * blocked and read from a signalfd; there are no handlers.
 *
 * A container has no reboot(2): its exit status says which end it was. What it may not
 * mount or divide, the container manager has provided, or it goes without; but a limit
 * that a service asks for and cannot get is an error there too.
 */
#include "machine.h"

#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "../clock.h"
#include "../pid_namespace.h"
#include "../kernel_abi.h"
#include "../core/loopback.h"
#include "../small_file.h"
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

/* Inherited descriptors, ignored signals and the mask must not reach any service. */
static void take_process(struct machine *m, char *const *envp)
{
	static const struct sigaction plain; /* SIG_DFL */

	m->ours = pid_namespace_is_first();
	if (m->ours)
		reboot(RB_DISABLE_CAD); /* EPERM, EINVAL: not available, so nothing to disable */
	m->envp = envp;
	m->console = CONSOLE_NONE;
	end_reset(&m->others);
	conf_begin(&m->conf);
	/* both are tried; they fail only without any memory, and then nothing can be started */
	if ((sys_close_range(3, UINT32_MAX, CLOSE_RANGE_CLOEXEC) | signals_take(&m->signals)) < 0)
		machine_tell_errno("descriptors");
	for (int signal = 1; signal <= 64; signal++)
		sigaction(signal, &plain, NULL); /* EINVAL: KILL, STOP */
	m->signals.mask = 0;
	m->signals.ignores_children = false;
}

/* -1: there is no usable configuration; the error has been reported. */
static int read_conf(struct machine *m, const char *path)
{
	static char text[CONF_TEXT_MAX + 2]; /* a byte more, to notice a longer file, and the NUL */
	ssize_t len = small_file_read(AT_FDCWD, path, text, sizeof(text));
	const char *name = strrchr(path, '/');

	if (len < 0)
		machine_tell_errno(path);
	else if (len > CONF_TEXT_MAX)
		machine_tell(path, "larger than 64K");
	else if (conf_parse(&m->conf, text, (size_t)len, name ? name + 1 : path) == 0)
		return chdir("/");
	return -1;
}

/* A program on the command line is run without any configuration. */
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

/* The configured shell, and that of an emergency. */
static void take_shell(struct conf_service *shell)
{
	give_console(shell);
	shell->limit = 0;
	shell->stop_signal = SIGHUP; /* interactive shells ignore TERM */
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

/* Failures are reported, and the machine goes on; but not without its file systems. */
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
		machine_tell(NULL, "--machine: not PID 1"); /* kill(-1) would hit the host */
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

	/* From here PID 1 must exit only by shutdown_finish. */
	begin_services(&m, good);
	machine_watch(&m);
	shutdown_finish(&m);
}
