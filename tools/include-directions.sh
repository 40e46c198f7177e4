#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Checks which room may include which (docs/HACKING.md), from the #includes. A room is a
# folder; each line of the table below is a room and what it may include besides itself:
# a folder, or one header of a folder. Tests are free.
set -u
cd "$(dirname "$0")/.." || exit 1

rooms='
init:
init/core: init
init/sandbox: init init/core
init/wrapper: init init/core
init/machine: init init/core
init/libc:
cgroup: floor
net: floor
spawn: floor spawn/spec
spawn/host: floor spawn/spec/path.h net/config.h
spawn/confine: floor spawn/host
spawn/spec: floor spawn/confine net/net.h net/closed.h net/config.h net/publish.h spawn/explain/units.h
spawn/ids: floor spawn/host spawn/spec
spawn/plan: floor spawn/spec spawn/ids cgroup/cgroup.h
spawn/report: floor spawn
spawn/record: floor spawn/host spawn spawn/spec cgroup/cgroup.h net/net.h
spawn/life: floor spawn/host spawn spawn/spec spawn/ids spawn/confine spawn/plan spawn/record spawn/report cgroup/cgroup.h net/net.h net/publish.h net/resolv.h net/usermode.h net/unix_sockets.h
spawn/check: floor spawn/host spawn spawn/spec spawn/ids spawn/confine cgroup/cgroup.h net/config.h net/survey.h net/usermode.h
spawn/explain: floor spawn spawn/spec spawn/ids spawn/confine spawn/plan cgroup/cgroup.h net/config.h net/usermode.h spawn/report/printable.h
spawn/launcher: floor spawn spawn/cli spawn/confine spawn/report net/net.h net/usermode.h
spawn/cli: floor spawn/host spawn spawn/spec spawn/ids spawn/confine spawn/plan spawn/record spawn/report spawn/life spawn/check spawn/explain cgroup/cgroup.h net/net.h net/ip.h net/config.h net/publish.h net/resolv.h net/usermode.h
'
# The headers of init/ that both sides use.
floor='init/clock.h init/contract.h init/fault.h init/fd.h init/kernel_abi.h init/small_file.h init/text.h init/values.h'
# The only file that knows all three roles, because it chooses one.
chooser=init/main.c

find init cgroup net spawn -name '*.[ch]' -type f 2>/dev/null | sort | while read -r file; do
	directory=${file%/*}
	sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file" | while read -r name; do
		echo "$file $(realpath -ms --relative-to=. "$directory/$name")"
	done
done | awk -v rooms="$rooms" -v floor="$floor" -v chooser="$chooser" '
function folder(path) {
	sub(/\/[^\/]*$/, "", path)
	return path
}
BEGIN {
	gsub(/floor/, floor, rooms)
	count = split(rooms, lines, "\n")
	for (i = 1; i <= count; i++) {
		if (!split(lines[i], words, "[: ]+"))
			continue
		known[words[1]] = 1
		for (j = 2; j in words; j++)
			may[words[1], words[j]] = 1
	}
}
{
	edges++
	from = folder($1)
	to = folder($2)
	if (from in known && (from == to || (from, to) in may || (from, $2) in may || $1 == chooser))
		next
	print "include-directions: " $1 " includes " $2
	bad = 1
}
END {
	if (!edges) {
		print "include-directions: found no #include at all"
		bad = 1
	}
	exit bad
}' >&2
