#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A published port and others who have it: the host's own services, other sandboxes.

load helpers
load net_helpers

need_nat() {
	need_stage
	need_root
	command -v nft >/dev/null || skip "nft is not installed"
}

need_user_net() {
	command -v slirp4netns >/dev/null || skip "slirp4netns is not installed"
	if [ ! -r /dev/net/tun ] || [ ! -w /dev/net/tun ]; then
		skip "/dev/net/tun can't be opened here"
	fi
}

# refused ARGUMENT…: nothing is started, and one line says which port.
refused() {
	sandbox 125 "$@" -- true
	equal "$(lines "$stderr")" 1 "lines on stderr"
	lacks "$(cat "$EVENTS")" setup_finished
}

@test "nat: a port on which the host listens is refused, and its service goes on" {
	need_nat
	host_server tcp 18100 9
	refused --net nat --publish 18100:8000
	contains "$stderr" "--publish 18100:8000/tcp: a process of this host has port 18100"
	refused --net nat --publish 127.0.0.1:18100:8000
	contains "$stderr" "--publish 127.0.0.1:18100:8000/tcp"
	outside '{"do": "tcp", "to": ["192.0.2.1", 18100], "send": "still there"}'
	contains "$output" "still there"
	net 0 nat --publish 18100:8000/udp -- true
	stop_host_server
	net 0 nat --publish 18100:8000 -- true
}

@test "nat: a port below 1024 needs no right to listen there" {
	need_nat
	expect 0 setpriv --bounding-set=-net_bind_service --inh-caps=-net_bind_service \
		"$NIDUS" run --net nat --publish 180:8000 -- true
}

@test "nat: the same of UDP" {
	need_nat
	host_server udp 18101 9
	refused --net nat --publish 18101:8000/udp
	contains "$stderr" "--publish 18101:8000/udp: a process of this host has port 18101"
	stop_host_server
}

@test "nat: of two sandboxes with one port the second is refused, and told by whom it is taken" {
	need_nat
	server nat --publish 18102:8000 -- tcp 8000 9
	local first=$spawner id
	"$NIDUS" list --json >"$scratch/list"
	"$HELPERS/check-json" "$scratch/list" 'E[0][0]["ports"] == ["18102:8000/tcp"]' \
		'len(E[0][0]["addresses"]) >= 1' 'E[0][0]["argv"] != []'
	id=$("$HELPERS/check-json" "$scratch/list" 'print(E[0][0]["id"]) or True')
	expect 0 "$NIDUS" list --wide
	contains "$output" "18102:8000/tcp"
	refused --net nat --publish 18102:9000
	contains "$stderr" "--publish: port 18102 belongs to sandbox $id"
	here tcp 127.0.0.1 18102 still
	contains "$output" still
	spawner=$first
	stop_server
	net 0 nat --publish 18102:8000 -- true
}

@test "user: of two sandboxes with one port the second is refused" {
	need_stage
	need_user_net
	server user --publish 18103:8000 -- tcp 8000 9
	local first=$spawner
	refused --net user --publish 18103:9000
	contains "$stderr" "18103:9000/tcp"
	here tcp 127.0.0.1 18103 still
	contains "$output" still
	spawner=$first
	stop_server
}

@test "nat beside user: a port of the latter is refused to the former" {
	need_nat
	need_user_net
	server user --publish 18104:8000 -- tcp 8000 9
	local first=$spawner
	refused --net nat --publish 18104:8000
	contains "$stderr" "a process of this host has port 18104"
	spawner=$first
	stop_server
}

# ask HOST SOURCE-PORT PORT: a datagram from outside.
ask() {
	run --separate-stderr "$CLIENT" agent \
		"{\"do\": \"udp\", \"to\": [\"$1\", $3], \"from\": $2, \"send\": \"datagram\"}"
}

@test "nat: a client that keeps its source port reaches the sandbox that replaces another" {
	need_nat
	local host
	for host in "$NET_HOST4" "$NET_HOST6"; do
		server nat --publish 18110:8000/udp -- udp 8000 9
		ask "$host" 40000 18110
		equal "$status" 0 "the first sandbox, by $host"
		stop_server
		ask "$host" 40000 18110 # tracked as a connection to the host itself
		equal "$status" 1 "nobody, by $host"
		server nat --publish 18110:8000/udp -- udp 8000 9
		ask "$host" 40000 18110
		equal "$status" 0 "the second sandbox, by $host"
		contains "$output" datagram
		stop_server
	done
}

@test "nat: what a sandbox published does not lead to the next holder of its address" {
	need_nat
	local pool=10.77.2.1/32
	server nat --net-pool "$pool" --publish 18111:8000/udp -- udp 8000 9
	ask "$NET_HOST4" 40001 18111
	equal "$status" 0 "the sandbox that published the port"
	stop_server
	server nat --net-pool "$pool" -- udp 8000 9
	equal "$address4" 10.77.2.1 "the next holder"
	ask "$NET_HOST4" 40001 18111
	equal "$status" 1 "the sandbox that did not"
	stop_server
}

@test "nat: connections of others to the same port go on" {
	need_nat
	server nat --publish "$NET_HOST4:18112:8000/udp" -- udp 8000 9
	ask "$NET_HOST4" 40002 18112
	equal "$status" 0 "the port of one address"
	local first=$spawner before after
	before=$(entries 40002)
	server nat --publish 18112:8000/udp -- udp 8000 9
	after=$(entries 40002)
	kill "$first"
	stop_server
	equal "$after" "$before" "connections of source port 40002"
	contains "$before" "sport=40002"
}

# entries PORT: tracked connections from this source port, without what counts down.
entries() {
	[ -r /proc/net/nf_conntrack ] || skip "no /proc/net/nf_conntrack"
	grep "sport=$1 " /proc/net/nf_conntrack | sed 's/^\([a-z0-9]* *[0-9]* [a-z]* *[0-9]* \)[0-9]*/\1/'
}
