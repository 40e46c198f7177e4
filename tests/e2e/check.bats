#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `nidus check`: what this machine offers.

load helpers

@test "check succeeds where run works, and names what it looked at" {
	expect 0 "$NIDUS" check
	local word
	for word in kernel namespace cgroup seccomp andlock newuidmap nftables net-forward net-firewall net-user; do
		contains "$output" "$word"
	done
}

@test "check --json" {
	expect 0 "$NIDUS" check --json
	echo "$output" >"$scratch/json"
	"$HELPERS/check-json" "$scratch/json" 'len(J) > 0 or len(E) > 5'
	lacks "$output" $'\t'
}

@test "check changes nothing" {
	expect 0 "$NIDUS" check
	expect 0 "$NIDUS" check --json
}

@test "check takes no arguments it does not know" {
	expect 2 "$NIDUS" check --surprise
	equal "$(lines "$stderr")" 1 "lines on stderr"
}

@test "the hint for --net user fits what is missing" {
	expect 0 "$NIDUS" check
	local found
	found=$(grep -A 2 '^[a-z]* *net-user ' <<<"$output")
	case $found in
	missing*"/dev/net/tun: Permission denied"*) contains "$found" "that everybody may open" ;;
	missing*/dev/net/tun*) contains "$found" CONFIG_TUN ;;
	missing*) contains "$found" "install slirp4netns" ;;
	*) lacks "$found" "to get it" ;;
	esac
}
