#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --net nat is there from a sandbox's first act on. Measured: needs a machine to itself.

load helpers
load net_helpers

FIRST_CONNECT_US=200000

@test "sandboxes connect as their first act, while namespaces come and go" {
	need_nat
	local n total slowest=0 us address failed=0
	total=$(light 400 24)
	(while [ ! -e "$scratch/enough" ]; do unshare --net true; sleep 0.005; done) </dev/null 3>&- 4>&- &
	local churn=$!
	for n in $(seq "$total"); do
		[ $((n % 2)) = 0 ] && address=$OUT4 || address=$OUT6
		us=$("$NIDUS" run --net nat -- "$TEST_BIN/net_probe" connect "$address" 7 2>>"$scratch/errors") ||
			failed=$((failed + 1))
		[ "${us:-0}" -le "$slowest" ] || slowest=$us
	done
	: >"$scratch/enough"
	wait "$churn" || true
	echo "# slowest first connect of $total: $slowest us" >&3
	equal "$failed" 0 "sandboxes that could not connect: $(tail -3 "$scratch/errors")"
	[ "$slowest" -lt "$FIRST_CONNECT_US" ] || fail "slowest first connect of $total: $slowest us"
}

@test "the same, four at a time" {
	need_nat
	local n total slowest
	total=$(light 400 24)
	# shellcheck disable=SC2016
	seq "$total" | xargs -P 4 -I{} sh -c '
		[ $(($1 % 2)) = 0 ] && address=$3 || address=$4
		"$0" run --net nat -- "$2" connect "$address" 7 || echo failed' \
		"$NIDUS" {} "$TEST_BIN/net_probe" "$OUT4" "$OUT6" >"$scratch/us" 2>"$scratch/errors" 3>&- 4>&-
	equal "$(grep -c failed "$scratch/us")" 0 "failed: $(tail -3 "$scratch/errors")"
	equal "$(wc -l <"$scratch/us")" "$total" "figures"
	slowest=$(sort -n "$scratch/us" | tail -1)
	echo "# slowest first connect of $total, four at a time: $slowest us" >&3
	[ "$slowest" -lt "$FIRST_CONNECT_US" ] || fail "slowest first connect of $total: $slowest us"
}
