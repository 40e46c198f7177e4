#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# nidus list: what runs, with what, and where it can be reached.

load helpers

listed() {
	"$NIDUS" list --json >"$scratch/list"
	"$HELPERS/check-json" "$scratch/list" "$@"
}

@test "the whole command is listed, as ps shows it" {
	background --name "list-$TEST_AS" -- sh -c 'sleep 60; :' "a b" ''
	expect 0 "$NIDUS" list
	contains "$output" "sh -c 'sleep 60; :' 'a b' ''"
	equal "$(lines "$output")" 2 lines
	listed 'E[0][0]["argv"] == ["sh", "-c", "sleep 60; :", "a b", ""]' 'E[0][0]["command"] == "sh"'
	kill -TERM "$spawner"
	ended 143
	background --as-pid-1 -- sleep 60
	listed 'E[0][0]["argv"] == ["sleep", "60"]'
	"$NIDUS" kill "$("$HELPERS/check-json" "$scratch/list" 'print(E[0][0]["id"]) or True')"
	ended 137
}

@test "arguments are on no record" {
	local secret=swordfish-$RANDOM$RANDOM
	background -- sh -c 'sleep 60; :' "$secret"
	run grep -rn "$secret" /run/nidus "${XDG_RUNTIME_DIR:-/run/nidus}/nidus" "$EVENTS"
	lacks "$output" "$secret"
	kill -TERM "$spawner"
	ended 143
}

@test "a command that renames itself can't reach the terminal" {
	background -- bash -c $'exec -a "a\e[2Jb\xc2\x9bc" sleep 60'
	wait_for 10 sh -c '"$1" list | grep -q "sleep\|60$"' _ "$NIDUS"
	"$NIDUS" list >"$scratch/table"
	"$NIDUS" list --wide >>"$scratch/table"
	"$NIDUS" list --json >>"$scratch/table"
	! LC_ALL=C grep -q $'\e\|\x9b' "$scratch/table" || fail "$(cat -v "$scratch/table")"
	listed 'E[0][0]["command"] == "bash"'
	kill -TERM "$spawner"
	ended 143
}

@test "--wide: labels; JSON has all of it" {
	background --label team=blue --label 'note=two words' -- sleep 60
	expect 0 "$NIDUS" list
	lacks "$output" team
	expect 0 "$NIDUS" list --wide
	[[ $output == *"ADDRESS"*"PORTS"*"LABELS"*"COMMAND"* ]] || fail "$output"
	contains "$output" "team=blue,'note=two words'"
	listed 'E[0][0]["labels"] == {"team": "blue", "note": "two words"}' 'E[0][0]["addresses"] == []' \
		'E[0][0]["ports"] == []'
	kill -TERM "$spawner"
	ended 143
	expect 2 "$NIDUS" list --width
	contains "$stderr" "unknown option"
}
