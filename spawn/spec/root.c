/* SPDX-License-Identifier: Apache-2.0 */
#include "root.h"

#include "path.h"

bool spec_leaves_root(const struct nidus_spec *spec)
{
	return spec->share & 1u << NIDUS_NS_MNT || spec->join[NIDUS_NS_MNT];
}

bool spec_shares_net(const struct nidus_spec *spec)
{
	return spec->net == NIDUS_NET_HOST || spec->share & 1u << NIDUS_NS_NET;
}

static bool makes_root(const struct nidus_mount *asked)
{
	switch (asked->kind) {
	case NIDUS_BIND:
	case NIDUS_BIND_FD:
	case NIDUS_TMPFS:
	case NIDUS_OVERLAY:
	case NIDUS_TMP_OVERLAY:
	case NIDUS_RO_OVERLAY:
		return path_is_root(asked->dst);
	default:
		return false;
	}
}

ssize_t spec_find_root(const struct nidus_spec *spec)
{
	for (size_t i = 0; i < spec->mount_count; i++)
		if (makes_root(&spec->mounts[i]))
			return (ssize_t)i;
	return -1;
}

bool spec_has_default_root(const struct nidus_spec *spec)
{
	return !spec->root && spec_find_root(spec) < 0;
}

const char *spec_root_source(const struct nidus_spec *spec)
{
	ssize_t root = spec_find_root(spec);

	if (root >= 0)
		return spec->mounts[root].kind == NIDUS_BIND ? spec->mounts[root].src : NULL;
	return spec->root ? spec->root : "/";
}

bool spec_shows_host(const struct nidus_spec *spec)
{
	const char *source = spec_root_source(spec);

	return source && path_is_root(source);
}

bool spec_covers(const struct nidus_spec *spec, size_t from, const char *path)
{
	for (size_t i = from; i < spec->mount_count; i++) {
		const struct nidus_mount *asked = &spec->mounts[i];

		switch (asked->kind) {
		case NIDUS_DIR:
		case NIDUS_CHMOD:
		case NIDUS_REMOUNT_RO:
		case NIDUS_OVERLAY_SRC:
			break;
		default:
			if (!path_is_root(asked->dst) && path_is_within(path, asked->dst))
				return true;
		}
	}
	return false;
}
