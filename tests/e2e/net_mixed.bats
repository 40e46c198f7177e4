#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A network, memory, process and time limits at once, many sandboxes side by side, ends of
# every kind: each is told as what it was, and nothing is left (teardown).

load helpers
load net_helpers

# one NUMBER: runs one of seven ends, prints NUMBER, its reason and status, if they are wrong.
# Memory for more than the processes that may be: the kernel frees what is left of dead ones later.
one() {
	local wanted reason status=0 command
	case $(($1 % 7)) in
	0) wanted="exited 0" command='"$PROBE" connect "$OUT4" 7 >/dev/null' ;;
	1) wanted="exited 3" command='exit 3' ;;
	2) wanted="wall_timeout 124" command='trap "" TERM; sleep 60 & wait; sleep 60' ;;
	3) wanted="oom 137" command='exec "$BIN/hog" 512 60' ;;
	4) wanted="pids_limit 1" command='"$BIN/forkbomb" 0.2; exit 1' ;;
	5) wanted="signaled 137" command='kill -9 $$' ;;
	6) wanted="exited 0" command='setsid sleep 60 & "$PROBE" connect "$OUT6" 7 >/dev/null' ;;
	esac
	timeout 60 "$NIDUS" run --net nat --memory 128M --pids 20 --timeout 4s --grace 100ms --log-level error \
		--report "$scratch/report.$1" --setenv PROBE "$TEST_BIN/net_probe" --setenv BIN "$TEST_BIN" \
		--setenv OUT4 "$OUT4" --setenv OUT6 "$OUT6" -- sh -c "$command" >/dev/null 2>"$scratch/error.$1" || status=$?
	reason=$(sed -n 's/.*"reason":"\([a-z_]*\)".*/\1/p' "$scratch/report.$1")
	[ "$reason $status" = "$wanted" ] || echo "$1: $reason $status instead of $wanted: $(head -c 200 "$scratch/error.$1")"
}

# The stage's own /sys has no groups.
mount_groups() {
	local controller
	mount -t tmpfs groups /sys/fs/cgroup
	for controller in memory pids; do
		mkdir "/sys/fs/cgroup/$controller"
		mount -t cgroup -o "$controller" "$controller" "/sys/fs/cgroup/$controller" || return 1
	done
}

@test "300 sandboxes with nat and every limit, 16 at a time, ends mixed" {
	need_nat
	mount_groups || skip "no groups of version 1 here"
	sandbox 0 --memory 128M --pids 20 --limits best-effort -- true
	report 'J["degraded"] == 0' 2>/dev/null || skip "no groups for memory and processes here"
	export -f one
	export scratch OUT4 OUT6
	seq "$(light 300 32)" | xargs -P 16 -I{} bash -c 'one {}' >"$scratch/wrong"
	equal "$(<"$scratch/wrong")" ""
	expect 0 "$NIDUS" gc
	wait_for 60 no_links
	equal "$("$NIDUS" list --json | tr -d '[]\n ')" ""
	umount -R /sys/fs/cgroup
}
