#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# How small it is and how still it keeps: sizes and counts, no times (those are make bench's).

load helpers

SIZE_MAX_BYTES=81920
PRIVATE_MAX_KIB=16
PSS_MAX_KIB=78
IDLE_S=10

memory() {
	sed -n "s/^$1: *\([0-9]*\) kB/\1/p" "/proc/$2/smaps_rollup"
}

switches() {
	awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$1/status"
}

# supervise NAME ARGUMENT…: of `sleep`; adds to $inits.
supervise() {
	INIT=$NAMES/$1
	shift
	start "$@" sh -c 'echo ready; exec sleep 1000'
	hear ready
	inits+=("$init")
}

@test "the file is not larger than 80 KiB" {
	local size
	size=$(stat -L -c %s "$TEST_BIN/nidus-init")
	note "nidus-init: $size bytes"
	[ "$size" -le "$SIZE_MAX_BYTES" ] || fail "$size bytes, more than $SIZE_MAX_BYTES"
}

@test "supervising sleep: little private memory, and nothing wakes it" {
	local pid i before=() inits=() own=$INIT
	supervise nidus-init --
	supervise tini -s -g --
	supervise dumb-init
	supervise catatonit --
	supervise nidus-init --wait-all --kill-all --restart always --report /dev/null --
	# a file that was just copied is dirty itself, until it is on the disk
	sync "$TEST_BIN/nidus-init"
	sleep 0.3
	for pid in "${inits[@]}"; do
		before+=("$(switches "$pid")")
	done
	sleep "$IDLE_S"
	for i in "${!inits[@]}"; do
		pid=${inits[i]}
		note "$(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's|^[^ ]*/||; s| sh -c.*||'):" \
			"private dirty $(memory Private_Dirty "$pid") KiB, PSS $(memory Pss "$pid") KiB," \
			"$(($(switches "$pid") - before[i])) wake-ups in $IDLE_S s"
		[ "$(memory Private_Dirty "$pid")" -le "$PRIVATE_MAX_KIB" ] ||
			fail "private dirty: $(memory Private_Dirty "$pid") KiB"
		[ "$(memory Pss "$pid")" -le "$PSS_MAX_KIB" ] || fail "PSS: $(memory Pss "$pid") KiB"
		equal "$(switches "$pid")" "${before[i]}" "context switches of ${inits[i]}"
	done
	INIT=$own
	for pid in "${inits[@]}"; do
		init=$pid
		kill -TERM "$pid"
		ends 143
	done
}
