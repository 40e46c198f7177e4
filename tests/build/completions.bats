#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Completions: made from the tables of nidus, and what bash offers with them.

load ../e2e/helpers
# shellcheck disable=SC2034 # of e2e's setup
HELPERS=$BATS_TEST_DIRNAME/../e2e/helpers
COMPLETIONS=$TEST_STAGE/source/build/completions

# What bash offers for the last of the words, one a line.
offers() {
	cd "$scratch" || return
	bash -c '
		source "$1"
		shift
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_nidus
		printf "%s\n" "${COMPREPLY[@]}"' _ "$COMPLETIONS/nidus.bash" "$@" | sort
}

# Every name of the table, as --help has them.
options() {
	"$NIDUS" run --help | grep -oE -- '--[a-z][a-z0-9-]+' | sort -u
}

@test "bash offers verbs, and those alone that are there" {
	local verb
	for verb in run list wait stop kill gc check init-binary seccomp version help; do
		offers nidus '' | grep -qx -- "$verb" || fail "no $verb in: $(offers nidus '')"
		"$NIDUS" help "$verb" >/dev/null || fail "$verb is not there"
	done
	! offers nidus '' | grep -qx exec || fail "exec is not available yet"
	equal "$(offers nidus st)" stop
	equal "$(offers nidus --log-level debug ki)" kill
	equal "$(offers nidus help seco)" "" "words"
	equal "$(offers nidus help secc)" seccomp
}

@test "bash offers the options of run, and of each verb" {
	equal "$(offers nidus run --memory- )" --memory-interval
	equal "$(offers nidus run --pids 5 --ro-bind-t)" --ro-bind-try
	equal "$(offers nidus stop --g)" --grace
	equal "$(offers nidus gc --)" "$(printf '%s\n' --all --help --json --older-than)"
	equal "$(offers nidus --log-f)" --log-format
}

@test "bash offers the values of a closed set, given in one word or two" {
	equal "$(offers nidus run --limits '')" "$(printf '%s\n' best-effort strict)"
	equal "$(offers nidus run --limits = be)" best-effort
	equal "$(offers nidus run --limits =)" "$(printf '%s\n' best-effort strict)"
	equal "$(offers nidus run --net na)" nat
	equal "$(offers nidus run --hold piv)" pivot_root
	equal "$(offers nidus run --cap-add net_r)" "$(offers nidus run --cap-drop net_r)"
	equal "$(offers nidus --log-level w)" warn
	equal "$(offers nidus --log-level = w)" warn
}

@test "bash offers profiles: those that come along, the user's, and files" {
	export XDG_CONFIG_HOME=$scratch/config
	mkdir -p "$scratch/config/nidus/profiles"
	touch "$scratch/config/nidus/profiles/judge-of-mine" "$scratch/judge-file"
	equal "$(offers nidus run --profile ju | sort -u)" "$(printf '%s\n' judge judge-file judge-of-mine)"
	equal "$(offers nidus run --profile = serv)" service
	local name
	for name in "$TEST_STAGE"/source/profiles/*; do
		offers nidus run --profile "${name##*/}" | grep -qx "${name##*/}" || fail "no ${name##*/}"
	done
}

@test "bash offers paths where an option takes one" {
	mkdir "$scratch/tree"
	touch "$scratch/a file"
	equal "$(offers nidus run --bind tr)" tree
	equal "$(offers nidus run --bind x tr)" tree
	equal "$(offers nidus run --bind x y --chmod 700 'a f')" "a file"
	equal "$(offers nidus run --chmod tr)" "" "of permissions"
	equal "$(offers nidus run --overlay x y tr)" tree
	equal "$(offers nidus run --seccomp tr)" tree
	equal "$(offers nidus run --seccomp = de)" default
	equal "$(offers nidus run --memory tr)" "" "of a size"
}

@test "bash offers commands behind the options of run, then files" {
	touch "$scratch/input"
	offers nidus run --setenv A run printen | grep -qx printenv || fail "no command"
	offers nidus run -- printen | grep -qx printenv || fail "no command behind --"
	equal "$(offers nidus run --pids 5 cat inp)" input
	equal "$(offers nidus run -- cat --pids inp)" input
}

@test "bash offers the living sandboxes, by name, to those that take one" {
	background --name completed -- sleep 60
	local verb
	for verb in kill stop wait; do
		equal "$(offers "$NIDUS" "$verb" comp)" completed "$verb"
	done
	"$NIDUS" kill completed
	ended 137
}

@test "every option of the table is in all three" {
	local option
	[ "$(options | wc -l)" -gt 80 ] || fail "few options: $(options)"
	for option in $(options); do
		grep -qF "[$option]=" "$COMPLETIONS/nidus.bash" || fail "$option is not in bash's"
		grep -qE -- "'\*${option}[=:']" "$COMPLETIONS/_nidus" || fail "$option is not in zsh's"
		grep -qE -- " -l ${option#--}( |\$)" "$COMPLETIONS/nidus.fish" || fail "$option is not in fish's"
	done
}

@test "the shells that are here take what is theirs" {
	bash -n "$COMPLETIONS/nidus.bash"
	local seen=bash
	if command -v zsh >/dev/null; then
		zsh -n "$COMPLETIONS/_nidus"
		seen+=" zsh"
	fi
	if command -v fish >/dev/null; then
		fish -n "$COMPLETIONS/nidus.fish"
		equal "$(fish -c "source $COMPLETIONS/nidus.fish; complete -C 'nidus run --limits b'")" \
			best-effort "what fish offers"
		mkdir -p "$scratch/nidus/profiles"
		touch "$scratch/nidus/profiles/judge-of-mine"
		contains "$(XDG_CONFIG_HOME=$scratch fish -c "source $COMPLETIONS/nidus.fish; complete -C 'nidus run --profile judge'")" \
			judge-of-mine
		seen+=" fish"
	fi
	echo "# looked at by: $seen" >&3
}
