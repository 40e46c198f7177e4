# SPDX-License-Identifier: Apache-2.0
# Tests, checkers, fuzzers, benchmarks.

UNIT_SOURCES := $(sort $(wildcard tests/unit/test_*.c))
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=build/unit/%)
UNIT_ASAN_TESTS := $(UNIT_SOURCES:tests/unit/%.c=build/asan/unit/%)

# Programs that the e2e tests run inside: static, so that they run in any root.
PROBES := $(patsubst tests/e2e/probes/%.c,build/probes/%,$(sort $(wildcard tests/e2e/probes/*.c)))
# Programs that use the library as its callers do.
CALLERS := $(patsubst tests/e2e/callers/%.c,build/callers/%,$(sort $(wildcard tests/e2e/callers/*.c)))

# The objects of nidus-init's C library, an own_ in front of every name.
OWN_LIBC := $(INIT_LIBC:build/initobj/%=build/ownlibc/%)
build/ownlibc/%.o: build/initobj/%.o
	$(Q)mkdir -p $(@D)
	$(Q)objcopy --prefix-symbols=own_ $< $@

ifneq ($(OWN_LIBC),)
build/unit/test_init_libc build/asan/unit/test_init_libc: $(OWN_LIBC)
build/unit/test_init_libc build/asan/unit/test_init_libc: TEST_OBJECTS := -DOWN_LIBC -no-pie $(OWN_LIBC)
endif

build/unit/%: tests/unit/%.c build/libnidus.a
	$(say) TESTCC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASE_CFLAGS) $(DEPENDENCIES) -MF $@.d -MT $@ -o $@ $< $(TEST_OBJECTS) build/libnidus.a \
		-lcmocka $(LIBS)

build/asan/unit/%: tests/unit/%.c build/asan/libnidus.a
	$(say) TESTASAN $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ASAN_CFLAGS) $(DEPENDENCIES) -MF $@.d -MT $@ -o $@ $< $(TEST_OBJECTS) build/asan/libnidus.a \
		-lcmocka $(LIBS)

build/probes/%: tests/e2e/probes/%.c
	$(say) PROBE $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) -O1 -static -pthread $(DEPENDENCIES) -MF $@.d -MT $@ -o $@ $<

# Tries to get out of any sandbox, ours and others' (tests/posture/posture.h).
POSTURE := build/probes/posture
$(POSTURE): $(wildcard tests/posture/*.c) tests/posture/posture.h spawn/confine/seccomp_table.h
	$(say) PROBE $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) -O1 -static -o $@ $(filter %.c,$^) -lseccomp
PROBES += $(POSTURE)

# What a run of tests is made of.
build/harness/%: tests/harness/%.c
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) -O1 -static $(DEPENDENCIES) -MF $@.d -MT $@ -o $@ $<

# Every fault at every system call; what runs inside meanwhile.
ifeq ($(shell uname -m),x86_64)
build/fault/walk: $(wildcard tests/fault/*.c tests/fault/*.h)
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) -O2 -static -o $@ $(filter %.c,$^)
else
build/fault/walk: mk/tests.mk
	$(Q)mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\n[ "$$1" = --list ] && echo default || %s\n' \
		'echo "1..0 # SKIP it knows the registers of x86-64 only"' >$@
	$(Q)chmod 0755 $@
endif

build/fault/confined: tests/fault/inside/confined.c
	$(say) PROBE $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) -O1 -static $(DEPENDENCIES) -MF $@.d -MT $@ -o $@ $<

FAULT := build/fault/walk build/fault/confined

build/callers/%: tests/e2e/callers/%.c build/libnidus.a
	$(say) CALLER $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASE_CFLAGS) $(DEPENDENCIES) -MF $@.d -MT $@ $(NIDUS_LDFLAGS) -o $@ $< \
		build/libnidus.a $(NIDUS_LIBS)

# What `make check` runs; goes through a second make, because what the set-up
# installs (musl-gcc, archives) decides how things are built.
.PHONY: check-build
check-build: check-fast-build asan $(UNIT_ASAN_TESTS)

.PHONY: check-fast-build
check-fast-build: all $(UNIT_TESTS) $(PROBES) $(CALLERS) $(FAULT) build/harness/lane

check:
	$(Q)tools/setup.sh check
	$(Q)tools/include-directions.sh
	$(Q)$(MAKE) --no-print-directory $(JOBS) check-build
	$(Q)tools/structure.sh
	$(Q)tests/run

# For the inner loop: nothing is installed, nothing sanitized, root and the units only.
check-fast:
	$(Q)tools/include-directions.sh
	$(Q)$(MAKE) --no-print-directory $(JOBS) check-fast-build
	$(Q)tools/structure.sh
	$(Q)tests/run --fast

# Every system call of the launch killed, or failed, in turn.
.PHONY: fault
fault:
	$(Q)tools/setup.sh check
	$(Q)$(MAKE) --no-print-directory $(JOBS) check-fast-build
	$(Q)tests/run --fault

# The same tries in bubblewrap, crun, runc and firejail, where they are installed.
.PHONY: posture-peers
posture-peers: build/nidus $(POSTURE)
	$(Q)tests/posture/peers $(POSTURE)

# nidus-init for other processors; tests/conformance/cross.bats runs what is here.
# What has no compiler is left out.
CROSS_TARGETS := aarch64-linux-gnu riscv64-linux-gnu arm-linux-gnueabihf i686-linux-gnu

.PHONY: cross
cross:
	$(Q)tools/setup.sh cross || :
	$(Q)for target in $(CROSS_TARGETS); do \
		if ! command -v $$target-gcc >/dev/null; then echo "no $$target-gcc"; continue; fi; \
		$(MAKE) --no-print-directory $(JOBS) CROSS=$$target || exit 1; done

demo:
	$(Q)tools/setup.sh demo
	$(Q)$(MAKE) --no-print-directory $(JOBS) build/nidus
	$(Q)tools/demo.sh

lint:
	$(Q)tools/setup.sh lint
	$(Q)$(MAKE) --no-print-directory $(JOBS) build/seccomp_default.c build/nidus
	$(Q)tools/lint.sh '$(STANDARD)'

# Fuzzers include the real source; findings stay in build/fuzz/<name>-*.
FUZZ_SECONDS ?= 30
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_LIB_OBJECTS := $(patsubst %.c,build/fuzz/obj/%.o,$(LIB_SOURCES) \
	$(filter-out spawn/cli/whole.c,$(CLI_SOURCES))) build/obj/init_image.o
FUZZ_CFLAGS := $(STANDARD) -Wall -Wextra -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all

build/fuzz/obj/%.o: %.c
	$(say) FUZZCC $<
	$(Q)mkdir -p $(@D)
	$(Q)clang $(FUZZ_CFLAGS) $(DEPENDENCIES) -c -o $@ $<

build/fuzz/libnidus.a: $(FUZZ_LIB_OBJECTS)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(FUZZ_LIB_OBJECTS)

build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c build/fuzz/libnidus.a
	$(say) FUZZLD $@
	$(Q)clang $(FUZZ_CFLAGS) -fsanitize=fuzzer $(DEPENDENCIES) -MF $@.d -MT $@ -o $@ $< \
		build/fuzz/libnidus.a $(LIBS)

.PHONY: fuzz-build
fuzz-build: $(FUZZERS)

fuzz:
	$(Q)tools/setup.sh lint
	$(Q)$(MAKE) --no-print-directory $(JOBS) fuzz-build
	$(Q)tests/fuzz/run $(FUZZ_SECONDS) $(FUZZERS)

build/bench/%: tests/bench/%.c
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) -O2 -static $(DEPENDENCIES) -MF $@.d -MT $@ -o $@ $<

build/bench/parts: tests/bench/parts.c build/seccomp_default.c
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) -O2 -static -o $@ $^

build/bench/net: tests/bench/net.c tests/bench/net_host.c build/libnidus.a
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASE_CFLAGS) $(NIDUS_LDFLAGS) -o $@ tests/bench/net.c tests/bench/net_host.c \
		build/libnidus.a $(NIDUS_LIBS)

BENCH_DRIVER := $(sort $(wildcard tests/bench/driver/*.c))
build/bench/driver: $(BENCH_DRIVER) tests/bench/driver/bench.h
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(STANDARD) $(WARNINGS) -O2 -o $@ $(BENCH_DRIVER)

# One at a time. QUICK=1: 20 rounds, without the inits and the network alone. The driver's last
# call writes build/bench/results.json.
BENCH_ROUNDS := $(if $(QUICK),20,200)
bench: build/nidus $(addprefix build/bench/,driver bare inside parts init net)
	$(Q)build/bench/driver $(if $(QUICK),--quick) build/nidus build/bench
	$(Q)build/bench/parts $(BENCH_ROUNDS) build/bench/rows.jsonl
	$(Q)tests/bench/launch-svg build/nidus $(BENCH_ROUNDS) build/bench/rows.jsonl \
		> build/bench/launch.svg
	$(Q)build/bench/net stage build/bench/driver --append --only nat $(if $(QUICK),--quick) \
		build/nidus build/bench
	$(Q)$(if $(QUICK),:,build/bench/init build/nidus-init $(TINI))
	$(Q)$(if $(QUICK),:,build/bench/net tests/bench)

# Measures, and puts picture and figures into docs/: to be called on an idle machine.
.PHONY: bench-docs
bench-docs: bench
	$(Q)cp build/bench/launch.svg docs/launch.svg
	$(Q)tests/bench/document build/bench/results.json docs/PERFORMANCE.md
