#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Circles between files, read from the symbols of what was built: a.c uses a function or
# object of b.c, b.c one of c.c, c.c one of a.c.
#
#     structure.sh            fails when there is a circle that tools/circles does not name
#     structure.sh --list     prints every circle, with the symbols that close it
#     structure.sh --unused   what is global but used by no other file: to be made static,
#                             deleted, or, where only tests use it, looked at
#
# TREE=DIR reads DIR/build and DIR/tools/circles in place of this checkout's.
# tools/circles: the files of one circle in a line, then # and the reason. A part of such a
# circle is allowed, too: who opens one need not come here first.
set -u
cd "${TREE:-$(dirname "$0")/..}" || exit 1

case ${1:-} in
'' | --list | --unused) ;;
*)
	echo "structure: $1: allowed are --list, --unused, or nothing" >&2
	exit 2
	;;
esac

# "D FILE SYMBOL" or "U FILE SYMBOL": FILE has it, or uses it. Nothing of a file that is gone.
# gcc-nm reads objects for link-time optimization, too. The two programs, build/obj and
# build/initobj, share no symbol: each is looked at alone.
symbols() {
	find "build/$1" -name '*.o' -exec gcc-nm -A -P {} + 2>/dev/null | awk -v directory="build/$1/" '
		{
			file = substr($1, length(directory) + 1)
			sub(/\.o:$/, "", file)
			if (!(file in source)) {
				source[file] = ""
				for (i = split(".c .S", endings, " "); i > 0; i--)
					if ((getline line < (file endings[i])) >= 0)
						source[file] = file endings[i]
			}
			if (source[file] == "")
				next
			if ($3 == "U")
				print "U", source[file], $2
			else if ($3 ~ /^[TDBRVWC]$/)
				print "D", source[file], $2
		}'
}

circles() {
	awk -v program="$1" -v list="${2:-}" '
	# the allowed circles: their files, numbered
	FILENAME == "tools/circles" {
		if (/^[ \t]*(#|$)/)
			next
		if (!/#.*[a-z]/) {
			print "structure: tools/circles: no reason in: " $0
			bad = 1
		}
		sub(/#.*/, "")
		count = split($0, files, " ")
		for (i = 1; i <= count; i++)
			allowed[files[i]] = allowed[files[i]] " " NR " "
		next
	}
	$1 == "D" { owner[$3] = $2 }
	$1 == "U" { uses[$2] = uses[$2] " " $3 }
	function visit(file, from,   names, count, i) {
		if ((from, file) in reached)
			return
		reached[from, file] = 1
		count = split(next_of[file], names, " ")
		for (i = 1; i <= count; i++)
			visit(names[i], from)
	}
	function is_allowed(members, count,   lines, n, i, j, all) {
		n = split(allowed[members[1]], lines, " ")
		for (i = 1; i <= n; i++) {
			all = 1
			for (j = 2; j <= count; j++)
				if (index(allowed[members[j]], " " lines[i] " ") == 0)
					all = 0
			if (all)
				return 1
		}
		return 0
	}
	function show(members, count,   i, j) {
		for (i = 1; i <= count; i++)
			for (j = 1; j <= count; j++)
				if ((members[i], members[j]) in symbol)
					print "    " members[i] " uses " symbol[members[i], members[j]] " of " members[j]
	}
	END {
		for (file in uses) {
			count = split(uses[file], names, " ")
			for (i = 1; i <= count; i++) {
				to = owner[names[i]]
				if (to == "" || to == file)
					continue
				if (!((file, to) in symbol))
					next_of[file] = next_of[file] " " to
				symbol[file, to] = symbol[file, to] (symbol[file, to] ? ", " : "") names[i]
			}
		}
		for (name in owner)
			is_file[owner[name]] = 1
		for (file in is_file) {
			sorted[++total] = file
			for (at = total; at > 1 && sorted[at - 1] > file; at--)
				sorted[at] = sorted[at - 1]
			sorted[at] = file
		}
		if (!total) {
			print "structure: nothing is built in build/" program
			exit 1
		}
		for (i = 1; i <= total; i++) {
			count = split(next_of[sorted[i]], names, " ")
			for (j = 1; j <= count; j++)
				visit(names[j], sorted[i])
		}
		for (i = 1; i <= total; i++) {
			if (sorted[i] in done || !((sorted[i], sorted[i]) in reached))
				continue
			count = 0
			line = ""
			for (j = i; j <= total; j++)
				if ((sorted[i], sorted[j]) in reached && (sorted[j], sorted[i]) in reached) {
					members[++count] = sorted[j]
					line = line " " sorted[j]
					done[sorted[j]] = 1
				}
			if (is_allowed(members, count)) {
				if (list) {
					print "structure: an allowed circle of " count " files:" line
					show(members, count)
				}
			} else {
				print "structure: a circle of " count " files:" line
				show(members, count)
				bad = 1
			}
		}
		exit bad
	}' tools/circles -
}

# Public functions are used by others; what the map exports is told by its pattern.
unused() {
	awk '$1 == "D" { owner[$3] = $2 } $1 == "U" { used[$3] = 1 }
	END { for (name in owner) if (!(name in used)) print owner[name], name }' | sort |
		while read -r file name; do
			case $name in
			main | nidus_*) continue ;;
			esac
			if grep -rqw --include='*.[ch]' -- "$name" tests; then
				who="tests only"
			else
				who="nobody"
			fi
			[ "$(grep -cw -- "$name" "$file")" -le 1 ] || who="$who but its own file"
			echo "$file: $name: used by $who"
		done
}

status=0
for program in obj initobj; do
	case ${1:-} in
	--unused) symbols "$program" | unused ;;
	*) symbols "$program" | circles "$program" "${1:-}" || status=1 ;;
	esac
done
exit "$status"
