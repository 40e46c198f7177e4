# SPDX-License-Identifier: Apache-2.0
# Compilers, flags, and how quiet the build is.

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config

STANDARD := -std=gnu17 -D_GNU_SOURCE
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
HARDENING := -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
DEPENDENCIES = -MMD -MP

CFLAGS ?= -O2 -g
BASE_CFLAGS := $(STANDARD) $(WARNINGS) $(CFLAGS) $(HARDENING)

# No _FORTIFY_SOURCE: it hides from ASan the functions that ASan intercepts.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
ASAN_CFLAGS := $(STANDARD) $(WARNINGS) -O1 -g $(SANITIZE)

# For the second make of a target that installs first: all processors, unless -j is given.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

VERSION := $(shell sed -n 's/^.define NIDUS_VERSION "\(.*\)"/\1/p' spawn/nidus.h)
