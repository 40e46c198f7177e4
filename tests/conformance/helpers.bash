# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # HELPERS, scratch, spawner: of e2e
#
# Loaded by the tests of nidus-init's drop-in role. A file that sets PEER to the
# name of a program runs twice: as conformance-NAME of nidus-init under that name,
# and as conformance-NAME-peer of that program itself. $INIT is the one under test.
# What the peer does otherwise than the tests want of us is told as "# peer: …".

load ../e2e/helpers
HELPERS=$BATS_TEST_DIRNAME/../e2e/helpers

# setup and teardown are e2e's; what ours put around them: each test in its own directory.
eval "e2e_$(declare -f setup)"
eval "e2e_$(declare -f teardown)"

setup() {
	e2e_setup
	cd "$scratch" || return 1
}

teardown() {
	quit
	e2e_teardown
}

# As of e2e, but by way of files: nothing that a peer leaves behind can hold the test.
expect() {
	local wanted=$1
	shift
	status=0
	timeout --foreground -k 1 "${LIMIT_S:-60}" "$@" >"$BATS_TEST_TMPDIR/stdout" \
		2>"$BATS_TEST_TMPDIR/stderr" </dev/null 3>&- 4>&- || status=$?
	output=$(<"$BATS_TEST_TMPDIR/stdout")
	stderr=$(<"$BATS_TEST_TMPDIR/stderr")
	[ "$status" -eq "$wanted" ] || fail "status $status instead of $wanted
command: $*
stdout: ${output:0:2000}
stderr: ${stderr:0:2000}"
}

setup_file() {
	local name
	NAMES=$BATS_FILE_TMPDIR
	for name in nidus-init tini docker-init dumb-init catatonit; do
		ln -s "$TEST_BIN/nidus-init" "$NAMES/$name"
	done
	INIT=$NAMES/${PEER:-nidus-init}
	if is_peer; then
		INIT=$(type -P "$PEER") || skip "$PEER is not installed"
	fi
	export INIT NAMES
}

is_peer() {
	[ "${CONFORMANCE:-ours}" = peer ]
}

note() {
	printf '# %s\n' "$*" >&3
}

# claim WHAT COMMAND…: must succeed with ours; how the peer does is told.
claim() {
	local what=$1
	shift
	if ! is_peer; then
		"$@" || fail "not true: $what"
	elif "$@" >/dev/null 2>&1; then
		note "peer: $PEER, as wanted: $what"
	else
		note "peer: $PEER, not: $what"
	fi
	quit
}

# start ARGUMENT…: the init in the background, as a login's program: a job of a
# script ignores INT and QUIT. $init is its pid, its output is in $OUT and $ERR.
start() {
	OUT=$BATS_TEST_TMPDIR/out
	ERR=$BATS_TEST_TMPDIR/err
	: >"$OUT"
	env --default-signal=INT,QUIT CONFORMANCE_STARTED="$BATS_TEST_NUMBER" "${BEFORE[@]}" "$INIT" "$@" >"$OUT" 2>"$ERR" </dev/null 3>&- 4>&- &
	init=$!
}

# Commands before the init: an array, so that it may be none.
BEFORE=()

said() {
	grep -qx -- "$1" "$OUT"
}

# Until the program said it.
hear() {
	wait_for 10 said "$1" || {
		fail "no '$1' from the program: $(cat "$OUT" "$ERR")"
		return 1
	}
}

# ends STATUS: it ends, within 10 s, with that.
ends() {
	local got=0
	wait_for 10 gone "$init" || {
		quit
		return 1
	}
	wait "$init" || got=$?
	equal "$got" "$1" "status of the init, which said '$(head -c 500 "$ERR")',"
}

# Whatever start left, orphans too: all that has the mark.
quit() {
	local pid
	[ -n "${init:-}" ] || return 0
	grep -ls "CONFORMANCE_STARTED=$BATS_TEST_NUMBER" /proc/[0-9]*/environ | cut -d / -f 3 |
		while read -r pid; do
			kill -KILL "$pid" 2>/dev/null || true
		done
	wait "$init" 2>/dev/null || true
	init=
}

# The program: the init's first child.
program() {
	local children
	read -r children _ <"/proc/$init/task/$init/children"
	echo "$children"
}

# field PID N: of /proc/PID/stat, counted as proc(5) does.
field() {
	local rest
	rest=$(sed 's/.*) //' "/proc/$1/stat") || return 1
	echo "$rest" | cut -d ' ' -f "$(($2 - 2))"
}

state_is() {
	[ "$(field "$1" 3)" = "$2" ]
}

# status WANTED COMMAND…: what the init makes of a program that ends.
status_of() {
	local wanted=$1
	shift
	expect "$wanted" "${BEFORE[@]}" "$INIT" "$@"
}
