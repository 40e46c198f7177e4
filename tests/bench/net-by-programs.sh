#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# net-by-programs.sh add|remove ID PID ADDR4 ADDR6: the network that nidus gives a
# sandbox, made by ip and nft instead, with as few of them as can be. For
# tests/bench/net.c: the table exists, nothing is leased, nothing is waited for.
set -eu
verb=$1 id=$2 pid=$3 addr4=$4 addr6=$5
link=nd$id
mac=02:00:00:00:00:01 peer_mac=06:00:00:00:00:01

elements() {
	nft -f - <<-EOF
		$1 element inet nidus own4 { "$link" . $addr4 }
		$1 element inet nidus own6 { "$link" . $addr6 }
		$1 element inet nidus src4 { $addr4 }
		$1 element inet nidus src6 { $addr6 }
	EOF
}

add() {
	elements add
	ip -batch - <<-EOF
		link add $link group 28260 address $mac type veth peer name eth0 address $peer_mac netns $pid
		link set $link addrgenmode none
		link set $link up
		neigh add $addr4 lladdr $peer_mac dev $link nud permanent
		neigh add $addr6 lladdr $peer_mac dev $link nud permanent
		route add $addr4/32 dev $link
		route add $addr6/128 dev $link
	EOF
	echo 1 > "/proc/sys/net/ipv4/conf/$link/forwarding"
	echo 1 > "/proc/sys/net/ipv4/conf/$link/route_localnet"
	nsenter -t "$pid" -n ip -batch - <<-EOF
		link set eth0 addrgenmode none
		link set eth0 up
		addr add $addr4/32 dev eth0
		addr add $addr6/128 dev eth0 nodad
		neigh add 169.254.1.1 lladdr $mac dev eth0 nud permanent
		neigh add fe80::1 lladdr $mac dev eth0 nud permanent
		route add default via 169.254.1.1 dev eth0 onlink src $addr4
		route add default via fe80::1 dev eth0 onlink src $addr6
	EOF
}

# The link goes with its namespace, as nidus's.
remove() {
	ip -batch - <<-EOF
		route del $addr4/32 dev $link
		route del $addr6/128 dev $link
	EOF
	elements delete
}

"$verb"
