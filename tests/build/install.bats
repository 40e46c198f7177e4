#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# make install and make uninstall, and what a program does with what they leave.

load ../e2e/helpers
# shellcheck disable=SC2034 # of e2e's setup
HELPERS=$BATS_TEST_DIRNAME/../e2e/helpers
SOURCE=$TEST_STAGE/source

# The commit is as it was built in: with another, nidus-init would be built anew.
in_source() {
	make --no-print-directory -C "$SOURCE" NIDUS_GIT="$(cut -d ' ' -f 2 "$SOURCE/build/init-version")" "$@" >/dev/null
}

need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

# Installs to $prefix, which pkg-config and the loader know.
install_for_use() {
	prefix=$scratch/usr
	in_source install PREFIX="$prefix"
	export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
}

files() {
	find "$1" ! -type d -printf '%P\n' | sort
}

@test "install brings programs, library, headers, pages, completions, licence and texts" {
	in_source install DESTDIR="$scratch/root" PREFIX=/opt/n
	local file
	for file in bin/nidus bin/nidus-init lib/libnidus.a lib/libnidus.so lib/pkgconfig/nidus.pc \
		include/nidus/spawn/nidus.h share/man/man1/nidus.1 share/man/man1/nidus-run.1 \
		share/man/man5/nidus-machine.conf.5 share/man/man5/nidus-profile.5 share/man/man7/nidus-net.7 share/man/man8/nidus-init.8 \
		share/doc/nidus/LICENSE share/doc/nidus/README.md share/doc/nidus/docs/OVERVIEW.md \
		share/doc/nidus/docs/THREATS.md share/doc/nidus/docs/LIBRARY.md \
		share/bash-completion/completions/nidus share/zsh/site-functions/_nidus \
		share/fish/vendor_completions.d/nidus.fish include/nidus/spawn/spec/option.h; do
		[ -s "$scratch/root/opt/n/$file" ] || fail "no $file in: $(files "$scratch/root")"
	done
	expect 0 "$scratch/root/opt/n/bin/nidus" version
}

@test "install brings profiles, which the installed nidus finds by their names" {
	in_source install DESTDIR="$scratch/root" PREFIX=/opt/n
	local name
	for name in agent build default judge service; do
		expect 0 "$scratch/root/opt/n/bin/nidus" run --profile "$name" --explain -- true
		[ "$name" = default ] || contains "$output" "$scratch/root/opt/n/share/nidus/profiles/$name:"
	done
	expect 0 "$scratch/root/opt/n/bin/nidus" run --profile judge -- echo ran
	equal "$output" ran
}

@test "install says what to do next, and make help what there is" {
	expect 0 make --no-print-directory -C "$SOURCE" NIDUS_GIT="$(cut -d ' ' -f 2 "$SOURCE/build/init-version")" \
		install DESTDIR="$scratch/root" PREFIX=/opt/n LIBDIR=/opt/n/lib/here
	contains "$output" ldconfig
	contains "$output" "PKG_CONFIG_PATH=/opt/n/lib/here/pkgconfig"
	contains "$output" "/opt/n/bin/nidus check"
	expect 0 make --no-print-directory -C "$SOURCE" help
	local target
	for target in check demo install uninstall dist fuzz vm; do
		grep -q "^make $target " <<<"$output" || fail "no $target in: $output"
	done
}

@test "uninstall takes away all of it, and nothing else" {
	in_source install DESTDIR="$scratch/root"
	[ -n "$(files "$scratch/root")" ] || fail "nothing was installed"
	echo other >"$scratch/root/usr/local/include/nidus/other.h"
	echo other >"$scratch/root/usr/local/bin/other"
	in_source uninstall DESTDIR="$scratch/root"
	equal "$(files "$scratch/root")" $'usr/local/bin/other\nusr/local/include/nidus/other.h' "what is left"
	rm "$scratch/root/usr/local/bin/other" "$scratch/root/usr/local/include/nidus/other.h"
	in_source uninstall DESTDIR="$scratch/root"
	equal "$(files "$scratch/root")" "" "what is left"
	equal "$(find "$scratch/root" -name nidus)" "" "folders of its own that are left"
}

@test "every name that nidus-init knows is installed, and answers to it" {
	in_source install DESTDIR="$scratch/root"
	local names=$scratch/root/usr/local/libexec/nidus name known
	known=$(sed -n 's/^\t*{"\([a-z-]*\)", AS_[A-Z_]*},.*/\1/p' "$SOURCE/init/wrapper/options.c" | sort)
	contains "$known" tini-static
	equal "$(find "$names" -type l -printf '%P\n' | sort)" "$known" "links"
	for name in $known; do
		run --separate-stderr "$names/$name" --version
		equal "$status" 0 "status of $name --version"
		case $name in
		*init) [ "$name" != dumb-init ] || contains "$output$stderr" dumb-init ;;
		tini*) contains "$output$stderr" "tini version" ;;
		*) contains "$output$stderr" "$name" ;;
		esac
	done
}

@test "every public header compiles alone, as C" {
	need gcc
	install_for_use
	local header
	for header in $(files "$prefix/include"); do
		expect 0 gcc -std=gnu17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c \
			-include "$prefix/include/$header" /dev/null
	done
}

@test "every public header compiles alone, as C++" {
	need g++
	install_for_use
	local header standard
	for header in $(files "$prefix/include"); do
		for standard in c++11 c++17; do
			expect 0 g++ -std="$standard" -Wall -Wextra -Werror -fsyntax-only -x c++ \
				-include "$prefix/include/$header" /dev/null
		done
	done
}

@test "a C++ program links the library and runs" {
	need g++
	need pkg-config
	install_for_use
	cat >"$scratch/caller.cc" <<-'EOF'
		#include <nidus.h>
		#include <cstdio>

		int main()
		{
			struct nidus_spec spec;
			struct fault fault;

			if (nidus_spec_init(&spec) < 0 || nidus_spec_check(&spec, &fault) == 0)
				return 1;
			std::puts(nidus_step_name(fault.step));
			nidus_spec_free(&spec);
		}
	EOF
	# shellcheck disable=SC2046 # words
	expect 0 g++ -Wall -Wextra -Werror -o "$scratch/caller" "$scratch/caller.cc" $(pkg-config --cflags --libs nidus)
	expect 0 "$scratch/caller"
	equal "$output" options
}

@test "the program of docs/LIBRARY.md is examples/library.c" {
	sed -n '/^```c$/,/^```$/p' "$SOURCE/docs/LIBRARY.md" | sed '1d; $d' >"$scratch/library.c"
	cmp "$scratch/library.c" "$SOURCE/examples/library.c"
}

@test "the program of docs/LIBRARY.md is built as that says, and runs" {
	need gcc
	need pkg-config
	install_for_use
	cp "$SOURCE/examples/library.c" "$scratch/"
	cd "$scratch"
	local line
	line=$(sed -n 's/^ *\(cc -o library .*\)/\1/p' "$SOURCE/docs/LIBRARY.md")
	[ -n "$line" ] || fail "no line that builds it"
	expect 0 sh -c "CFLAGS='-Wall -Wextra -Werror'; cc() { gcc \$CFLAGS \"\$@\"; }; $line"
	expect 7 ./library sh -c 'echo inside; exit 7'
	equal "$output" $'inside\nexited, exit code 7'
	expect 124 ./library sleep 10
	equal "$output" "wall_timeout, exit code 124"
	expect 127 ./library no-such-command
	contains "$stderr" no-such-command
}
