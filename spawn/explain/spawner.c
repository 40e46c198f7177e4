/* SPDX-License-Identifier: Apache-2.0 */
/* Names, locks and outputs in words; limits and network have their own files. */
#include "spawner.h"

#include <string.h>

#include "../spec/root.h"
#include "parts.h"
#include "units.h"

/* A line with a given text, followed by `more`. */
static void print_given(const struct explain *explain, const char *label, const char *text,
			const char *more)
{
	if (!text)
		return;
	explain_label(explain, label);
	explain_text(explain, text, strlen(text));
	fprintf(explain->out, "%s\n", more);
}

static void print_fd(const struct explain *explain, const char *label, const char *before, int fd,
		     const char *more)
{
	if (fd < 0)
		return;
	explain_label(explain, label);
	fprintf(explain->out, "%sfd %d%s\n", before, fd, more);
}

static void print_names(const struct explain *explain, const struct nidus_spec *spec)
{
	print_given(explain, "name", spec->name, ", refused while another sandbox has it");
	for (size_t i = 0; i < spec->label_count; i++) {
		const struct nidus_label *label = &spec->labels[i];

		explain_label(explain, "label");
		explain_text(explain, label->key, strlen(label->key));
		fputs(" = ", explain->out);
		explain_text(explain, label->value, strlen(label->value));
		fputc('\n', explain->out);
	}
}

static void print_lock(const struct explain *explain, const struct nidus_spec *spec)
{
	char more[64], text[UNITS_TEXT_MAX];

	snprintf(more, sizeof(more), ", waited for at most %s",
		 units_duration_text(spec->lock_wait_us, text));
	print_given(explain, "lock file", spec->lock_file,
		    spec->lock_wait_us ? more : ", without waiting");
}

/* What the view leaves open is as much worth a line as what it closes. */
static void print_sockets(const struct explain *explain, const struct explain_spawner *asked)
{
	if (plan_closes_sockets(asked->spec)) {
		explain_label(explain, "sockets");
		fprintf(explain->out,
			"those of the host that listen now are closed (places: %zu)\n",
			asked->sockets_closed);
		explain_line(explain, "open",
			     "sockets made later, with relative names or in other mount "
			     "namespaces; FIFOs that the command may open by their modes; "
			     "--deny closes one, or their directory");
	}
	if (spec_shares_net(asked->spec))
		explain_line(explain, "open",
			     "abstract sockets of the host, where Landlock has no scopes "
			     "(before Linux 6.12)");
	if (asked->spec->nest)
		explain_line(explain, "open",
			     "user namespaces and mounts, and in them a /proc without masks: "
			     "sandboxes can be made inside");
	if (asked->ids->deny_setgroups)
		explain_line(explain, "open",
			     "what the caller's groups may access: the kernel keeps them without "
			     "subordinate ids");
}

void explain_spawner(const struct explain_spawner *asked, FILE *out)
{
	const struct explain explain = { NULL, 0, out };
	const struct nidus_spec *spec = asked->spec;

	if (asked->detach)
		explain_line(&explain, "detach",
			     "a watcher stays and owns the sandbox; the id is printed once the "
			     "command runs");
	print_given(&explain, "events", asked->events_path, ", appended to");
	print_fd(&explain, "events", "", spec->events_fd, "");
	print_given(&explain, "report", asked->report_path, ", replaced");
	print_fd(&explain, "report", "", spec->report_fd, "");
	print_given(&explain, "init file", asked->init_path, "");
	print_lock(&explain, spec);
	print_names(&explain, spec);
	explain_limits(&explain, asked);
	explain_network(&explain, asked);
	print_sockets(&explain, asked);
	print_fd(&explain, "info", "", spec->info_fd, "");
	print_fd(&explain, "block", "until ", spec->block_fd, " is readable");
	print_fd(&explain, "sync", "", spec->sync_fd, ", kept open as long as the sandbox lives");
}
