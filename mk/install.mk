# SPDX-License-Identifier: Apache-2.0

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/nidus
BASH_COMPLETION_DIR ?= $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETION_DIR ?= $(PREFIX)/share/zsh/site-functions
FISH_COMPLETION_DIR ?= $(PREFIX)/share/fish/vendor_completions.d

# The public headers keep their folders, so that their includes of each other
# work; pkg-config names include/nidus/spawn, and a program says <nidus.h>.
PUBLIC_HEADERS := spawn/nidus.h spawn/spec/spec.h spawn/spec/option.h \
	spawn/spec/arena.h init/fault.h init/contract.h \
	net/net.h net/ip.h

# The texts keep their folders, so that their links to each other work.
DOCS := LICENSE README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md \
	$(sort $(wildcard docs/*.md docs/*.svg docs/decisions/*.md)) examples/library.c
MAN_PAGES := $(sort $(wildcard docs/man/*.[1-8]))
man_place = $(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))/$(notdir $(1))

# What nidus run --profile NAME finds last; places of the user and of the administrator come first.
PROFILES := $(sort $(wildcard profiles/*))
PROFILE_DIR = $(PREFIX)/share/nidus/profiles

# Links to nidus-init under the names of the inits that it replaces, where no distribution
# puts its own. init/wrapper/options.c has the list of names.
DROP_IN_NAMES := tini tini-static docker-init dumb-init catatonit

# What install creates and uninstall removes: every file and link, and the folders that
# only nidus uses, inner ones first.
INSTALLED = $(PREFIX)/bin/nidus-init $(addprefix $(PREFIX)/libexec/nidus/,$(DROP_IN_NAMES))
INSTALLED_DIRS = $(PREFIX)/libexec/nidus
ifeq ($(CROSS),)
INSTALLED += $(PREFIX)/bin/nidus $(PREFIX)/libexec/nidus/nidus-whole $(LIBDIR)/pkgconfig/nidus.pc $(LIBDIR)/libnidus.a \
	$(LIBDIR)/libnidus.so $(LIBDIR)/libnidus.so.0 $(LIBDIR)/libnidus.so.$(VERSION) \
	$(addprefix $(INCLUDEDIR)/nidus/,$(PUBLIC_HEADERS)) $(addprefix $(DOCDIR)/,$(DOCS)) \
	$(foreach page,$(MAN_PAGES),$(call man_place,$(page))) $(BASH_COMPLETION_DIR)/nidus \
	$(ZSH_COMPLETION_DIR)/_nidus $(FISH_COMPLETION_DIR)/nidus.fish \
	$(addprefix $(PROFILE_DIR)/,$(notdir $(PROFILES)))
INSTALLED_DIRS += $(addprefix $(INCLUDEDIR)/nidus/,spawn/spec spawn init net) $(INCLUDEDIR)/nidus \
	$(addprefix $(DOCDIR)/,docs/decisions docs examples) $(DOCDIR) \
	$(PROFILE_DIR) $(PREFIX)/share/nidus
endif

.PHONY: install-init
install-init: all
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/nidus
	$(Q)install -m 0755 $(INIT_BUILD)/nidus-init $(DESTDIR)$(PREFIX)/bin
	$(Q)for name in $(DROP_IN_NAMES); do \
		ln -sfn ../../bin/nidus-init $(DESTDIR)$(PREFIX)/libexec/nidus/$$name || exit 1; done

ifneq ($(CROSS),)
install: install-init
	$(say) INSTALL $(DESTDIR)$(PREFIX)
else
install: all install-init
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig
	$(Q)install -m 0755 build/nidus $(DESTDIR)$(PREFIX)/bin
	$(Q)if [ -e build/launcher/whole ]; then \
		install -m 0755 build/launcher/whole $(DESTDIR)$(PREFIX)/libexec/nidus/nidus-whole; fi
	$(Q)install -m 0644 build/libnidus.a $(DESTDIR)$(LIBDIR)
	$(Q)install -m 0755 build/libnidus.so $(DESTDIR)$(LIBDIR)/libnidus.so.$(VERSION)
	$(Q)ln -sfn libnidus.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libnidus.so.0
	$(Q)ln -sfn libnidus.so.0 $(DESTDIR)$(LIBDIR)/libnidus.so
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' mk/nidus.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/nidus.pc
	$(Q)for header in $(PUBLIC_HEADERS); do install -D -m 0644 $$header \
		$(DESTDIR)$(INCLUDEDIR)/nidus/$$header || exit 1; done
	$(Q)for text in $(DOCS); do install -D -m 0644 $$text \
		$(DESTDIR)$(DOCDIR)/$$text || exit 1; done
	$(Q)for page in $(MAN_PAGES); do install -D -m 0644 $$page \
		$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/} || exit 1; done
	$(Q)for profile in $(PROFILES); do install -D -m 0644 $$profile \
		$(DESTDIR)$(PROFILE_DIR)/$${profile##*/} || exit 1; done
	$(Q)install -D -m 0644 build/completions/nidus.bash $(DESTDIR)$(BASH_COMPLETION_DIR)/nidus
	$(Q)install -D -m 0644 build/completions/_nidus $(DESTDIR)$(ZSH_COMPLETION_DIR)/_nidus
	$(Q)install -D -m 0644 build/completions/nidus.fish $(DESTDIR)$(FISH_COMPLETION_DIR)/nidus.fish
	$(say) INSTALL $(DESTDIR)$(PREFIX)
	@echo 'Programs find libnidus.so after: ldconfig (as root; or LD_LIBRARY_PATH=$(LIBDIR))'
	@echo 'pkg-config finds it with: PKG_CONFIG_PATH=$(LIBDIR)/pkgconfig'
	@echo 'What works on this machine: $(PREFIX)/bin/nidus check'
endif

# A folder into which somebody else has put something stays.
uninstall:
	$(Q)rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	$(Q)rmdir $(addprefix $(DESTDIR),$(INSTALLED_DIRS)) 2>/dev/null || :
	$(say) REMOVED $(DESTDIR)$(PREFIX)
