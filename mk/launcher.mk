# SPDX-License-Identifier: Apache-2.0
# The launcher: `nidus run` linked with musl and no other library, and the whole program as an
# image that it executes for what it lacks (decision 21).

# What needs a library, or is never asked of the launcher.
LAUNCHER_LACKS := spawn/cli/check.c spawn/cli/explain.c spawn/cli/gc.c spawn/cli/init_binary.c \
	spawn/cli/kill.c spawn/cli/list.c spawn/cli/profile_explain.c spawn/cli/program.c spawn/cli/whole.c spawn/cli/records.c \
	spawn/cli/run_args.c spawn/cli/seccomp.c spawn/cli/stop.c spawn/cli/verbs.c \
	spawn/cli/version.c spawn/cli/wait.c \
	spawn/confine/caps.c spawn/confine/json_strict.c spawn/confine/seccomp_file.c \
	spawn/confine/seccomp_rule.c spawn/confine/seccomp_value.c \
	spawn/report/events.c spawn/report/json_line.c spawn/report/report.c \
	$(filter-out spawn/explain/units.c,$(wildcard spawn/explain/*.c)) $(wildcard spawn/check/*.c) \
	$(filter-out net/closed.c net/config.c net/ip.c net/lease.c net/publish.c net/resolv.c \
		net/resolv_read.c net/rtnl.c net/rtnl_parse.c net/unix_sockets.c net/attr.c, \
		$(wildcard net/*.c))

LAUNCHER_SOURCES := $(filter-out $(LAUNCHER_LACKS),$(CLI_SOURCES) $(LIB_SOURCES)) \
	$(filter-out %_gen.c,$(sort $(wildcard spawn/launcher/*.c))) build/errno_texts.c
LAUNCHER_OBJECTS := $(LAUNCHER_SOURCES:%.c=build/launcher/%.o) build/launcher/whole_image.o \
	build/obj/init_image.o
LAUNCHER_CFLAGS := $(STANDARD) $(WARNINGS) -O2 -g -fstack-protector-strong -fno-pie \
	-ffunction-sections -fdata-sections $(INIT_INCLUDE)

build/launcher/%.o: %.c | $(INIT_HEADERS)
	$(say) LAUNCHCC $<
	$(Q)mkdir -p $(@D)
	$(Q)musl-gcc $(LAUNCHER_CFLAGS) $(DEPENDENCIES) -c -o $@ $<

# The same words for an errno as in the whole program.
build/errno-gen: spawn/launcher/errno_gen.c
	$(say) CC $@
	$(Q)mkdir -p build
	$(Q)$(CC) $(BASE_CFLAGS) $(DEPENDENCIES) -MF $@.d -MT $@ -o $@ $<

build/errno_texts.c: build/errno-gen
	$(say) GEN $@
	$(Q)./build/errno-gen > $@.new
	$(Q)mv $@.new $@

build/launcher/whole_image.o: mk/image.S build/nidus-whole
	$(say) EMBED build/nidus-whole
	$(Q)mkdir -p $(@D)
	$(Q)strip -s -o build/launcher/whole build/nidus-whole
	$(Q)$(CC) -c -DNAME=nidus_whole -DFILE='"build/launcher/whole"' -o $@ mk/image.S

build/nidus: $(LAUNCHER_OBJECTS)
	$(say) LD $@
	$(Q)musl-gcc -static -no-pie -Wl,--gc-sections -Wl,-z,noexecstack -o $@ $^
	$(Q)if readelf -lW $@ | grep -qE 'INTERP|DYNAMIC'; then \
		echo "$@ is not static" >&2; rm -f $@; exit 1; fi
