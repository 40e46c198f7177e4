# SPDX-License-Identifier: Apache-2.0
# nidus-init: one small static binary, linked with nothing of ours and no library.
#
# From exec to main it takes 100 us with musl, 320 with static glibc and 570 as
# a dynamic program: so musl wherever musl-gcc exists. `musl-gcc -static-pie`
# makes a dynamic PIE without a word: -static, and readelf has the last one.
# Without -z noseparate-code the file is twice as large; -flto saves a tenth.

INIT_SOURCES := $(sort $(wildcard init/*.c) $(wildcard init/*/*.c))
INIT_OBJECTS := $(INIT_SOURCES:%.c=build/initobj/%.o)

MUSL_GCC := $(shell command -v musl-gcc 2>/dev/null)
ifneq ($(MUSL_GCC),)
INIT_CC := musl-gcc
# musl-gcc does not see the kernel's headers: a folder with just those, last in line.
INIT_HEADERS := build/kheaders/linux
INIT_INCLUDE := -idirafter build/kheaders
else
INIT_CC := $(CC)
INIT_HEADERS :=
INIT_INCLUDE :=
endif

INIT_CFLAGS := $(STANDARD) $(WARNINGS) -Os -g -flto $(HARDENING) -fno-pie -ffunction-sections \
	-fdata-sections -fno-asynchronous-unwind-tables $(INIT_INCLUDE)
INIT_LDFLAGS := -static -no-pie -Wl,-z,noseparate-code -Wl,-z,noexecstack -Wl,-z,relro \
	-Wl,--gc-sections -Wl,--build-id=none

MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)

build/kheaders/linux:
	$(Q)mkdir -p build/kheaders
	$(Q)ln -sfn /usr/include/linux build/kheaders/linux
	$(Q)ln -sfn /usr/include/asm-generic build/kheaders/asm-generic
	$(Q)if [ -d /usr/include/$(MULTIARCH)/asm ]; then dir=/usr/include/$(MULTIARCH)/asm; \
		else dir=/usr/include/asm; fi; ln -sfn $$dir build/kheaders/asm

build/initobj/%.o: %.c | $(INIT_HEADERS)
	$(say) INITCC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(INIT_CC) $(INIT_CFLAGS) $(DEPENDENCIES) -c -o $@ $<

build/nidus-init: $(INIT_OBJECTS)
	$(say) INITLD $@
	$(Q)$(INIT_CC) $(INIT_CFLAGS) $(INIT_LDFLAGS) -o $@.debug $(INIT_OBJECTS)
	$(Q)if readelf -lW $@.debug | grep -qE 'INTERP|DYNAMIC'; then \
		echo "$@ is not static" >&2; rm -f $@.debug; exit 1; fi
	$(Q)strip -s -R .comment -R .note.gnu.property -o $@ $@.debug
	@printf '  %-8s %s: %s bytes stripped, static, %s\n' SIZE $@ "$$(stat -c %s $@)" $(INIT_CC)
