#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The profiles that come along and have a network.

load helpers
load net_helpers

@test "agent: works in the current directory, without home and variables" {
	"$NIDUS" run --net user -- true 2>"$scratch/err" 3>&- || skip "no user network here: $(<"$scratch/err")"
	mkdir "$scratch/work"
	cd "$scratch/work"
	export SECRET_TOKEN=secret
	# shellcheck disable=SC2016 # for the shell inside
	expect 0 "$NIDUS" run --profile agent --setenv GIVEN yes -- \
		sh -c 'echo made >file; echo "$GIVEN$SECRET_TOKEN"; find /home -type f | wc -l; wc -l </proc/net/dev'
	equal "$output" $'yes\n0\n4' "a variable, files in homes, and the lines of a network with two links"
	equal "$(<file)" made
}

@test "service: a server that can be reached on a published port, and ends in order" {
	need_nat
	background --profile service --net-forward yes --publish 18080:8000 -- /usr/bin/python3 -m http.server
	wait_for 20 bash -c 'exec 9<>/dev/tcp/127.0.0.1/18080 && printf "GET / HTTP/1.0\r\n\r\n" >&9 && grep -q "200 OK" <&9'
	kill -TERM "$spawner"
	ended 143
}

@test "--net of the command line replaces that of a profile" {
	expect 0 "$NIDUS" run --net none --profile agent -- wc -l /proc/net/dev
	equal "$output" "3 /proc/net/dev" "the lines of a network with loopback alone"
}
