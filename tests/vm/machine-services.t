#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The machine role, root in the initramfs: services, their limits and confinement, a shell on the console.
# shellcheck source=tests/vm/machine.bash
. "$(dirname "$0")/machine.bash"

machine services "nidus.config=/test/services.conf" "${from_memory[@]}"
it "the machine comes up" seen "^checked: shell"
guest_tests

backoff_told() {
	in_order "nidus-init: crashing: exited with 3, again in 100ms" "crashing: .*again in 200ms" \
		"crashing: .*again in 400ms" "crashing: .*again in 400ms" "crashing: .*given up" || return 1
}

# shellcheck disable=SC2016 # for the machine's shell
shell_works() {
	type_in 'echo "six times seven: $((6 * 7))"; tty </dev/tty; cat /proc/self/cgroup'
	seen '^six times seven: 42' && seen '^/dev/tty' && seen '^0::/init.shell$' || return 1
	# it is the controlling terminal: a key sends a signal
	type_in 'sleep 1000'
	sleep 0.5
	type_in $'\003'
	type_in 'echo "interrupted: $((1 + $?))"'
	seen '^interrupted: 131'
}

# shellcheck disable=SC2016 # for the machine's shell
shell_restarts() {
	type_in 'exit 7'
	seen 'shell: exited with 7' || return 1
	sleep 0.5
	type_in 'echo "once $((20 + 20))"'
	seen '^once 40'
}

powers_off() {
	type_in 'exec poweroff'
	powered_off && told 'reboot: Power down'
}

it "a crash is told with its backoff, and in the end the service is given up" backoff_told
it "a program that is missing is told" told "nidus-init: missing: .*/no/such/program.*No such file or directory"
it "a service that is never ready is told" told "nidus-init: mute: not ready"
it "the death by a memory limit is told" told "nidus-init: hungry: killed by SIGKILL, out of memory"
it "a seccomp file that is missing is told" told "nidus-init: unfilterable: .*/no/such/filter.*No such file or directory"
it "a mount that may fail is told" told "nidus-init: .*/spare/none.*"
it "the shell has the console as its terminal" shell_works
it "the shell is started again" shell_restarts
it "it has nothing to do with a service of that name" untold 'init.shell: killed'
it "poweroff switches the machine off" powers_off
it "services stop in reverse order, by their signals" \
	in_order "stopped by USR1: last" "stopped: second" "stopped: first" "reboot: Power down"
it "no panic" no_panic
ends
