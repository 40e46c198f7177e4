/* SPDX-License-Identifier: Apache-2.0 */
#include "linked.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "../../init/fd.h"
#include "../host/open.h"
#include "../host/reach.h"
#include "../spec/path.h"
#include "../spec/root.h"

/* A directory comes before what is in it: what that shows needs no place of its own. */
static const char *const looked_for[] = {
	"/etc/hosts",	     "/etc/localtime",	   "/etc/nsswitch.conf",
	"/etc/resolv.conf",  "/etc/ssl",	   "/etc/ssl/cert.pem",
	"/etc/ssl/certs",    "/etc/ssl/openssl.cnf", "/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki",	     "/etc/pki/tls/certs/ca-bundle.crt",
};

#define COUNT (sizeof(looked_for) / sizeof(looked_for[0]))

static bool is_made_by_us(const struct prepared *prepared, const char *path)
{
	return (prepared->resolv_fd >= 0 && strcmp(path, "/etc/resolv.conf") == 0) ||
	       (prepared->hosts_fd >= 0 && strcmp(path, "/etc/hosts") == 0);
}

static bool is_shown(const struct prepared *prepared, const char *at)
{
	for (size_t i = 0; i < prepared->linked_count; i++)
		if (path_is_within(at, prepared->linked[i].dst))
			return true;
	return false;
}

/* One that can't be opened is missing on the host, too. */
static int show(struct prepared *prepared, const char *path, const char *at, struct fault *fault)
{
	struct plan_linked *linked = &prepared->linked[prepared->linked_count];
	struct fault missing;
	cleanup_fd int fd = host_open(path, HOST_SHOW, O_PATH, 0, STEP_SOURCES, &missing);
	char src[PATH_MAX];

	if (fd < 0 || host_path_of(fd, src) < 0)
		return 0;
	linked->src = arena_strdup(&prepared->arena, src);
	linked->dst = arena_strdup(&prepared->arena, at);
	if (!linked->src || !linked->dst)
		return fault_set(fault, STEP_SOURCES, ENOMEM, path);
	prepared->linked_count++;
	return 0;
}

/* The tree that becomes the root, on the host; NULL: a new one, or none that has a path. */
static const char *find_root(const struct nidus_sandbox *sandbox)
{
	const struct nidus_spec *spec = sandbox->spec;
	ssize_t root = spec_find_root(spec);

	if (spec_shows_host(spec))
		return "";
	if (root < 0)
		return sandbox->prepared.root_src;
	switch (spec->mounts[root].kind) {
	case NIDUS_BIND_FD:
		return spec->mounts[root].src;
	case NIDUS_TMPFS:
		return NULL;
	case NIDUS_BIND:
		return sandbox->prepared.sources[root].src;
	default: /* an overlay: its uppermost layer, which comes right before it */
		return sandbox->prepared.sources[root - 1].src;
	}
}

/* Where the root's own links of these names lead: /etc/resolv.conf often into /run. */
static int place_name_files(struct nidus_sandbox *sandbox, const char *const *hidden,
			    size_t hidden_count, struct fault *fault)
{
	struct prepared *prepared = &sandbox->prepared;
	const struct {
		const char *path;
		const char **dst;
	} files[] = {
		{ "/etc/resolv.conf", &prepared->resolv_dst },
		{ "/etc/hosts", &prepared->hosts_dst },
		{ "/etc/hostname", &prepared->hostname_dst },
	};
	bool any = prepared->resolv_fd >= 0 || prepared->hosts_fd >= 0 || prepared->hostname_fd >= 0;
	const char *root = any ? find_root(sandbox) : NULL;
	char at[PATH_MAX];

	for (size_t i = 0; root && i < sizeof(files) / sizeof(files[0]); i++) {
		if (!host_enters(root, files[i].path, hidden, hidden_count, at))
			continue;
		*files[i].dst = arena_strdup(&prepared->arena, at);
		if (!*files[i].dst)
			return fault_set(fault, STEP_SOURCES, ENOMEM, files[i].path);
	}
	return 0;
}

int linked_take(struct nidus_sandbox *sandbox, struct fault *fault)
{
	struct prepared *prepared = &sandbox->prepared;
	const char *hidden[PLAN_PRIVATE_MAX];
	size_t hidden_count = plan_private_dirs(sandbox->spec, hidden);
	char at[PATH_MAX];

	if (hidden_count == 0)
		return 0;
	if (place_name_files(sandbox, hidden, hidden_count, fault) < 0)
		return -1;
	if (!spec_shows_host(sandbox->spec))
		return 0;
	prepared->linked = arena_alloc(&prepared->arena, COUNT * sizeof(*prepared->linked));
	if (!prepared->linked)
		return fault_set(fault, STEP_SOURCES, ENOMEM, NULL);
	for (size_t i = 0; i < COUNT; i++) {
		if (is_made_by_us(prepared, looked_for[i]) ||
		    spec_covers(sandbox->spec, 0, looked_for[i]) ||
		    !host_enters("", looked_for[i], hidden, hidden_count, at) || is_shown(prepared, at))
			continue;
		if (show(prepared, looked_for[i], at, fault) < 0)
			return -1;
	}
	return 0;
}
