#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --nest: sandboxes in sandboxes, and what that gives away.

load helpers

# In every view: what is below a test's directory may be closed to the command.
inner=/run/nidus-inner
outer=(--nest --ro-bind "$NIDUS" "$inner")

need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

@test "nidus in nidus: a pid namespace, a /proc and limits of its own; nothing is left in either" {
	sandbox 7 "${outer[@]}" -- sh -c "
		$inner run -- sh -c 'echo \$\$ \$(ls -d /proc/[0-9]* | wc -l); ls /proc/interrupts >/dev/null; exit 7'
		status=\$?
		$inner list --all --json
		ls -A /run/nidus* 2>/dev/null | grep -v inner
		exit \$status"
	# PID 1, the shell, the shell of \$(), ls and wc
	[[ $output =~ ^2\ [345]$'\n'?(\[\])?$ ]] || fail "$output"
	events 'ev("exited")["reason"] == "exited"' 'ev("exited")["exit_code"] == 7'
}

@test "nidus in nidus in nidus" {
	expect 0 "$NIDUS" run "${outer[@]}" -- $inner run "${outer[@]/$NIDUS/$inner}" -- $inner run -- \
		sh -c 'id -u; cat /proc/1/comm; ls -d /proc/[0-9]* | wc -l'
	equal "${output%$'\n'*}" "$(if is_root; then echo 65534; else id -u; fi)"$'\nnidus-init'
	[ "${output##*$'\n'}" -le 4 ] || fail "processes in view: $output"
}

@test "ends of the inner sandbox are told by the inner nidus: time, memory, signals" {
	expect 124 "$NIDUS" run "${outer[@]}" -- $inner run --timeout 300ms --grace 100ms -- sleep 60
	expect 143 "$NIDUS" run "${outer[@]}" -- $inner run -- sh -c 'kill -TERM $$'
	expect 137 "$NIDUS" run "${outer[@]}" --ro-bind "$TEST_BIN/hog" /run/hog -- \
		$inner run --memory 20M --ro-bind /run/hog /run/hog -- /run/hog 256 2000
	contains "$stderr" "memory"
}

@test "bubblewrap in nidus, with all of its namespaces" {
	need bwrap
	expect 3 "$NIDUS" run "${outer[@]}" -- bwrap --ro-bind / / --unshare-all --proc /proc --dev /dev \
		--tmpfs /tmp sh -c 'echo $(ls -d /proc/[0-9]* | wc -l); touch /tmp/x; exit 3'
	[ "$output" -le 6 ] || fail "processes in view: $output"
}

@test "in a root of the caller's, and as PID 1" {
	local root=$scratch/root
	mkdir -p "$root"/{bin,sys,proc,dev,tmp,run}
	cp "$(type -P busybox)" "$root/bin/sh"
	cp "$TEST_BIN/nidus-init" "$root/bin/init"
	expect 0 "$NIDUS" run --nest --root "$root" -- /bin/sh -c 'busybox unshare -Urmpf /bin/sh -c \
		"busybox mount -t proc proc /proc && echo /proc/[0-9]*"'
	equal "$output" /proc/1
	expect 0 "$NIDUS" run "${outer[@]}" --as-pid-1 -- $inner run -- echo inside
	equal "$output" inside
}

@test "when the outer sandbox is killed, the inner one ends with it" {
	local mark
	mark=$(marker)
	background "${outer[@]}" -- $inner run -- sleep "$mark"
	wait_for 10 pgrep -f "^sleep $mark"
	kill -KILL "$spawner"
	wait "$spawner" || true
	wait_for 10 no_process "$mark"
	expect 0 "$NIDUS" gc
}

@test "without --nest the inner nidus says what is missing" {
	expect 125 "$NIDUS" run --ro-bind "$NIDUS" $inner -- $inner run -- true
	contains "$stderr" "namespaces: a filter refuses clone3, as that of a sandbox does unless it was started with --nest"
	expect 125 "$NIDUS" run --seccomp none --ro-bind "$NIDUS" $inner -- $inner run -- true
	contains "$stderr" "/proc: the kernel makes no new one where parts of the old one are covered, as in a sandbox that was started without --nest"
	expect 125 "$NIDUS" run --seccomp none --ro-bind "$NIDUS" $inner -- $inner run --tmpfs /p --proc /p/q -- true
	contains "$stderr" "in a sandbox that was started without --nest"
}

@test "what would make it useless or unsafe is refused" {
	expect 125 "$NIDUS" run --nest --share mnt -- true
	contains "$stderr" "nidus: --nest: needs a mount namespace of its own"
	local option
	for option in "--userns keep" "--userns host" "--share user"; do
		# shellcheck disable=SC2086 # words
		expect 125 "$NIDUS" run --nest $option -- true
		contains "$stderr" "nidus: --nest: needs a user namespace of its own"
	done
	expect 125 "$NIDUS" run --nest --landlock-rw / -- true
	contains "$stderr" "nidus: --nest: cannot be used with --landlock-rw"
}

@test "the sandbox itself keeps its masks and its read-only places, also for root of a namespace inside" {
	expect 0 "$NIDUS" run --nest -- cat /proc/interrupts
	equal "$output" ""
	expect 0 "$NIDUS" run --nest -- unshare -Urm sh -c '
		for place in /proc /proc/interrupts /proc/sys /sys/firmware /sys/fs/cgroup /home /tmp; do
			! umount -l $place 2>/dev/null || echo unmounted $place
		done
		for place in / /sys /proc/interrupts /proc/sys /sys/firmware /sys/fs/cgroup; do
			! mount -o remount,bind,rw $place 2>/dev/null || echo writable $place
		done
		! touch /etc/new 2>/dev/null || echo written
		! mount -t sysfs sysfs /tmp 2>/dev/null || echo a new sysfs; true'
	equal "$output" ""
}

@test "files of a more powerful user get no capabilities from inside" {
	mkdir "$scratch/made"
	is_root || chmod 0777 "$scratch/made"
	cat >"$scratch/capable.py" <<-'PYTHON'
		import os
		open("/mnt/program", "w").close()
		try:
		    # version 3, effective, CAP_SETUID, of the namespace whose root is 0
		    os.setxattr("/mnt/program", "security.capability",
		                bytes.fromhex("01000003800000000000000000000000" "0000000000000000"))
		    print("set")
		except OSError as error:
		    print(error.errno)
	PYTHON
	expect 0 "$NIDUS" run --nest --bind "$scratch/made" /mnt --ro-bind "$scratch/capable.py" /run/capable.py -- \
		unshare -Ur /usr/bin/python3 /run/capable.py
	equal "$output" 95 "EOPNOTSUPP"
}

@test "an ordinary user's own group is out of reach: what is mounted anew shows a group below it" {
	need_root
	local unified top=nest-$$ child
	unified=$(sed -n 's/.* \([^ ]*\) rw.* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1)
	[ -n "$unified" ] && [ "$TEST_AS" != self ] || skip "needs cgroup2"
	mkdir -p "$unified/$top/own" /run/user/1500
	chown -R 1500 "$unified/$top"
	# shellcheck disable=SC2016 # the shells inside expand
	status=0
	output=$(sh -c 'echo $$ >'"$unified/$top"'/own/cgroup.procs; exec "$@"' sh \
		setpriv --reuid 1500 --regid 1500 --clear-groups env XDG_RUNTIME_DIR=/run/user/1500 \
		"$NIDUS" run --nest -- unshare -UrmpfC sh -c '
			mount -t cgroup2 none /tmp && cd /tmp || exit
			echo 7 >cgroup.max.descendants
			cat /sys/fs/cgroup/cgroup.max.descendants /sys/fs/cgroup/unified/cgroup.max.descendants 2>/dev/null
			echo 8 2>/dev/null >/sys/fs/cgroup/unified/cgroup.max.descendants' 2>"$BATS_TEST_TMPDIR/stderr") || status=$?
	for child in "$top/nidus" "$top/own" "$top"; do
		[ ! -d "$unified/$child" ] || wait_for 5 rmdir "$unified/$child"
	done
	equal "$output" max "the limit of the sandbox's own group ($(cat "$BATS_TEST_TMPDIR/stderr"))"
}
