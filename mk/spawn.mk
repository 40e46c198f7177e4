# SPDX-License-Identifier: Apache-2.0
# The parent side: library and command line, in three builds (static, PIC, ASan).

# The ground floor that both sides compile.
FLOOR_SOURCES := init/clock.c init/small_file.c init/text.c init/values.c

CLI_SOURCES := $(sort $(filter-out spawn/cli/completions_gen.c,$(wildcard spawn/cli/*.c)))
LIB_SOURCES := $(sort $(filter-out spawn/confine/seccomp_gen.c spawn/cli/% spawn/launcher/%,$(wildcard spawn/*/*.c)) \
	$(wildcard cgroup/*.c) $(wildcard net/*.c)) $(FLOOR_SOURCES) build/seccomp_default.c

LIB_OBJECTS := $(LIB_SOURCES:%.c=build/obj/%.o) build/obj/init_image.o
CLI_OBJECTS := $(CLI_SOURCES:%.c=build/obj/%.o)
PIC_OBJECTS := $(LIB_SOURCES:%.c=build/pic/%.o) build/obj/init_image.o
ASAN_LIB_OBJECTS := $(LIB_SOURCES:%.c=build/asan/obj/%.o) build/obj/init_image.o
ASAN_CLI_OBJECTS := $(CLI_SOURCES:%.c=build/asan/obj/%.o)

LIBS := -lnftnl -lmnl -lseccomp -lcap -ljson-c

# nidus is static wherever the archives exist. Debian has all but that of libmnl: there,
# everything but libmnl and libc is static. From exec to the end of `nidus version`:
# static 0.47 ms, with libmnl and libc dynamic 0.66, with all six libraries dynamic 0.91.
archives = $(foreach name,$(1),$(shell file=$$($(CC) -print-file-name=$(name)); test -f "$$file" || echo missing))
ifeq ($(strip $(call archives,libnftnl.a libseccomp.a libcap.a libjson-c.a)),)
ifeq ($(strip $(call archives,libc.a libmnl.a)),)
NIDUS_LDFLAGS := -static -Wl,-z,noexecstack -Wl,--gc-sections
NIDUS_LIBS := $(LIBS)
else
NIDUS_LDFLAGS := -no-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--gc-sections
NIDUS_LIBS := -Wl,-Bstatic -lnftnl -lseccomp -lcap -ljson-c -Wl,-Bdynamic -lmnl
endif
else
NIDUS_LDFLAGS := -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed
NIDUS_LIBS := $(LIBS)
endif

build/obj/%.o: %.c
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASE_CFLAGS) -fPIE -ffunction-sections -fdata-sections $(DEPENDENCIES) -c -o $@ $<

build/pic/%.o: %.c
	$(say) PIC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASE_CFLAGS) -fPIC $(DEPENDENCIES) -c -o $@ $<

build/asan/obj/%.o: %.c
	$(say) ASAN $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ASAN_CFLAGS) $(DEPENDENCIES) -c -o $@ $<

# The default seccomp filter: spawn/confine/seccomp_table.h, compiled by libseccomp during
# the build, so that a launch doesn't pay for it.
build/seccomp-gen: spawn/confine/seccomp_gen.c
	$(say) CC $@
	$(Q)mkdir -p build
	$(Q)$(CC) $(BASE_CFLAGS) $(DEPENDENCIES) -MF $@.d -MT $@ -o $@ $< -lseccomp

build/seccomp_default.c: build/seccomp-gen
	$(say) GEN $@
	$(Q)./build/seccomp-gen > $@.new
	$(Q)mv $@.new $@

# nidus-init as two symbols: nidus has it embedded, so that one file is enough.
build/obj/init_image.o: mk/image.S build/nidus-init
	$(say) EMBED build/nidus-init
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -c -DNAME=nidus_init -DFILE='"build/nidus-init"' -o $@ mk/image.S

build/libnidus.a: $(LIB_OBJECTS)
	$(say) AR $@
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJECTS)

build/asan/libnidus.a: $(ASAN_LIB_OBJECTS)
	$(say) AR $@
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(ASAN_LIB_OBJECTS)

build/libnidus.so: $(PIC_OBJECTS) mk/libnidus.map
	$(say) LD $@
	$(Q)$(CC) -shared -Wl,-soname,libnidus.so.0 -Wl,--version-script,mk/libnidus.map \
		-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,defs -o $@ $(PIC_OBJECTS) $(LIBS)

build/nidus-whole: $(CLI_OBJECTS) build/libnidus.a
	$(say) LD $@
	$(Q)$(CC) $(NIDUS_LDFLAGS) -Wl,--build-id -o $@ $(CLI_OBJECTS) build/libnidus.a $(NIDUS_LIBS)

# nidus itself: the launcher with the whole program in it, where there is musl.
ifneq ($(MUSL_GCC),)
include mk/launcher.mk
else
build/nidus: build/nidus-whole
	$(Q)cp $< $@
endif

# Completions, from the tables that nidus itself reads.
COMPLETIONS := build/completions/nidus.bash build/completions/_nidus build/completions/nidus.fish

build/completions-gen: build/obj/spawn/cli/completions_gen.o $(CLI_OBJECTS) build/libnidus.a
	$(say) LD $@
	$(Q)$(CC) $(NIDUS_LDFLAGS) -o $@ $< $(filter-out %/whole.o,$(CLI_OBJECTS)) build/libnidus.a \
		$(NIDUS_LIBS)

build/completions/nidus.bash: build/completions-gen spawn/cli/completions.bash
	$(say) GEN $@
	$(Q)mkdir -p $(@D)
	$(Q)./build/completions-gen bash > $@.new
	$(Q)cat spawn/cli/completions.bash >> $@.new
	$(Q)mv $@.new $@

build/completions/nidus.fish: build/completions-gen
	$(say) GEN $@
	$(Q)mkdir -p $(@D)
	$(Q)./build/completions-gen fish > $@.new
	$(Q)mv $@.new $@

build/completions/_nidus: build/completions-gen
	$(say) GEN $@
	$(Q)mkdir -p $(@D)
	$(Q)./build/completions-gen zsh > $@.new
	$(Q)mv $@.new $@

build/asan/nidus: $(ASAN_CLI_OBJECTS) build/asan/libnidus.a
	$(say) LD $@
	$(Q)$(CC) $(SANITIZE) -o $@ $(ASAN_CLI_OBJECTS) build/asan/libnidus.a $(LIBS)
