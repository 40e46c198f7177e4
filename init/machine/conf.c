/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine.conf: which directives there are, what each takes, and where it is stored. An
 * error does not stop the parser: all errors are reported at once.
 */
#include "conf.h"

#include <signal.h>
#include <string.h>

#include "conf_values.h"
#include "tell.h"

#define SECOND_US 1000000ull

/* Where a directive may appear: bits. */
enum place {
	HEAD = 1,
	SERVICE = 2,
};

/* How its words are parsed. */
enum way {
	VALUES,
	BACKOFF,
	READY,
	ARGV,
	LIST,
	MOUNT,
	NEW_SERVICE,
};

#define VALUES_MAX 4

struct directive {
	const char *name;
	uint8_t place, way; /* enum place, enum way */
	bool again;      /* may be given more than once */
	bool of_machine; /* its values go to struct machine_conf; else to the service */
	uint8_t values;  /* maximum number of words; lists and commands: any number */
	struct {
		uint8_t kind; /* enum conf_kind */
		uint16_t offset;
	} value[VALUES_MAX];
};

#define SERVICES(field) offsetof(struct conf_service, field)
#define MACHINES(field) offsetof(struct machine_conf, field)
#define MOUNTS(field) offsetof(struct conf_mount, field)
#define ONE(kind, offset) .values = 1, .value = {{kind, offset}}

/* The bits of conf_service.seen. */
enum directive_id {
	D_EXEC, D_RESPAWN, D_BACKOFF, D_READY, D_LIMIT, D_ON_GIVE_UP, D_STOP_SIGNAL, D_MEMORY,
	D_PIDS, D_CPUS, D_USER, D_CAPABILITIES, D_NO_NEW_PRIVS, D_SECCOMP, D_PRIVATE, D_CHDIR,
	D_OUTPUT, D_WRITABLE, D_SETENV, D_GRACE, D_SHELL, D_HOSTNAME, D_CONSOLE, D_CTRL_ALT_DEL,
	D_WHEN_DONE, D_MOUNT, D_SERVICE, D_COUNT,
};

static const struct directive directives[D_COUNT] = {
	/* of a service */
	[D_EXEC] = {"exec", SERVICE, ARGV, ONE(KIND_TEXT, SERVICES(program.argv))},
	[D_RESPAWN] = {"respawn", SERVICE, VALUES, ONE(KIND_RESPAWN, SERVICES(respawn))},
	[D_BACKOFF] = {"backoff", SERVICE, BACKOFF, .values = 2,
		       .value = {{KIND_DURATION, SERVICES(backoff_us)},
				 {KIND_DURATION, SERVICES(backoff_max_us)}}},
	[D_READY] = {"ready", SERVICE, READY, .values = 3,
		     .value = {{KIND_READY, SERVICES(ready)},
			       {KIND_READY_FD, SERVICES(ready_fd)},
			       {KIND_DURATION, SERVICES(ready_us)}}},
	[D_LIMIT] = {"limit", SERVICE, VALUES, ONE(KIND_NUMBER, SERVICES(limit))},
	[D_ON_GIVE_UP] = {"on-give-up", SERVICE, VALUES, ONE(KIND_END, SERVICES(on_give_up))},
	[D_STOP_SIGNAL] = {"stop-signal", SERVICE, VALUES, ONE(KIND_SIGNAL, SERVICES(stop_signal))},
	[D_MEMORY] = {"memory", SERVICE, VALUES, ONE(KIND_SIZE, SERVICES(memory))},
	[D_PIDS] = {"pids", SERVICE, VALUES, ONE(KIND_NUMBER, SERVICES(pids))},
	[D_CPUS] = {"cpus", SERVICE, VALUES, ONE(KIND_CPUS, SERVICES(cpus))},
	[D_USER] = {"user", SERVICE, VALUES, ONE(KIND_TEXT, SERVICES(user))},
	[D_CAPABILITIES] = {"capabilities", SERVICE, VALUES,
			    ONE(KIND_CAPS, SERVICES(program.drop_caps))},
	[D_NO_NEW_PRIVS] = {"no-new-privs", SERVICE, VALUES,
			    ONE(KIND_YES, SERVICES(program.no_new_privs))},
	[D_SECCOMP] = {"seccomp", SERVICE, VALUES, ONE(KIND_PATH, SERVICES(program.seccomp))},
	[D_PRIVATE] = {"private", SERVICE, VALUES, ONE(KIND_YES, SERVICES(private))},
	[D_CHDIR] = {"chdir", SERVICE, VALUES, ONE(KIND_PATH, SERVICES(program.chdir))},
	[D_OUTPUT] = {"output", SERVICE, VALUES, ONE(KIND_OUTPUT, SERVICES(output))},
	[D_WRITABLE] = {"writable", SERVICE, LIST, .again = true,
			ONE(KIND_PATH, SERVICES(writable))},

	/* of a service, or before the first one for all of them */
	[D_SETENV] = {"setenv", HEAD | SERVICE, LIST, .again = true, ONE(KIND_ENV, SERVICES(env))},
	[D_GRACE] = {"grace", HEAD | SERVICE, VALUES, ONE(KIND_DURATION, SERVICES(grace_us))},

	/* of the machine */
	[D_SHELL] = {"shell", HEAD, ARGV, ONE(KIND_TEXT, SERVICES(program.argv))},
	[D_HOSTNAME] = {"hostname", HEAD, VALUES, .of_machine = true,
			ONE(KIND_TEXT, MACHINES(hostname))},
	[D_CONSOLE] = {"console", HEAD, VALUES, .of_machine = true,
		       ONE(KIND_PATH, MACHINES(console))},
	[D_CTRL_ALT_DEL] = {"ctrl-alt-del", HEAD, VALUES, .of_machine = true,
			    ONE(KIND_CTRL_ALT_DEL, MACHINES(ctrl_alt_del))},
	[D_WHEN_DONE] = {"when-done", HEAD, VALUES, .of_machine = true,
			 ONE(KIND_END, MACHINES(when_done))},
	[D_MOUNT] = {"mount", HEAD, MOUNT, .again = true, .values = 4,
		     .value = {{KIND_TEXT, MOUNTS(source)}, {KIND_PATH, MOUNTS(target)},
			       {KIND_TEXT, MOUNTS(type)}, {KIND_TEXT, MOUNTS(options)}}},
	[D_SERVICE] = {"service", HEAD | SERVICE, NEW_SERVICE, .again = true},
};

_Static_assert(D_COUNT <= 32, "one bit of conf_service.seen each");
struct parser {
	struct machine_conf *conf;
	struct conf_service *service; /* of the current lines; before the first one: the shell */
	const char *file;
	const char *directive;
	unsigned line, errors;
	enum place place;
};

/* ---- errors ---- */

static const char one_too_many[] = "is one too many";

/* "machine.conf:12: backoff: 5x " of "… is not a duration"; directive and word may be NULL. */
static struct say *begin_error(struct parser *p, const char *word)
{
	struct say *say = machine_line(NULL);

	p->errors++;
	say_text(say, p->file);
	say_text(say, ":");
	say_number(say, p->line);
	if (p->directive) {
		say_text(say, ": ");
		say_text(say, p->directive);
	}
	say_text(say, ": ");
	if (word) {
		say_text(say, word[0] ? word : "\"\"");
		say_text(say, " ");
	}
	return say;
}

static void wrong(struct parser *p, const char *word, const char *why)
{
	struct say *say = begin_error(p, word);

	say_text(say, why);
	machine_line_end(say);
}

/* ---- values ---- */

static bool take(struct parser *p, enum conf_kind kind, char *word, void *to)
{
	const char *text = conf_value(kind, word, to);
	struct say *say;

	if (!text)
		return true;
	/* the text of a variable is never printed: it may be a secret */
	say = begin_error(p, kind == KIND_ENV ? "the value" : word);
	say_text(say, strchr(text, '|') ? "is not one of " : "is not ");
	say_text(say, text);
	machine_line_end(say);
	return false;
}

/* Takes as many as there are words. */
static bool take_values(struct parser *p, const struct directive *d, char **words, char *base)
{
	bool good = true;

	for (unsigned i = 0; i < d->values && *words; i++)
		good &= take(p, d->value[i].kind, *words++, base + d->value[i].offset);
	if (*words)
		wrong(p, *words, one_too_many);
	return good && !*words;
}

static void take_backoff(struct parser *p, const struct directive *d, char **words)
{
	struct conf_service *s = p->service;

	if (!take_values(p, d, words, (char *)s))
		return;
	if (!words[1] && s->backoff_max_us < s->backoff_us)
		s->backoff_max_us = s->backoff_us;
	if (s->backoff_us == 0 || s->backoff_max_us < s->backoff_us)
		wrong(p, NULL, "takes 0 < MIN <= MAX");
}

static void take_ready(struct parser *p, const struct directive *d, char **words)
{
	struct conf_service *s = p->service;

	if (take_values(p, d, words, (char *)s) && (s->ready == READY_FD) != (words[1] != NULL))
		wrong(p, NULL, "takes exec, exit or fd N [TIMEOUT]");
}

static void take_argv(struct parser *p, char **words, char *const **argv)
{
	struct machine_conf *conf = p->conf;

	take(p, KIND_TEXT, words[0], argv);
	*argv = &conf->words[conf->word_count];
	do {
		if (conf->word_count == CONF_WORDS_MAX) {
			wrong(p, *words, one_too_many);
			return;
		}
		conf->words[conf->word_count++] = *words;
	} while (*words++);
}

static void take_list(struct parser *p, const struct directive *d, char **words,
		      struct conf_list *list)
{
	for (; *words; words++) {
		if (list->count == CONF_LIST_MAX)
			wrong(p, NULL, one_too_many);
		else if (d->value[0].kind == KIND_PATH && !(*words)[strspn(*words, "/.")])
			wrong(p, *words, "undoes private");
		else if (take(p, d->value[0].kind, *words, &list->words[list->count]))
			list->count++;
	}
}

static void take_mount(struct parser *p, const struct directive *d, char **words)
{
	struct machine_conf *conf = p->conf;
	struct conf_mount *m = &conf->mounts[conf->mount_count];

	m->options = "";
	if (!words[1] || !words[2])
		wrong(p, NULL, "takes SOURCE TARGET TYPE [OPTIONS]");
	else if (conf->mount_count == CONF_MOUNTS_MAX)
		wrong(p, NULL, one_too_many);
	else
		conf->mount_count += take_values(p, d, words, (char *)m);
}

/* ---- services ---- */

void conf_begin_service(struct conf_service *service, const char *name)
{
	memset(service, 0, sizeof(*service));
	service->name = name;
	service->output = "console";
	service->backoff_us = SECOND_US / 10;
	service->backoff_max_us = 10 * SECOND_US;
	service->grace_us = 10 * SECOND_US;
	service->ready_us = 30 * SECOND_US;
	service->limit = 10;
	service->program.drop_caps = true;
	service->program.no_new_privs = true;
	service->stop_signal = SIGTERM;
}

/* A service with a wrong name, or one too many, is parsed too, for its errors. */
static void take_service(struct parser *p, char **words)
{
	char *name = words[0];
	struct machine_conf *conf = p->conf;
	struct conf_service *s = conf->services;
	struct conf_service *end = s + conf->service_count;
	const char *ignored;

	if (words[1])
		wrong(p, words[1], one_too_many);
	if (take(p, KIND_NAME, name, &ignored)) {
		while (s < end && strcmp(s->name, name) != 0)
			s++;
		if (s < end)
			wrong(p, name, "is already defined");
		else if (conf->service_count == CONF_SERVICES_MAX)
			wrong(p, name, one_too_many);
		else
			conf->service_count++;
	}
	conf_begin_service(end, name);
	end->grace_us = conf->shell.grace_us;
	end->line = p->line;
	p->service = end;
	p->place = SERVICE;
}

static void finish_service(struct parser *p, struct conf_service *s)
{
	p->line = s->line;
	p->directive = s->name;
	if (!(s->seen & 1u << D_EXEC))
		wrong(p, NULL, "no exec");
	if (s->writable.count > 0 && !s->private)
		wrong(p, NULL, "writable needs private yes");
	if (s->ready == READY_EXIT && s->respawn == RESPAWN_ALWAYS) {
		if (s->seen & 1u << D_RESPAWN)
			wrong(p, NULL, "respawn always can't be combined with ready exit");
		s->respawn = RESPAWN_NEVER;
	}
}

/* ---- lines ---- */

static void take_words(struct parser *p, const struct directive *d, char **words)
{
	char *base = d->of_machine ? (char *)p->conf : (char *)p->service;
	void *to = base + d->value[0].offset;

	switch ((enum way)d->way) {
	case VALUES:
		take_values(p, d, words, base);
		break;
	case BACKOFF:
		take_backoff(p, d, words);
		break;
	case READY:
		take_ready(p, d, words);
		break;
	case ARGV:
		take_argv(p, words, to);
		break;
	case LIST:
		take_list(p, d, words, to);
		break;
	case MOUNT:
		take_mount(p, d, words);
		break;
	case NEW_SERVICE:
		take_service(p, words);
		break;
	}
}

static const struct directive *find(const char *name)
{
	for (unsigned i = 0; i < D_COUNT; i++)
		if (strcmp(directives[i].name, name) == 0)
			return &directives[i];
	return NULL;
}

/* The words end in NULL. */
static void take_line(struct parser *p, char **words)
{
	const struct directive *d = find(words[0]);
	uint32_t bit;

	if (!d) {
		wrong(p, words[0], "is not a directive");
		return;
	}
	if (!(d->place & p->place)) {
		wrong(p, words[0], p->place == HEAD ? "must come after a service line" :
						      "must come before the first service");
		return;
	}
	p->directive = words[0];
	bit = 1u << (d - directives);
	if (p->service->seen & bit && !d->again)
		wrong(p, NULL, "given twice");
	p->service->seen |= bit;
	if (words[1])
		take_words(p, d, words + 1);
	else
		wrong(p, NULL, "needs a value");
}

void conf_begin(struct machine_conf *conf)
{
	conf_begin_service(&conf->shell, CONF_SHELL_NAME);
	conf->ctrl_alt_del = END_REBOOT;
}

unsigned conf_parse(struct machine_conf *conf, char *text, size_t len, const char *file)
{
	struct parser p = {.conf = conf, .service = &conf->shell, .file = file, .place = HEAD};
	char *line = text, *end, *words[CONF_LINE_WORDS + 1];

	for (; line < text + len; line = end + 1) {
		const char *why;

		end = memchr(line, '\n', (size_t)(text + len - line));
		if (!end)
			end = text + len;
		*end = '\0';
		p.line++;
		p.directive = NULL;
		why = "NUL byte";
		if (line + strlen(line) == end)
			why = conf_split(line, words);
		if (why)
			wrong(&p, NULL, why);
		else if (words[0])
			take_line(&p, words);
	}
	for (unsigned i = 0; i < conf->service_count; i++)
		finish_service(&p, &conf->services[i]);
	return p.errors;
}
