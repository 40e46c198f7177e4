/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine.conf: which directives there are, what each takes, and where it goes. An
 * error does not end the reading: people want to hear of all of them at once.
 */
#include "conf.h"

#include <signal.h>
#include <string.h>

#include "choice.h"
#include "conf_values.h"
#include "tell.h"

#define SECOND_US 1000000ull

/* Where a directive may stand; 0: it is a further value of the one before. */
enum place {
	HEAD = 1,
	SERVICE = 2,
	BOTH = 3,
};

/* How its words are taken. From LIST on it may be given again. */
enum way {
	VALUES,
	BACKOFF,
	READY,
	ARGV,
	LIST,
	MOUNT,
	NEW_SERVICE,
};

struct directive {
	uint8_t kind;
	uint8_t way : 4;
	uint8_t place : 4;
	uint16_t offset; /* of the value, in its struct */
};

#define OF_MACHINE(kind, field) {kind, VALUES, HEAD, offsetof(struct machine_conf, field)}
#define OF_SERVICE(kind, field) {kind, VALUES, SERVICE, offsetof(struct conf_service, field)}
#define OF(way, place, kind, field) {kind, way, place, offsetof(struct conf_service, field)}
#define OF_MOUNT(place, kind, field) {kind, MOUNT, place, offsetof(struct conf_mount, field)}

/* The two lists have the same order; a further value has no name. */
static const char names[] =
	"exec|respawn|shell|backoff||ready|||hostname|console|grace|ctrl-alt-del|when-done|limit|"
	"on-give-up|stop-signal|memory|pids|cpus|user|capabilities|no-new-privs|seccomp|private|"
	"chdir|output|setenv|writable|mount||||service";

#define SEEN_EXEC (1u << 0)
#define SEEN_RESPAWN (1u << 1)

static const struct directive directives[] = {
	OF(ARGV, SERVICE, KIND_TEXT, program.argv),
	OF_SERVICE(KIND_RESPAWN, respawn),
	OF(ARGV, HEAD, KIND_TEXT, program.argv),
	OF(BACKOFF, SERVICE, KIND_DURATION, backoff_us),
	OF(VALUES, 0, KIND_DURATION, backoff_max_us),
	OF(READY, SERVICE, KIND_READY, ready),
	OF(VALUES, 0, KIND_READY_FD, ready_fd),
	OF(VALUES, 0, KIND_DURATION, ready_us),
	OF_MACHINE(KIND_TEXT, hostname),
	OF_MACHINE(KIND_PATH, console),
	OF(VALUES, BOTH, KIND_DURATION, grace_us),
	OF_MACHINE(KIND_CTRL_ALT_DEL, ctrl_alt_del),
	OF_MACHINE(KIND_END, when_done),
	OF_SERVICE(KIND_NUMBER, limit),
	OF_SERVICE(KIND_END, on_give_up),
	OF_SERVICE(KIND_SIGNAL, stop_signal),
	OF_SERVICE(KIND_SIZE, memory),
	OF_SERVICE(KIND_NUMBER, pids),
	OF_SERVICE(KIND_CPUS, cpus),
	OF_SERVICE(KIND_TEXT, user),
	OF_SERVICE(KIND_CAPS, program.drop_caps),
	OF_SERVICE(KIND_YES, program.no_new_privs),
	OF_SERVICE(KIND_PATH, program.seccomp),
	OF_SERVICE(KIND_YES, private),
	OF_SERVICE(KIND_PATH, program.chdir),
	OF_SERVICE(KIND_OUTPUT, output),
	OF(LIST, BOTH, KIND_ENV, env),
	OF(LIST, SERVICE, KIND_PATH, writable),
	OF_MOUNT(HEAD, KIND_TEXT, source),
	OF_MOUNT(0, KIND_PATH, target),
	OF_MOUNT(0, KIND_TEXT, type),
	OF_MOUNT(0, KIND_TEXT, options),
	{KIND_NAME, NEW_SERVICE, BOTH, 0},
};

_Static_assert(offsetof(struct machine_conf, shell) == 0, "the head is read into the shell's");

struct parser {
	struct machine_conf *conf;
	struct conf_service *service; /* that lines are about; of the head: the shell */
	const char *file;
	const char *directive;
	unsigned line, errors;
	enum place place;
};

/* ---- errors ---- */

static const char one_too_many[] = "is one too many";

/* "machine.conf:12: backoff: 5x " of "… 5x is no duration"; directive and word may be NULL. */
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
	/* of a variable never the word: it may be a secret */
	say = begin_error(p, kind == KIND_ENV ? NULL : word);
	say_text(say, strchr(text, '|') ? "is none of " : "is no ");
	say_text(say, text);
	machine_line_end(say);
	return false;
}

/* As many as there are words. */
static bool take_values(struct parser *p, const struct directive *d, char **words, char *base)
{
	bool good = true;

	do {
		good &= take(p, d->kind, *words++, base + d->offset);
		d++;
	} while (*words && d->place == 0);
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
		else if (d->kind == KIND_PATH && !(*words)[strspn(*words, "/.")])
			wrong(p, *words, "undoes private");
		else if (take(p, d->kind, *words, &list->words[list->count]))
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

/* One that has no name, or is one too many, is read as well, for its errors. */
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
			wrong(p, name, "is there already");
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
	if (!(s->seen & SEEN_EXEC))
		wrong(p, NULL, "no exec");
	if (s->writable.count > 0 && !s->private)
		wrong(p, NULL, "writable without private");
	if (s->ready == READY_EXIT && s->respawn == RESPAWN_ALWAYS) {
		if (s->seen & SEEN_RESPAWN)
			wrong(p, NULL, "respawn always with ready exit");
		s->respawn = RESPAWN_NEVER;
	}
}

/* ---- lines ---- */

static void take_words(struct parser *p, const struct directive *d, char **words)
{
	void *to = (char *)p->service + d->offset;

	switch ((enum way)d->way) {
	case VALUES:
		take_values(p, d, words, (char *)p->service);
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

/* The words end in NULL. */
static void take_line(struct parser *p, char **words)
{
	int index = choice_find(names, words[0], strlen(words[0]));
	const struct directive *d = directives + (index < 0 ? 0 : index);

	if (index < 0 || d->place == 0) {
		wrong(p, words[0], "is unknown");
		return;
	}
	if (!(d->place & p->place)) {
		wrong(p, words[0], p->place == HEAD ? "belongs behind a service" :
						      "belongs before any service");
		return;
	}
	p->directive = words[0];
	if (d->way < LIST) {
		if (p->service->seen & 1u << index)
			wrong(p, NULL, "given twice");
		p->service->seen |= 1u << index;
	}
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
		why = "a NUL";
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
