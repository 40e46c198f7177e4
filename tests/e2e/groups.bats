#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# /sys/fs/cgroup inside: the sandbox's own groups, read-only, so that programs see their limits;
# of the host's groups nothing.

load helpers

MIB=1048576
seen=/run/limits-seen

need_v1() {
	need_root
	grep -q ' - cgroup cgroup .*memory' /proc/self/mountinfo || skip "needs v1 controllers"
}

# limits OPTION…: what runtimes see, as JSON in $output.
limits() {
	expect 0 "$NIDUS" run --ro-bind "$HELPERS/limits-seen" $seen "$@" -- /usr/bin/python3 $seen
}

# shown EXPRESSION…: Python, true of the JSON.
shown() {
	local expression
	for expression in "$@"; do
		/usr/bin/python3 -c 'import json, sys; seen = json.loads(sys.argv[1]); sys.exit(not eval(sys.argv[2]))' \
			"$output" "$expression" || fail "not $expression: $output"
	done
}

@test "every limit of the sandbox's own is what the JVM, .NET, Go and Node find" {
	need_root
	limits --memory 256M --cpus 1 --pids 100
	for runtime in jvm dotnet; do
		shown "seen['$runtime'] == {'memory': 256 * $MIB, 'cpus': 1.0, 'pids': 101}"
	done
	shown "seen['go']['cpus'] == 1.0" "seen['node']['memory'] == 256 * $MIB"
}

@test "the same with --as-pid-1, --user 0, --userns keep, and in the caller's cgroup namespace" {
	need_root
	local option
	for option in --as-pid-1 "--user 0" "--userns keep" "--share cgroup"; do
		# shellcheck disable=SC2086 # words
		limits --memory 64M --cpus 0.5 $option
		shown "seen['jvm']['memory'] == 64 * $MIB" "seen['jvm']['cpus'] == 0.5" \
			"seen['dotnet']['memory'] == 64 * $MIB"
	done
}

@test "a JVM sizes itself by them, and its beans work" {
	need_root
	command -v javac >/dev/null || skip "no JDK is installed"
	mkdir "$scratch/java"
	cat >"$scratch/java/Seen.java" <<-'JAVA'
		import java.lang.management.ManagementFactory;
		import com.sun.management.OperatingSystemMXBean;

		public class Seen {
		    public static void main(String[] args) {
		        var bean = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
		        System.out.println(Runtime.getRuntime().availableProcessors() + " "
		                + (bean.getTotalMemorySize() >> 20) + " " + (Runtime.getRuntime().maxMemory() >> 20));
		    }
		}
	JAVA
	javac -J-XX:-UsePerfData -d "$scratch/java" "$scratch/java/Seen.java"
	expect 0 "$NIDUS" run --memory 512M --cpus 1 -- java -cp "$scratch/java" Seen
	# a quarter of the memory is the JVM's default
	[[ $output =~ ^1\ 512\ (12[0-8]|11[0-9])$ ]] || fail "processors, memory, heap: $output"
	expect 0 "$NIDUS" run --memory 256M --cpus 1 -- java -cp "$scratch/java" Seen
	[[ $output =~ ^1\ 256\ ([0-9]+)$ ]] && [ "${BASH_REMATCH[1]}" -le 128 ] ||
		fail "processors, memory, heap: $output"
}

@test "no other group is in view, on any path" {
	need_v1
	local own=memory
	! grep -q ' - cgroup2 ' /proc/self/mountinfo || own=$'memory\nunified'
	background --memory 64M -- sleep 600
	expect 0 "$NIDUS" run --memory 64M -- sh -c 'ls /sys/fs/cgroup; find /sys/fs/cgroup -mindepth 2 -type d'
	equal "$output" "$own" "groups in view"
	expect 0 "$NIDUS" run --memory 64M -- sh -c 'cd /sys/fs/cgroup/memory/.. && ls; cat */cgroup.procs | sort -nu | head -n 1'
	equal "$output" "$own"$'\n1' "groups, PID 1"
	kill "$spawner"
	ended 143
}

@test "nothing of it can be changed: not a file, not a directory, not the mounts" {
	local as=()
	! is_root || as=(--user 0)
	expect 0 "$NIDUS" run --memory 64M "${as[@]}" -- sh -c '
		for file in $(find /sys/fs/cgroup -type f); do ! echo 0 2>/dev/null >$file || echo wrote $file; done
		for dir in $(find /sys/fs/cgroup -type d); do ! mkdir $dir/new 2>/dev/null || echo made $dir/new; done'
	equal "$output" ""
}

@test "without a group of its own the place is empty" {
	! is_root || skip "root always has one"
	expect 0 "$NIDUS" run --explain -- true
	! grep -q '^cgroup .*/nidus/<id>' <<<"$output" || skip "this user has delegated groups"
	expect 0 "$NIDUS" run -- sh -c 'ls -A /sys/fs/cgroup; ! mkdir /sys/fs/cgroup/new 2>/dev/null'
	equal "$output" ""
}

@test "where the machine has cgroup2 alone, the group is mounted there itself" {
	need_root
	cat >"$scratch/alone" <<-'SH'
		umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup || exit 9
		exec "$@"
	SH
	expect 0 unshare -m sh "$scratch/alone" "$NIDUS" run -- sh -c '
		stat -f -c %T /sys/fs/cgroup
		sed -n "s,.* / /sys/fs/cgroup ro.* - ,,p" /proc/self/mountinfo
		cat /sys/fs/cgroup/cgroup.procs | head -n 1; find /sys/fs/cgroup -mindepth 1 -type d
		tail -n 1 /proc/self/cgroup'
	equal "$output" $'cgroup2fs\ncgroup2 none rw\n1\n0::/'
}

@test "a root of the caller's: its empty /sys shows them too, another one stays" {
	need_v1
	local root=$scratch/root
	mkdir -p "$root"/{bin,sys,proc,dev,tmp,run}
	cp "$(type -P busybox)" "$root/bin/sh"
	for given in "--root $root" "--ro-bind $root /" "--overlay-src $root --tmp-overlay /"; do
		# shellcheck disable=SC2086 # words
		expect 0 "$NIDUS" run --memory 64M $given -- /bin/sh -c \
			'cat /sys/fs/cgroup/memory/memory.limit_in_bytes; busybox mkdir /sys/new 2>/dev/null; echo /sys/*'
		equal "$output" $((64 * MIB))$'\n/sys/fs' "with $given"
	done
	equal "$(ls -A "$root/sys")" "" "made in the root"
	mkdir "$root/sys/own"
	expect 0 "$NIDUS" run --memory 64M --root "$root" -- /bin/sh -c 'echo /sys/*'
	equal "$output" /sys/own
	rmdir "$root/sys/own" "$root/sys"
	expect 0 "$NIDUS" run --memory 64M --root "$root" -- /bin/sh -c 'echo /sys/*'
	equal "$output" '/sys/*'
}

@test "what the caller puts there takes its place" {
	expect 0 "$NIDUS" run --tmpfs /sys/fs/cgroup -- sh -c 'touch /sys/fs/cgroup/x && ls /sys/fs/cgroup'
	equal "$output" x
	need_root
	expect 0 "$NIDUS" run --ro-bind /sys/fs/cgroup /sys/fs/cgroup -- sh -c 'ls /sys/fs/cgroup'
	equal "$output" "$(ls /sys/fs/cgroup)"
	mkdir "$scratch/mine"
	echo here >"$scratch/mine/file"
	need_v1
	expect 0 "$NIDUS" run --ro-bind "$scratch/mine" /sys/fs/cgroup/mine -- cat /sys/fs/cgroup/mine/file
	equal "$output" here
}

@test "--explain says which groups are shown" {
	expect 0 "$NIDUS" run --explain -- true
	if grep -q '^cgroup .*/nidus/<id>' <<<"$output"; then
		grep -q '^file *bind *[^ ]* from [^ ]*/nidus/<id>, read-only, nosuid, nodev, noexec' <<<"$output" || fail "$output"
	else
		contains "$output" "mask       /sys/fs/cgroup"
	fi
}
