#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The machine role, root on a disk: whoever holds its files, what is left is clean and complete.
# shellcheck source=tests/vm/machine.bash
. "$(dirname "$0")/machine.bash"
from_disk="root=/dev/nvme0n1 rootwait rw"

disk root build/vm/machine.ext4
first=("${disk[@]}")
disk data ""
second=("${disk[@]}")
machine disk "$from_disk nidus.config=/test/disk.conf" "${first[@]}" "${second[@]}" -no-reboot
it "processes that ignore TERM, or escaped, do not keep it from being switched off" powered_off
it "it was switched off" told "reboot: Power down"
it "who ignores the stop signal is killed after the grace time" told "nidus-init: stubborn: killed after 500ms"
it "who is stopped gets it" untold "nidus-init: stopped: killed"
it "swap was in use" told "^swaps"
it "the root is clean" clean root
it "the data disk is clean" clean data
it "what was written is on the root" holds root /root-done "^here$"
it "what was written is on the data disk" holds data /done "^written$"
it "what was written last is there too" holds data /escaped "^line$"
it "no panic" no_panic

disk root build/vm/machine.ext4
machine reboot "$from_disk nidus.config=/test/reboot.conf" "${disk[@]}"
it "reboot boots again" seen "^boot 2"
it "a pending shutdown is not replaced by later signals" powered_off
it "it was one reboot, then the power" in_order "^boot 1" "reboot: Restarting system" "^boot 2" "reboot: Power down"
it "there was no third boot" untold "^boot 3"
it "the root is clean" clean root
it "what both boots wrote is there" holds root /count "^2$"
it "no panic" no_panic
ends
