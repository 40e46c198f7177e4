/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nidus-init's plan decoder over arbitrary bytes: refuse or accept, never read
 * outside. Every input is tried as it is and with a header that says the right
 * magic, version and sizes, so that the fields behind it are reached. What is
 * accepted is walked to the end, as the init does.
 */
#include <stdlib.h>

#include "../../init/sandbox/decode.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t walked; /* so that the walk is not optimized away */

static size_t touch(const struct plan_view *view, const struct plan_ref *refs, size_t count)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += strlen(plan_string(view, refs[i]));
	return sum;
}

static size_t walk(const struct plan_view *view)
{
	const struct plan_header *header = view->header;
	size_t sum = touch(view, view->exec, header->exec.count) +
		     touch(view, view->argv, header->argv.count) +
		     touch(view, view->envp, header->envp.count) +
		     touch(view, &header->hostname, 1) + touch(view, &header->cwd, 1);

	for (uint32_t i = 0; i < header->mounts.count; i++)
		sum += touch(view, &view->mounts[i].src, 1) + touch(view, &view->mounts[i].src2, 1) +
		       touch(view, &view->mounts[i].dst, 1);
	for (uint32_t i = 0; i < header->sysctls.count; i++)
		sum += touch(view, &view->sysctls[i].name, 1) +
		       touch(view, &view->sysctls[i].value, 1);
	for (uint32_t i = 0; i < header->landlock.count; i++)
		sum += touch(view, &view->landlock[i].path, 1);
	for (uint32_t i = 0; i < header->rlimits.count; i++)
		sum += view->rlimits[i].resource;
	for (uint32_t i = 0; i < header->seccomp.count; i++)
		sum += view->seccomp[i].code;
	for (uint32_t i = 0; i < header->pass_fds.count; i++)
		sum += (size_t)view->pass_fds[i];
	for (uint32_t i = 0; i < header->hold_fds.count; i++)
		sum += (size_t)view->hold_fds[i];
	return sum;
}

static void decode(const void *bytes, size_t size)
{
	struct plan_view view;
	struct fault fault;

	if (decode_plan(bytes, size, &view, &fault) == 0)
		walked += walk(&view);
	else if (fault.step != STEP_PLAN)
		abort(); /* a refusal names its step */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* an allocation of exactly this size, so that one byte too far is seen */
	void *bytes = malloc(size ? size : 1);
	struct plan_header *header = bytes;

	if (!bytes)
		return 0;
	if (size)
		memcpy(bytes, data, size);
	decode(bytes, size);
	if (size >= sizeof(*header)) {
		header->magic = PLAN_MAGIC;
		header->version = CONTRACT_VERSION;
		header->header_size = sizeof(*header);
		header->size = (uint32_t)size;
		decode(bytes, size);
	}
	free(bytes);
	return 0;
}
