#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Cross-built nidus-init (make CROSS=…), in the drop-in role, under qemu's user emulation.

load helpers
load checks

# prepare TARGET QEMU: $INIT becomes a script that runs the foreign build; the
# programs that it starts are this machine's own. As PID 1 of a namespace: the
# emulator of Debian 12 does not know of subreapers.
prepare() {
	local built=$TEST_STAGE/cross/$1/nidus-init qemu
	[ -e "$built" ] || skip "no build/$1/nidus-init: make CROSS=$1 (setup.sh cross)"
	qemu=$(type -P "$2") || skip "$2 is not installed"
	INIT=$scratch/nidus-init
	is_root || skip "needs root"
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\nexec unshare --pid --fork --mount-proc %s -0 "${NAME:-nidus-init}" %s "$@"\n' \
		"$qemu" "$built" >"$INIT"
	chmod 0755 "$INIT"
}

exit_codes() {
	local code
	for code in 0 1 7 126 255; do
		status_of "$code" -- sh -c "exit $code"
	done
	status_of 143 -- sh -c 'kill -TERM $$; sleep 1'
	status_of 137 -- sh -c 'kill -KILL $$; sleep 1'
	status_of 127 -- ./nothing
	status_of 126 -- /etc/passwd
	status_of 125 --nonsense
	status_of 0 -e 3 -- sh -c 'exit 3'
}

# Emulation keeps some signals for itself: those that a container gets are asked for.
signals() {
	local signal
	start -- "$TEST_BIN/sigecho" 9
	hear ready
	for signal in 1 2 3 10 12 14 15 18 28; do
		kill "-$signal" "$(program)"
		hear "$signal"
	done
	ends 0
}

personalities() {
	NAME=tini status_of 0 --version
	contains "$output" "tini version "
	NAME=dumb-init status_of 0 -V
	contains "$stderr" "dumb-init v"
	NAME=catatonit status_of 0 -V
	contains "$output" "_catatonit"
	NAME=dumb-init status_of 2 ./nothing
	NAME=catatonit status_of 1 -- ./nothing
}

reaps() {
	status_of 0 -- "$TEST_BIN/orphans" 20
	equal "$output" "orphans 20 zombies 0"
}

options() {
	local mark
	mark=$(marker)
	status_of 124 --timeout 500ms --grace 200ms -- bash -c "setsid sleep $mark & exec sleep 20"
	wait_for 5 no_process "$mark"
	status_of 3 --report ./report -- sh -c 'exit 3'
	contains "$(cat report)" "exit_code=3"
	is_root || return 0
	chmod 0755 .
	# 70001 does not fit into the 16 bits of the old system calls
	status_of 0 --user 70001:70002 -- sh -c 'echo $(id -u) $(id -g) $(id -G)'
	equal "$output" "70001 70002 70002"
}

check_target() {
	prepare "$@"
	exit_codes
	signals
	personalities
	reaps
	options
}

@test "aarch64" {
	check_target aarch64-linux-gnu qemu-aarch64-static
}

@test "riscv64" {
	check_target riscv64-linux-gnu qemu-riscv64-static
}

@test "32-bit arm" {
	check_target arm-linux-gnueabihf qemu-arm-static
}

@test "i686, which this machine may run itself" {
	if [ "$(uname -m)" = x86_64 ] && "$TEST_STAGE/cross/i686-linux-gnu/nidus-init" --version >/dev/null 2>&1; then
		INIT=$TEST_STAGE/cross/i686-linux-gnu/nidus-init
		check_exit_codes --
		check_signal_codes --
		forwards "" --
		check_mask --
		check_descriptors --
		check_reaps_as_subreaper --
		check_reaps_as_pid_1 --
		options
	else
		check_target i686-linux-gnu qemu-i386-static
	fi
}
