# SPDX-License-Identifier: Apache-2.0
#
# make            build/nidus, build/nidus-init, build/libnidus.{a,so}
# make CROSS=aarch64-linux-gnu   build/aarch64-linux-gnu/nidus-init, static
# make demo       install what is missing, build, show two sandboxes at work
# make check      install what is missing, build, run every test (build/t/*.t)
# make check-fast  the units, and some e2e files as root: for the inner loop
# make coverage    what those execute: figures for each folder, against tests/coverage
# make lint       clang-tidy, cppcheck, shellcheck, directions, circles
# make fault      every system call of a launch killed, and failed, in turn: as root
# make fuzz       the fuzzers, FUZZ_SECONDS each
# make posture-peers  what a hostile command gets out of nidus and of others
# make bench      beside every peer that is installed, in one run; the kernel's share; inits;
#                 networks. QUICK=1: in a minute
# make bench-docs bench, then its figures and picture into docs/
# make cross      nidus-init for aarch64, riscv64, arm and i686; make check then runs them
# make vm         tests that boot a kernel
# make appliance  build/appliance: the machine of docs/APPLIANCE.md
# make asan       build/asan/nidus, with AddressSanitizer and UBSan
# make install    DESTDIR= PREFIX=/usr/local
# make uninstall  removes what install put there
# make dist       build/nidus-VERSION.tar.gz, the same bytes for the same commit
# make clean
# make help       these lines
#
# V=1 shows every command. Folders are found by wildcard: a new .c file needs no
# line here, only a clean choice of folder (docs/HACKING.md).

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

include mk/flags.mk
include mk/init.mk
include mk/spawn.mk
include mk/tests.mk
include mk/coverage.mk
include mk/vm.mk
include mk/install.mk
include mk/dist.mk

.PHONY: all asan check check-fast clean demo fuzz help lint bench vm install uninstall

ifeq ($(CROSS),)
all: build/nidus-init build/nidus build/libnidus.a build/libnidus.so $(COMPLETIONS)
else
all: build/$(CROSS)/nidus-init
endif

asan: build/asan/nidus

# The lines above.
help:
	@sed -n '/^# make /,/^#$$/s/^# \{0,1\}//p' Makefile

clean:
	$(Q)rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
