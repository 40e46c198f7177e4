#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The documents of the checkout: pictures that can be drawn, links that lead somewhere.

load ../e2e/helpers
# shellcheck disable=SC2034 # of e2e's setup
HELPERS=$BATS_TEST_DIRNAME/../e2e/helpers
SOURCE=$TEST_STAGE/source

well_formed() {
	if command -v xmllint >/dev/null; then
		xmllint --noout "$1"
	elif [ -x /usr/bin/python3 ]; then
		/usr/bin/python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$1"
	else
		skip "neither xmllint nor python3 is installed"
	fi
}

# links FILE: what its Markdown links name, each on a line; not the web's, nor places within itself.
links() {
	tr '\n' ' ' <"$1" | grep -oE '\]\([^) ]+\)' | sed -E 's/^\]\(//; s/\)$//; s/#.*//' | grep -vE '^(https?:|mailto:|$)'
}

@test "every picture is well-formed XML" {
	local picture count=0
	for picture in "$SOURCE"/docs/*.svg; do
		well_formed "$picture"
		count=$((count + 1))
	done
	[ "$count" -ge 1 ] || fail "there is no picture"
}

@test "every link between the documents leads to a file" {
	local text link count=0
	for text in "$SOURCE"/*.md "$SOURCE"/docs/*.md "$SOURCE"/docs/decisions/*.md; do
		while read -r link; do
			[ -e "${text%/*}/$link" ] || fail "${text#"$SOURCE"/} links to $link"
			count=$((count + 1))
		done < <(links "$text")
	done
	[ "$count" -ge 20 ] || fail "only $count links were found"
}
