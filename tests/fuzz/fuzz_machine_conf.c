/* SPDX-License-Identifier: Apache-2.0 */
/* machine.conf: any bytes. What is read must lie in the text and within its bounds. */
#include <stdlib.h>

#include "../../init/machine/choice.c"
#include "../../init/machine/conf.c"
#include "../../init/machine/conf_values.c"
#include "../../init/machine/conf_words.c"
#include "../../init/say.c"
#include "../../init/text.c"
#include "../../init/values.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned told;

struct say *machine_line(const char *who)
{
	static struct say line;

	if (who)
		abort();
	say_begin(&line);
	return &line;
}

void machine_line_end(struct say *line)
{
	if (line->len == 0 || line->len > SAY_MAX)
		abort();
	told++;
}

static void check_argv(char *const *argv)
{
	if (!argv[0])
		abort();
	for (; *argv; argv++)
		if (strlen(*argv) > CONF_LINE_MAX)
			abort();
}

static void check_service(const struct conf_service *s)
{
	if (strlen(s->name) > CONF_NAME_MAX || s->name[0] == '\0' || strchr(s->name, '/') ||
	    strcmp(s->name, CONF_SHELL_NAME) == 0)
		abort();
	if (s->backoff_us == 0 || s->backoff_max_us < s->backoff_us)
		abort();
	if (s->stop_signal < 1 || s->stop_signal > 64 || s->respawn > RESPAWN_NEVER)
		abort();
	if (s->ready == READY_FD && (s->ready_fd < 3 || s->ready_fd > CONF_READY_FD_MAX))
		abort();
	check_argv(s->program.argv);
	for (unsigned i = 0; i < s->env.count; i++)
		if (!strchr(s->env.words[i], '='))
			abort();
	for (unsigned i = 0; i < s->writable.count; i++)
		if (s->writable.words[i][0] != '/' || s->writable.words[i][1] == '\0')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine_conf conf;
	char *text = malloc(size + 1);
	unsigned found;

	if (!text || size > CONF_TEXT_MAX) {
		free(text);
		return 0;
	}
	memcpy(text, data, size);
	text[size] = '\0';
	told = 0;
	memset(&conf, 0, sizeof(conf));
	conf_begin(&conf);
	found = conf_parse(&conf, text, size, "machine.conf");
	if (found != told)
		abort();
	if (found == 0) {
		for (unsigned i = 0; i < conf.service_count; i++)
			check_service(&conf.services[i]);
		if (conf.shell.program.argv)
			check_argv(conf.shell.program.argv);
	}
	free(text);
	return 0;
}
