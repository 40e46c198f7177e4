#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The machine role: a service that was given up ends the machine; the keys and the console that were chosen; a root that stays read-only.
# shellcheck source=tests/vm/machine.bash
. "$(dirname "$0")/machine.bash"

second=build/vm/machine-second.console
machine ignore "nidus.config=/test/ignore.conf" "${from_memory[@]}" -serial "file:$second"
it "the machine comes up" seen "^alive"
monitor "sendkey ctrl-alt-delete"
it "on-give-up poweroff switches the machine off" powered_off
it "it was switched off, and Ctrl-Alt-Del did nothing" told "reboot: Power down"
it "no panic" no_panic
it "nothing of ours is on the first console once another was chosen" untold "nidus-init: "
console=$second
it "services and PID 1 have the console of machine.conf" in_order "^alive" "nidus-init: vital: exited with 4" \
	"nidus-init: vital: given up" "nidus-init: poweroff: stopping"

disk root build/vm/machine.ext4
first=("${disk[@]}")
disk data ""
machine readonly "root=/dev/nvme0n1 rootwait ro nidus.config=/test/readonly.conf" "${first[@]}" "${disk[@]}" -no-reboot
it "on-give-up reboot boots again" powered_off
it "it was a reboot" in_order "nidus-init: vital: given up" "nidus-init: reboot: stopping" "reboot: Restarting system"
it "the root was read-only, and that is no error" in_order "^root is read-only" "^bind is read-only"
it "what is mounted over /proc does not keep file systems from being unmounted" clean data
it "what was written is there" holds data /done "^written$"
it "the root is clean" clean root
it "nothing could not be done" untold "nidus-init: (/|mount|swap)"
it "no panic" no_panic
ends
