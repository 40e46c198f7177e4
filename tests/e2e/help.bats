#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Help is asked for and given in one way, whatever the verb.

load helpers

VERBS="run list wait stop kill gc check init-binary seccomp version help"

@test "VERB --help, VERB -h and help VERB are the same text, for every verb" {
	local verb text
	for verb in $VERBS; do
		expect 0 "$NIDUS" "$verb" --help
		text=$output
		contains "$text" "usage: nidus $verb"
		equal "$stderr" ""
		expect 0 "$NIDUS" "$verb" -h
		equal "$output" "$text" "$verb -h"
		expect 0 "$NIDUS" help "$verb"
		equal "$output" "$text" "help $verb"
	done
}

@test "nidus --help, -h and help list every verb and the options" {
	local verb text
	expect 0 "$NIDUS" --help
	text=$output
	for verb in $VERBS; do
		grep -q "^  $verb  *[a-z]" <<<"$text" || fail "$verb is not in: $text"
	done
	for verb in --help --version --log-level --log-format; do
		contains "$text" "$verb"
	done
	expect 0 "$NIDUS" -h
	equal "$output" "$text"
	expect 0 "$NIDUS" help
	equal "$output" "$text"
}

@test "--help is heeded behind other arguments, and changes nothing" {
	expect 0 "$NIDUS" gc --all --help
	contains "$output" "usage: nidus gc"
	expect 0 "$NIDUS" kill no-such-sandbox -h
	contains "$output" "usage: nidus kill"
}

@test "--help behind -- is a name, and behind the command of run its argument" {
	expect 1 "$NIDUS" stop -- --help
	contains "$stderr" "no sandbox named --help"
	sandbox 0 -- sh -c 'printf "%s\n" "$1"' _ --help
	equal "$output" --help
}

@test "help of what is no verb, or of two, is refused" {
	expect 2 "$NIDUS" help no-such-verb
	contains "$stderr" "no such verb"
	expect 2 "$NIDUS" help exec
	contains "$stderr" "not available yet"
	expect 2 "$NIDUS" help run list
	equal "$(lines "$stderr")" 1 "lines on stderr"
}

@test "help that can't be written is an error" {
	expect 1 sh -c '"$1" check --help >/dev/full' _ "$NIDUS"
	contains "$stderr" "No space left"
	expect 1 sh -c '"$1" version >/dev/full' _ "$NIDUS"
	contains "$stderr" "No space left"
}
