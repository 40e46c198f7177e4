#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --explain prints the plan in words, and needs no privilege and no machine.

load helpers

@test "--explain prints and runs nothing" {
	expect 0 "$NIDUS" run --explain --bind "$scratch" /mnt -- touch /mnt/ran
	[ ! -e "$scratch/ran" ] || fail "the program ran"
	contains "$output" /mnt
	contains "$output" touch
}

@test "--explain tells every group of options" {
	expect 0 "$NIDUS" run --explain --memory 64M --timeout 1500ms --cpu-time 2s --pids 20 --hostname box7 \
		--tmpfs /mnt --symlink a /mnt/b --rlimit nofile=64 --chdir /usr --setenv KEY a-secret-value -- cat /etc/hosts
	local word
	for word in box7 tmpfs /mnt /usr cat nofile KEY seccomp; do
		contains "$output" "$word"
	done
	lacks "$output" a-secret-value
}

@test "--explain needs no privilege: no namespace, no capability, no state directory" {
	expect 0 env -u XDG_RUNTIME_DIR NIDUS_STATE_DIR=/proc/no/such/place \
		setpriv --no-new-privs --bounding-set=-all "$NIDUS" run --explain --memory 64M --pids 5 -- true
	contains "$output" true
	# LeakSanitizer does not work under ptrace
	if command -v strace >/dev/null && [ "$TEST_AS" != asan ]; then
		expect 0 strace -f -qq -e trace=clone,clone3,fork,vfork,unshare,mount,fsopen,mkdir,mkdirat -o "$scratch/trace" \
			"$NIDUS" run --explain -- true
		equal "$(grep -vc 'exited\|SIG' "$scratch/trace")" 0 "calls that change something: $(head -n 5 "$scratch/trace")"
	fi
}

@test "--explain refuses what run refuses" {
	expect 125 "$NIDUS" run --explain --memory 5x -- true
	expect 125 "$NIDUS" run --explain --net natt -- true
}
