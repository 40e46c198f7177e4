#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The machine role: what is missing or wrong is told, and never a panic; the program of the kernel's command line.
# shellcheck source=tests/vm/machine.bash
. "$(dirname "$0")/machine.bash"

program() {
	# shellcheck disable=SC2016 # for the machine's shell
	# a bare word that nobody knows comes to init too, before the program
	machine program 'strangeword -- /bin/sh -c "echo said: $0, $1, $#, pid 1 is $(cat /proc/1/comm); sleep 0.3; exit 3" one "two words"' \
		"${from_memory[@]}"
	powered_off && told "^said: one, two words, 1, pid 1 is (init|nidus-init)" &&
		in_order "nidus-init: main: exited with 3" "reboot: Power down" && no_panic
}

# an emergency shell is a shell: type into it
emergency() {
	seen "nidus-init: emergency: a shell" || return 1
	sleep 1
	# shellcheck disable=SC2016 # for the machine's shell
	type_in 'echo "emergency: $((6 * 7))"'
	seen "^emergency: 42" || return 1
	if [ "${1:-}" = by-keys ]; then
		monitor "sendkey ctrl-alt-delete"
		powered_off && in_order "nidus-init: reboot: stopping" "reboot: Restarting system" && no_panic
	else
		type_in 'poweroff'
		powered_off && told "reboot: Power down" && no_panic
	fi
}

missing_program() {
	machine missing "-- /no/such/program" "${from_memory[@]}"
	seen "nidus-init: .*/no/such/program.*No such file or directory" && emergency
}

nothing_configured() {
	machine nothing "" "${from_memory[@]}"
	seen "nidus-init: .*/etc/nidus/machine.conf.*No such file or directory" && emergency
}

bad_configuration() {
	# both processors on one of ours: the console falls behind
	local slowly="taskset -c 0"
	machine bad "nidus.config=/test/bad.conf" "${from_memory[@]}"
	seen "emergency: a shell" || return 1
	local line
	for line in 2 3 5 6 7 8 9 11 {16..59}; do
		told "bad.conf:$line: " || return 1
	done
	told "bad.conf:5: backoff: 5x is not a duration" && told "bad.conf:13: .*exec" &&
		emergency by-keys
}

bad_mount() {
	machine mount "nidus.config=/test/mount.conf" "${from_memory[@]}"
	seen "nidus-init: .*/data: No such file or directory" && untold "^started" && emergency
}

alone() {
	machine alone "" -initrd build/vm/bare.cpio -no-reboot
	seen "nidus-init: .*halt" && seen "reboot: System halted" && no_panic
}

it "the program of the kernel's command line runs, its end switches off" program
it "a program that is missing: an emergency shell" missing_program
it "no machine.conf and no program: an emergency shell" nothing_configured
it "a wrong machine.conf: every line that is wrong, then an emergency shell; Ctrl-Alt-Del is a stop there too" bad_configuration
it "a mount that must not fail: an emergency shell" bad_mount
it "not even a shell: it says so and halts" alone
ends
