#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --explain prints the plan in words, and needs no privilege and no machine.

load helpers

@test "--explain prints and runs nothing" {
	expect 0 "$NIDUS" run --explain --bind "$scratch" /mnt -- touch /mnt/ran
	[ ! -e "$scratch/ran" ] || fail "the program ran"
	contains "$output" /mnt
	contains "$output" touch
}

@test "--explain tells every group of options" {
	expect 0 "$NIDUS" run --explain --memory 64M --timeout 1500ms --cpu-time 2s --pids 20 --hostname box7 \
		--tmpfs /mnt --symlink a /mnt/b --rlimit nofile=64 --chdir /usr --setenv KEY a-secret-value -- cat /etc/hosts
	local word
	for word in box7 private /mnt /usr cat nofile KEY seccomp; do
		contains "$output" "$word"
	done
	lacks "$output" a-secret-value
}

@test "--explain needs no privilege: no namespace, no capability, no state directory" {
	expect 0 env -u XDG_RUNTIME_DIR NIDUS_STATE_DIR=/proc/no/such/place \
		setpriv --no-new-privs --bounding-set=-all "$NIDUS" run --explain --memory 64M --pids 5 -- true
	contains "$output" true
	# LeakSanitizer does not work under ptrace
	if command -v strace >/dev/null && [ "$TEST_AS" != asan ]; then
		expect 0 strace -f -qq -e trace=clone,clone3,fork,vfork,unshare,mount,fsopen,mkdir,mkdirat -o "$scratch/trace" \
			"$NIDUS" run --explain -- true
		equal "$(grep -vc 'exited\|SIG' "$scratch/trace")" 0 "calls that change something: $(head -n 5 "$scratch/trace")"
	fi
}

@test "--explain refuses what run refuses" {
	expect 125 "$NIDUS" run --explain --memory 5x -- true
	expect 125 "$NIDUS" run --explain --net natt -- true
}

# What --explain says of the spawner's side, in front of the plan.
of_spawner() {
	expect 0 "$NIDUS" run --explain "$@"
	output=${output%%$'\n'plan *}
}

@test "--explain tells the network: mode, ports, rules, name servers" {
	of_spawner --net nat --publish 127.0.0.1:8080:80 --net-deny 10.0.0.0/8:53/udp --dns 192.0.2.53 -- true
	local line
	for line in "network       nat: its own address" "address       from 10.213.0.0/16, chosen at the start" \
		"publish       port 8080/tcp of 127.0.0.1, to port 80 inside" "rule          deny 10.0.0.0/8:53/udp" \
		"rule          allow everything else" "dns           192.0.2.53"; do
		contains "$output" "$line"
	done
	if is_root; then
		lacks "$output" "refused here"
	else
		contains "$output" "network       refused here: needs CAP_NET_ADMIN"
	fi
	of_spawner -- true
	contains "$output" "network       none: loopback only"
}

@test "--explain reads the pool of the configuration, and refuses a broken one" {
	echo "pool4 = 10.99.0.0/16" >"$scratch/conf"
	NIDUS_CONFIG=$scratch/conf of_spawner --net nat -- true
	contains "$output" "address       from 10.99.0.0/16"
	echo "pool4 = x" >"$scratch/conf"
	NIDUS_CONFIG=$scratch/conf expect 125 "$NIDUS" run --explain --net nat -- true
	contains "$stderr" "$scratch/conf:1"
}

@test "--explain tells each limit, and who keeps it" {
	of_spawner --memory 64M --swap 8M --pids 20 --cpus 1.5 --cpuset 0 --io-weight 50 --limits best-effort -- true
	local limit
	for limit in "memory 64M" "swap 8M" "pids 20" "cpus 1.500" "cpuset 0" "io weight 50"; do
		grep -qE "^limit +$limit.*, (by the|no) [a-z]+ controller" <<<"$output" || fail "no line for $limit: $output"
	done
}

@test "what --explain says of --cpu-time and --pids is what a run does" {
	local counter=summed
	expect 0 "$NIDUS" run --explain --cpu-time 5s --pids 20 --limits best-effort -- true
	! grep -q "^cpu time .*read from its cgroup" <<<"$output" || counter=cgroup
	local by_controller=0
	! grep -q "^limit .*pids 20, by the pids controller" <<<"$output" || by_controller=1
	sandbox 0 --cpu-time 5s --pids 20 --limits best-effort -- true
	if [ "$by_controller" = 1 ]; then
		events 'not any(e["event"] == "degraded" and e["control"] == "pids" for e in E)'
	else
		events 'any(e["event"] == "degraded" and e["control"] == "pids" for e in E)'
	fi
	if [ "$counter" = cgroup ]; then
		events 'ev("spawned")["cgroup"]'
	fi
}

@test "--explain tells names, lock file, watcher and outputs, and touches none" {
	of_spawner --name web --label "team=a b" --lock-file "$scratch/lock" --lock-wait 2s --detach \
		--events "$scratch/events" --report "$scratch/report" --setenv TOKEN s3cret -- true
	local line
	for line in "name          web" 'label         team = "a b"' "lock file     $scratch/lock, waited for at most 2s" \
		"detach        a watcher" "events        $scratch/events" "report        $scratch/report"; do
		contains "$output" "$line"
	done
	lacks "$output" s3cret
	equal "$(ls "$scratch")" ""
	expect 0 "$NIDUS" list
	lacks "$output" web
}

@test "--explain shows no content of files given by descriptor" {
	echo s3cret >"$scratch/secret"
	expect 0 "$NIDUS" run --explain --file 5 /tmp/secret -- true 5<"$scratch/secret"
	contains "$output" /tmp/secret
	lacks "$output" s3cret
}

@test "--explain opens nothing for writing, and no socket but the one that lists sockets" {
	command -v strace >/dev/null || skip "strace is not installed"
	[ "$TEST_AS" != asan ] || skip "LeakSanitizer does not work under ptrace"
	expect 0 strace -f -qq -e trace=%file,%network,clone,clone3,fork,vfork,unshare,flock -o "$scratch/trace" \
		"$NIDUS" run --explain --net nat --publish 8080:80 --memory 64M --cpu-time 1s --detach --name web \
		--lock-file "$scratch/lock" --events "$scratch/events" --report "$scratch/report" -- true
	equal "$(grep -E ' (socket|connect|listen|accept4?)\(' "$scratch/trace" | grep -v NETLINK_SOCK_DIAG)" "" "sockets"
	equal "$(grep -vE ' (socket|bind|getsockname|setsockopt|sendto|recvmmsg|execve|execveat|open|access|faccessat2?|openat|readlink|getcwd|newfstatat|stat|lstat|statfs|statx)\(|exited' "$scratch/trace")" "" "calls"
	equal "$(grep -E 'O_WRONLY|O_RDWR|O_CREAT' "$scratch/trace" | grep -v '"/dev/null"')" "" "opened for writing"
}
