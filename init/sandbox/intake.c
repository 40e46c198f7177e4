/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the plan: a sealed memfd that can't change any more, mapped read-only. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "../fd.h"
#include "sandbox.h"
#include "../kernel_abi.h"

#define PLAN_SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

static const void *map_plan(int fd, size_t *size, struct fault *fault)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *bytes;

	if (seals < 0 || fstat(fd, &st) < 0) {
		fault_errno(fault, STEP_PLAN, "plan");
		return NULL;
	}
	if ((seals & PLAN_SEALS) != PLAN_SEALS) {
		fault_set(fault, STEP_PLAN, EPERM, "plan: not sealed");
		return NULL;
	}
	if (st.st_size < (off_t)sizeof(struct plan_header) || st.st_size > (off_t)PLAN_SIZE_MAX) {
		fault_set(fault, STEP_PLAN, EPROTO, "plan: size");
		return NULL;
	}
	*size = (size_t)st.st_size;
	bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		fault_errno(fault, STEP_PLAN, "plan: mmap");
		return NULL;
	}
	return bytes;
}

/*
 * The report descriptor of a refused plan may still be valid. It is used only if it can't
 * be anything else: the header is of this version and names a pipe.
 */
static int plausible_report_fd(const struct plan_header *header)
{
	struct stat st;

	if (header->magic != PLAN_MAGIC || header->version != CONTRACT_VERSION)
		return -1;
	if (header->report_fd <= STDERR_FILENO || fstat(header->report_fd, &st) < 0 ||
	    !S_ISFIFO(st.st_mode))
		return -1;
	return header->report_fd;
}

int intake_plan(struct init *in, int fd, struct fault *fault)
{
	size_t size = 0;
	const void *bytes = map_plan(fd, &size, fault);

	fd_close(&fd);
	if (!bytes)
		return -1;
	if (decode_plan(bytes, size, &in->plan, fault) < 0) {
		in->report_fd = plausible_report_fd(bytes);
		return -1;
	}
	in->control_fd = in->plan.header->control_fd;
	in->report_fd = in->plan.header->report_fd;
	if (in->control_fd < 0 || in->report_fd < 0)
		return fault_set(fault, STEP_PLAN, EBADF, "control and report descriptors");
	return 0;
}
