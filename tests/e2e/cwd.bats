#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The caller's directory: given at its own path, and told of where it can't be.

load helpers

# A directory below the host's /tmp, which the view hides.
below_tmp() {
	hidden=$(mktemp -d /tmp/cwd.XXXXXX)
	chmod 0755 "$hidden"
	echo here >"$hidden/file"
	cd "$hidden" || return 1
}

leave() {
	cd /
	rm -r "$hidden"
}

@test "below /tmp it is there, read-only, unless told otherwise" {
	below_tmp
	expect 0 "$NIDUS" run -- sh -c 'pwd; cat file; ! touch new 2>/dev/null; touch /tmp/other'
	equal "$output" "$hidden"$'\nhere'
	equal "$stderr" "" stderr
	[ ! -e new ] || fail "it was writable"
	expect 0 "$NIDUS" run --cwd ro -- sh -c 'pwd; ! touch new 2>/dev/null'
	equal "$output" "$hidden"
	expect 0 "$NIDUS" run --cwd rw -- sh -c 'pwd; echo made >new'
	equal "$output" "$hidden"
	equal "$(<new)" made
	equal "$(stat -c %u new)" "$(id -u)" "owner of what it made"
	expect 0 "$NIDUS" run --cwd none -- pwd
	equal "$output" /
	expect 0 "$NIDUS" run --cwd rw --chdir / -- sh -c "pwd; cat $hidden/file"
	equal "$output" $'/\nhere'
	expect 0 "$NIDUS" run --detach -- true
	equal "$stderr" "" stderr
	"$NIDUS" wait "$output" 3>&- || true
	leave
}

@test "what the caller arranges goes before" {
	below_tmp
	expect 0 "$NIDUS" run --tmpfs "$hidden" -- sh -c 'ls -A; pwd'
	equal "$output" "$hidden"
	expect 0 "$NIDUS" run --dir "$hidden/deep" -- pwd
	equal "$output" "$hidden"
	expect 0 "$NIDUS" run --chdir / -- sh -c 'ls /tmp'
	equal "$output" "" "the private /tmp"
	leave
}

@test "below a closed directory of root's it is there, and its neighbours are not" {
	need_root
	mkdir -p "$scratch/closed/deep/below" "$scratch/closed/other"
	chmod 0700 "$scratch/closed"
	echo here >"$scratch/closed/deep/file"
	cd "$scratch/closed/deep"
	expect 0 "$NIDUS" run -- sh -c 'pwd; cat file; ls ..; ! touch new 2>/dev/null'
	equal "$output" "$scratch/closed/deep"$'\nhere\ndeep'
	expect 0 "$NIDUS" run --cwd rw -- sh -c 'echo made >new; ls ..'
	equal "$output" deep
	equal "$(<new)" made
	equal "$(stat -c %u new)" 0 owner
	equal "$stderr" "" stderr
}

# In a mount namespace of its own, where /root may be anything.
root_project() {
	mount -t tmpfs -o mode=0700 tmpfs /root
	mkdir /root/project
	echo here >/root/project/file
	echo secret >/root/secret
	chmod 0644 /root/secret
	cd /root/project || return 1
	"$NIDUS" run -- sh -c 'pwd; cat file; ls -A /root'
	cd /root || return 1 # the home itself is not given: an empty one is there
	"$NIDUS" run -- sh -c 'pwd; cat /root/secret 2>/dev/null; true'
}

@test "below /root as root" {
	need_root
	export -f root_project
	expect 0 unshare --mount bash -ec root_project
	equal "$output" $'/root/project\nhere\nproject\n/root'
}

@test "a home, or what is above one, or what others own or may write to, is not given unasked" {
	below_tmp
	HOME=$hidden expect 0 "$NIDUS" run -- pwd
	equal "$output" / "in HOME"
	HOME=$hidden/deep/er expect 0 "$NIDUS" run -- pwd
	equal "$output" / "above HOME"
	HOME=$hidden expect 0 "$NIDUS" run --cwd ro -- pwd
	equal "$output" "$hidden" "if asked"
	chmod 0777 "$hidden"
	expect 0 "$NIDUS" run -- pwd
	equal "$output" / "where everybody may write"
	leave
	cd /tmp
	expect 0 "$NIDUS" run -- ls -A
	equal "$output" "" "the host's /tmp"
	if ! is_root; then
		cd /
		expect 0 "$NIDUS" run --cwd ro -- pwd
		equal "$output" /
	fi
}

@test "one that is lost is told of only where that matters" {
	below_tmp
	export HOME=$hidden
	sandbox 0 -- pwd
	equal "$output" /
	equal "$stderr" "" "stderr of a command that needs no directory"
	events 'ev("degraded")["control"] == "chdir"' "'$hidden' in ev('degraded')['why']"
	report 'J["degraded"] >= 1'
	# it fails
	expect 1 "$NIDUS" run -- false
	equal "$stderr" "nidus: the command starts in / and not in $hidden: No such file or directory; --cwd ro (or rw) gives access"
	# it names a relative path
	expect 0 "$NIDUS" run -- sh -c 'true' file
	contains "$stderr" "starts in /"
	equal "$(lines "$stderr")" 1 lines
	expect 127 "$NIDUS" run -- ./file
	contains "$stderr" "starts in /"
	expect 0 "$NIDUS" run --as-pid-1 -- sh -c 'true' file
	contains "$stderr" "starts in /"
	expect 0 "$NIDUS" run --detach -- sh -c 'true' file
	contains "$stderr" "starts in /"
	"$NIDUS" wait "$output" 3>&- || true
	expect 1 "$NIDUS" run --cwd none -- false
	equal "$stderr" "" "stderr with --cwd none"
	expect 1 "$NIDUS" run --log-level error -- false
	equal "$stderr" "" "stderr at level error"
	expect 0 "$NIDUS" run --chdir / -- sh -c 'true' file
	equal "$stderr" "" "stderr with --chdir"
	# a tree of its own has other directories
	expect 1 "$NIDUS" run --tmpfs / --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
		--ro-bind-try /lib64 /lib64 -- false
	equal "$stderr" "" "stderr with another root"
	leave
}

@test "one that only its owner may enter: which --cwd gives it" {
	need_root
	mkdir "$scratch/closed"
	chmod 0700 "$scratch/closed"
	cd "$scratch/closed"
	expect 1 "$NIDUS" run -- false
	equal "$stderr" "nidus: the command starts in / and not in $scratch/closed: Permission denied; --cwd rw gives access"
	expect 0 "$NIDUS" run --cwd rw -- pwd
	equal "$output" "$scratch/closed"
	expect 125 "$NIDUS" run --cwd ro -- pwd
	contains "$stderr" "nidus: --cwd ro: only its owner may enter the current directory"
}

@test "--cwd of anything else, or of what is gone, is refused" {
	expect 125 "$NIDUS" run --cwd /srv -- true
	contains "$stderr" "--cwd /srv: must be ro, rw or none; a directory inside is for --chdir"
	below_tmp
	mkdir gone
	cd gone
	rmdir ../gone
	expect 125 "$NIDUS" run --cwd ro -- true
	contains "$stderr" "--cwd ro: the current directory is gone"
	expect 0 "$NIDUS" run -- true
	cd "$hidden"
	# what the command could forge stays refused
	expect 125 "$NIDUS" run --cwd rw --report report.json -- true
	contains "$stderr" "--report report.json: --cwd rw $hidden makes it writable inside"
	leave
}
