#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What --dns does to /etc/resolv.conf: the links of other roots, and where it can't be carried out.

load helpers
load net_helpers

@test "--dns that can't be carried out is degraded, never silent" {
	need_nat
	mkdir -p "$scratch"/tree/{bin,etc,proc,dev,tmp,run}
	cp "$(command -v busybox)" "$scratch/tree/bin/sh" || skip "busybox is not installed"
	sandbox 0 --net nat --dns 192.0.2.1 --root "$scratch/tree" -- /bin/sh -c true
	events 'any("resolv.conf" in e["why"] for e in E if e["event"] == "degraded" and e["control"] == "--dns")'
	[ ! -e "$scratch/tree/etc/resolv.conf" ] || fail "made in the caller's tree"
	: >"$scratch/tree/etc/resolv.conf"
	sandbox 0 --net nat --dns 192.0.2.1 --root "$scratch/tree" -- /bin/sh -c 'read -r line </etc/resolv.conf; [ "$line" = "nameserver 192.0.2.1" ]'
	events 'not any(e["control"] == "--dns" for e in E if e["event"] == "degraded")'
	sandbox 0 --net nat --dns 192.0.2.1 --ro-bind /etc/hostname /etc/resolv.conf -- true
	events 'any(e["control"] == "--dns" for e in E if e["event"] == "degraded")'
}

@test "nidus's own resolv.conf goes where the root's link leads, if that is private" {
	need_nat
	local read='read -r line </etc/resolv.conf; [ "$line" = "nameserver 192.0.2.1" ]'
	mkdir -p "$scratch"/tree/{bin,etc,proc,dev,tmp,run}
	cp "$(command -v busybox)" "$scratch/tree/bin/sh" || skip "busybox is not installed"
	ln -s ../run/systemd/resolve/stub "$scratch/tree/etc/resolv.conf"
	sandbox 0 --net nat --dns 192.0.2.1 --root "$scratch/tree" -- /bin/sh -c "$read"
	sandbox 0 --net nat --dns 192.0.2.1 --overlay-src "$scratch/tree" --tmp-overlay / -- /bin/sh -c "$read"
	ln -sfn /etc/aside/resolv "$scratch/tree/etc/resolv.conf"
	ln -s /tmp/x/y "$scratch/tree/etc/aside"
	sandbox 0 --net nat --dns 192.0.2.1 --bind "$scratch/tree" / -- /bin/sh -c "$read"
	ln -sfn /usr/none "$scratch/tree/etc/resolv.conf"
	sandbox 0 --net nat --dns 192.0.2.1 --root "$scratch/tree" -- /bin/sh -c true
	events 'any(e["control"] == "--dns" for e in E if e["event"] == "degraded")'
	equal "$(find "$scratch/tree" | wc -l)" 10 "entries of the tree"
	with_etc "
		ln -s ../run/nidus-test-world/deep/own /etc/resolv.conf
		'$NIDUS' run --net nat --dns 192.0.2.1 -- cat /etc/resolv.conf"
	contains "$output" "nameserver 192.0.2.1"
}
