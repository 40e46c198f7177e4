/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults about options of a spec, in the words of whoever filled it. What is about
 * an option begins with spec_about…, which leaves step, errno and sentence alone:
 *
 *     return spec_refuse(spec_about(spec, NIDUS_OPTION_SWAP, fault), EINVAL, "needs %s", …);
 *
 * Texts are cut where they are too long and control bytes replaced: they hold what
 * was typed.
 */
#ifndef NIDUS_SPEC_REFUSE_H
#define NIDUS_SPEC_REFUSE_H

#include "spec.h"

/* "--io-weight" where the front end lent that, else "io_weight". */
const char *spec_word(const struct nidus_spec *spec, enum nidus_option option);

/* The same of a file operation: "--ro-bind-try", else "bind". "" for an unknown kind. */
const char *spec_mount_word(const struct nidus_mount *mount);

/* The object becomes the option; with its value; a file operation or port as given. */
struct fault *spec_about(const struct nidus_spec *spec, enum nidus_option option,
			 struct fault *fault);
struct fault *spec_about_value(const struct nidus_spec *spec, enum nidus_option option,
			       struct fault *fault, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
struct fault *spec_about_mount(const struct nidus_spec *spec, size_t index, struct fault *fault);
struct fault *spec_about_publish(const struct nidus_spec *spec, size_t index, struct fault *fault);

/*
 * The object of a fault of init's becomes the option that fault.option and
 * fault.index name; step and errno stay. One that is about no option stays as it is.
 */
void spec_blame(const struct nidus_spec *spec, struct fault *fault);

/* The same of a profile that can't be read as a file: what was given, and what is allowed. Returns -1. */
int spec_blame_profile(const struct nidus_spec *spec, struct fault *fault);

/* Adds step, errno and what is wrong. Both return -1; spec_refuse is of STEP_OPTIONS. */
int spec_fault(struct fault *fault, uint32_t step, int err, const char *why, ...)
	__attribute__((format(printf, 4, 5)));
int spec_refuse(struct fault *fault, int err, const char *why, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Why a path can't be one: empty, or longer than the kernel takes; NULL: it can. The
 * second of a path inside, which is absolute and has no "..".
 */
const char *spec_path_refused(const char *path);
const char *spec_inside_refused(const char *path);

/* The same as a fault about an option whose value the path is. */
int spec_check_path(const struct nidus_spec *spec, enum nidus_option option, const char *path,
		    struct fault *fault);
int spec_check_inside(const struct nidus_spec *spec, enum nidus_option option, const char *path,
		      struct fault *fault);

/* A letter or digit, then letters, digits and `extra`. Of ASCII alone. */
bool spec_is_word(const char *text, const char *extra);

#endif
