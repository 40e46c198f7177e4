#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a hostile command gets out of a sandbox that has a network: nothing (tests/posture), and
# no metadata service, by no way. Outside, all of them answer.

load helpers
load posture_helpers
load net_helpers

METADATA="169.254.169.254 100.100.100.200 168.63.129.16 fd00:ec2::254 fd20:ce::254 fd00:42::42"

need_mode() {
	need_stage
	if [ "$1" = nat ]; then
		need_nat
		return
	fi
	command -v slirp4netns >/dev/null || skip "slirp4netns is not installed"
	[ -w /dev/net/tun ] || skip "/dev/net/tun can't be opened here"
}

# answering: what the host itself reaches of METADATA. There must be something to be closed.
answering() {
	local address
	for address in $METADATA; do
		here tcp "$address" 80
		equal "$output" outside "what $address answers on the host"
	done
}

# metadata MODE DEVICE ARGUMENT…: none answers, while the peer does: the way there is open.
# DEVICE: past the routing table (SO_BINDTODEVICE); none: by it.
metadata() {
	local mode=$1 device=()
	[ "$2" = none ] || device=(--setenv POSTURE_DEVICE "$2")
	shift 2
	posture 7 --net "$mode" "${device[@]}" --setenv POSTURE_METADATA "$METADATA" "$@" -- /run/posture network
	run timeout 60 "$NIDUS" run --net "$mode" "${probe[@]}" "${device[@]}" "$@" \
		--setenv POSTURE_METADATA "$OUT4 $OUT6" -- /run/posture network
	contains "$output" "escaped network $OUT4: port 80 answers"
	contains "$output" "escaped network $OUT6: port 80 answers"
}

every_kind() {
	answering
	posture 200 --net "$1" --setenv POSTURE_METADATA "$METADATA" -- /run/posture
	posture 200 --net "$1" --user 0 --setenv POSTURE_METADATA "$METADATA" -- /run/posture
	posture 150 --net "$1" --as-pid-1 --setenv POSTURE_METADATA "$METADATA" -- /run/posture
}

@test "--net nat: every class, as an ordinary user inside, as root inside, as PID 1" {
	need_mode nat
	every_kind nat
}

@test "--net user: every class, as an ordinary user inside, as root inside, as PID 1" {
	need_mode user
	every_kind user
}

@test "--net nat: metadata services, by every route and past them" {
	need_mode nat
	answering
	metadata nat none
	metadata nat eth0
	metadata nat eth0 --net-deny 198.18.0.0/15
}

@test "--net user: metadata services, by every route and past them" {
	need_mode user
	answering
	metadata user none
	metadata user eth0
}

@test "--net nat and user: the host's loopback is closed, past every route, too" {
	local mode way
	need_mode user
	host_server tcp 17080 99
	here tcp 127.0.0.1 17080 up
	for mode in nat user; do
		[ "$mode" = user ] || is_root || continue
		for way in "" eth0; do
			posture 5 --net "$mode" --setenv POSTURE_PORT 17080 ${way:+--setenv POSTURE_DEVICE "$way"} \
				--setenv POSTURE_METADATA "127.0.0.1 ::1 10.0.2.2 fd00::2" -- /run/posture network
		done
	done
	stop_host_server
}
