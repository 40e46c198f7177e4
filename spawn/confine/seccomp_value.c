/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a seccomp profile, each with its check: see seccomp_profile.h. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../init/contract.h"
#include "seccomp_profile.h"

#define ERRNO_MAX 4095 /* the kernel caps SECCOMP_RET_ERRNO there */

int profile_refuse(struct profile *profile, const char *place, const char *format, ...)
{
	char message[160], what[FAULT_WHAT_MAX * 2];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	snprintf(what, sizeof(what), "%s: %s%s%s", profile->path, place, place[0] ? ": " : "",
		 message);
	return fault_set(profile->fault, STEP_SECCOMP, EINVAL, what);
}

int profile_keys(struct profile *profile, struct json_object *object, const char *place,
		 const char *const keys[])
{
	if (!json_object_is_type(object, json_type_object))
		return profile_refuse(profile, place, "not an object");
	json_object_object_foreach(object, key, value) {
		size_t i = 0;

		(void)value;
		while (keys[i] && strcmp(keys[i], key) != 0)
			i++;
		if (!keys[i])
			return profile_refuse(profile, place, "unknown key \"%.64s\"", key);
	}
	return 0;
}

int profile_text(struct profile *profile, struct json_object *object, const char *key,
		 const char *place, const char **text)
{
	struct json_object *value = json_object_object_get(object, key);

	*text = NULL;
	if (!value)
		return 0;
	if (!json_object_is_type(value, json_type_string))
		return profile_refuse(profile, place, "%s: not a string", key);
	*text = json_object_get_string(value);
	/* Strings may hold \u0000: the compared text would not be the written one. */
	if (strlen(*text) != (size_t)json_object_get_string_len(value))
		return profile_refuse(profile, place, "%s: contains a NUL", key);
	return 0;
}

int profile_list(struct profile *profile, struct json_object *object, const char *key,
		 const char *place, struct json_object **list)
{
	*list = json_object_object_get(object, key);
	if (*list && !json_object_is_type(*list, json_type_array))
		return profile_refuse(profile, place, "%s: not a list", key);
	return 0;
}

int profile_number(struct profile *profile, struct json_object *object, const char *key,
		   const char *place, uint64_t max, uint64_t *number, bool *given)
{
	struct json_object *value = json_object_object_get(object, key);

	*number = 0;
	*given = value != NULL;
	if (!value)
		return 0;
	if (!json_object_is_type(value, json_type_int) || json_object_get_string(value)[0] == '-')
		return profile_refuse(profile, place, "%s: not a number of 0 or more", key);
	*number = json_object_get_uint64(value);
	if (*number > max)
		return profile_refuse(profile, place, "%s: must be at most %llu", key,
				      (unsigned long long)max);
	return 0;
}

int profile_architecture(const char *name, uint32_t *token)
{
	static const char prefix[] = "SCMP_ARCH_";
	char lower[24];
	size_t i;

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return -1;
	name += strlen(prefix);
	for (i = 0; name[i] && i + 1 < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	lower[i] = '\0';
	*token = seccomp_arch_resolve_name(lower);
	return *token == 0 ? -1 : 0;
}

static int action_base(const char *name, uint32_t *action)
{
	static const struct {
		const char *name;
		uint32_t action;
	} actions[] = {
		{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },
		{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0) },
		{ "SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
		{ "SCMP_ACT_LOG", SCMP_ACT_LOG },
		{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(0) },
		{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, name) != 0)
			continue;
		*action = actions[i].action;
		return 0;
	}
	return -1;
}

int profile_action(struct profile *profile, struct json_object *object, const char *action_key,
		   const char *errno_key, const char *errno_name_key, const char *place,
		   uint32_t *action)
{
	const char *name, *errno_name, *known;
	uint64_t err;
	bool given, takes_errno;

	if (profile_text(profile, object, action_key, place, &name) < 0 ||
	    profile_text(profile, object, errno_name_key, place, &errno_name) < 0 ||
	    profile_number(profile, object, errno_key, place, ERRNO_MAX, &err, &given) < 0)
		return -1;
	if (!name)
		return profile_refuse(profile, place, "%s is missing", action_key);
	if (strcmp(name, "SCMP_ACT_NOTIFY") == 0)
		return profile_refuse(profile, place, "SCMP_ACT_NOTIFY is not supported");
	if (action_base(name, action) < 0)
		return profile_refuse(profile, place, "unknown action \"%.64s\"", name);
	takes_errno = *action == SCMP_ACT_ERRNO(0) || *action == SCMP_ACT_TRACE(0);
	if (!takes_errno && given)
		return profile_refuse(profile, place, "%s goes with ERRNO and TRACE only", errno_key);
	if (takes_errno)
		*action |= given ? (uint32_t)err : EPERM;
	/* Podman writes both name and number: they have to agree. */
	known = strerrorname_np(given ? (int)err : EPERM);
	if (errno_name && (!takes_errno || !known || strcmp(known, errno_name) != 0))
		return profile_refuse(profile, place, "%s: \"%.32s\" is not what %s says",
				      errno_name_key, errno_name, errno_key);
	return 0;
}

int profile_list_has(struct profile *profile, struct json_object *object, const char *key,
		     const char *place, const char *wanted, bool *given, bool *has)
{
	struct json_object *list;

	*has = false;
	if (profile_list(profile, object, key, place, &list) < 0)
		return -1;
	*given = list && json_object_array_length(list) > 0;
	for (size_t i = 0; *given && i < json_object_array_length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);

		if (!json_object_is_type(entry, json_type_string))
			return profile_refuse(profile, place, "%s[%zu]: not a string", key, i);
		if (wanted && strcmp(json_object_get_string(entry), wanted) == 0)
			*has = true;
	}
	return 0;
}
