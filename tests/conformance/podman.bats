#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman with nidus-init as its --init, and as the catatonit of its pods. No image, no network.

load helpers

# $PODMAN_STORE holds all that podman keeps; everything of a test is in namespaces of its own.
prepare() {
	type -P podman >/dev/null || skip "podman is not installed"
	is_root || skip "needs root"
	mkdir -p helpers store run tmp root/{bin,proc,dev,sys,etc,run,tmp}
	cp "$TEST_BIN/nidus-init" helpers/catatonit
	cp "$(type -P busybox)" root/bin/
	for name in sh cat sleep kill ls; do
		ln -s busybox "root/bin/$name"
	done
	cp "$TEST_BIN/orphans" "$TEST_BIN/sigecho" root/bin/
	cat >containers.conf <<EOF
[containers]
default_ulimits = []
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "$1"
helper_binaries_dir = ["$PWD/helpers", "/usr/lib/podman", "/usr/libexec/podman"]
EOF
	cat >session <<EOF
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /dev/shm
mkdir -p /var/lib/containers
mount -t tmpfs tmpfs /var/lib/containers
export CONTAINERS_CONF=$PWD/containers.conf
group=nidus-test-podman-$BATS_TEST_NUMBER
podman() {
	command podman --log-level=error --root $PWD/store --runroot $PWD/run --tmpdir $PWD/tmp --storage-driver vfs "\$@"
}
run="--network=none --ulimit=host --cgroup-parent=/\$group"
init="--init --init-path $TEST_BIN/nidus-init"
EOF
	session 0 'podman run --rm $run --rootfs '"$PWD"'/root /bin/sh -c "exit 0"' ||
		skip "podman with $1 does not run here: $(tail -n 1 <<<"$stderr")"
}

no_groups() {
	find /sys/fs/cgroup -depth -type d -path "*/nidus-test-podman-$BATS_TEST_NUMBER*" -exec rmdir {} + 2>/dev/null
	[ -z "$(find /sys/fs/cgroup -type d -name "nidus-test-podman-$BATS_TEST_NUMBER")" ]
}

# session STATUS SCRIPT
session() {
	local got=0
	session_runs "$@" || got=1
	wait_for 5 no_groups
	return "$got"
}

session_runs() {
	LIMIT_S=60 expect "$1" unshare --mount --pid --fork --mount-proc --kill-child --propagation private \
		bash -c "$(cat session)
$2"
}

# What podman --init promises, with one runtime.
with_runtime() {
	prepare "$1"
	session 7 'podman run --rm $run $init --rootfs '"$PWD"'/root /bin/sh -c "cat /proc/1/comm; exit 7"'
	equal "$output" podman-init
	session 143 'podman run --rm $run $init --rootfs '"$PWD"'/root /bin/sh -c "kill -TERM \$\$; sleep 1"'
	session 0 'podman run --rm $run $init --rootfs '"$PWD"'/root /bin/orphans 20'
	equal "$output" "orphans 20 zombies 0"
	session 127 'podman run --rm $run $init --rootfs '"$PWD"'/root /bin/nothing'
	# stop: TERM, real-time signals by podman kill, all at once
	session 0 'podman run -d --name c $run $init --rootfs '"$PWD"'/root /bin/sigecho 2 >/dev/null
		until podman logs c 2>/dev/null | grep -q ready; do sleep 0.05; done
		podman kill --signal 34 c >/dev/null
		podman stop --time 10 c >/dev/null
		podman logs c; podman inspect --format "{{.State.ExitCode}}" c; podman rm c >/dev/null'
	equal "$output" "ready
34
15
0"
}

@test "podman --init with runc" {
	with_runtime runc
}

@test "podman --init with crun" {
	with_runtime crun
}

@test "podman pod: the pause container is ours, by catatonit -P" {
	prepare runc
	session 0 'podman pod create --network=none --cgroup-parent=/$group --name p >/dev/null &&
		podman pod start p >/dev/null &&
		ps -eo comm,args | grep "[c]atatonit -P" &&
		cmp /proc/$(pgrep -x catatonit)/exe '"$TEST_BIN"'/nidus-init && echo ours &&
		podman run --rm --ulimit=host --cgroup-parent=/$group --pod p --rootfs '"$PWD"'/root /bin/sh -c "echo in the pod" &&
		podman pod stop --time 5 p >/dev/null; podman inspect --format "{{.State.ExitCode}}" $(podman ps -aq --filter pod=p); podman pod rm -f p >/dev/null'
	contains "$output" "catatonit"
	contains "$output" "ours"
	contains "$output" "in the pod"
	[[ $output = *0 ]] || fail "the pause container's status: $output"
}
