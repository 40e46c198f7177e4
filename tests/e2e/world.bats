#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What names things of the caller's world: links of /etc into directories that are private
# inside, and variables of the environment.

load helpers

@test "/etc/resolv.conf leads where it does on the host, in every mode that leaves it the host's" {
	need_root
	with_etc "
		ln -s ../run/nidus-test-world/one /etc/resolv.conf
		ln -s deep/resolv /run/nidus-test-world/one
		'$NIDUS' run --net host -- cat /etc/resolv.conf
		'$NIDUS' run --share net -- cat /etc/resolv.conf
		'$NIDUS' run --net /proc/self/ns/net -- cat /etc/resolv.conf
		'$NIDUS' run -- sh -c 'cat /etc/resolv.conf; ! (echo x >/etc/resolv.conf) 2>/dev/null; ls /run'"
	equal "$output" "$(printf 'nameserver 192.0.2.53\n%.0s' 1 2 3 4)
nidus-test-world"
}

@test "links through directories, and of the time zone and certificates, too" {
	need_root
	with_etc "
		rm -rf /etc/ssl
		mkdir -p /run/nidus-test-world/ssl/certs
		echo pem >/run/nidus-test-world/ssl/certs/ca-certificates.crt
		ln -s /run/nidus-test-world/ssl /etc/ssl
		ln -s aside/resolv /etc/resolv.conf
		ln -s ../run/nidus-test-world/deep /etc/aside
		ln -s /tmp/nidus-test-world/zone /etc/localtime
		'$NIDUS' run --net host -- cat /etc/resolv.conf /etc/localtime /etc/ssl/certs/ca-certificates.crt"
	equal "$output" $'nameserver 192.0.2.53\nzone\npem'
}

@test "a link that dangles on the host, and one that an operation covers, are left as they are" {
	need_root
	echo mine >"$scratch/mine"
	with_etc "
		ln -s /run/nidus-test-world/none /etc/resolv.conf
		'$NIDUS' run -- sh -c '! cat /etc/resolv.conf 2>/dev/null && [ ! -e /run/nidus-test-world ]'
		rm /etc/resolv.conf
		echo theirs >/etc/resolv.conf
		'$NIDUS' run --ro-bind '$scratch/mine' /etc/resolv.conf -- cat /etc/resolv.conf"
	equal "$output" mine
}

# inside NAME: its value there, or "unset".
inside() {
	sed -n "s/^$1=//p" <<<"$output" | grep . || echo unset
}

@test "variables that name the caller's world are translated or removed" {
	local name
	expect 0 env PWD=/somewhere OLDPWD=/elsewhere LISTEN_PID=1 LISTEN_FDS=2 LISTEN_FDNAMES=a WATCHDOG_PID=1 \
		WATCHDOG_USEC=5 NOTIFY_SOCKET=/run/notify SSH_AUTH_SOCK=/tmp/agent SSH_AGENT_PID=1 \
		XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/none}" XAUTHORITY=/run/xauth TMPDIR=/tmp/deep TMP=/var/tmp TEMP=/x \
		DBUS_SESSION_BUS_ADDRESS=unix:path=/run/bus,guid=1 DBUS_SYSTEM_BUS_ADDRESS=unix:abstract=x KEPT=kept \
		"$NIDUS" run -- env
	for name in PWD OLDPWD LISTEN_PID LISTEN_FDS LISTEN_FDNAMES WATCHDOG_PID WATCHDOG_USEC NOTIFY_SOCKET SSH_AUTH_SOCK \
		SSH_AGENT_PID XDG_RUNTIME_DIR XAUTHORITY DBUS_SESSION_BUS_ADDRESS DBUS_SYSTEM_BUS_ADDRESS; do
		equal "$(inside "$name")" unset "$name"
	done
	for name in TMPDIR TMP TEMP; do
		equal "$(inside "$name")" /tmp "$name"
	done
	equal "$(inside KEPT)" kept
}

@test "what an operation shows, what the view shows, and what --setenv says stays" {
	touch "$scratch/sock"
	expect 0 env SSH_AUTH_SOCK=/run/agent NOTIFY_SOCKET=/etc/hostname TMPDIR=/mnt/t \
		DBUS_SESSION_BUS_ADDRESS="unix:path=/run/agent;x" LISTEN_FDS=1 \
		"$NIDUS" run --bind "$scratch/sock" /run/agent --tmpfs /mnt --setenv PWD /given --setenv LISTEN_PID 2 -- env
	equal "$(inside SSH_AUTH_SOCK)" /run/agent
	equal "$(inside NOTIFY_SOCKET)" /etc/hostname
	equal "$(inside TMPDIR)" /mnt/t
	equal "$(inside DBUS_SESSION_BUS_ADDRESS)" "unix:path=/run/agent;x"
	equal "$(inside PWD)" /given
	equal "$(inside LISTEN_PID)" 2
	equal "$(inside LISTEN_FDS)" unset
}

@test "/dev/stdin, /dev/stdout and /dev/stderr open where they are pipes; their owner stays" {
	local script='cat /dev/stdin >/dev/stdout; echo error >/dev/stderr; echo more >>/dev/fd/1'
	run bash -o pipefail -c "echo in | { '$NIDUS' run -- sh -c '$script'; stat -Lc 'owner %u' /dev/stdout; } 2>&1 | cat" 3>&-
	equal "$status" 0 "$output"
	equal "$output" $'in\nerror\nmore\nowner '"$(id -u)"
	# two sandboxes, each with ids of its own, write to one pipe
	run bash -o pipefail -c "{ '$NIDUS' run -- sh -c 'echo one >/dev/stdout'; '$NIDUS' run -- sh -c 'echo two >/dev/stdout'; } | cat" 3>&-
	equal "$output" $'one\ntwo'
}

@test "a named pipe, a file and a terminal keep their modes" {
	mkfifo -m 0600 "$scratch/fifo"
	install -m 0600 /dev/null "$scratch/file"
	cat "$scratch/fifo" >/dev/null 3>&- &
	"$NIDUS" run -- true >"$scratch/fifo" 2>"$scratch/file" 3>&-
	wait $!
	equal "$(stat -c %a "$scratch/fifo" "$scratch/file")" $'600\n600'
}
