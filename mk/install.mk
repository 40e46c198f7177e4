# SPDX-License-Identifier: Apache-2.0

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man

# The public headers keep their folders, so that their includes of each other
# work; pkg-config names include/nidus/spawn, and a program says <nidus.h>.
PUBLIC_SPAWN := spawn/nidus.h spawn/spec.h spawn/arena.h
PUBLIC_INIT := init/fault.h init/contract.h
PUBLIC_NET := net/net.h net/ip.h

# nidus-init under the names of those it replaces: where no distribution's own are.
DROP_IN_NAMES := tini docker-init dumb-init catatonit

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
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(DESTDIR)$(INCLUDEDIR)/nidus/spawn $(DESTDIR)$(INCLUDEDIR)/nidus/init \
		$(DESTDIR)$(INCLUDEDIR)/nidus/net $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5 \
		$(DESTDIR)$(MANDIR)/man7 $(DESTDIR)$(MANDIR)/man8
	$(Q)install -m 0755 build/nidus $(DESTDIR)$(PREFIX)/bin
	$(Q)install -m 0644 build/libnidus.a $(DESTDIR)$(LIBDIR)
	$(Q)install -m 0755 build/libnidus.so $(DESTDIR)$(LIBDIR)/libnidus.so.$(VERSION)
	$(Q)ln -sfn libnidus.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libnidus.so.0
	$(Q)ln -sfn libnidus.so.0 $(DESTDIR)$(LIBDIR)/libnidus.so
	$(Q)install -m 0644 $(PUBLIC_SPAWN) $(DESTDIR)$(INCLUDEDIR)/nidus/spawn
	$(Q)install -m 0644 $(PUBLIC_INIT) $(DESTDIR)$(INCLUDEDIR)/nidus/init
	$(Q)install -m 0644 $(PUBLIC_NET) $(DESTDIR)$(INCLUDEDIR)/nidus/net
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' mk/nidus.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/nidus.pc
	$(Q)for page in $(wildcard docs/man/*.1); do \
		install -m 0644 $$page $(DESTDIR)$(MANDIR)/man1 || exit 1; done
	$(Q)for page in $(wildcard docs/man/*.5); do \
		install -m 0644 $$page $(DESTDIR)$(MANDIR)/man5 || exit 1; done
	$(Q)for page in $(wildcard docs/man/*.7); do \
		install -m 0644 $$page $(DESTDIR)$(MANDIR)/man7 || exit 1; done
	$(Q)for page in $(wildcard docs/man/*.8); do \
		install -m 0644 $$page $(DESTDIR)$(MANDIR)/man8 || exit 1; done
	$(say) INSTALL $(DESTDIR)$(PREFIX)
endif
