# SPDX-License-Identifier: Apache-2.0
# make dist: the sources of the last commit as build/nidus-VERSION.tar.gz.
#
# The same commit gives the same bytes, whatever the checkout's path, owner, umask
# and time zone: names are sorted, owner and modes fixed, and every time is that of
# the commit, or SOURCE_DATE_EPOCH. Git writes the commit into mk/commit, from which
# a build of the tarball has it.

DIST_NAME := nidus-$(VERSION)
DIST_FILE := build/$(DIST_NAME).tar.gz
DIST_TREE := build/dist/$(DIST_NAME)

.PHONY: dist
dist:
	$(Q)test -e .git || { echo "make dist: not a git checkout" >&2; exit 1; }
	$(Q)changes=$$(git status --porcelain) && test -z "$$changes" || { \
		echo "make dist: not in the last commit:" >&2; echo "$$changes" >&2; exit 1; }
	$(Q)rm -rf $(DIST_TREE) && mkdir -p $(DIST_TREE)
	$(Q)git archive --format=tar HEAD >build/dist/archive.tar
	$(Q)tar -C $(DIST_TREE) -xf build/dist/archive.tar
	$(Q)time=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} && \
		LC_ALL=C TZ=UTC tar -C build/dist --format=ustar --sort=name --owner=0 --group=0 --numeric-owner \
		--mode=u+rwX,go+rX,go-w --mtime="@$$time" -cf build/dist/$(DIST_NAME).tar $(DIST_NAME)
	$(Q)gzip -9 -n <build/dist/$(DIST_NAME).tar >$(DIST_FILE)
	$(Q)rm -rf build/dist
	@printf '  %-8s %s: %s bytes, SHA-256 %.16s...\n' DIST $(DIST_FILE) \
		"$$(stat -c %s $(DIST_FILE))" "$$(sha256sum <$(DIST_FILE))"
