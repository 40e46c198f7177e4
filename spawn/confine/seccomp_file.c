/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seccomp profiles in the JSON form of OCI and Docker, compiled by libseccomp.
 *
 * Docker's archMap is only used for the native architecture. Its conditions
 * (includes, excludes) are judged for a workload without capabilities on the
 * kernel that runs, whatever capabilities are kept: a profile never allows more than
 * its author gave to a plain container.
 *
 * An unknown system call is left out if the default action refuses it anyway, and is
 * an error if the default would allow it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "../../init/contract.h"
#include "../../init/fd.h"
#include "json_strict.h"
#include "seccomp.h"
#include "seccomp_names.h"
#include "seccomp_profile.h"
#include "seccomp_prologue.h"

#define PROFILE_SIZE_MAX (1u << 20) /* bytes; Docker's default has 13 thousand */

/* An empty filter for the native architecture. */
static int new_filter(struct profile *profile, scmp_filter_ctx *ctx)
{
	int rc;

	*ctx = seccomp_init(profile->default_action);
	if (!*ctx)
		return fault_set(profile->fault, STEP_SECCOMP, ENOMEM, profile->path);
	rc = seccomp_attr_set(*ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = seccomp_attr_set(*ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return rc < 0 ? fault_set(profile->fault, STEP_SECCOMP, -rc, profile->path) : 0;
}

/*
 * The further architectures have a filter of their own until the end: in one that
 * has several, libseccomp takes no call that it knows by number alone.
 */
static int add_architecture(struct profile *profile, const char *name, const char *place)
{
	uint32_t token;
	int rc;

	if (profile_architecture(name, &token) < 0)
		return profile_refuse(profile, place, "unknown architecture \"%.32s\"", name);
	if (token == seccomp_arch_native())
		return 0;
	if (profile->others) {
		rc = seccomp_arch_add(profile->others, token);
	} else {
		if (new_filter(profile, &profile->others) < 0)
			return -1;
		rc = seccomp_arch_add(profile->others, token);
		if (rc == 0)
			rc = seccomp_arch_remove(profile->others, SCMP_ARCH_NATIVE);
	}
	if (rc < 0 && rc != -EEXIST) /* listed twice */
		return profile_refuse(profile, place, "%.32s can't run on this machine", name);
	return 0;
}

/* Adds the architectures that the list at `key` names to the native one. */
static int add_architectures(struct profile *profile, struct json_object *object, const char *key,
			     const char *place)
{
	struct json_object *list;

	if (profile_list(profile, object, key, place, &list) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);

		if (!json_object_is_type(entry, json_type_string))
			return profile_refuse(profile, place, "%s[%zu]: not a string", key, i);
		if (add_architecture(profile, json_object_get_string(entry), place) < 0)
			return -1;
	}
	return 0;
}

static int add_arch_map(struct profile *profile, struct json_object *root)
{
	static const char *const keys[] = { "architecture", "subArchitectures", NULL };
	struct json_object *list;

	if (profile_list(profile, root, "archMap", "", &list) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);
		char place[PROFILE_PLACE_MAX];
		const char *name;

		snprintf(place, sizeof(place), "archMap[%zu]", i);
		if (profile_keys(profile, entry, place, keys) < 0 ||
		    profile_text(profile, entry, "architecture", place, &name) < 0)
			return -1;
		if (name && strcmp(name, SECCOMP_NATIVE_OCI) == 0 &&
		    add_architectures(profile, entry, "subArchitectures", place) < 0)
			return -1;
	}
	return 0;
}

/* Everything in a profile except its rules. */
static int begin(struct profile *profile, struct json_object *root)
{
	static const char *const keys[] = { "defaultAction", "defaultErrnoRet", "defaultErrno",
					    "architectures", "archMap", "syscalls", "comment",
					    NULL };

	if (profile_keys(profile, root, "", keys) < 0 ||
	    profile_action(profile, root, "defaultAction", "defaultErrnoRet", "defaultErrno", "",
			   &profile->default_action) < 0 ||
	    new_filter(profile, &profile->ctx) < 0)
		return -1;
	if (json_object_object_get_ex(root, "architectures", NULL) &&
	    json_object_object_get_ex(root, "archMap", NULL))
		return profile_refuse(profile, "",
				      "architectures and archMap cannot be used together");
	if (add_architectures(profile, root, "architectures", "architectures") < 0)
		return -1;
	return add_arch_map(profile, root);
}

/* libseccomp's program, with the prologue in front where it is wanted, into the filter. */
static int export(struct profile *profile, struct seccomp_filter *filter)
{
	cleanup_fd int fd = memfd_create("seccomp", MFD_CLOEXEC);
	size_t skip = 0, max = PLAN_SECCOMP_MAX + 1;
	struct sock_filter *code;
	ssize_t n;
	int rc = 0;

	if (fd < 0)
		return fault_set(profile->fault, STEP_SECCOMP, errno, profile->path);
	if (profile->others)
		rc = seccomp_merge(profile->ctx, profile->others);
	if (rc < 0)
		return fault_set(profile->fault, STEP_SECCOMP, -rc, profile->path);
	profile->others = NULL; /* seccomp_merge has freed it */
	rc = seccomp_export_bpf(profile->ctx, fd);
	if (rc < 0)
		return fault_set(profile->fault, STEP_SECCOMP, -rc, profile->path);
	code = calloc(max, sizeof(*code));
	if (!code)
		return fault_set(profile->fault, STEP_SECCOMP, ENOMEM, profile->path);
	/*
	 * A list of allowed calls answers EPERM for a call that its author could not
	 * know; programs then fail where ENOSYS would make them fall back.
	 */
	if ((profile->default_action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO) {
		seccomp_prologue(profile->newest, code);
		skip = SECCOMP_PROLOGUE_LEN;
	}
	n = pread(fd, code + skip, (max - skip) * sizeof(*code), 0);
	if (n <= 0 || n % (ssize_t)sizeof(*code) || (size_t)n == (max - skip) * sizeof(*code)) {
		free(code);
		return fault_set(profile->fault, STEP_SECCOMP, n < 0 ? errno : E2BIG, profile->path);
	}
	filter->code = filter->owned = code;
	filter->count = skip + (size_t)n / sizeof(*code);
	return 0;
}

int seccomp_compile(const char *path, struct seccomp_filter *filter, struct fault *fault)
{
	struct profile profile = { .path = path, .fault = fault };
	struct utsname uts;
	struct json_object *root;
	int rc;

	memset(filter, 0, sizeof(*filter));
	if (uname(&uts) < 0 || sscanf(uts.release, "%u.%u", &profile.kernel[0],
				      &profile.kernel[1]) != 2)
		return fault_set(fault, STEP_SECCOMP, errno, "uname");
	root = json_strict_read(path, PROFILE_SIZE_MAX, STEP_SECCOMP, fault);
	if (!root)
		return -1;
	rc = begin(&profile, root);
	if (rc == 0)
		rc = profile_rules(&profile, root);
	if (rc == 0)
		rc = export(&profile, filter);
	seccomp_release(profile.ctx);
	seccomp_release(profile.others);
	json_object_put(root);
	return rc;
}
