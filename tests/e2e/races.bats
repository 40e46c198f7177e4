#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# An accomplice outside, who owns parts of a root or directories above a source, exchanges them
# with links and other directories while sandboxes start, at every place where a path is walked.
# Each start succeeds and is contained, or it ends with an error. What lies outside stays as it
# is, and none of it comes inside.

# shellcheck disable=SC2154,SC2317 # scratch: from helpers; functions that are called by name

load helpers
load posture_helpers

ACCOMPLICE=4321

# In the background only: the process itself is to be killed. Who isn't root is the accomplice.
be_swapper() {
	! is_root || exec setpriv --reuid "$ACCOMPLICE" --regid "$ACCOMPLICE" --clear-groups "$TEST_BIN/swapper" "$@"
	exec "$TEST_BIN/swapper" "$@"
}

# swap A B [A B]…: from now on.
swap() {
	rm -f "$scratch/acc/ready"
	swapped=("$1" "$2")
	be_swapper "$scratch/acc/ready" "$@" 3>&- 4>&- &
	swapper=$!
	wait_for 5 test -e "$scratch/acc/ready"
}

# The links end up where they began.
still() {
	kill -KILL "$swapper" 2>/dev/null || true
	wait "$swapper" 2>/dev/null || true
	[ ! -L "${swapped[0]}" ] || {
		mv -T "${swapped[1]}" "${swapped[0]}.kept"
		mv -T "${swapped[0]}" "${swapped[1]}"
		mv -T "${swapped[0]}.kept" "${swapped[0]}"
	}
}

# What must stay as it is, and inside of which nothing may be seen: $outside.
make_outside() {
	outside=$scratch/outside
	mkdir -p "$outside/d/e" "$outside/d/x" "$outside/d/work" "$scratch/acc"
	echo secret >"$outside/d/secret"
	echo secret >"$outside/d/e/secret"
	echo secret >"$outside/d/file"
	: >"$outside/d/empty"
	# nobody can tell by its own permissions whether it was shown
	if is_root; then
		chmod -R go= "$outside/d"/*
		chown "$ACCOMPLICE:$ACCOMPLICE" "$scratch/acc"
	fi
	before=$(look_outside)
}

look_outside() {
	find "$outside" -printf '%P %y %m %U %G %i %s %C@ %l\n' | sort
	grep -F "$scratch" /proc/self/mountinfo || true
}

# A tree to be a root, of which the accomplice owns all but bin: $tree. What it runs is static.
make_tree() {
	tree=$scratch/tree
	mkdir -p "$tree"/{bin,proc,dev,tmp,run,var/tmp} "$tree/p/d/e" "$scratch/acc/d/e"
	cp "$TEST_BIN/posture" "$tree/bin/posture"
	cp /bin/busybox "$tree/bin/busybox" 2>/dev/null || skip "busybox is not installed"
	echo own >"$tree/p/d/file"
	echo own >"$scratch/acc/d/file"
	ln -s "$outside/d" "$tree/p/absolute"
	ln -s ../../outside/d "$tree/p/relative"
	ln -s ../p/absolute "$tree/p/twice"
	if is_root; then
		chown -hR "$ACCOMPLICE:$ACCOMPLICE" "$tree" "$scratch/acc"
		chown -hR 0:0 "$tree/bin"
	fi
	chmod 0755 "$tree"
}

# start ARGUMENT…: a start while things move; its end counts, its status doesn't but for sanity.
start() {
	status=0
	output=$(timeout --foreground -k 5 30 "$NIDUS" run "$@" 2>"$scratch/stderr") || status=$?
	lacks "$output" secret || return 1
	case $status in
	0) started=$((${started:-0} + 1)) ;;
	1 | 125 | 126 | 127) ;;
	*) fail "status $status of $* ($(cat "$scratch/stderr"))" ;;
	esac
}

# raced TIMES ARGUMENT…: that many starts, and nothing outside has changed.
raced() {
	local times
	times=$(light "$1" 2)
	shift
	for _ in $(seq "$times"); do
		start "$@" || return 1
	done
	equal "$(look_outside)" "$before" "what is outside, after $*"
}

# A race that nobody ever won by starting would prove little.
some_started() {
	[ "${started:-0}" -gt 0 ] || fail "no start succeeded"
	started=0
}

# inside_places: what is made and mounted in the tree, each by an operation of its own.
inside_places() {
	local show=(/bin/busybox sh -c 'cat /p/d/secret /p/d/e/secret /p/d/x/secret; exit 0')
	raced "$1" "${root[@]}" --ro-bind "$TEST_BIN/posture" /p/d/file -- "${show[@]}"
	raced "$1" "${root[@]}" --bind "$scratch/mine" /p/d/e -- "${show[@]}"
	raced "$1" "${root[@]}" --tmpfs /p/d/e/t -- "${show[@]}"
	raced "$1" "${root[@]}" --tmpfs /p/d/e --dir /p/d/e/x --chmod 0700 /p/d/e/x -- "${show[@]}"
	raced "$1" "${root[@]}" --proc /p/d/e -- "${show[@]}"
	raced "$1" "${root[@]}" --dev /p/d/e -- "${show[@]}"
	raced "$1" "${root[@]}" --deny /p/d/file --deny /p/d/e -- "${show[@]}"
	raced "$1" "${root[@]}" --ro-bind-data 9 /p/d/file -- "${show[@]}" 9<<<data
	raced "$1" "${root[@]}" --overlay-src "$scratch/mine" --tmp-overlay /p/d/e -- "${show[@]}"
	raced "$1" "${root[@]}" --remount-ro / -- "${show[@]}"
}

# made_places: entries that stay.
made_places() {
	local show=(/bin/busybox sh -c 'cat /p/d/secret /p/d/e/secret; exit 0')
	raced "$1" "${root[@]}" --dir "/p/d/e/new" -- "${show[@]}"
	raced "$1" "${root[@]}" --dir "/p/d/x/y/z" -- "${show[@]}"
	raced "$1" "${root[@]}" --file 9 /p/d/e/file -- "${show[@]}" 9<<<data
	raced "$1" "${root[@]}" --file 9 /p/d/file -- "${show[@]}" 9<<<data
	raced "$1" "${root[@]}" --symlink target /p/d/e/link -- "${show[@]}"
	raced "$1" "${root[@]}" --chmod 0777 /p/d/file -- "${show[@]}"
	raced "$1" "${root[@]}" --chmod 0777 /p/d -- "${show[@]}"
}

# every_link FUNCTION TIMES: with each kind of link, and with a directory outside of the root.
every_link() {
	local link
	for link in absolute relative twice; do
		swap "$tree/p/d" "$tree/p/$link"
		"$1" "$2" || { still; return 1; }
		still
	done
	swap "$tree/p/d" "$scratch/acc/d"
	"$1" "$2" || { still; return 1; }
	still
	swap "$tree/p/d/e" "$scratch/acc/d/e" "$tree/p/d" "$scratch/acc/d"
	"$1" "$2" || { still; return 1; }
	still
}

setup_tree() {
	make_outside
	mkdir "$scratch/mine"
	make_tree
}

@test "mount points in a --root" {
	setup_tree
	root=(--root "$tree")
	every_link inside_places 2
	some_started
}

@test "mount points, entries and modes in a writable root" {
	setup_tree
	root=(--bind "$tree" /)
	every_link inside_places 1
	every_link made_places 2
	some_started
}

@test "entries and modes in a writable root, by the caller's own ids" {
	setup_tree
	root=(--bind "$tree" / --userns keep)
	! is_root || root=(--bind "$tree" / --userns host --user 0)
	every_link made_places 2
	some_started
}

@test "a directory that is made does not give its mode to another that takes its place" {
	need_root
	setup_tree
	local dir=$tree/p/d found
	mkdir -m 0700 "$dir/closed"
	: >"$dir/closed/mark"
	swap "$dir/new" "$dir/closed"
	for _ in $(seq "$(light 60 5)"); do
		run "$NIDUS" run --bind "$tree" / --userns host --user 0 --dir /p/d/new -- /bin/busybox true
		kill -STOP "$swapper"
		wait_for 5 grep -q '^State:.T' "/proc/$swapper/status"
		found=$dir/closed
		[ -e "$found/mark" ] || found=$dir/new
		equal "$(stat -c '%a %u %g' "$found")" "700 0 0" "mode and owner of what was there before" || {
			still
			return 1
		}
		[ ! -e "$dir/new/mark" ] || { rm -rf "$dir/closed" && mv -T "$dir/new" "$dir/closed"; }
		rm -rf "$dir/new"
		kill -CONT "$swapper"
	done
	still
}

@test "/proc, /dev and private directories of a root whose top is the accomplice's" {
	setup_tree
	local name kind
	for name in proc dev tmp run; do
		mkdir "$tree/p/$name"
		ln -s p/absolute "$tree/to-$name"
		is_root && chown -h "$ACCOMPLICE:$ACCOMPLICE" "$tree/to-$name" "$tree/p/$name"
		for kind in "$tree/p/$name" "$tree/to-$name"; do
			swap "$tree/$name" "$kind"
			raced 6 --root "$tree" -- /bin/busybox sh -c 'cat /tmp/secret /run/secret /dev/secret; exit 0'
			for _ in $(seq "$(light 3 1)"); do
				run timeout 60 "$NIDUS" run --root "$tree" -- /bin/posture kernel pid1 others descriptors
				equal "$(grep '^escaped' <<<"$output")" "" "escaped of $name and $kind" || { still; return 1; }
			done
			still
		done
	done
	equal "$(look_outside)" "$before" "what is outside"
}

@test "the current directory, the command and what .. leads to" {
	setup_tree
	local kind up=../../../../../../../../../../outside/d/secret
	cp /bin/busybox "$tree/p/d/busybox"
	cp /bin/busybox "$scratch/acc/d/busybox"
	ln -s "d/e/../../../../../../../../outside/d" "$tree/p/up"
	for kind in "$tree/p/absolute" "$tree/p/relative" "$scratch/acc/d"; do
		swap "$tree/p/d" "$kind"
		raced 8 --root "$tree" --chdir /p/d -- /bin/busybox sh -c "cat secret ../secret ../outside/d/secret $up; exit 0"
		raced 8 --root "$tree" --chdir /p/d/e -- /bin/busybox sh -c "cat secret ../secret $up; exit 0"
		raced 6 --root "$tree" --chdir /p/up -- /bin/busybox sh -c "cat secret; exit 0"
		raced 6 --root "$tree" -- /p/d/busybox cat /p/d/secret "/p/d/$up"
		raced 6 --root "$tree" --tmpfs /p/up -- /bin/busybox sh -c "cat /p/up/secret; exit 0"
		still
	done
	some_started
}

# What is above a source, one directory after the other: $job/a/b/c, and outside as far down.
make_job() {
	make_outside
	job=$scratch/job
	mkdir -p "$job/a/b/c/work" "$scratch/mine" "$outside/b/c/work" "$outside/c/work" "$outside/work"
	: >"$job/a/b/c/empty"
	for directory in "$outside/b/c" "$outside/c" "$outside"; do
		mkdir -p "$directory/proc" "$directory/upper"
		echo secret >"$directory/secret"
		echo secret >"$directory/report"
		echo secret >"$directory/lock"
	done
	mkdir "$job/a/b/c/proc" "$job/a/b/c/upper"
	ln -s ../outside "$job/a.link"
	ln -s ../../outside "$job/a/b.link"
	ln -s ../../../outside "$job/a/b/c.link"
	is_root && chown -hR "$ACCOMPLICE:$ACCOMPLICE" "$job"
	chmod -R go=rwX "$job"
	before=$(look_outside)
}

# every_component FUNCTION: each directory above the source swapped, one after the other.
every_component() {
	local component
	for component in a a/b a/b/c; do
		swap "$job/$component" "$job/$component.link"
		"$@" || { still; return 1; }
		still
	done
	equal "$(look_outside)" "$before" "what is outside"
}

@test "every directory above what is given writable" {
	make_job
	given() {
		local at=$job/a/b/c show=(sh -c 'ls /mnt; cat /mnt/secret; touch /mnt/made; exit 0')
		raced 8 --bind "$at" /mnt -- "${show[@]}"
		raced 6 --dev-bind "$at" /mnt -- "${show[@]}"
		raced 6 --bind-try "$at" /mnt -- "${show[@]}"
		raced 6 --overlay-src "$at" --tmp-overlay /mnt -- "${show[@]}"
		raced 6 --overlay-src "$scratch/mine" --overlay "$at/upper" "$at/work" /mnt -- "${show[@]}"
	}
	every_component given
	some_started
}

@test "the layers of an overlay that has little in common with its work directory" {
	make_job
	# the last directory that holds both is not the accomplice's, and holds what is outside, too
	mkdir -p "$scratch/other/work" "$outside/upper"
	echo secret >"$outside/upper/secret"
	before=$(look_outside)
	given() {
		raced 25 --overlay-src "$scratch/mine" --overlay "$job/a/b/c/upper" "$scratch/other/work" /mnt -- \
			sh -c 'cat /mnt/secret; touch /mnt/made; exit 0'
	}
	every_component given
}

@test "every directory above what is written, locked or reported to" {
	make_job
	written() {
		local at=$job/a/b/c option
		for option in --report --events --lock-file; do
			raced 6 "$option" "$at/report" -- true
			raced 6 "$option" "$at/lock" -- true
			raced 6 "$option" "$at/new" -- true
		done
	}
	every_component written
	some_started
}

@test "every directory above what is shown" {
	need_root # the links must be somebody else's
	make_job
	shown() {
		local at=$job/a/b/c
		raced 8 --ro-bind "$at" /mnt --user 0 -- sh -c 'cat /mnt/secret; exit 0'
		raced 6 --root "$at" --ro-bind "$TEST_BIN/posture" /proc/posture -- /secret
		raced 6 --ro-bind "$at/secret" /etc/hostname --userns keep --user 0 -- cat /etc/hostname
		raced 6 --seccomp "$at/secret" -- true
		raced 6 --net "$at/secret" -- true
		raced 6 --init "$at/secret" -- true
		raced 6 --overlay-src "$at" --overlay-src "$scratch/mine" --ro-overlay /mnt --userns keep --user 0 -- \
			sh -c 'cat /mnt/secret; exit 0'
	}
	every_component shown
}

@test "mount points that are made on the host, and removed" {
	make_job
	# what would be removed, if the removal followed a link
	mkdir "$outside/x" "$outside/c/x" "$outside/b/c/x" "$outside/y"
	before=$(look_outside)
	stubs() {
		raced 8 --bind "$job" /mnt --tmpfs /mnt/a/b/c/x/y -- true
		raced 6 --bind "$job" /mnt --ro-bind "$scratch/mine" /mnt/a/b/c/x -- true
		raced 6 --bind "$job" /mnt --ro-bind "$TEST_BIN/posture" /mnt/a/b/c/y -- true
	}
	every_component stubs
	some_started
}
