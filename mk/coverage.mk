# SPDX-License-Identifier: Apache-2.0
# What the tests execute: a build that counts (tests/harness/coverage.c), the tests run with
# it, and figures for each folder, none of which may be below its floor (tests/coverage).
#
# nidus-init is here a program of glibc: init/libc, which only the musl build has, is not in it.

COVERAGE := build/coverage
# gcc would have gcov write at each fork and exec: the counts are shared already.
COVERAGE_CFLAGS := $(STANDARD) $(WARNINGS) -O0 -g --coverage -fprofile-update=atomic \
	-ffunction-sections -fdata-sections $(addprefix -fno-builtin-,fork execl execle execlp \
	execv execve execvp)
COVERAGE_LDFLAGS := --coverage -Wl,--wrap=__gcov_exit -Wl,-T,mk/coverage.ld
COVERAGE_LIB_OBJECTS := $(LIB_SOURCES:%.c=$(COVERAGE)/obj/%.o) $(COVERAGE)/obj/init_image.o
COVERAGE_CLI_OBJECTS := $(CLI_SOURCES:%.c=$(COVERAGE)/obj/%.o)
COVERAGE_INIT_OBJECTS := $(patsubst %.c,$(COVERAGE)/initobj/%.o,$(INIT_WRAPPER) $(INIT_SANDBOX) $(INIT_MACHINE))
COVERAGE_UNITS := $(UNIT_SOURCES:tests/unit/%.c=$(COVERAGE)/unit/%)

$(COVERAGE)/obj/%.o: %.c
	$(say) COVERAGE $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(COVERAGE_CFLAGS) -fPIE $(DEPENDENCIES) -c -o $@ $<

$(COVERAGE)/initobj/%.o: %.c
	$(say) COVERAGE $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(COVERAGE_CFLAGS) -fno-pie $(DEPENDENCIES) -c -o $@ $<

$(COVERAGE)/initobj/init/wrapper/version.o: $(INIT_BUILD)/init-version
$(COVERAGE)/initobj/init/wrapper/version.o: COVERAGE_CFLAGS += \
	-DNIDUS_INIT_VERSION='"$(VERSION)"' -DNIDUS_INIT_GIT='"$(NIDUS_GIT)"'

# The counts of each program are in a file of their own.
$(COVERAGE)/counts-%.o: tests/harness/coverage.c
	$(Q)mkdir -p $(@D) $(COVERAGE)/counters
	$(Q)chmod 1777 $(COVERAGE)/counters
	$(Q)$(CC) $(STANDARD) $(WARNINGS) -O1 -fPIE -DCOUNTERS='"$(abspath $(COVERAGE)/counters/$*)"' \
		-c -o $@ $<

.PRECIOUS: $(COVERAGE)/counts-%.o

$(COVERAGE)/nidus-init: $(COVERAGE_INIT_OBJECTS) $(COVERAGE)/counts-nidus-init.o mk/coverage.ld
	$(say) LD $@
	$(Q)$(CC) -static -no-pie $(COVERAGE_LDFLAGS) -o $@ $(filter %.o,$^)

$(COVERAGE)/obj/init_image.o: mk/image.S $(COVERAGE)/nidus-init
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -c -DNAME=nidus_init -DFILE='"$(COVERAGE)/nidus-init"' -o $@ mk/image.S

$(COVERAGE)/libnidus.a: $(COVERAGE_LIB_OBJECTS)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(COVERAGE)/nidus: $(COVERAGE_CLI_OBJECTS) $(COVERAGE)/counts-nidus.o $(COVERAGE)/libnidus.a mk/coverage.ld
	$(say) LD $@
	$(Q)$(CC) $(COVERAGE_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS)

$(COVERAGE)/unit/%: tests/unit/%.c $(COVERAGE)/counts-%.o $(COVERAGE)/libnidus.a mk/coverage.ld
	$(say) COVERAGE $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(COVERAGE_CFLAGS) $(DEPENDENCIES) -MF $@.d -MT $@ $(COVERAGE_LDFLAGS) -o $@ \
		$< $(filter %.o %.a,$^) -lcmocka $(LIBS)

.PHONY: coverage-build coverage
coverage-build: $(COVERAGE)/nidus $(COVERAGE_UNITS) $(PROBES) $(CALLERS) $(FAULT) build/harness/lane

# COVERAGE_TESTS="e2e-root-gc …": these too.
coverage:
	$(Q)tools/setup.sh coverage
	$(Q)$(MAKE) --no-print-directory $(JOBS) coverage-build
	$(Q)tools/coverage.sh $(COVERAGE_TESTS)
