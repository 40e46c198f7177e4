#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs every checker over every file: `lint.sh FLAGS`, where FLAGS select the C standard.
# -idirafter, because the examples include <nidus.h> like any program that uses the library.
set -u
cd "$(dirname "$0")/.." || exit 1
flags=${1:?}
status=0

run() {
	echo "  LINT     $1"
	shift
	"$@" || status=1
}

sources() {
	find . -path ./build -prune -o -name '*.c' -type f -print | sort
}

scripts() {
	grep -rlE '^#!.*\b(sh|bash)$' .ci tools tests mk | sort
	find tests -name '*.bash' | sort
}

# shellcheck disable=SC2086,SC2046 # lists of words
{
	run "include directions" tools/include-directions.sh
	run "circles between files" tools/structure.sh
	run clang-tidy sh -c "printf '%s\n' \"\$@\" | xargs -P $(nproc) -n 4 sh -c 'clang-tidy --quiet --warnings-as-errors=\"*\" \"\$@\" -- $flags -idirafter spawn 2>/dev/null' _" _ $(sources)
	run cppcheck cppcheck --quiet --std=c17 --language=c --enable=warning,performance,portability \
		--inline-suppr --error-exitcode=1 --suppressions-list=.cppcheck-suppressions -D_GNU_SOURCE -D__x86_64__ -j "$(nproc)" $(sources)
	run shellcheck shellcheck -x $(scripts)
	# 2016: the inner shell expands; 2030, 2031: each test is a subshell; 2154: set by load and run
	run "shellcheck (bats)" shellcheck -x -s bats -e SC2016,SC2030,SC2031,SC2154 $(find tests -name '*.bats')
	if command -v mandoc >/dev/null 2>&1; then
		run mandoc mandoc -T lint -W warning $(ls docs/man/*.[1-8])
	else
		echo "  SKIP     mandoc is not installed"
	fi
}
exit $status
