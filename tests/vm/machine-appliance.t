#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/APPLIANCE.md, word by word: the machine of examples/appliance, and its web server asked from outside.
# shellcheck source=tests/vm/machine.bash
. "$(dirname "$0")/machine.bash"

# a connection may be dropped while something is written to it
trap "" PIPE

tools/appliance.sh >"$scratch/made" 2>&1 || skip_all "$(tail -n 1 "$scratch/made")"
port=$((20000 + RANDOM % 10000))

# get PATH PATTERN: as curl does
get() {
	local answer
	exec 8<>"/dev/tcp/127.0.0.1/$port" || return 1
	printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&8
	answer=$(timeout 10 cat <&8)
	exec 8>&-
	grep -qE -- "$2" <<<"$answer" || {
		echo "GET $1: $answer"
		return 1
	}
}

# The console's line, and -nodefaults, are of the tests; what is behind the kernel is docs/APPLIANCE.md's.
console=build/vm/machine-appliance.console
machine appliance "" -initrd build/appliance/initrd.cpio -no-reboot \
	-nic "user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:$port-:8080"

# it is there when its port is; before that, qemu takes the connection and drops it
answers() {
	local left=100
	until get "$@"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.2
	done
}

limited() {
	# shellcheck disable=SC2016 # for the machine's shell
	type_in 'echo "memory: $(cat /sys/fs/cgroup/web/memory.max)"; grep -E "CapEff|Seccomp:" /proc/$(pidof httpd)/status'
	seen "^memory: 8388608" && seen "^CapEff:.0+$" && seen "^Seccomp:.2$"
}

comes_back() {
	type_in 'killall httpd'
	seen "nidus-init: web: .*again in 100ms" && answers / "A machine with one init"
}

stops() {
	type_in 'poweroff'
	powered_off && told "reboot: Power down"
}

it "the web server answers" answers / "A machine with one init"
it "a service's file is served" get /time/index.txt "It is .* 20[0-9][0-9]"
it "the web server is limited, and without privilege" limited
it "the web server comes back" comes_back
it "the clock crashes, and is started again" seen "nidus-init: clock: exited with 1, again in 100ms"
it "poweroff stops the machine" stops
it "no panic" no_panic
ends
