#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a hostile command gets out of its sandbox: nothing (tests/posture).

load helpers
load posture_helpers

# A listening socket and a closed file of the caller's, in the sandbox's view. A FIFO there is
# not closed: THREATS says so.
plant() {
	"$HELPERS/listen" "$scratch/socket" 3>&- &
	listener=$!
	wait_for 5 test -S "$scratch/socket"
	chmod 0666 "$scratch/socket"
	echo secret >"$scratch/secret"
	chmod 0600 "$scratch/secret"
	mkdir -m 0777 "$scratch/open"
	planted=(--setenv POSTURE_SOCKET "$scratch/socket")
	is_root && planted+=(--setenv POSTURE_SECRET "$scratch/secret")
	writable=(--bind "$scratch/open" /mnt --setenv POSTURE_WRITABLE /mnt)
}

uproot() {
	kill "$listener" 2>/dev/null || true
	wait "$listener" 2>/dev/null || true
}

@test "default" {
	plant
	posture 200 "${planted[@]}" -- /run/posture
	uproot
}

@test "a directory to write in" {
	plant
	posture 200 "${writable[@]}" -- /run/posture
	posture 1 "${writable[@]}" --user 0 -- /run/posture setid
	uproot
}

@test "--user 0" {
	posture 200 --user 0 -- /run/posture
}

@test "--userns keep" {
	posture 200 --userns keep -- /run/posture
}

@test "--as-pid-1" {
	posture 150 --as-pid-1 -- /run/posture
}

@test "--root: a tree of the caller's" {
	mkdir -p "$scratch/root/proc" "$scratch/root/dev" "$scratch/root/tmp" "$scratch/root/run"
	cp "$TEST_BIN/posture" "$scratch/root/posture"
	probe=()
	posture 180 --root "$scratch/root" -- /posture
}

@test "--tty" {
	posture 200 --tty -- /run/posture </dev/null
}

# What --nest gives away: calls that reach the kernel, where they lack a capability. Nothing else.
nest_differs='clone|unshare|clone3|setns|mount|umount2|pivot_root|fsopen|fsconfig|fsmount|move_mount|open_tree|mount_setattr'

@test "--nest: as the default, but for the calls of namespaces and mounts" {
	plant
	run --separate-stderr timeout 120 "$NIDUS" run "${probe[@]}" --nest "${planted[@]}" -- /run/posture
	equal "$(grep '^escaped' <<<"$output" | grep -vE "^escaped filter ($nest_differs)( (lowest|highest) bit)?: it came through")" \
		"" "escaped with --nest"
	[ "$(grep -c '^contained' <<<"$output")" -ge 200 ] || fail "too few tries: $output"
	uproot
}

# Root of a user namespace inside, in the network of the sandbox: a /proc without masks, and the
# hierarchies of control groups from where it stands in them, whose files belong to others.
@test "--nest: root of namespaces inside gets what THREATS says" {
	plant
	run --separate-stderr timeout 120 "$NIDUS" run "${probe[@]}" --nest "${planted[@]}" -- \
		unshare -UrmpfCi --mount-proc /run/posture kernel groups sockets others network descriptors
	equal "$(grep '^escaped' <<<"$output" | grep -vE '^escaped (kernel /proc/(interrupts|key-users|schedstat|softirqs|keys|timer_list|slabinfo|vmallocinfo|pagetypeinfo|sched_debug): can be read|groups mount cgroup2?: mounted)')" \
		"" "escaped in a nested namespace"
	[ "$(grep -c '^contained' <<<"$output")" -ge 60 ] || fail "too few tries: $output"
	uproot
}
