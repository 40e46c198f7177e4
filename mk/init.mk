# SPDX-License-Identifier: Apache-2.0
# nidus-init: one small static binary that links neither libnidus nor any other library.
#
# From exec to main it takes 100 us with musl, 320 with static glibc and 570 as
# a dynamic program: so musl is used wherever musl-gcc exists. `musl-gcc -static-pie`
# silently makes a dynamic PIE: hence -static, and a check with readelf.
# Without -z noseparate-code the file is twice as large; -flto saves a tenth. With relro
# it grows by pages, to protect the 48 bytes that a static program has there.
#
# CROSS=aarch64-linux-gnu (…) builds only nidus-init, with that compiler and its C library,
# into build/CROSS beside the native build.

# The rooms, each optimized as a whole. That of the wrapper includes what the roles share.
INIT_SHARED := $(sort $(wildcard init/*.c init/core/*.c))
INIT_WRAPPER := $(INIT_SHARED) $(sort $(wildcard init/wrapper/*.c))
INIT_MACHINE := $(sort $(wildcard init/machine/*.c))
INIT_SANDBOX := $(sort $(wildcard init/sandbox/*.c))

MUSL_GCC := $(shell command -v musl-gcc 2>/dev/null)
ifneq ($(CROSS),)
INIT_BUILD := build/$(CROSS)
INIT_CC := $(CROSS)-gcc
INIT_STRIP := $(CROSS)-strip
INIT_HEADERS :=
# So that no inode, size or time is truncated on 32 bits.
INIT_INCLUDE := -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
else ifneq ($(MUSL_GCC),)
INIT_BUILD := build
INIT_CC := musl-gcc
INIT_STRIP := strip
# musl-gcc does not find the kernel's headers: a folder with only those is searched last.
INIT_HEADERS := build/kheaders/linux
INIT_INCLUDE := -idirafter build/kheaders
else
INIT_BUILD := build
INIT_CC := $(CC)
INIT_STRIP := strip
INIT_HEADERS :=
INIT_INCLUDE :=
endif
INIT_ROOMS := $(addprefix $(INIT_BUILD)/initobj/,$(addsuffix .room.o,wrapper sandbox machine))

# With musl's headers on x86-64 a C library of its own (init/libc/): 1.5 KB for 15.
INIT_LIBC :=
ifeq ($(INIT_CC),musl-gcc)
ifeq ($(shell $(INIT_CC) -dumpmachine | cut -d- -f1),x86_64)
INIT_LIBC := $(patsubst %,$(INIT_BUILD)/initobj/%.o,$(wildcard init/libc/*.c init/libc/*.S))
endif
endif

# -Oz needs gcc 12; a table of jumps is larger than the comparisons it replaces, which -Oz
# doesn't see. -fstack-protector guards every function with an array of bytes, which
# is where untrusted text goes; -strong also guards every function that takes the address of
# a variable, for 5 KB.
INIT_SMALL := $(shell echo | $(INIT_CC) -Oz -E -x c - >/dev/null 2>&1 && echo -Oz || echo -Os)
# These passes make small code larger; together they cost 1,200 bytes.
INIT_SMALL += -fno-tree-switch-conversion -fno-ipa-sra -fno-move-loop-invariants -fno-tree-loop-im \
	-fno-tree-sink -fno-inline-functions-called-once -fno-optimize-sibling-calls -fmerge-all-constants
INIT_CFLAGS := $(STANDARD) $(WARNINGS) $(INIT_SMALL) -fno-jump-tables -g -flto=auto \
	-fstack-protector -fno-pie -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables $(INIT_INCLUDE)
INIT_LDFLAGS := -static -no-pie -Wl,-z,noseparate-code -Wl,-z,noexecstack -Wl,-z,norelro \
	-Wl,--gc-sections -Wl,--build-id=none
ifneq ($(INIT_LIBC),)
INIT_CFLAGS += -mstack-protector-guard=global -include init/libc/errno.h
# There is no floating point, so nothing has to be aligned for it.
INIT_CFLAGS += -mgeneral-regs-only -mpreferred-stack-boundary=3 -malign-data=abi
INIT_LDFLAGS += -nostdlib -Wl,-T,mk/init.ld
endif

MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)

build/kheaders/linux:
	$(Q)mkdir -p build/kheaders
	$(Q)ln -sfn /usr/include/linux build/kheaders/linux
	$(Q)ln -sfn /usr/include/asm-generic build/kheaders/asm-generic
	$(Q)if [ -d /usr/include/$(MULTIARCH)/asm ]; then dir=/usr/include/$(MULTIARCH)/asm; \
		else dir=/usr/include/asm; fi; ln -sfn $$dir build/kheaders/asm

$(INIT_BUILD)/initobj/%.o: %.c | $(INIT_HEADERS)
	$(say) INITCC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(INIT_CC) $(INIT_CFLAGS) $(DEPENDENCIES) -c -o $@ $<

# Freestanding, so that the compiler doesn't turn the loop of a string function into a call
# of that function.
$(INIT_BUILD)/initobj/init/libc/%.o: init/libc/% | $(INIT_HEADERS)
	$(say) INITCC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(INIT_CC) $(INIT_CFLAGS) -ffreestanding -fno-lto -fno-stack-protector $(DEPENDENCIES) \
		-c -o $@ $<

# The commit that `tini --version` prints: NIDUS_GIT=…, or that of this checkout, or the
# one that `make dist` wrote into mk/commit. init-version changes only when it does, and
# only one object depends on it.
ifeq ($(NIDUS_GIT),)
NIDUS_GIT := $(shell if test -e .git; then git rev-parse --short=7 HEAD 2>/dev/null; \
	else grep -o '^[0-9a-f]\{7\}' mk/commit 2>/dev/null; fi)
endif
ifeq ($(NIDUS_GIT),)
NIDUS_GIT := 0000000
endif

.PHONY: init-version
$(INIT_BUILD)/init-version: init-version
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(VERSION) $(NIDUS_GIT)' | cmp -s - $@ || echo '$(VERSION) $(NIDUS_GIT)' > $@

$(INIT_BUILD)/initobj/init/wrapper/version.o: $(INIT_BUILD)/init-version
$(INIT_BUILD)/initobj/init/wrapper/version.o: INIT_CFLAGS += \
	-DNIDUS_INIT_VERSION='"$(VERSION)"' -DNIDUS_INIT_GIT='"$(NIDUS_GIT)"'

$(INIT_BUILD)/initobj/wrapper.room.o: $(INIT_WRAPPER:%.c=$(INIT_BUILD)/initobj/%.o)
$(INIT_BUILD)/initobj/sandbox.room.o: $(INIT_SANDBOX:%.c=$(INIT_BUILD)/initobj/%.o)
$(INIT_BUILD)/initobj/machine.room.o: $(INIT_MACHINE:%.c=$(INIT_BUILD)/initobj/%.o)

$(INIT_ROOMS):
	$(say) INITLTO $@
	$(Q)$(INIT_CC) $(INIT_CFLAGS) -nostdlib -r -flinker-output=nolto-rel -o $@ $^

$(INIT_BUILD)/nidus-init: $(INIT_ROOMS) $(INIT_LIBC) mk/init.ld
	$(say) INITLD $@
	$(Q)$(INIT_CC) $(INIT_CFLAGS) $(INIT_LDFLAGS) -o $@.debug $(INIT_ROOMS) $(INIT_LIBC)
	$(Q)if readelf -lW $@.debug | grep -qE 'INTERP|DYNAMIC'; then \
		echo "$@ is not static" >&2; rm -f $@.debug; exit 1; fi
	$(Q)$(INIT_STRIP) -s -R .comment -R .note.gnu.property -o $@ $@.debug
	@printf '  %-8s %s: %s bytes stripped, static, %s\n' SIZE $@ "$$(stat -c %s $@)" $(INIT_CC)
