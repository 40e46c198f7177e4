/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Overlays. Their layers were opened at STEP_SOURCES; overlayfs gets them as descriptor
 * names in /proc/self/fd, so that no path needs quoting or is resolved a second time.
 */
#include <errno.h>
#include <linux/magic.h>
#include <sys/stat.h>

#include "../fd.h"
#include "../kernel_abi.h"
#include "mount.h"
#include "../text.h"

#define OPTION_MAX 256 /* limit of fsconfig(2) for a string: about sixty layers */
#define OPTION_COUNT_MAX 4

static int op_fault(const struct init *in, const struct plan_mount *op, struct fault *fault)
{
	return fault_errno(fault, STEP_ROOT, plan_string(&in->plan, op->dst));
}

/* "12:13:14": the layers since the last overlay, top first. */
static int join_layers(const struct init *in, uint32_t index, char text[OPTION_MAX])
{
	uint32_t first = index;
	size_t len = 0;

	while (first > 0 && in->plan.mounts[first - 1].kind != PLAN_MOUNT_OVERLAY)
		first--;
	for (uint32_t i = first; i < index; i++) {
		char buffer[TEXT_NUMBER_MAX], *number;

		if (in->plan.mounts[i].kind != PLAN_MOUNT_LAYER || in->source[i] < 0)
			continue;
		number = text_number(buffer, (uint64_t)in->source[i], 10);
		if (len + strlen(number) + 2 > OPTION_MAX) {
			errno = E2BIG;
			return -1;
		}
		if (len > 0)
			text[len++] = ':';
		memcpy(text + len, number, strlen(number));
		len += strlen(number);
	}
	text[len] = '\0';
	return 0;
}

/* Called with /proc/self/fd as the working directory, where descriptor numbers are paths. */
static int make_overlay(const struct init *in, uint32_t index, unsigned attrs)
{
	char lower[OPTION_MAX], upper[TEXT_NUMBER_MAX], work[TEXT_NUMBER_MAX];
	struct fs_option options[OPTION_COUNT_MAX];
	size_t count = 0;

	if (join_layers(in, index, lower) < 0)
		return -1;
	options[count++] = (struct fs_option){"lowerdir", lower};
	if (in->source[index] >= 0) {
		options[count++] = (struct fs_option){
			"upperdir", text_number(upper, (uint64_t)in->source[index], 10)};
		options[count++] = (struct fs_option){
			"workdir", text_number(work, (uint64_t)in->work[index], 10)};
	}
	/* trusted.* attributes belong to the initial user namespace; Linux 5.11 */
	if (plan_has(&in->plan, PLAN_NEW_USERNS))
		options[count++] = (struct fs_option){"userxattr", NULL};
	return mount_make_fs("overlay", options, count, attrs);
}

/*
 * Overlayfs writes to its upper and work directories as whoever mounted it. Those of the
 * caller's get the ids of the workload, as what is made in a bind does (place_make).
 */
static int make_as_owner(const struct init *in, uint32_t index)
{
	const struct plan_mount *op = &in->plan.mounts[index];
	const struct plan_header *header = in->plan.header;
	bool is_callers = op->src.len > 0;
	cleanup_fd int tree = -1;

	if (is_callers && identity_for_files(header->work_uid, header->work_gid) < 0)
		return -1;
	tree = make_overlay(in, index, mount_attrs(op->flags));
	if (is_callers && identity_for_files(header->init_uid, header->init_gid) < 0)
		return -1;
	return fd_take(&tree);
}

int overlay_attach(struct init *in, uint32_t index, struct fault *fault)
{
	const struct plan_mount *op = &in->plan.mounts[index];
	cleanup_fd int tree = -1;

	if (chdir("/proc/self/fd") < 0)
		return fault_errno(fault, STEP_ROOT, "/proc/self/fd");
	tree = make_as_owner(in, index);
	if (tree < 0)
		return op_fault(in, op, fault);
	if (chdir("/") < 0)
		return fault_errno(fault, STEP_ROOT, "/");
	return attach_verified(in, op, tree, OVERLAYFS_SUPER_MAGIC, fault);
}
