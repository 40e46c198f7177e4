#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --profile: options from files, below those of the command line; and the profiles that come along.

load helpers

PROFILES="agent build default judge service"

# profile NAME TEXT…: writes $scratch/NAME, a line of each text.
profile() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$scratch/$name"
	chmod 0644 "$scratch/$name"
}

# What a profile of these lines is refused with.
refused() {
	local words=$1
	shift
	profile p "$@"
	expect 125 "$NIDUS" run --profile "$scratch/p" -- touch "$scratch/ran"
	contains "$stderr" "$words"
	equal "$(lines "$stderr")" 1 "lines on stderr"
}

@test "a profile's options are in force, those of the command line win wherever --profile stands" {
	profile p 'hostname of-profile' 'setenv A profile' 'setenv B "of the profile"' 'rlimit nofile=64' \
		'timeout 30s # generous'
	# shellcheck disable=SC2016 # for the shell inside
	local script='echo $(cat /proc/sys/kernel/hostname) $A $B $(ulimit -n)'
	expect 0 "$NIDUS" run --profile "$scratch/p" -- sh -c "$script"
	equal "$output" "of-profile profile of the profile 64"
	expect 0 "$NIDUS" run --profile="$scratch/p" --hostname line --setenv A line --rlimit nofile=32 -- sh -c "$script"
	equal "$output" "line line of the profile 32"
	expect 0 "$NIDUS" run --hostname line --setenv A line --rlimit nofile=32 --profile "$scratch/p" -- sh -c "$script"
	equal "$output" "line line of the profile 32"
	profile q 'hostname second'
	expect 0 "$NIDUS" run --profile "$scratch/p" --profile "$scratch/q" -- cat /proc/sys/kernel/hostname
	equal "$output" second
}

@test "lists add up, the profile's first" {
	mkdir "$scratch/one" "$scratch/two"
	echo 1 >"$scratch/one/f"
	echo 2 >"$scratch/two/f"
	profile p "ro-bind $scratch/one /mnt" "ro-bind $scratch/one /tmp/one"
	expect 0 "$NIDUS" run --ro-bind "$scratch/two" /mnt --profile "$scratch/p" -- cat /mnt/f /tmp/one/f
	equal "$output" $'2\n1'
	profile q "ro-bind $scratch/two /mnt"
	expect 0 "$NIDUS" run --profile "$scratch/q" --profile "$scratch/p" -- cat /mnt/f
	equal "$output" 1
	profile r 'label a=1' 'label b=1'
	background --profile "$scratch/r" --label b=2 --name labelled -- sleep 60
	contains "$("$NIDUS" list --wide)" "a=1"
	contains "$("$NIDUS" list --wide)" "b=2"
	"$NIDUS" kill labelled
	ended 137
}

@test "include reads another file in place, relative to the one that includes it" {
	mkdir "$scratch/sub"
	profile p 'hostname before' 'include ./sub/q' 'setenv A after'
	profile sub/q 'include ../r' 'hostname sub' 'setenv A sub'
	profile r 'hostname r' 'setenv B r'
	cd /
	# shellcheck disable=SC2016 # for the shell inside
	expect 0 "$NIDUS" run --profile "$scratch/p" -- sh -c 'echo $(cat /proc/sys/kernel/hostname) $A $B'
	equal "$output" "sub after r"
	refused "$scratch/p:1: include ./p: $scratch/p: a profile must not include itself" 'include ./p'
	profile q 'include ./p'
	refused "q:1: include ./p: $scratch/p: a profile must not include itself" 'include ./q'
	refused "$scratch/p:1: include ./none: $scratch/none: No such file or directory" 'include ./none'
}

@test "names are looked up in the user's directory, then /etc, then beside nidus" {
	expect 125 env -u XDG_CONFIG_HOME HOME=/h "$NIDUS" run --profile no-such -- true
	contains "$stderr" "--profile no-such: no such profile in /h/.config/nidus/profiles, /etc/nidus/profiles, /"
	contains "$stderr" "/share/nidus/profiles"
	mkdir -p "$scratch/.config/nidus/profiles" "$scratch/xdg/nidus/profiles"
	profile .config/nidus/profiles/mine 'hostname home'
	profile xdg/nidus/profiles/mine 'hostname xdg'
	expect 0 env -u XDG_CONFIG_HOME HOME="$scratch" "$NIDUS" run --profile mine -- cat /proc/sys/kernel/hostname
	equal "$output" home
	expect 0 env XDG_CONFIG_HOME="$scratch/xdg" "$NIDUS" run --profile mine -- cat /proc/sys/kernel/hostname
	equal "$output" xdg
	profile xdg/nidus/profiles/judge 'hostname mine'
	expect 0 env XDG_CONFIG_HOME="$scratch/xdg" "$NIDUS" run --profile judge -- cat /proc/sys/kernel/hostname
	equal "$output" mine
	expect 0 env XDG_CONFIG_HOME=relative HOME=/nonexistent "$NIDUS" run --profile judge --explain -- true
	contains "$output" "share/nidus/profiles/judge:"
	# a file only with a slash
	cd "$scratch/xdg/nidus/profiles"
	expect 125 "$NIDUS" run --profile mine -- true
	expect 0 "$NIDUS" run --profile ./mine -- true
}

# In a mount namespace of its own, where /etc may be anything.
with_etc() {
	mount -t tmpfs tmpfs /etc
	mkdir -p /etc/nidus/profiles
	echo 'hostname of-etc' >/etc/nidus/profiles/judge
	"$NIDUS" run --profile judge -- cat /proc/sys/kernel/hostname
}

@test "the administrator's profile goes before the one that comes along" {
	need_root
	export -f with_etc
	expect 0 unshare -m bash -c with_etc
	equal "$output" of-etc
}

@test "a copied nidus finds what is beside it, whichever of its programs looks" {
	mkdir -p "$scratch"/inst/{bin,share/nidus/profiles}
	cp "$NIDUS" "$scratch/inst/bin/nidus"
	profile inst/share/nidus/profiles/beside 'hostname beside'
	export HOME=/nonexistent
	expect 0 "$scratch/inst/bin/nidus" run --profile beside -- cat /proc/sys/kernel/hostname
	equal "$output" beside
	expect 0 "$scratch/inst/bin/nidus" run --profile beside --report "$scratch/report" -- cat /proc/sys/kernel/hostname
	equal "$output" beside
	ln -s inst/bin/nidus "$scratch/nidus"
	expect 0 "$scratch/nidus" run --profile beside --explain -- true
	contains "$output" "$scratch/inst/share/nidus/profiles/beside:1: hostname beside"
}

@test "a profile that others may write, or that belongs to somebody else, is refused" {
	profile p 'hostname p'
	chmod 0666 "$scratch/p"
	expect 125 "$NIDUS" run --profile "$scratch/p" -- true
	contains "$stderr" "--profile $scratch/p: others may write it (mode 0666): chmod go-w"
	chmod 0620 "$scratch/p"
	expect 125 "$NIDUS" run --profile "$scratch/p" -- true
	contains "$stderr" "others may write it (mode 0620)"
	chmod 0600 "$scratch/p"
	chmod 0775 "$scratch"
	expect 125 "$NIDUS" run --profile "$scratch/p" -- true
	contains "$stderr" "others may write its directory (mode 0775)"
	chmod 0755 "$scratch"
	expect 0 "$NIDUS" run --profile "$scratch/p" -- true
	expect 125 "$NIDUS" run --profile "$scratch" -- true
	contains "$stderr" "a profile must be a regular file"
	mkfifo "$scratch/fifo"
	expect 125 "$NIDUS" run --profile "$scratch/fifo" -- true
	contains "$stderr" "a profile must be a regular file"
}

@test "root reads no profile of another user, nor follows that user's links" {
	need_root
	profile p 'hostname p'
	chown 12345 "$scratch/p"
	expect 125 "$NIDUS" run --profile "$scratch/p" -- true
	contains "$stderr" "it belongs to uid 12345; a profile must belong to root or to who runs nidus"
	chown 0 "$scratch/p"
	mkdir "$scratch/theirs"
	ln -s "$scratch/p" "$scratch/theirs/link"
	chown -h 12345 "$scratch/theirs" "$scratch/theirs/link"
	expect 125 "$NIDUS" run --profile "$scratch/theirs/link" -- true
	contains "$stderr" "is a link that somebody else may have made"
	cp "$scratch/p" "$scratch/theirs/p"
	expect 125 "$NIDUS" run --profile "$scratch/theirs/p" -- true
	contains "$stderr" "its directory belongs to uid 12345"
	profile q "include $scratch/theirs/p"
	expect 125 "$NIDUS" run --profile "$scratch/q" -- true
	contains "$stderr" "q:1: include"
	contains "$stderr" "its directory belongs to uid 12345"
	# HOME of somebody else, as sudo may leave it
	mkdir -p "$scratch/home/.config/nidus/profiles"
	cp "$scratch/p" "$scratch/home/.config/nidus/profiles/judge"
	chown -R 12345 "$scratch/home"
	expect 125 env -u XDG_CONFIG_HOME HOME="$scratch/home" "$NIDUS" run --profile judge -- true
	contains "$stderr" "belongs to uid 12345"
}

@test "errors name file, line, option and what is allowed, before anything is touched" {
	refused "nidus: $scratch/p:3: --memory 5x: a size is" '# limits' '' 'memory 5x'
	refused "p:1: --memroy: unknown option; did you mean --memory?" 'memroy 5M'
	refused "p:2: --bind: takes 2 values; 1 is given" 'clean-env' 'bind /a'
	refused "p:1: a ' is not closed on its line" "name 'a"
	refused "p:1: a carriage return" $'clean-env\r'
	refused "p:1: --pass-fd: not in a profile: it takes a descriptor" 'pass-fd 3'
	refused "p:1: --explain: not in a profile: it is about one call of nidus" 'explain'
	refused "p:1: --profile: not in a profile: it is include NAME there" 'profile judge'
	refused "p:1: --args: not in a profile" 'args 3'
	refused "p:1: --report 2: must be a path in a profile" 'report 2'
	refused "p:1: --command: unknown option" 'command true'
	refused "p:1: --memory: in a profile an option stands without the dashes" '--memory 5M'
	refused "p:2: --swap" 'clean-env' 'swap 5M'
	refused "p:2: --bind /no/such /mnt: No such file or directory" 'clean-env' 'bind /no/such /mnt'
	# what is found out later, by checks and by the start
	refused "p:2: --tty: cannot be used with --detach" 'detach' 'tty'
	refused "p:1: --report-strict: needs --report or --events" 'report-strict'
	refused "p:1: --report /no/such/report: No such file or directory" 'report /no/such/report'
	refused "p:1: --init /no/such/init: No such file or directory" 'init /no/such/init'
	refused "p:2: --net-deny: needs --net nat" 'clean-env' 'net-deny 10.0.0.0/8'
	refused "p:1: --bind /usr /no-such: the destination does not exist" 'bind /usr /no-such'
	profile p 'swap 5M'
	expect 125 "$NIDUS" run --profile "$scratch/p" --swap 6M -- true
	contains "$stderr" "nidus: --swap"
	[ ! -e "$scratch/ran" ] || fail "it ran"
	expect 125 "$NIDUS" run --profile -- true
	expect 125 "$NIDUS" run --profile
	contains "$stderr" "--profile: a value is missing"
	printf -- '--profile\0judge\0' >"$scratch/args"
	expect 125 bash -c 'exec "$@" 7<"$0"' "$scratch/args" "$NIDUS" run --args 7 -- true
	contains "$stderr" "--profile judge: not allowed in what --args reads"
}

@test "sizes are bounded" {
	head -c 65536 /dev/zero | tr '\0' '#' >"$scratch/p"
	expect 0 "$NIDUS" run --profile "$scratch/p" -- true
	echo >>"$scratch/p"
	expect 125 "$NIDUS" run --profile "$scratch/p" -- true
	contains "$stderr" "a profile has at most 64 KiB"
	yes '' | head -n 1001 >"$scratch/p"
	expect 125 "$NIDUS" run --profile "$scratch/p" -- true
	contains "$stderr" "p:1001: a profile has at most 1,000 lines"
}

@test "a report that the command line asks for says what was wrong in the profile" {
	profile p 'memory 5x'
	expect 125 "$NIDUS" run --profile "$scratch/p" --report "$REPORT" -- true
	report 'J["fault"]["step"] == "options"' '"p:1: --memory 5x" in J["fault"]["object"]'
}

@test "--explain shows what comes from which line, and what the command line has replaced" {
	profile p 'memory 64M' 'setenv TOKEN a-secret' 'include ./q'
	profile q 'tmpfs "/tmp/a b"' 'pids 7'
	expect 0 "$NIDUS" run --explain --pids 9 --profile "$scratch/p" -- true
	contains "$output" "profile       $scratch/p:1: memory 64M"$'\n'
	contains "$output" "profile       $scratch/p:2: setenv TOKEN"$'\n'
	contains "$output" "profile       $scratch/q:1: tmpfs \"/tmp/a b\""$'\n'
	contains "$output" "profile       $scratch/q:2: pids 7, replaced by the command line"$'\n'
	lacks "$output" a-secret
	expect 0 "$NIDUS" run --explain --pids 9 -- true
	lacks "$output" "profile  "
}

@test "every profile that comes along is read, and is in the help" {
	local name
	for name in $PROFILES; do
		expect 0 "$NIDUS" run --profile "$name" --explain -- true
		expect 0 "$NIDUS" run --help
		grep -q -- "--profile NAME|FILE .*$name" <<<"$output" || fail "$name is not in the help"
	done
	cd "${NIDUS%/*}/../share/nidus/profiles"
	equal "$(echo *)" "$PROFILES"
}

@test "default: what happens anyway" {
	expect 0 "$NIDUS" run --profile default --explain -- true
	local with=$output
	expect 0 "$NIDUS" run --explain -- true
	equal "$with" "$output"
	expect 7 "$NIDUS" run --profile default -- sh -c 'exit 7'
}

@test "judge: a program that is compared by its output, and bounds for one that wants too much" {
	cd "$scratch"
	# shellcheck disable=SC2016 # for the shell inside
	expect 0 bash -c 'echo 3 4 | "$0" run --profile judge -- sh -c "read a b; echo \$((a * b))"' "$NIDUS"
	equal "$output" 12
	# shellcheck disable=SC2016 # for the shell inside
	expect 0 env SECRET_TOKEN=secret "$NIDUS" run --profile judge -- \
		sh -c 'ulimit -c; ulimit -n; wc -l </proc/net/dev; echo "$SECRET_TOKEN"'
	equal "$output" $'0\n256\n3' "limits, and the lines of a network with loopback alone"
	expect 124 "$NIDUS" run --profile judge --timeout 300ms -- sleep 30
	sandbox 137 --profile judge --memory 20M -- sh -c 'x=$(head -c 200000000 /dev/zero | tr "\0" x); echo ${#x}'
	report 'J["reason"] in ("oom", "memory_limit")'
	expect 153 bash -c '"$0" run --profile judge -- head -c 70000000 /dev/zero >"$1"' "$NIDUS" "$scratch/out"
	equal "$(stat -c %s "$scratch/out")" $((64 << 20)) "bytes of output"
}

@test "build: gcc and make in the current directory, without a network" {
	command -v gcc >/dev/null || skip "gcc is not installed"
	command -v make >/dev/null || skip "make is not installed"
	mkdir "$scratch/work"
	cd "$scratch/work"
	printf 'int main(void) { return 7; }\n' >a.c
	printf 'a: a.c\n\t$(CC) -o $@ $<\n' >Makefile
	local cc=gcc
	! command -v ccache >/dev/null || cc='ccache gcc'
	expect 0 "$NIDUS" run --profile build -- make CC="$cc"
	expect 7 ./a
	expect 0 "$NIDUS" run --profile build -- wc -l /proc/net/dev
	equal "$output" "3 /proc/net/dev" "the lines of a network with loopback alone"
	expect 1 "$NIDUS" run --profile build -- sh -c 'touch ../beside 2>/dev/null'
}
