/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a seccomp profile (seccomp_file.c): values with their checks
 * (seccomp_value.c) and the rules (seccomp_rule.c). `place` is a position in the
 * profile, "syscalls[3].args[0]"; every error begins with it.
 */
#ifndef NIDUS_SECCOMP_PROFILE_H
#define NIDUS_SECCOMP_PROFILE_H

#include <json-c/json.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../init/fault.h"

#define PROFILE_PLACE_MAX 96

struct profile {
	const char *path;
	struct fault *fault;
	scmp_filter_ctx ctx;    /* native calls */
	scmp_filter_ctx others; /* the other architectures; NULL: none */
	uint32_t default_action;
	uint32_t newest;    /* the highest native call number that the profile names */
	unsigned kernel[2]; /* major, minor of the running one */
};

/* Fills the fault: path, place, message. Always -1. */
int profile_refuse(struct profile *profile, const char *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Checks that an object has only these keys. */
int profile_keys(struct profile *profile, struct json_object *object, const char *place,
		 const char *const keys[]);

/* The value of a key. Absent and null are the same: NULL, and false. */
int profile_text(struct profile *profile, struct json_object *object, const char *key,
		 const char *place, const char **text);
int profile_list(struct profile *profile, struct json_object *object, const char *key,
		 const char *place, struct json_object **list);
int profile_number(struct profile *profile, struct json_object *object, const char *key,
		   const char *place, uint64_t max, uint64_t *number, bool *given);

/* "SCMP_ARCH_X86" to libseccomp's token; -1: unknown. */
int profile_architecture(const char *name, uint32_t *token);

/* An action with its errno: libseccomp's SCMP_ACT_… value. */
int profile_action(struct profile *profile, struct json_object *object, const char *action_key,
		   const char *errno_key, const char *errno_name_key, const char *place,
		   uint32_t *action);

/* Sets *has if the string `wanted` is in the list of strings under `key`. */
int profile_list_has(struct profile *profile, struct json_object *object, const char *key,
		     const char *place, const char *wanted, bool *given, bool *has);

/* Adds all of "syscalls" to the filter. */
int profile_rules(struct profile *profile, struct json_object *root);

#endif
