/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What options of `nidus run` mean that need more than an assignment: the pieces of
 * run_set.c, a file a group. Each returns 0, or -1 with a fault that names option and
 * value, and says what is allowed.
 */
#ifndef NIDUS_CLI_RUN_SET_H
#define NIDUS_CLI_RUN_SET_H

#include "run_options.h"

/*
 * run_files.c. `mount` has the kind, the paths and the flags. run_add_made is of what
 * takes waiting --perms and --size, run_add_data of what is read from a descriptor.
 */
int run_set_home(struct nidus_spec *spec, const struct run_option *option, const char *value,
		 struct fault *fault);
int run_set_perms(struct run_parse *parse, const struct run_option *option, const char *value,
		  struct fault *fault);
int run_set_size(struct run_parse *parse, const struct run_option *option, const char *value,
		 struct fault *fault);
int run_add_mount(struct run_parse *parse, const struct run_option *option,
		  struct nidus_mount mount, struct fault *fault);
int run_add_made(struct run_parse *parse, const struct run_option *option,
		 struct nidus_mount mount, struct fault *fault);
int run_add_bind_fd(struct run_parse *parse, const struct run_option *option, const char *fd,
		    struct nidus_mount mount, struct fault *fault);
int run_add_data(struct run_parse *parse, const struct run_option *option, const char *fd,
		 struct nidus_mount mount, struct fault *fault);
int run_add_chmod(struct run_parse *parse, const struct run_option *option,
		  const char *const *values, struct fault *fault);

/* run_identity.c */
int run_set_user(struct run_parse *parse, const struct run_option *option, const char *value,
		 struct fault *fault);
int run_set_userns(struct nidus_spec *spec, const struct run_option *option, const char *value,
		   struct fault *fault);
int run_add_caps(struct nidus_spec *spec, const struct run_option *option, const char *value,
		 struct fault *fault);
int run_drop_caps(struct nidus_spec *spec, const struct run_option *option, const char *value,
		  struct fault *fault);
int run_set_seccomp(struct nidus_spec *spec, const struct run_option *option, const char *value,
		    struct fault *fault);
int run_add_landlock_path(struct nidus_spec *spec, const struct run_option *option,
			  enum nidus_landlock_kind kind, const char *path, struct fault *fault);
int run_add_landlock_port(struct nidus_spec *spec, const struct run_option *option,
			  enum nidus_landlock_kind kind, const char *value, struct fault *fault);
int run_set_share(struct nidus_spec *spec, const struct run_option *option, const char *value,
		  struct fault *fault);
int run_set_join(struct nidus_spec *spec, const struct run_option *option, const char *value,
		 struct fault *fault);

/* run_process.c */
int run_set_cwd(struct run_request *request, const struct run_option *option, const char *value,
		struct fault *fault);
int run_set_variable(struct nidus_spec *spec, const struct run_option *option,
		     const char *const *values, struct fault *fault);
int run_unset_variable(struct nidus_spec *spec, const struct run_option *option,
		       const char *name, struct fault *fault);
int run_clear_variables(struct nidus_spec *spec, const struct run_option *option,
			struct fault *fault);
int run_add_pass_fd(struct nidus_spec *spec, const struct run_option *option, const char *value,
		    struct fault *fault);

/* run_limits.c */
int run_set_positive_duration(const struct run_option *option, const char *value, uint64_t *us,
			      struct fault *fault);
int run_set_positive_size(const struct run_option *option, const char *value, uint64_t *bytes,
			  struct fault *fault);
int run_add_rlimit(struct nidus_spec *spec, const struct run_option *option, const char *value,
		   struct fault *fault);
int run_set_limits_mode(struct nidus_spec *spec, const struct run_option *option,
			const char *value, struct fault *fault);
int run_set_io_weight(struct nidus_spec *spec, const struct run_option *option, const char *value,
		      struct fault *fault);
int run_set_pids(struct nidus_spec *spec, const struct run_option *option, const char *value,
		 struct fault *fault);

/* run_network.c */
enum run_verdict { RUN_ALLOW, RUN_DENY };
int run_set_net(struct nidus_spec *spec, const struct run_option *option, const char *value,
		struct fault *fault);
int run_add_publish(struct nidus_spec *spec, const struct run_option *option, const char *value,
		    struct fault *fault);
int run_add_rule(struct nidus_spec *spec, const struct run_option *option,
		 enum run_verdict verdict, const char *value, struct fault *fault);
int run_add_host_ports(struct nidus_spec *spec, const struct run_option *option,
		       const char *value, struct fault *fault);
int run_add_dns(struct nidus_spec *spec, const struct run_option *option, const char *value,
		struct fault *fault);
int run_set_pool(struct run_parse *parse, const struct run_option *option, const char *value,
		 struct fault *fault);
int run_set_forward(struct nidus_spec *spec, const struct run_option *option, const char *value,
		    struct fault *fault);

/* run_lifecycle.c */
int run_add_label(struct nidus_spec *spec, const struct run_option *option, const char *value,
		  struct fault *fault);
int run_set_output(const struct run_option *option, const char *value, int *fd, const char **path,
		   struct fault *fault);
bool run_is_descriptor(const char *value); /* such a value names one */
int run_set_hold(struct nidus_spec *spec, const struct run_option *option, const char *value,
		 struct fault *fault);

#endif
