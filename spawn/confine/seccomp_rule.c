/* SPDX-License-Identifier: Apache-2.0 */
/* The "syscalls" of a seccomp profile: see seccomp_profile.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../init/contract.h"
#include "seccomp_names.h"
#include "seccomp_profile.h"
#include "seccomp_prologue.h"

#define ARGS_MAX 6

static int compare_op(const char *name, enum scmp_compare *op)
{
	static const struct {
		const char *name;
		enum scmp_compare op;
	} ops[] = {
		{ "SCMP_CMP_NE", SCMP_CMP_NE }, { "SCMP_CMP_LT", SCMP_CMP_LT },
		{ "SCMP_CMP_LE", SCMP_CMP_LE }, { "SCMP_CMP_EQ", SCMP_CMP_EQ },
		{ "SCMP_CMP_GE", SCMP_CMP_GE }, { "SCMP_CMP_GT", SCMP_CMP_GT },
		{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i].name, name) != 0)
			continue;
		*op = ops[i].op;
		return 0;
	}
	return -1;
}

static int read_arg(struct profile *profile, struct json_object *object, const char *place,
		    struct scmp_arg_cmp *cmp)
{
	static const char *const keys[] = { "index", "value", "valueTwo", "op", NULL };
	bool has_index, has_value, has_two;
	uint64_t index;
	const char *op;

	if (profile_keys(profile, object, place, keys) < 0 ||
	    profile_number(profile, object, "index", place, ARGS_MAX - 1, &index, &has_index) < 0 ||
	    profile_number(profile, object, "value", place, UINT64_MAX, &cmp->datum_a,
			   &has_value) < 0 ||
	    profile_number(profile, object, "valueTwo", place, UINT64_MAX, &cmp->datum_b,
			   &has_two) < 0 ||
	    profile_text(profile, object, "op", place, &op) < 0)
		return -1;
	if (!has_index || !has_value || !op)
		return profile_refuse(profile, place, "index, value and op are needed");
	if (compare_op(op, &cmp->op) < 0)
		return profile_refuse(profile, place, "unknown operator \"%.64s\"", op);
	cmp->arg = (unsigned)index;
	return 0;
}

static int read_args(struct profile *profile, struct json_object *entry, const char *place,
		     struct scmp_arg_cmp *args, unsigned *count)
{
	struct json_object *list;
	unsigned used = 0;

	*count = 0;
	if (profile_list(profile, entry, "args", place, &list) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		char arg_place[PROFILE_PLACE_MAX + 32];

		snprintf(arg_place, sizeof(arg_place), "%s.args[%zu]", place, i);
		if (i >= ARGS_MAX)
			return profile_refuse(profile, arg_place, "more than %d", ARGS_MAX);
		if (read_arg(profile, json_object_array_get_idx(list, i), arg_place, &args[i]) < 0)
			return -1;
		/* libseccomp can't do it; runtimes that split such a rule turn "and" into "or". */
		if (used & 1u << args[i].arg)
			return profile_refuse(profile, arg_place,
					      "an argument is tested twice: use two entries");
		used |= 1u << args[i].arg;
		*count = (unsigned)i + 1;
	}
	return 0;
}

static int is_kernel_new_enough(struct profile *profile, const char *version, const char *place,
				bool *enough)
{
	unsigned major, minor;
	int end = 0;

	if (sscanf(version, "%4u.%4u%n", &major, &minor, &end) != 2 || version[end] != '\0')
		return profile_refuse(profile, place, "minKernel: must be like \"4.8\"");
	*enough = profile->kernel[0] > major ||
		  (profile->kernel[0] == major && profile->kernel[1] >= minor);
	return 0;
}

/* What one of "includes" and "excludes" says; all its conditions count for includes, any for
 * excludes. No capability is ever there: a list of them is never met. */
static int judge(struct profile *profile, struct json_object *entry, const char *key,
		 const char *entry_place, bool *all, bool *any)
{
	static const char *const keys[] = { "caps", "arches", "minKernel", NULL };
	struct json_object *object = json_object_object_get(entry, key);
	bool given, has, enough = false;
	char place[PROFILE_PLACE_MAX + 32];
	const char *version;

	*all = true;
	*any = false;
	if (!object)
		return 0;
	snprintf(place, sizeof(place), "%s.%s", entry_place, key);
	if (profile_keys(profile, object, place, keys) < 0 ||
	    profile_list_has(profile, object, "caps", place, NULL, &given, &has) < 0)
		return -1;
	if (given)
		*all = false;
	if (profile_list_has(profile, object, "arches", place, SECCOMP_NATIVE_GO, &given, &has) < 0)
		return -1;
	if (given && !has)
		*all = false;
	*any = given && has;
	if (profile_text(profile, object, "minKernel", place, &version) < 0)
		return -1;
	if (!version || !version[0])
		return 0;
	if (is_kernel_new_enough(profile, version, place, &enough) < 0)
		return -1;
	*all = *all && enough;
	*any = *any || enough;
	return 0;
}

static int add_name(struct profile *profile, const char *name, const char *place, bool wanted,
		    uint32_t action, unsigned arg_count, const struct scmp_arg_cmp *args)
{
	bool open = profile->default_action == SCMP_ACT_ALLOW ||
		    profile->default_action == SCMP_ACT_LOG;
	int number = seccomp_number(name), rc;

	if (number == __NR_SCMP_ERROR && open && wanted && action != profile->default_action)
		return profile_refuse(profile, place,
				      "unknown system call \"%.64s\" would be let through", name);
	if (number == __NR_SCMP_ERROR)
		return 0;
	if (number > 0 && (uint32_t)number > profile->newest)
		profile->newest = (uint32_t)number;
	/* libseccomp refuses rules that repeat the default action. */
	if (!wanted || action == profile->default_action)
		return 0;
	rc = seccomp_rule_add_array(profile->ctx, action, number, arg_count, args);
	/* EEXIST: a repeated rule. EDOM: the architecture lacks the call. */
	if (rc < 0 && rc != -EEXIST && rc != -EDOM)
		return profile_refuse(profile, place, "%.64s: %s", name, strerror(-rc));
	if (!profile->others)
		return 0;
	rc = seccomp_rule_add_array(profile->others, action, number, arg_count, args);
	/* EFAULT: too new for libseccomp to know its number elsewhere. */
	if (rc < 0 && rc != -EEXIST && rc != -EDOM && (rc != -EFAULT || open))
		return profile_refuse(profile, place, "%.64s: %s", name, strerror(-rc));
	return 0;
}

static int add_entry(struct profile *profile, struct json_object *entry, const char *place)
{
	static const char *const keys[] = { "names",   "action",   "errnoRet", "errno", "args",
					    "comment", "includes", "excludes", NULL };
	bool included, excluded, ignored;
	struct scmp_arg_cmp args[ARGS_MAX];
	struct json_object *names;
	unsigned arg_count;
	uint32_t action;

	if (profile_keys(profile, entry, place, keys) < 0 ||
	    profile_action(profile, entry, "action", "errnoRet", "errno", place, &action) < 0 ||
	    read_args(profile, entry, place, args, &arg_count) < 0 ||
	    judge(profile, entry, "includes", place, &included, &ignored) < 0 ||
	    judge(profile, entry, "excludes", place, &ignored, &excluded) < 0 ||
	    profile_list(profile, entry, "names", place, &names) < 0)
		return -1;
	if (!names || json_object_array_length(names) == 0)
		return profile_refuse(profile, place, "names are missing");
	for (size_t i = 0; i < json_object_array_length(names); i++) {
		struct json_object *name = json_object_array_get_idx(names, i);

		if (!json_object_is_type(name, json_type_string))
			return profile_refuse(profile, place, "names[%zu]: not a string", i);
		if (add_name(profile, json_object_get_string(name), place, included && !excluded,
			     action, arg_count, args) < 0)
			return -1;
	}
	return 0;
}

int profile_rules(struct profile *profile, struct json_object *root)
{
	struct json_object *list;

	if (profile_list(profile, root, "syscalls", "", &list) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		char place[PROFILE_PLACE_MAX];

		snprintf(place, sizeof(place), "syscalls[%zu]", i);
		if (add_entry(profile, json_object_array_get_idx(list, i), place) < 0)
			return -1;
	}
	return 0;
}
