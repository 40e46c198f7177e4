#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# 1,000 signals, each sent the moment its init starts: none is lost, in any mode.
# The peers' numbers, of fewer rounds, stand beside: what they lose costs them a wait.

load helpers

ROUNDS=1000
PEER_ROUNDS=50

# early ROUNDS SIGNAL COMMAND…
early() {
	local rounds=$1 signal=$2
	shift 2
	expect 0 "$TEST_BIN/early_signals" "${EARLY[@]}" "$rounds" "$signal" "$@" "$TEST_BIN/early_signals" child
}
EARLY=()

# none_lost ROUNDS SIGNAL ARGUMENT…: every init ended by the signal that its program got.
none_lost() {
	early "$@"
	note "ours: ${3##*/} ${*:4}: signal $2: $output"
	equal "$output" "lost 0 of $1" "$*"
}

# beside SIGNAL PEER ARGUMENT…
beside() {
	local signal=$1 peer
	peer=$(type -P "$2") || {
		note "peer: $2 is not installed"
		return 0
	}
	shift 2
	early "$PEER_ROUNDS" "$signal" "$peer" "$@"
	note "peer: ${peer##*/} $*: signal $signal: $(echo "$output" | head -n 1)"
}

@test "as itself: TERM, USR1 and a real-time signal" {
	none_lost "$ROUNDS" 15 "$INIT" --
	none_lost "$ROUNDS" 10 "$INIT" --
	none_lost "$ROUNDS" 34 "$INIT" --
}

@test "to the group" {
	none_lost "$ROUNDS" 15 "$INIT" -g --
	none_lost "$ROUNDS" 10 "$INIT" -g --
}

@test "as tini" {
	none_lost "$ROUNDS" 15 "$NAMES/tini" -s --
	beside 15 tini -s --
	none_lost "$ROUNDS" 15 "$NAMES/tini" -s -g --
	beside 15 tini -s -g --
}

@test "as dumb-init" {
	none_lost "$ROUNDS" 15 "$NAMES/dumb-init"
	beside 15 dumb-init
	none_lost "$ROUNDS" 15 "$NAMES/dumb-init" -c
	beside 15 dumb-init -c
}

@test "as catatonit" {
	none_lost "$ROUNDS" 15 "$NAMES/catatonit" --
	beside 15 catatonit --
	none_lost "$ROUNDS" 15 "$NAMES/catatonit" -g --
	beside 15 catatonit -g --
}

@test "with what else can be asked for" {
	none_lost "$ROUNDS" 15 "$INIT" --wait-all --
	none_lost "$ROUNDS" 15 "$INIT" --kill-all --grace 5s --
	none_lost "$ROUNDS" 10 "$INIT" --timeout 20s --memory 1G --report /dev/null --
}

@test "as PID 1 of a pid namespace" {
	is_root || skip "needs root"
	EARLY=(--pid-1)
	none_lost 300 15 "$INIT" --
	none_lost 300 15 "$NAMES/tini" -g --
	beside 15 tini -g --
	none_lost 300 15 "$NAMES/dumb-init"
	beside 15 dumb-init
	EARLY=()
}
