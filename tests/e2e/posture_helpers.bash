# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # output, status, stderr: set by run
#
# Loaded after helpers by the files that run tests/posture inside.

# In a root that has nothing there it is somewhere else.
probe=(--ro-bind "$TEST_BIN/posture" /run/posture)

# posture LEAST ARGUMENT…: at least so many tries, all contained.
posture() {
	local least=$1 least_seen
	shift
	run --separate-stderr timeout 120 "$NIDUS" run "${probe[@]}" "$@"
	equal "$(grep '^escaped' <<<"$output")" "" "escaped of $*"
	equal "$status" 0 "status of $* (${stderr:0:300})"
	least_seen=$(grep -c '^contained' <<<"$output")
	[ "$least_seen" -ge "$least" ] || fail "only $least_seen tries: $*"
}
