/* SPDX-License-Identifier: Apache-2.0 */
/* machine.conf: what is read, and what is refused by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../init/machine/choice.c"
#include "../../init/machine/cmdline.c"
#include "../../init/machine/conf.c"
#include "../../init/machine/conf_values.c"
#include "../../init/machine/conf_words.c"
#include "../../init/machine/files.c"
#include "../../init/say.c"
#include "../../init/text.c"
#include "../../init/values.c"
#include "values_table.h"

static struct machine_conf conf;
static char *file;
static char told[65536];

/* tell.h, of which nothing else is needed. */
static struct say told_line;

struct say *machine_line(const char *who)
{
	say_begin(&told_line);
	if (who) {
		say_text(&told_line, who);
		say_text(&told_line, ": ");
	}
	return &told_line;
}

void machine_line_end(struct say *say)
{
	strncat(told, say->text, say->len);
	strcat(told, "\n");
}

void machine_tell(const char *who, const char *what)
{
	say_text(machine_line(who), what);
	machine_line_end(&told_line);
}

/* On the heap, and exactly as large as promised: an overrun is ASan's to find. */
static unsigned read_text(const char *text, size_t len)
{
	free(file);
	file = malloc(len + 1);
	assert_non_null(file);
	memcpy(file, text, len);
	file[len] = '\0';
	told[0] = '\0';
	memset(&conf, 0, sizeof(conf));
	conf_begin(&conf);
	return conf_parse(&conf, file, len, "machine.conf");
}

static void good(const char *text)
{
	unsigned found = read_text(text, strlen(text));

	if (found)
		print_error("%s", told);
	assert_int_equal(found, 0);
}

/* Refused with exactly these lines. */
static void bad(const char *text, const char *lines)
{
	unsigned count = 0;
	unsigned found = read_text(text, strlen(text));

	assert_string_equal(told, lines);
	for (const char *p = lines; *p; p++)
		count += *p == '\n';
	assert_int_equal(found, count);
}

static void test_an_empty_file_is_the_defaults(void **state)
{
	(void)state;
	good("");
	good("# nothing\n\n   \t# at all");
	assert_null(conf.console);
	assert_int_equal(conf.ctrl_alt_del, END_REBOOT);
	assert_int_equal(conf.when_done, END_NONE);
	assert_int_equal(conf.shell.grace_us, 10000000);
	assert_int_equal(conf.service_count, 0);
	assert_null(conf.shell.program.argv);
}

static void test_the_head(void **state)
{
	(void)state;
	good("hostname box\nconsole /dev/ttyS0\nshell /bin/sh -l\ngrace 1.5s\n"
	     "ctrl-alt-del ignore\nwhen-done halt\nsetenv A=1\nsetenv \"B=a b\"\n"
	     "mount /dev/sda1 /data ext4 ro,nofail\nmount tmp /x tmpfs\n");
	assert_string_equal(conf.hostname, "box");
	assert_string_equal(conf.console, "/dev/ttyS0");
	assert_string_equal(conf.shell.program.argv[0], "/bin/sh");
	assert_string_equal(conf.shell.program.argv[1], "-l");
	assert_null(conf.shell.program.argv[2]);
	assert_int_equal(conf.shell.grace_us, 1500000);
	assert_int_equal(conf.ctrl_alt_del, END_NONE);
	assert_int_equal(conf.when_done, END_HALT);
	assert_int_equal(conf.shell.env.count, 2);
	assert_string_equal(conf.shell.env.words[1], "B=a b");
	assert_int_equal(conf.mount_count, 2);
	assert_string_equal(conf.mounts[0].options, "ro,nofail");
	assert_string_equal(conf.mounts[1].options, "");
}

static void test_a_service_with_everything(void **state)
{
	const struct conf_service *s = &conf.services[0];

	(void)state;
	good("service web-1\n exec /bin/web \"-x y\" \"\"\n respawn on-failure\n backoff 1s 1m\n"
	     " limit 0\n on-give-up reboot\n ready fd 9 5s\n stop-signal SIGHUP\n grace 3s\n"
	     " memory 64M\n pids 12\n cpus 1.5\n user www:www\n capabilities keep\n"
	     " no-new-privs no\n seccomp /etc/web.bpf\n private yes\n writable /var/web /a\n"
	     " writable /b\n chdir /srv\n setenv K=\n output /var/log/web\n");
	assert_string_equal(s->name, "web-1");
	assert_string_equal(s->program.argv[1], "-x y");
	assert_string_equal(s->program.argv[2], "");
	assert_null(s->program.argv[3]);
	assert_int_equal(s->respawn, RESPAWN_ON_FAILURE);
	assert_int_equal(s->backoff_us, 1000000);
	assert_int_equal(s->backoff_max_us, 60000000);
	assert_int_equal(s->limit, 0);
	assert_int_equal(s->on_give_up, END_REBOOT);
	assert_int_equal(s->ready, READY_FD);
	assert_int_equal(s->ready_fd, 9);
	assert_int_equal(s->ready_us, 5000000);
	assert_int_equal(s->stop_signal, SIGHUP);
	assert_int_equal(s->grace_us, 3000000);
	assert_int_equal(s->memory, 64 << 20);
	assert_int_equal(s->pids, 12);
	assert_int_equal(s->cpus, 1500000);
	assert_string_equal(s->user, "www:www");
	assert_false(s->program.drop_caps);
	assert_false(s->program.no_new_privs);
	assert_true(s->private);
	assert_int_equal(s->writable.count, 3);
	assert_string_equal(s->writable.words[2], "/b");
	assert_string_equal(s->env.words[0], "K=");
	assert_string_equal(s->output, "/var/log/web");
}

static void test_the_defaults_of_a_service(void **state)
{
	const struct conf_service *s = conf.services;

	(void)state;
	good("grace 7s\nservice a\nexec /a\nservice b\nexec /b\nready exit\n");
	assert_int_equal(s[0].respawn, RESPAWN_ALWAYS);
	assert_int_equal(s[1].respawn, RESPAWN_NEVER);
	assert_int_equal(s[0].backoff_us, 100000);
	assert_int_equal(s[0].backoff_max_us, 10000000);
	assert_int_equal(s[0].limit, 10);
	assert_int_equal(s[0].ready, READY_EXEC);
	assert_int_equal(s[0].ready_us, 30000000);
	assert_int_equal(s[0].stop_signal, SIGTERM);
	assert_int_equal(s[0].grace_us, 7000000);
	assert_true(s[0].program.drop_caps);
	assert_true(s[0].program.no_new_privs);
	assert_string_equal(s[0].output, "console");
}

static void test_words(void **state)
{
	char *const *argv;

	(void)state;
	good("service a\n\texec  /a\t\"q\\\"\\\\ \\n\" x#y \"\"z #comment \"\n");
	argv = conf.services[0].program.argv;
	assert_string_equal(argv[1], "q\"\\ \\n");
	assert_string_equal(argv[2], "x#y");
	assert_string_equal(argv[3], "z");
	assert_null(argv[4]);
	good("service a\nexec /a \"last\"");
	assert_string_equal(conf.services[0].program.argv[1], "last");
}

static void test_errors_name_their_line(void **state)
{
	(void)state;
	bad("\nfoo bar\n", "machine.conf:2: foo is not a directive\n");
	bad("exec /a\n", "machine.conf:1: exec must come after a service line\n");
	bad("service a\nexec /a\nhostname x\n",
	    "machine.conf:3: hostname must come before the first service\n");
	bad("hostname\n", "machine.conf:1: hostname: needs a value\n");
	bad("hostname a b\n", "machine.conf:1: hostname: b is one too many\n");
	bad("service a exec /bin/false\nexec /a\n",
	    "machine.conf:1: service: exec is one too many\n");
	bad("hostname a\nhostname b\n", "machine.conf:2: hostname: given twice\n");
	bad("hostname \"a\n", "machine.conf:1: unclosed quote\n");
	bad("\"\" a\n", "machine.conf:1: \"\" is not a directive\n");
	bad("hostname a\r\n", "machine.conf:1: control character\n");
	bad("console tty\n", "machine.conf:1: console: tty is not an absolute path\n");
	bad("when-done now\n",
	    "machine.conf:1: when-done: now is not one of stay|poweroff|reboot|halt\n");
	bad("mount a b\n", "machine.conf:1: mount: takes SOURCE TARGET TYPE [OPTIONS]\n");
}

static void test_errors_of_values(void **state)
{
	(void)state;
	bad("service a\nexec /a\nbackoff 5x\n",
	    "machine.conf:3: backoff: 5x is not a duration (try 500ms, 2s, 1m)\n");
	bad("service a\nexec /a\nbackoff 0s\n", "machine.conf:3: backoff: takes 0 < MIN <= MAX\n");
	bad("service a\nexec /a\nbackoff 2s 1s\n",
	    "machine.conf:3: backoff: takes 0 < MIN <= MAX\n");
	bad("service a\nexec /a\nlimit -1\n", "machine.conf:3: limit: -1 is not a number\n");
	bad("service a\nexec /a\nmemory 0\n",
	    "machine.conf:3: memory: 0 is not a size (try 64K, 128M, 2G)\n");
	bad("service a\nexec /a\ncpus 500ms\n",
	    "machine.conf:3: cpus: 500ms is not a number of cpus (try 0.5, 2)\n");
	bad("service a\nexec /a\nstop-signal 0\n",
	    "machine.conf:3: stop-signal: 0 is not a signal\n");
	bad("service a\nexec /a\nready fd 2\n",
	    "machine.conf:3: ready: 2 is not a descriptor (3 to 63)\n");
	bad("service a\nexec /a\nready exit 3\n",
	    "machine.conf:3: ready: takes exec, exit or fd N [TIMEOUT]\n");
	bad("service a\nexec /a\noutput log\n",
	    "machine.conf:3: output: log is not one of console|null|PATH\n");
	bad("service a\nexec /a\nprivate perhaps\nwritable /b\n",
	    "machine.conf:3: private: perhaps is not one of no|yes\n"
	    "machine.conf:1: a: writable needs private yes\n");
	bad("service a\nexec /a\nready fd\n",
	    "machine.conf:3: ready: takes exec, exit or fd N [TIMEOUT]\n");
	bad("service a\nexec /a\nready fd 3 1s more\n",
	    "machine.conf:3: ready: more is one too many\n");
	bad("service A\n", "machine.conf:1: service: A is not a name (a-z 0-9 _ -, 31 at most)\n");
}

static void test_errors_of_a_whole_service(void **state)
{
	(void)state;
	bad("service a\n\nservice b\nexec /b\n", "machine.conf:1: a: no exec\n");
	bad("service a\nexec /a\nwritable /x\n",
	    "machine.conf:1: a: writable needs private yes\n");
	bad("service a\nexec /a\nready exit\nrespawn always\n",
	    "machine.conf:1: a: respawn always can't be combined with ready exit\n");
	bad("service a\nexec /a\nservice a\nexec /a\n",
	    "machine.conf:3: service: a is already defined\n");
}

static void test_the_root_cannot_stay_writable(void **state)
{
	static const char *const roots[] = {"/", "//", "/.", "/../."};

	(void)state;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		char text[128], line[128];

		sprintf(text, "service a\nexec /a\nprivate yes\nwritable /b %s /c\n", roots[i]);
		sprintf(line, "machine.conf:4: writable: %s undoes private\n", roots[i]);
		bad(text, line);
	}
	good("service a\nexec /a\nprivate yes\nwritable /.a /b/\n");
}

static void test_a_service_may_be_called_shell(void **state)
{
	const char *name;
	char text[] = CONF_SHELL_NAME;

	(void)state;
	good("shell /bin/sh\nservice shell\nexec /a\n");
	assert_string_not_equal(conf.shell.name, conf.services[0].name);
	assert_string_equal(conf.shell.name, text);
	assert_non_null(conf_value(KIND_NAME, text, &name));
}

static void test_a_value_of_setenv_is_never_told(void **state)
{
	(void)state;
	bad("setenv =secret\nsetenv secret\n", "machine.conf:1: setenv: the value is not KEY=VALUE\n"
					       "machine.conf:2: setenv: the value is not KEY=VALUE\n");
}

/* COUNT times the same, between a head and nothing. */
static unsigned repeat(const char *head, const char *line, size_t count)
{
	static char text[CONF_TEXT_MAX * 2];
	char *at = stpcpy(text, head);

	while (count-- > 0)
		at = stpcpy(at, line);
	return read_text(text, (size_t)(at - text));
}

static void test_bounds(void **state)
{
	static char text[CONF_TEXT_MAX];
	char *at = text;

	(void)state;
	assert_int_equal(repeat("", "setenv A=1\n", CONF_LIST_MAX), 0);
	assert_int_equal(repeat("", "setenv A=1\n", CONF_LIST_MAX + 2), 2);
	assert_int_equal(repeat("", "mount a /b c\n", CONF_MOUNTS_MAX), 0);
	assert_int_equal(repeat("", "mount a /b c\n", CONF_MOUNTS_MAX + 1), 1);
	assert_int_equal(repeat("service a\nexec /a\nprivate yes\n", "writable /x\n",
				CONF_LIST_MAX), 0);
	assert_int_equal(repeat("service a\nexec /a\nprivate yes\n", "writable /x\n",
				CONF_LIST_MAX + 1), 1);
	assert_int_equal(repeat("shell /a ", "x ", CONF_LINE_WORDS - 2), 0);
	assert_int_equal(repeat("shell /a ", "x ", CONF_LINE_WORDS - 1), 1);
	assert_int_equal(repeat("shell ", "x", CONF_LINE_MAX - 7), 0);
	assert_int_equal(repeat("shell ", "x", CONF_LINE_MAX - 6), 1);
	for (int i = 0; i < CONF_SERVICES_MAX + 2; i++)
		at += sprintf(at, "service s%d\nexec /a\n", i);
	assert_int_equal(read_text(text, (size_t)(at - text)), 2);
	assert_int_equal(conf.service_count, CONF_SERVICES_MAX);
}

static void test_a_nul_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(read_text("hostname a\n\0\n", 13), 1);
	assert_string_equal(told, "machine.conf:2: NUL byte\n");
}

static void test_lines_behind_a_nul_have_their_numbers(void **state)
{
	static const char text[] = "hostname a\0b\0c\nfoo\nconsole /d\0";

	(void)state;
	assert_int_equal(read_text(text, sizeof(text) - 1), 3);
	assert_string_equal(told, "machine.conf:1: NUL byte\nmachine.conf:2: foo is not a directive\n"
				  "machine.conf:3: NUL byte\n");
}

static void test_every_truncation(void **state)
{
	static const char text[] = "hostname \"b\\\"\"\nmount a /b c\nservice web\n exec /a \"x\"\n"
				   " ready fd 5 1s\n setenv A=b\n private yes\n writable /c\n";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++)
		read_text(text, len);
}

static void behind(const char *text, unsigned wanted, const char *config)
{
	char copy[128];
	const char *found = "";

	strcpy(copy, text);
	assert_int_equal(cmdline_read(copy, &found), wanted);
	assert_string_equal(found, config);
}

static void test_the_kernels_command_line(void **state)
{
	(void)state;
	behind("quiet root=/dev/sda ro\n", 0, "");
	behind("ro nidus.config=/x -- /bin/a  \"b c\" d=\"e f\"\n", 3, "/x");
	behind("-- a -- b", 3, "");
	behind("-- a nidus.config=/x", 2, "");
	behind("--", 0, "");
	behind("x=\"a -- b\"", 0, "");
}

/* What follows nidus-init on a container's command line; `wanted`: the program's first word. */
static void container(char **words, int result, const char *wanted, const char *config)
{
	const char *path = "default";
	char **program = words;

	told[0] = '\0';
	assert_int_equal(cmdline_take(false, words, &path, &program), result);
	assert_string_equal(path, config);
	if (wanted)
		assert_string_equal(program[0], wanted);
	else
		assert_null(program);
}

#define CONTAINER(...) ((char *[]){(char *)"nidus-init", __VA_ARGS__, NULL})

static void test_the_command_line_of_a_container(void **state)
{
	(void)state;
	container(CONTAINER("--machine"), 0, NULL, "default");
	container(CONTAINER("--machine", "--config", "/a"), 0, NULL, "/a");
	container(CONTAINER("--config=/a", "--machine"), 0, NULL, "/a");
	container(CONTAINER("--config=/a", "--config", "b"), 0, NULL, "b");
	container(CONTAINER("--machine", "--", "/bin/a", "--config"), 0, "/bin/a", "default");
	assert_string_equal(told, "");
}

static void test_words_that_a_container_does_not_know(void **state)
{
	static const char *const wrong[] = {"--conf", "/bin/sh", "--config", "--", "", "--configure=/a"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char line[128];

		container(CONTAINER("--machine", (char *)wrong[i]), -1, NULL, "default");
		sprintf(line, "%s: unknown option: use --config PATH, -- PROGRAM [ARG...]\n", wrong[i]);
		assert_string_equal(told, line);
	}
}

static int forget(void **state)
{
	(void)state;
	free(file);
	file = NULL;
	return 0;
}

static bool read_value(enum value_kind kind, const char *text, uint64_t *value)
{
	static const char *const directive_of[] = {
		[A_DURATION] = "grace", [A_SIZE] = "memory", [A_COUNT] = "limit",
	};
	const struct conf_service *s = &conf.services[0];
	char lines[200];
	unsigned found;

	snprintf(lines, sizeof(lines), "service a\nexec /a\n%s \"%s\"\n", directive_of[kind], text);
	found = read_text(lines, strlen(lines));
	*value = kind == A_DURATION ? s->grace_us : kind == A_SIZE ? s->memory : s->limit;
	if (found && !strstr(told, directive_of[kind]))
		fail_msg("'%s' is refused without its directive: %s", text, told);
	return !found;
}

static void test_values_are_read_as_everywhere(void **state)
{
	(void)state;
	try_values(read_value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_read_as_everywhere),
		cmocka_unit_test(test_an_empty_file_is_the_defaults),
		cmocka_unit_test(test_the_head),
		cmocka_unit_test(test_a_service_with_everything),
		cmocka_unit_test(test_the_defaults_of_a_service),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_errors_name_their_line),
		cmocka_unit_test(test_errors_of_values),
		cmocka_unit_test(test_errors_of_a_whole_service),
		cmocka_unit_test(test_the_root_cannot_stay_writable),
		cmocka_unit_test(test_a_service_may_be_called_shell),
		cmocka_unit_test(test_a_value_of_setenv_is_never_told),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_a_nul_is_an_error),
		cmocka_unit_test(test_lines_behind_a_nul_have_their_numbers),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_the_kernels_command_line),
		cmocka_unit_test(test_the_command_line_of_a_container),
		cmocka_unit_test(test_words_that_a_container_does_not_know),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, forget);
}
