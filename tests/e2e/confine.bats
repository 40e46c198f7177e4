#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the workload may not do, by default.

load helpers

refused() {
	local line=$1
	case $line in
	*" ok" | "") fail "not refused: $line" ;;
	esac
}

@test "no capability, no_new_privs, a seccomp filter" {
	local set
	expect 0 "$NIDUS" run -- cat /proc/self/status
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		contains "$output" "$set:"$'\t'0000000000000000
	done
	contains "$output" "NoNewPrivs:"$'\t'1
	contains "$output" "Seccomp:"$'\t'2
}

@test "root inside has no capability either, and is not root outside" {
	expect 0 "$NIDUS" run --user 0:0 -- grep CapEff /proc/self/status
	contains "$output" 0000000000000000
	local mark
	mark=$(marker)
	background --user 0:0 -- sleep "$mark"
	local pid uid
	pid=$(pgrep -f "^sleep $mark" | head -n 1)
	uid=$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")
	kill -TERM "$spawner"
	ended 143
	[ "$uid" -ne 0 ] || fail "root inside is root outside"
}

@test "no two sandboxes of root have the same ids, nor those of users" {
	need_root
	local base=$((524288 + 65536 * 7)) top=1879048192 owner
	# all but one range belongs to users, as a program sees it that has these files
	printf 'ann:1:%s\nbob:%s:%s\n' $((base - 1)) $((base + 65536)) $((top - base - 65536)) \
		>"$scratch/subids"
	cat >"$scratch/nidus" <<-END
		#!/bin/sh
		exec unshare --mount sh -c 'mount --bind $scratch/subids /etc/subuid &&
			mount --bind $scratch/subids /etc/subgid && exec "\$@"' sh $NIDUS "\$@"
	END
	chmod 0755 "$scratch/nidus"
	NIDUS=$scratch/nidus
	expect 0 "$NIDUS" run -- cat /proc/self/uid_map /proc/self/gid_map
	equal "$(echo "$output" | awk '{ print $1, $2, $3 }' | sort -u)" "0 $base 65536" "the maps"
	background -- sleep 60
	owner=$spawner
	expect 125 "$NIDUS" run -- true
	contains "$stderr" "belongs to a living sandbox, or is given to somebody in /etc/subuid"
	kill -9 "$owner"
	wait "$owner" 2>/dev/null || true
	expect 0 "$NIDUS" gc
	expect 0 "$NIDUS" run -- true
}

@test "the workload is not the host's root" {
	local mark pid
	mark=$(marker)
	background -- sleep "$mark"
	pid=$(pgrep -f "^sleep $mark" | head -n 1)
	run cat "/proc/$pid/uid_map" "/proc/$pid/status"
	kill -TERM "$spawner"
	ended 143
	local ids
	ids=$(awk '/^[UG]id/ { for (i = 2; i <= 5; i++) if ($i == 0) print }' <<<"$output")
	equal "$ids" "" "ids of the host's root in the workload"
}

@test "two sandboxes of root have different ids outside" {
	need_root
	local one two
	background -- sh -c 'cat /proc/self/uid_map; sleep 0.3'
	ended 0
	one=$(cat "$BATS_TEST_TMPDIR/out")
	background -- sh -c 'cat /proc/self/uid_map; sleep 0.3'
	ended 0
	two=$(cat "$BATS_TEST_TMPDIR/out")
	[ "$one" != "$two" ] || fail "both have $one"
}

@test "privileged calls are refused" {
	expect 0 "$NIDUS" run -- "$TEST_BIN/confine_probe"
	local line
	while read -r line; do
		refused "$line"
	done <<<"$output"
	contains "$output" tiocsti
}

@test "… to root inside, too" {
	expect 0 "$NIDUS" run --user 0:0 -- "$TEST_BIN/confine_probe"
	local line
	while read -r line; do
		refused "$line"
	done <<<"$output"
}

@test "the filter refuses by errno, each where it must" {
	local name
	for name in unshare_user clone_user unshare_mount mount io_uring_setup bpf keyctl add_key tiocsti tiocsti_wide; do
		expect 0 "$NIDUS" run --user 0:0 -- "$TEST_BIN/confine_probe" "$name"
		case $output in
		"$name EPERM" | "$name ENOSYS") ;;
		*) fail "not refused by the filter: $output" ;;
		esac
	done
	# libc falls back to clone on ENOSYS only
	expect 0 "$NIDUS" run -- "$TEST_BIN/confine_probe" clone3_user
	equal "$output" "clone3_user ENOSYS"
}

@test "/dev is private, with its six nodes" {
	expect 0 "$NIDUS" run -- sh -c 'for f in /dev/* /dev/.[!.]*; do
		if [ -c "$f" ] || [ -b "$f" ]; then echo "$f"; fi; done'
	local nodes
	nodes=$(grep -vxE '/dev/(console|ptmx)|/dev/std.*' <<<"$output" | sort | tr '\n' ' ')
	equal "$nodes" "/dev/full /dev/null /dev/random /dev/tty /dev/urandom /dev/zero "
	expect 0 "$NIDUS" run -- sh -c \
		'echo x >/dev/null && head -c 4 /dev/zero | od -An -tx1 && head -c 4 /dev/urandom | wc -c &&
		! echo x 2>/dev/null >/dev/full; readlink /dev/fd /dev/stdin; test -d /dev/pts && test -d /dev/shm'
	contains "$output" "00 00 00 00"
	contains "$output" /proc/self/fd
}

@test "/proc: parts masked, parts read-only" {
	expect 0 "$NIDUS" run --user 0:0 -- sh -c 'for f in kcore keys timer_list sched_debug; do
		[ ! -e /proc/$f ] || wc -c </proc/$f 2>/dev/null; done | grep -v "^0$"; find /proc/acpi /proc/scsi -mindepth 1 2>/dev/null; true'
	equal "$output" "" "what can be read of the masked parts"
	expect 0 "$NIDUS" run --user 0:0 -- sh -c 'for f in sys/kernel/core_pattern sysrq-trigger irq/default_smp_affinity; do
		[ ! -e /proc/$f ] || ! (: >/proc/$f) 2>/dev/null || echo "writable: $f"; done'
	equal "$output" "" "what can be written"
	expect 0 "$NIDUS" run -- grep -c . /proc/self/mountinfo
}

@test "/sys can't be written, nor cgroups seen from above" {
	expect 0 "$NIDUS" run --user 0:0 -- sh -c 'for f in $(find /sys/kernel /sys/fs/cgroup -maxdepth 3 -type f 2>/dev/null | head -n 200); do
		[ ! -f $f ] || ! (: >>$f) 2>/dev/null || echo "writable: $f"; done' # a mask is no file
	equal "$output" "" "what can be written"
	expect 0 "$NIDUS" run -- cat /proc/self/cgroup
	lacks "$output" nidus/
}

@test "PID 1 gives nothing away" {
	expect 0 "$NIDUS" run --user 0:0 -- sh -c \
		'ls -l /proc/1/exe /proc/1/cwd /proc/1/root 2>/dev/null | grep -- "->"; ls -l /proc/1/fd 2>/dev/null | grep -- "->"; cat /proc/1/environ /proc/1/maps 2>/dev/null; true'
	equal "$output" "" "what can be seen of PID 1"
}

@test "a session keyring of its own" {
	local outside inside
	cat >"$scratch/keyring.py" <<-'PYTHON'
		import ctypes, platform
		libc = ctypes.CDLL(None, use_errno=True)
		number = {"x86_64": 250, "aarch64": 219}[platform.machine()]
		print(libc.syscall(number, 0, -3, 0) or ctypes.get_errno())
	PYTHON
	outside=$(/usr/bin/python3 "$scratch/keyring.py")
	[ "$outside" != -1 ] || skip "this kernel has no keyrings"
	expect 0 "$NIDUS" run --seccomp none -- /usr/bin/python3 "$scratch/keyring.py"
	inside=$output
	[ "$inside" != "$outside" ] || fail "the session keyring $inside is the caller's"
}

@test "setuid programs gain nothing" {
	expect 0 "$NIDUS" run -- sh -c 'id -u; ! su -c true 2>/dev/null </dev/null; ! mount -t tmpfs x /mnt 2>/dev/null'
}

@test "--cap-add gives what it names, in the sandbox only" {
	expect 0 "$NIDUS" run --user 0:0 --cap-add NET_ADMIN -- sh -c 'grep CapEff /proc/self/status'
	contains "$output" 0000000000001000
	expect 125 "$NIDUS" run --cap-add NO_SUCH_CAP -- true
	contains "$stderr" NO_SUCH_CAP
}

@test "--seccomp none and a profile of one's own" {
	expect 0 "$NIDUS" run --seccomp none -- grep Seccomp: /proc/self/status
	contains "$output" 0
	cat >"$scratch/profile.json" <<-'JSON'
		{ "defaultAction": "SCMP_ACT_ALLOW",
		  "syscalls": [ { "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 } ] }
	JSON
	expect 0 "$NIDUS" run --seccomp "$scratch/profile.json" -- sh -c 'mkdir /tmp/x 2>&1 || true'
	contains "$output" "not implemented"
	echo '{ "defaultAction": "SCMP_ACT_ALLOW", "surprise": 1 }' >"$scratch/bad.json"
	expect 125 "$NIDUS" run --seccomp "$scratch/bad.json" -- true
	contains "$stderr" surprise
	equal "$(lines "$stderr")" 1 "lines on stderr"
}

@test "Landlock rules hold" {
	mkdir "$scratch/open" "$scratch/closed"
	chmod 0777 "$scratch/open" "$scratch/closed"
	run --separate-stderr timeout 30 "$NIDUS" run --bind "$scratch" "$scratch" --landlock-rx /usr --landlock-rx /bin \
		--landlock-rx /lib --landlock-rx /lib64 --landlock-ro /etc --landlock-rw "$scratch/open" -- \
		sh -c "touch $scratch/open/a && ! touch $scratch/closed/b 2>/dev/null && echo held"
	if [ "$status" -eq 125 ] && [[ $stderr == *andlock* ]]; then
		skip "this kernel has no Landlock"
	fi
	equal "$output" held "$stderr"
}

@test "the limit of core dumps is 1 byte, and stays" {
	expect 0 "$NIDUS" run -- bash -c 'grep "core file" /proc/self/limits; ulimit -c 0 && ulimit -c unlimited && grep "core file" /proc/self/limits'
	equal "$(tr -s ' ' <<<"$output")" $'Max core file size 1 1 bytes \nMax core file size 1 1 bytes '
	sandbox 139 -- bash -c 'kill -SEGV $$'
	report 'J["core_dumped"] is False'
	# what the caller sets is the command's own business
	expect 0 "$NIDUS" run --rlimit core=0:4096 -- bash -c 'ulimit -c 1 && grep "core file" /proc/self/limits'
	contains "$(tr -s ' ' <<<"$output")" "Max core file size 1024 "
}

# A pattern of the lane's own stands in for that of the kernel, which belongs to the whole machine.
# With something mounted in /proc the kernel gives no new one to a user namespace: the lane's does.
with_core_pattern() {
	local wanted=$2
	echo "$1" >"$scratch/pattern"
	mount --bind "$scratch/pattern" /proc/sys/kernel/core_pattern
	shift 2
	sandbox "$wanted" --ro-bind /proc /proc "$@"
	umount /proc/sys/kernel/core_pattern
}

@test "a handler of core dumps that can't be kept from running is reported" {
	need_root
	[ "$TEST_AS" != self ] || skip "needs a /proc of its own"
	local core='[e["why"] for e in E if e["event"] == "degraded" and e["control"] == "core"]'
	with_core_pattern '|/usr/lib/handler %p' 0 -- true
	events "$core == []"
	with_core_pattern '|/usr/lib/handler %p' 0 --seccomp none -- true
	events "\"without the default filter\" in ${core}[0]"
	with_core_pattern '|/usr/lib/handler %p' 0 --seccomp none --rlimit core=0 -- true
	events "$core == []"
	with_core_pattern core 0 --seccomp none -- true
	events "$core == []"
	with_core_pattern '@/run/cores' 0 -- true
	events "\"a socket of the host\" in ${core}[0]"
	if ! setpriv --dump | grep -q 'Effective.*sys_resource'; then
		(ulimit -Hc 0 && with_core_pattern '|/usr/lib/handler %p' 0 -- true)
		events "\"can't be raised\" in ${core}[0]"
	fi
}

@test "supplementary groups are dropped where the kernel allows it, and named where not" {
	need_root
	[ "$TEST_AS" != self ] || skip "needs users of its own"
	local member=(setpriv --reuid 1500 --regid 1500 --groups "1500,7" env XDG_RUNTIME_DIR=/run/user/1500)
	if [ -u "$(type -P newgidmap || echo /)" ]; then
		expect 0 "${member[@]}" "$NIDUS" run -- id -G
		equal "$output" 1500 "groups with subordinate ids"
	fi
	expect 0 "${member[@]}" "$NIDUS" run --userns keep -- grep Groups /proc/self/status
	grep -q 65534 <<<"$output" || fail "the kernel drops them: $output"
	expect 0 "${member[@]}" "$NIDUS" run --userns keep --explain -- true
	grep -qE "^open +what the caller's groups may access" <<<"$output" || fail "$output"
	contains "$output" "groups kept"
}
