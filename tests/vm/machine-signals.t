#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The machine role: what each signal to PID 1 does, and Ctrl-Alt-Del on a keyboard.
# shellcheck source=tests/vm/machine.bash
. "$(dirname "$0")/machine.bash"

# ends_with NAME SIGNALS PATTERN
ends_with() {
	machine "$1" "nidus.config=/test/signals.conf signal=$2" "${from_memory[@]}"
	seen "$3" && no_panic
}

ctrl_alt_del() {
	machine ctrl-alt-del "nidus.config=/test/signals.conf signal=HUP,WINCH,ALRM,PIPE,CHLD,RTMIN" "${from_memory[@]}"
	seen "^alive" || return 1
	monitor "sendkey ctrl-alt-delete"
	powered_off && told "reboot: Power down" && no_panic
}

# ^S: what is written to the console stays in the kernel
stands_still() {
	machine still "nidus.config=/test/signals.conf signal=HUP" "${from_memory[@]}"
	seen "^alive" || return 1
	type_in $'\023'
	sleep 0.5
	monitor "sendkey ctrl-alt-delete"
	powered_off && told "reboot: Power down" && no_panic
}

it "USR1 halts" ends_with usr1 USR1 "reboot: System halted"
it "USR2 switches off" ends_with usr2 USR2 "reboot: Power down"
it "PWR switches off" ends_with pwr PWR "reboot: Power down"
it "TERM boots again" ends_with term TERM "reboot: Restarting system"
it "other signals do nothing, and Ctrl-Alt-Del what machine.conf says" ctrl_alt_del
it "a console that stands still does not hold the stop up" stands_still
ends
