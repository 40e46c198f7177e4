#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Paths of the host below a directory that an earlier workload, or another user, could write
# to: what was planted there is not followed.

load helpers

# plant NAME TARGET: an earlier workload leaves a link in its writable bind.
plant() {
	mkdir -p "$scratch/job"
	expect 0 "$NIDUS" run --bind "$scratch/job" /mnt -- ln -s "$2" "/mnt/$1"
}

# refused OPTION ARGUMENT…: with the option, and the link, named.
refused() {
	expect 125 "$NIDUS" run "$@" -- true
	contains "$stderr" "nidus: $1 "
	contains "$stderr" "is a link that somebody else may have made"
	equal "$(lines "$stderr")" 1 "lines on stderr"
}

@test "--report and --events write through no link that was planted" {
	local option
	echo secret >"$scratch/closed"
	chmod 0600 "$scratch/closed"
	plant out.json "$scratch/closed"
	for option in --report --events; do
		refused "$option" "$scratch/job/out.json"
		contains "$stderr" "/job/out.json is a link"
	done
	equal "$(cat "$scratch/closed")" secret
}

@test "--lock-file makes no file through a link that dangles" {
	plant lock "$scratch/made"
	refused --lock-file "$scratch/job/lock"
	[ ! -e "$scratch/made" ] || fail "made through the link"
}

@test "--lock-file is closed to others, so that nobody inside can lock it" {
	expect 0 "$NIDUS" run --lock-file "$scratch/lock" -- true
	equal "$(stat -c %a "$scratch/lock")" 600
	need_root
	background --lock-file "$scratch/lock2" -- sh -c "flock -s $scratch/lock2 true; echo \$?; exec sleep 0.2"
	ended 0
	contains "$(cat "$BATS_TEST_TMPDIR/err")" "ermission denied"
	lacks "$(cat "$BATS_TEST_TMPDIR/out")" "0"$'\n'
}

@test "a writable bind and the layers of an overlay follow no link that was planted" {
	mkdir -m 0700 "$scratch/closed" "$scratch/low" "$scratch/work"
	plant out "$scratch/closed"
	refused --bind "$scratch/job/out" /mnt
	contains "$stderr" "/job/out is a link"
	refused --bind-try "$scratch/job/out" /mnt
	refused --dev-bind "$scratch/job/out" /mnt
	cd "$scratch/job"
	refused --bind ./out /mnt
	refused --bind out/. /mnt
	expect 125 "$NIDUS" run --overlay-src "$scratch/low" --overlay "$scratch/job/out" "$scratch/work" /mnt -- true
	contains "$stderr" "nidus: --overlay $scratch/job/out"
	contains "$stderr" "is a link"
	expect 125 "$NIDUS" run --overlay-src "$scratch/low" --overlay "$scratch/work" "$scratch/job/out" /mnt -- true
	contains "$stderr" "is a link"
}

@test "a link of another user's is not followed where others can write" {
	need_root
	local option
	mkdir -m 0777 "$scratch/shared"
	mkdir -p "$scratch/root/proc"
	profile_for sync ERRNO >"$scratch/profile"
	for name in root profile; do
		ln -s "$scratch/$name" "$scratch/shared/$name"
		chown -h 4321 "$scratch/shared/$name"
	done
	ln -s /proc/self/ns/net "$scratch/shared/net"
	chown -h 4321 "$scratch/shared/net"
	ln -s "$NIDUS" "$scratch/shared/init"
	chown -h 4321 "$scratch/shared/init"
	refused --root "$scratch/shared/root"
	refused --ro-bind "$scratch/shared/root" /mnt
	refused --net "$scratch/shared/net"
	refused --join "net=$scratch/shared/net"
	expect 125 "$NIDUS" run --overlay-src "$scratch/shared/root" --tmp-overlay /mnt -- true
	contains "$stderr" "nidus: --overlay-src $scratch/shared/root"
	for option in seccomp init; do
		expect 125 "$NIDUS" run "--$option" "$scratch/shared/${option/seccomp/profile}" -- true
		contains "$stderr" "is a link that somebody else may have made"
	done
	expect 1 "$NIDUS" seccomp "$scratch/shared/profile"
	contains "$stderr" "is a link that somebody else may have made"
	chown -h 0 "$scratch/shared/profile"
	expect 0 "$NIDUS" run --seccomp "$scratch/shared/profile" -- true
}

@test "NIDUS_CONFIG and NIDUS_STATE_DIR go through no link that was planted" {
	local verb
	need_root
	mkdir -m 0777 "$scratch/shared"
	mkdir -m 0700 "$scratch/ours" "$scratch/ours/state"
	echo "mtu = secret" >"$scratch/ours/conf"
	ln -s "$scratch/ours" "$scratch/shared/link"
	ln -s "$scratch/ours/conf" "$scratch/shared/conf"
	chown -h 4321 "$scratch/shared/link" "$scratch/shared/conf"
	for name in link/conf conf; do
		for verb in "--explain --net nat" "--net nat"; do
			# shellcheck disable=SC2086 # several words
			NIDUS_CONFIG=$scratch/shared/$name expect 125 "$NIDUS" run $verb -- true
			contains "$stderr" "is a link that somebody else may have made"
			lacks "$stderr" secret
		done
		NIDUS_CONFIG=$scratch/shared/$name run "$NIDUS" check
		lacks "$output" "mtu = secret"
	done
	for name in link/state link/new link; do
		NIDUS_STATE_DIR=$scratch/shared/$name expect 125 "$NIDUS" run -- true
		NIDUS_STATE_DIR=$scratch/shared/$name run "$NIDUS" list
		[ "$status" -ne 0 ] || fail "list of $name"
	done
	equal "$(ls -A "$scratch/ours/state")" "" "records"
	[ ! -e "$scratch/ours/new" ] || fail "made through the link"
	# a link of our own, too: what an earlier command made in a writable bind is the caller's
	ln -s "$scratch/ours" "$scratch/own"
	NIDUS_STATE_DIR=$scratch/own/state expect 125 "$NIDUS" run -- true
	contains "$stderr" "is a link that somebody else may have made"
	NIDUS_STATE_DIR=$scratch/ours/state/// expect 0 "$NIDUS" run -- true
}

@test "links of the system and the caller's own are followed" {
	mkdir "$scratch/dir"
	echo shown >"$scratch/dir/f"
	ln -s dir "$scratch/link"
	expect 0 "$NIDUS" run --ro-bind "$scratch/link" /mnt -- cat /mnt/f
	equal "$output" shown
	expect 0 "$NIDUS" run --events /dev/stderr --report /dev/stdout -- true
	contains "$output" '"exit_code"'
	contains "$stderr" '"cleaned"'
	[ ! -L /var/run ] || expect 0 "$NIDUS" run --ro-bind /var/run /mnt -- true
	[ ! -L /bin ] || expect 0 "$NIDUS" run --ro-bind /bin /mnt -- /mnt/true
}

@test "a source that becomes a link while nidus starts is not followed" {
	local swapper loops
	loops=$(light 60 20)
	mkdir -m 0755 "$scratch/open" "$scratch/closed" "$scratch/job"
	touch "$scratch/closed/secret"
	mkdir "$scratch/job/out"
	python3 - "$scratch/job/out" "$scratch/closed" <<-'END' 3>&- &
		import os, sys
		out, closed = sys.argv[1:]
		os.symlink(closed, out + ".link")
		while os.getppid() != 1 and os.path.exists(closed):
		    try:
		        os.rename(out, out + ".dir"); os.rename(out + ".link", out)
		        os.rename(out, out + ".link"); os.rename(out + ".dir", out)
		    except OSError:
		        break
	END
	swapper=$!
	for _ in $(seq "$loops"); do
		run "$NIDUS" run --bind "$scratch/job/out" /mnt -- ls /mnt
		lacks "$output" secret || { kill "$swapper"; return 1; }
	done
	kill "$swapper"
	wait "$swapper" || true
}
