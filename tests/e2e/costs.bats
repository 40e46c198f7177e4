#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a default launch may cost, counted and not timed: tests/e2e/allowed-costs.

load helpers

ALLOWED=$BATS_TEST_DIRNAME/allowed-costs
MARGIN=4 # per cent, for what differs from run to run and between machines

@test "a launch makes no more system calls, page faults and processes than are allowed" {
	[ "$TEST_BUILD" = build ] || skip "the figures are those of the build that ships, not of $TEST_BUILD"
	command -v strace >/dev/null || skip "strace is not installed"
	local as name count allowed grown=""
	as=user
	! is_root || as=root
	expect 0 "$HELPERS/costs" "$NIDUS" "$TEST_BIN/nothing"
	[ "$(lines "$output")" -eq 5 ] || fail "figures are missing: $output"
	while read -r name count; do
		allowed=$(awk -v as="$as" -v name="$name" '$1 == as && $2 == name { print $3 }' "$ALLOWED")
		[ -n "$allowed" ] || fail "tests/e2e/allowed-costs has no line '$as $name'; measured: $count"
		[ "$count" -le $((allowed + allowed * MARGIN / 100)) ] || grown+="
  $as $name: $count, allowed $allowed"
	done <<<"$output"
	[ -z "$grown" ] || fail "a launch costs more than tests/e2e/allowed-costs allows:$grown
Look first for what grew: strace -ff -o /tmp/t nidus run -- true, before and after the change.
If it is worth its cost, raise the line to the measured figure in the commit that needs it, and
say there what it buys. All figures: $output"
}
