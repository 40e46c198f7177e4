#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# UNIX sockets of the host: a read-only view keeps nobody from connecting to one. Those in the
# default view that listen are closed, by whatever name; what the caller binds stays open.

load helpers

setup_file() {
	command -v python3 >/dev/null || skip "python3 is not installed"
}

teardown() {
	if [ -n "${listener:-}" ]; then
		kill "$listener" 2>/dev/null
		wait "$listener" 2>/dev/null || true
	fi
	rm -rf "$scratch"
	[ "${BATS_TEST_COMPLETED:-}" != 1 ] || "$HELPERS/census" compare "$BATS_TEST_TMPDIR/census"
}

# serve MODE ARGUMENT…: helpers/unix-sockets in the background; returns once all listen.
serve() {
	local mode=$1
	shift
	"$HELPERS/unix-sockets" "$mode" "$scratch/ready" "$@" </dev/null >/dev/null 2>&1 3>&- 4>&- &
	listener=$!
	wait_for 60 test -e "$scratch/ready"
}

connect=("$HELPERS/unix-sockets" connect)

@test "a listening socket can't be connected to, nor a datagram socket sent to" {
	serve listen "$scratch/s" "$scratch/s.dgram"
	equal "$("${connect[@]}" "$scratch/s" "$scratch/s.dgram")" $'connected\nconnected'
	expect 0 "$NIDUS" run -- "${connect[@]}" "$scratch/s" "$scratch/s.dgram"
	equal "$output" $'ECONNREFUSED\nECONNREFUSED'
	expect 0 "$NIDUS" run --home ro -- "${connect[@]}" "$scratch/s"
	equal "$output" ECONNREFUSED
}

@test "hostile names: blanks, line ends, escapes, quotes, the longest path, a path through links" {
	local longest
	mkdir "$scratch/d"
	ln -s d "$scratch/link"
	longest=$(printf '%*s' $((107 - ${#scratch} - 1)) '' | tr ' ' l)
	local names=("$scratch/a b" "$scratch/a"$'\n'"b" "$scratch/\"'\\" "$scratch/"$'\e[2J\x01\xff' "$scratch/$longest"
		"$scratch/link/x" "$scratch//d/./y")
	serve listen "${names[@]}"
	expect 0 "$NIDUS" run -- "${connect[@]}" "${names[@]}" "$scratch/d/x"
	equal "$(sort -u <<<"$output")" ECONNREFUSED
	equal "$(lines "$output")" 8
	expect 0 "$NIDUS" run --explain -- true
	lacks "$output" $'\e'
}

@test "a name that leads to something else closes nothing" {
	echo text >"$scratch/file"
	mkdir "$scratch/dir"
	serve listen "$scratch/s"
	mv "$scratch/s" "$scratch/moved"
	ln -s file "$scratch/s"
	expect 0 "$NIDUS" run -- cat "$scratch/s" "$scratch/file"
	equal "$output" $'text\ntext'
}

@test "who swaps a socket for a link after it was listed hides nothing else" {
	echo text >"$scratch/file"
	serve listen "$scratch/s"
	rm -f "$EVENTS"
	"$NIDUS" run --hold root --events "$EVENTS" -- cat "$scratch/file" >"$BATS_TEST_TMPDIR/out" 2>/dev/null </dev/null 3>&- 4>&- &
	spawner=$!
	wait_for 20 grep -q '"spawned"' "$EVENTS"
	sleep 0.3 # held: nothing happens until CONT
	rm "$scratch/s"
	ln -s file "$scratch/s"
	kill -CONT "$spawner"
	exits 30 "$spawner" 0 "nidus run"
	equal "$(cat "$BATS_TEST_TMPDIR/out")" text
}

@test "thousands of sockets: their directories are closed, and a start takes no longer than it may" {
	local count
	count=$(light 3000 600)
	mkdir "$scratch/many" "$scratch/many/job"
	echo in >"$scratch/many/job/f"
	serve many "$scratch/many" "$count"
	sandbox 0 -- "${connect[@]}" "$scratch/many/0/s0" "$scratch/many/$(((count - 1) / 64))/s$((count - 1))"
	equal "$output" $'ENOENT\nENOENT'
	events 'not any(e["event"] == "degraded" and e["control"] == "sockets" for e in E)' \
		'ev("setup_finished")["setup_us"] < 5000000'
	# what the caller asks for below such a directory works
	expect 0 "$NIDUS" run --ro-bind "$scratch/many/job" "$scratch/many/0" --chdir "$scratch/many/0" -- cat f
	equal "$output" in
}

@test "more places than can be closed are reported" {
	need_root
	[ "$TEST_AS" != self ] || skip "needs a /srv of its own"
	local names=() i
	mount -t tmpfs tmpfs /srv
	for ((i = 0; i < 300; i++)); do names+=("/srv/s$i"); done
	serve listen "${names[@]}"
	sandbox 0 -- true
	kill "$listener" && wait "$listener" 2>/dev/null || true
	listener=
	umount /srv
	events 'any(e["event"] == "degraded" and e["control"] == "sockets" and "44 places more than 256" in e["why"] for e in E)'
}

@test "sockets in what the caller binds stay open, and with a root that was given" {
	serve listen "$scratch/s"
	expect 0 "$NIDUS" run --ro-bind "$scratch" /mnt -- "${connect[@]}" /mnt/s
	equal "$output" connected
	expect 0 "$NIDUS" run --ro-bind "$scratch" "$scratch" -- "${connect[@]}" "$scratch/s"
	equal "$output" connected
	expect 0 "$NIDUS" run --ro-bind / / -- "${connect[@]}" "$scratch/s"
	equal "$output" connected
}

@test "the usual places of sockets are not seen at all" {
	local place
	place=$(mktemp -d /var/tmp/tmux.XXXXXX)
	chmod 0755 "$place"
	serve listen "$place/default"
	expect 0 "$NIDUS" run -- "${connect[@]}" "$place/default"
	rm -r "$place"
	equal "$output" ENOENT
}

@test "without unix_diag in the kernel, /proc/net/unix does" {
	command -v strace >/dev/null || skip "strace is not installed"
	[ "$TEST_AS" != asan ] || skip "LeakSanitizer does not work under ptrace"
	serve listen "$scratch/a b" "$scratch/s.dgram"
	expect 0 strace -f -o /dev/null -e trace=sendto -e inject=sendto:error=ENOENT:when=1 \
		"$NIDUS" run --userns keep --events "$EVENTS" -- "${connect[@]}" "$scratch/a b" "$scratch/s.dgram"
	equal "$output" $'ECONNREFUSED\nECONNREFUSED'
	events 'not any(e["event"] == "degraded" and e["control"] == "sockets" for e in E)'
}

@test "abstract sockets are closed with --net host where Landlock has scopes" {
	local abi
	abi=$("$NIDUS" check 2>/dev/null | sed -nE 's/.*landlock +ABI ([0-9]+).*/\1/p')
	[ "${abi:-0}" -ge 6 ] || skip "Landlock has no scopes here (ABI ${abi:-none})"
	serve listen "@nidus-$BATS_SUITE_TEST_NUMBER-$$"
	equal "$("${connect[@]}" "@nidus-$BATS_SUITE_TEST_NUMBER-$$")" connected
	expect 0 "$NIDUS" run --net host -- "${connect[@]}" "@nidus-$BATS_SUITE_TEST_NUMBER-$$"
	equal "$output" EPERM
	# those made inside work
	expect 0 "$NIDUS" run --net host -- python3 -c 'import socket
a = socket.socket(socket.AF_UNIX); a.bind("\0inside"); a.listen()
b = socket.socket(socket.AF_UNIX); b.connect("\0inside"); print("connected")'
	equal "$output" connected
}

@test "--explain says what is closed, and what stays open" {
	serve listen "$scratch/s"
	expect 0 "$NIDUS" run --explain -- true
	grep -qE '^sockets +those of the host that listen now are closed \(places: [1-9][0-9]*\)' <<<"$output" || fail "$output"
	grep -qE '^open +sockets made later.*FIFOs.*--deny' <<<"$output" || fail "$output"
	contains "$output" "mask       $scratch/s,"
	expect 0 "$NIDUS" run --explain --ro-bind / / -- true
	lacks "$output" "$scratch/s"
}

# A FIFO with a reader, that everybody may open, and what writing to it comes to.
@test "a FIFO is open, as documented, and each documented way closes it" {
	local write rw=(--landlock-rx / --landlock-rw /tmp --landlock-rw /dev)
	mkdir "$scratch/d"
	mkfifo -m 0666 "$scratch/d/fifo"
	exec 8<>"$scratch/d/fifo"
	# shellcheck disable=SC2016 # the shell's inside
	write=(sh -c 'echo in >"$0" && echo written' "$scratch/d/fifo")
	expect 0 "$NIDUS" run -- "${write[@]}"
	equal "$output" written
	read -r -t 5 line <&8
	equal "$line" in "what came out"
	expect 0 "$NIDUS" run --deny "$scratch/d/fifo" -- "${write[@]}" # into /dev/null
	expect 2 "$NIDUS" run --deny "$scratch/d" -- "${write[@]}"
	expect 2 "$NIDUS" run "${rw[@]}" -- "${write[@]}"
	contains "$stderr" "Permission denied"
	expect 0 "$NIDUS" run "${rw[@]}" -- sh -c 'echo x >/tmp/f && echo y >/dev/null && cat /tmp/f'
	equal "$output" x
	background "${rw[@]}" -- sh -c "until [ -p '$scratch/later' ]; do sleep 0.05; done; echo in >'$scratch/later'"
	mkfifo -m 0666 "$scratch/later"
	ended 2
	! read -r -t 0.2 line <&8 || fail "it came out: $line"
	exec 8<&-
}

@test "none is missed while others mount and unmount" {
	is_root || skip "needs root"
	local i paths=() storm found=0
	mkdir "$scratch/d"
	mount -t tmpfs -o size=1m storm "$scratch/d" # another file system than the root's
	mkdir "$scratch/d/"{1..40}
	for ((i = 1; i <= 40; i++)); do
		paths+=("$scratch/d/$i/s")
	done
	serve listen "${paths[@]}"
	"$HELPERS/mount-storm" "$scratch/storm" </dev/null >/dev/null 2>&1 3>&- 4>&- &
	storm=$!
	wait_for 60 test -e "$scratch/storm"
	for ((i = 0; i < 50; i++)); do
		((found += $("$NIDUS" run --explain -- true | grep -cF "mask       $scratch/d/"))) || true
	done
	kill "$storm"
	umount -l "$scratch/d"
	equal "$found" 2000
}
