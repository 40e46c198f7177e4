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

int intake_plan(struct init *in, int fd, struct fault *fault)
{
	size_t size = 0;
	const void *bytes = map_plan(fd, &size, fault);

	fd_close(&fd);
	if (!bytes || decode_plan(bytes, size, &in->plan, fault) < 0)
		return -1;
	if (in->plan.header->control_fd != in->control_fd ||
	    in->plan.header->report_fd != in->report_fd)
		return fault_set(fault, STEP_PLAN, EBADF, "control and report descriptors");
	return 0;
}
