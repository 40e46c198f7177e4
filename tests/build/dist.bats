#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# make dist: the same bytes for the same commit, and a tree that builds without git.

load ../e2e/helpers
# shellcheck disable=SC2034 # of e2e's setup
HELPERS=$BATS_TEST_DIRNAME/../e2e/helpers
SOURCE=$TEST_STAGE/source
WHEN=1700000000 # of the commit, in seconds since 1970

need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

# What is under test is the checkout as it is now, committed or not: as the one commit
# of a repository of its own at $1.
commit_source() {
	need git
	mkdir "$1"
	tar -C "$SOURCE" --exclude=./.git --exclude=./build -cf - . | tar -C "$1" -xf -
	git -C "$1" init -q -b main
	git -C "$1" add -A
	GIT_COMMITTER_DATE="@$WHEN +0000" GIT_AUTHOR_DATE="@$WHEN +0000" \
		git -C "$1" -c user.name=test -c user.email=test@example.org commit -q -m "as it is"
}

# dist DIRECTORY: $tarball is what make dist left there.
dist() {
	expect 0 make --no-print-directory -C "$1" dist
	tarball=$(echo "$1"/build/nidus-*.tar.gz)
	[ -s "$tarball" ] || fail "no tarball in $1/build: $output"
}

version() {
	sed -n 's/^#define NIDUS_VERSION "\(.*\)"/\1/p' "$SOURCE/spawn/nidus.h"
}

@test "two clones of one commit give the same bytes, whatever their path, umask and time zone" {
	commit_source "$scratch/first"
	dist "$scratch/first"
	local first=$tarball
	equal "${first##*/}" "nidus-$(version).tar.gz" name
	mkdir "$scratch/at another path"
	(
		umask 077
		git clone -q "$scratch/first" "$scratch/at another path/second"
		find "$scratch/at another path/second" -name '*.c' -exec touch -d 2020-02-02 {} +
		TZ=Asia/Tokyo LC_ALL=C.UTF-8 make --no-print-directory -C "$scratch/at another path/second" dist
	)
	cmp "$first" "$scratch/at another path/second/build/${first##*/}"
}

@test "owner, modes and times in the tarball are fixed, names sorted" {
	commit_source "$scratch/source"
	chmod -R go-rwx "$scratch/source"
	dist "$scratch/source"
	local names
	equal "$(TZ=UTC tar --numeric-owner --full-time -tvf "$tarball" |
		awk '{ print substr($1, 1, 1) (substr($1, 4, 1) ~ /x/), $1, $2, $4, $5 }' | sort -u)" \
		"-0 -rw-r--r-- 0/0 2023-11-14 22:13:20
-1 -rwxr-xr-x 0/0 2023-11-14 22:13:20
d1 drwxr-xr-x 0/0 2023-11-14 22:13:20" "kinds of entries"
	names=$(tar -tf "$tarball")
	equal "$(grep -vc "^nidus-$(version)/" <<<"$names")" 0 "names outside of its one directory"
	# by name within each folder, so that a / sorts before every other byte
	tr / '\001' <<<"$names" | LC_ALL=C sort -c
	contains "$names" "nidus-$(version)/CHANGELOG.md"
	equal "$(grep -E '^[^/]*/(build|\.git)/' <<<"$names")" "" "build products, or the repository"
}

@test "SOURCE_DATE_EPOCH is the time of every entry" {
	commit_source "$scratch/source"
	SOURCE_DATE_EPOCH=1000000000 dist "$scratch/source"
	equal "$(TZ=UTC tar --full-time -tvf "$tarball" | awk '{ print $4, $5 }' | sort -u)" "2001-09-09 01:46:40" times
}

@test "what is not committed is refused by name, and so is a tree that is no checkout" {
	commit_source "$scratch/source"
	echo >>"$scratch/source/README.md"
	echo >"$scratch/source/init/new.c"
	expect 2 make --no-print-directory -C "$scratch/source" dist
	contains "$stderr" README.md
	contains "$stderr" init/new.c
	rm -rf "$scratch/source/.git"
	expect 2 make --no-print-directory -C "$scratch/source" dist
	contains "$stderr" "not a git checkout"
	[ ! -e "$scratch/source/build" ] || [ -z "$(find "$scratch/source/build" -name '*.tar.gz')" ]
}

@test "the unpacked tarball builds without git, and knows its version and commit" {
	local commit
	commit_source "$scratch/source"
	commit=$(git -C "$scratch/source" rev-parse HEAD)
	dist "$scratch/source"
	tar -C "$scratch" -xf "$tarball"
	mkdir "$scratch/bin"
	printf '#!/bin/sh\necho "git $*" >>%s/git-ran\nexit 1\n' "$scratch" >"$scratch/bin/git"
	chmod +x "$scratch/bin/git"
	LIMIT_S=900 PATH=$scratch/bin:$PATH expect 0 make --no-print-directory -j "$(nproc)" \
		-C "$scratch/nidus-$(version)" CFLAGS=-O1
	[ ! -e "$scratch/git-ran" ] || fail "ran: $(cat "$scratch/git-ran")"
	cd "$scratch/nidus-$(version)/build"
	expect 0 ./nidus version
	contains "$output" "$(version)"
	ln -s nidus-init tini
	expect 0 ./tini --version
	contains "$output" "$(version) - git.${commit:0:7}"
}
