/* SPDX-License-Identifier: Apache-2.0 */
/* What is bound and stacked: looked up on the host before there is a plan. */
#ifndef NIDUS_SOURCES_H
#define NIDUS_SOURCES_H

#include "sandbox.h"

/*
 * Looks up the root and the source of each file operation (host/open.h says which links are
 * followed), so that the plan has paths without links, which init opens as such. If the
 * caller is privileged and the workload shifted, what is writable gets mounts on which the
 * caller's files belong to the workload.
 */
int sources_take(struct nidus_sandbox *sandbox, struct fault *fault);

/* True if files that the workload creates may belong to the caller outside. */
bool sources_make_callers_files(const struct nidus_sandbox *sandbox);

#endif
