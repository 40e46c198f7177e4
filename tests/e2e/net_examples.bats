#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What README.md and nidus-net(7) show of networks is executed, on a stage.

load helpers
load net_helpers
load examples_helpers

@test "nat: out, published, with rules, among peers" {
	need_nat
	stage_examples
	example 0 'nidus run --net nat --net-forward yes -- curl https://example.org/'
	example 0 'nidus run --net nat --publish 80:8000 -- ./server'
	equal "$output" served
	example 0 'nidus run --net nat --publish 127.0.0.1:5432:5432 -- ./database'
	example 0 'nidus run --net nat --dns 192.0.2.53 --net-allow 192.0.2.53:53 --net-allow 198.51.100.7:443/tcp -- ./job'
	example 0 'nidus run --net nat --dns 198.51.100.53 --net-deny 10.0.0.0/8 --net-deny 172.16.0.0/12 --net-deny 192.168.0.0/16 --net-deny fc00::/7 -- ./job'
	printf '#!/bin/sh\nexec sleep 60\n' >database
	example 0 'nidus run --detach --net nat --net-peer shop --name db -- ./database'
	example 0 'nidus run --net nat --net-peer shop -- ./server'
	expect 0 "$NIDUS" stop db
	expect 0 nft list table inet nidus
}

@test "nat: a web server that is ended" {
	need_nat
	stage_examples
	grep -qxF -- 'nidus run --net nat --net-forward yes --publish 8080:8000 --net-deny 10.0.0.0/8 -- python3 -m http.server' documented
	background --net nat --net-forward yes --publish 8080:8000 --net-deny 10.0.0.0/8 -- python3 -m http.server
	wait_for 20 bash -c 'exec 9<>/dev/tcp/127.0.0.1/8080 && printf "GET / HTTP/1.0\r\n\r\n" >&9 && grep -q "200 OK" <&9'
	kill -TERM "$spawner"
	ended 143
}

@test "the service profile: a web server that is ended" {
	need_nat
	stage_examples
	grep -qxF -- 'nidus run --profile service --net-forward yes --publish 8080:8000 -- python3 -m http.server' documented
	background --profile service --net-forward yes --publish 8080:8000 -- python3 -m http.server
	wait_for 20 bash -c 'exec 9<>/dev/tcp/127.0.0.1/8080 && printf "GET / HTTP/1.0\r\n\r\n" >&9 && grep -q "200 OK" <&9'
	kill -TERM "$spawner"
	ended 143
}

@test "user: published" {
	need_stage
	"$NIDUS" run --net user -- true 2>"$scratch/err" 3>&- || skip "no user network here: $(<"$scratch/err")"
	stage_examples
	example 0 'nidus run --net user --publish 8080:8000 -- ./server'
	contains "$output" served
}

@test "a namespace of somebody else" {
	need_stage
	need_root
	stage_examples
	mkdir -p /run/netns
	: >/run/netns/blue
	unshare --net=/run/netns/blue true
	example 0 'nidus run --net /run/netns/blue -- ./job'
	equal "$output" served
	umount /run/netns/blue
	rm /run/netns/blue
	rmdir --ignore-fail-on-non-empty /run/netns
}

@test "the configuration file of nidus-net(7) is one" {
	awk '/^pool4 = /{on = 1} /^\.Ed/{on = 0} on' "$TEST_STAGE/source/docs/man/nidus-net.7" >"$scratch/nidus.conf"
	[ "$(wc -l <"$scratch/nidus.conf")" -eq 5 ] || fail "$(<"$scratch/nidus.conf")"
	NIDUS_CONFIG=$scratch/nidus.conf expect 0 "$NIDUS" run --explain --net nat -- true
	contains "$output" 10.213.0.0/16
}
