# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2016 # from helpers.bash; for the tests; for the shell inside
#
# Loaded after helpers by the files that run on the stage of helpers/net-stage:
# NET_HOST4, NET_HOST6, NET_OUTSIDE4, NET_OUTSIDE6 are its addresses.

CLIENT=$HELPERS/net-client
OUT4=${NET_OUTSIDE4:-} OUT6=${NET_OUTSIDE6:-}

need_stage() {
	[ "${NET_STAGE:-}" = 1 ] || skip "needs root, to make a network to test in"
	[ -x /usr/bin/python3 ] || skip "python3 is not installed"
}

need_nat() {
	need_stage
	need_root
	command -v nft >/dev/null || skip "nft is not installed"
}

# Our links, host side. The kernel removes them with their namespaces, one of these after the
# other: behind many others that takes a while.
no_links() {
	! ip -o link show | grep -q ': nd[0-9a-f]'
}

# net STATUS MODE ARGUMENT…: `nidus run --net MODE` with events and report.
net() {
	local wanted=$1 mode=$2
	shift 2
	sandbox "$wanted" --net "$mode" "$@"
}

# inside MODE CLIENT-ARGUMENT…: net-client in a sandbox.
inside() {
	local mode=$1
	shift
	net 0 "$mode" -- "$CLIENT" "$@"
}

# here CLIENT-ARGUMENT…: on the host. outside JSON: by the agent.
here() {
	expect 0 "$CLIENT" "$@"
}

outside() {
	expect 0 "$CLIENT" agent "$1"
}

# server MODE ARGUMENT… -- tcp|udp PORT [TIMES]: a sandbox that serves; $spawner, $address4,
# $address6 are its. More than one may live at a time.
server() {
	local mode=$1 arguments=()
	shift
	while [ "$1" != -- ]; do
		arguments+=("$1")
		shift
	done
	shift
	: >"$BATS_TEST_TMPDIR/out"
	background --net "$mode" "${arguments[@]}" -- sh -c '
		"$0" own "$1"
		"$0" own "$2" || echo none
		shift 2
		exec "$@"' "$TEST_BIN/net_probe" "$OUT4" "$OUT6" "$CLIENT" serve "$@"
	wait_for 20 grep -qx serving "$BATS_TEST_TMPDIR/out"
	address4=$(sed -n 1p "$BATS_TEST_TMPDIR/out")
	address6=$(sed -n 2p "$BATS_TEST_TMPDIR/out")
}

# host_server tcp|udp PORT [TIMES]: on the host, on all addresses; $host_server is its pid.
host_server() {
	: >"$scratch/host-server"
	"$CLIENT" serve "$@" >"$scratch/host-server" 2>&1 </dev/null 3>&- 4>&- &
	host_server=$!
	wait_for 10 grep -qx serving "$scratch/host-server"
}

stop_host_server() {
	kill "$host_server" 2>/dev/null || true
	wait "$host_server" 2>/dev/null || true
}

# stop_server: ends the sandbox of the last server or background.
stop_server() {
	kill -TERM "$spawner" 2>/dev/null || true
	wait "$spawner" 2>/dev/null || true
}

# killed_at_random TIMES MOST_MS ARGUMENT…: spawners of sandboxes, each killed within MOST_MS.
killed_at_random() {
	local times=$1 most_ms=$2
	shift 2
	for _ in $(seq "$times"); do
		"$NIDUS" run "$@" -- sleep 30 </dev/null >/dev/null 2>&1 3>&- 4>&- &
		spawner=$!
		sleep "$(printf 0.%03d $((RANDOM % most_ms + 1)))"
		kill -9 "$spawner" 2>/dev/null || true
		wait "$spawner" 2>/dev/null || true
	done
	wait_for 3 no_process "sleep 30"
}

# A second gc finds nothing left to do.
gc_twice() {
	expect 0 "$NIDUS" gc
	expect 0 "$NIDUS" gc --json
	echo "$output" >"$BATS_TEST_TMPDIR/second"
	"$HELPERS/check-json" "$BATS_TEST_TMPDIR/second" 'len(J["removed"]) == 0' 'len(J["failed"]) == 0'
}
