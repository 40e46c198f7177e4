#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a sandbox sees of the host without being asked, and what is hidden: homes, private
# directories, the kernel's tables. In a lane /home is private, so that tests may fill it.

load helpers

setup_file() {
	[ "$TEST_AS" = self ] && return
	mkdir -p "$HOME/bin" "$HOME/.ssh"
	echo key >"$HOME/.ssh/id"
	cp "$(type -P true)" "$HOME/bin/own-true"
}

# The home that /etc/passwd names for the caller.
home_of_caller() {
	getent passwd "$(id -u)" | cut -d: -f6
}

@test "homes are hidden: the caller's own is empty and writable, of the others no name is seen" {
	[ "$TEST_AS" != self ] || skip "needs a /home of its own"
	expect 0 "$NIDUS" run -- sh -c 'ls -A /home /root; echo; [ -w /home ] || echo closed'
	if is_root; then
		equal "$output" $'/home:\n\n/root:\n\nclosed'
	else
		contains "$output" $'/home:\n'"${HOME##*/}"$'\n\n/root:'
		expect 0 "$NIDUS" run -- sh -c 'ls -A ~; echo x >~/new && cat ~/new'
		equal "$output" x
		[ ! -e "$HOME/new" ] || fail "written to the home of the host"
	fi
}

@test "--home ro shows them, as permissions allow, and nothing can be written" {
	[ "$TEST_AS" != self ] || skip "needs a /home of its own"
	chmod 0755 "$HOME" "$HOME/.ssh"
	expect 0 "$NIDUS" run --home ro -- sh -c "cat $HOME/.ssh/id; ! touch $HOME/new 2>/dev/null"
	equal "$output" key
}

@test "--home rw binds the caller's own, and what is made there is the caller's" {
	local home
	home=$(home_of_caller)
	[ "$TEST_AS" != self ] && [ -d "$home" ] || skip "needs a home of its own"
	! is_root || mount -t tmpfs -o mode=0700 tmpfs /root
	expect 0 "$NIDUS" run --home rw -- sh -c "echo x >$home/made; cat $home/made"
	equal "$output" x
	equal "$(stat -c %u "$home/made")" "$(id -u)" "owner of what was made"
	rm "$home/made"
	! is_root || umount /root
}

@test "--home takes hide, ro, rw, and is about the host's root" {
	expect 125 "$NIDUS" run --home none -- true
	contains "$stderr" "nidus: --home none: must be hide, ro or rw"
	expect 125 "$NIDUS" run --home ro --root "$scratch" -- true
	contains "$stderr" "nidus: --home: only where the root is the host's"
	expect 125 "$NIDUS" run --home ro --share mnt -- true
	contains "$stderr" "nidus: --home: needs a mount namespace of its own"
}

@test "a root that was given shows homes as it has them, unless --home hide" {
	[ "$TEST_AS" != self ] || skip "needs a /home of its own"
	chmod 0755 "$HOME" "$HOME/.ssh"
	expect 0 "$NIDUS" run --ro-bind / / -- cat "$HOME/.ssh/id"
	equal "$output" key
	expect 1 "$NIDUS" run --ro-bind / / --home hide -- cat "$HOME/.ssh/id"
}

@test "an explicit bind below a hidden home works, and so does --chdir there" {
	[ "$TEST_AS" != self ] || skip "needs a /home of its own"
	mkdir -p "$HOME/a/job"
	chmod 0755 "$HOME" "$HOME/a" "$HOME/a/job"
	echo in >"$HOME/a/job/f"
	expect 0 "$NIDUS" run --ro-bind "$HOME/a/job" "$HOME/a/job" --chdir "$HOME/a/job" -- \
		sh -c "pwd; cat f; ls -A $HOME"
	equal "$output" "$HOME/a/job"$'\nin\na'
	expect 0 "$NIDUS" run --bind "$HOME/a/job" "$HOME/a/job" --chdir "$HOME/a/job" -- sh -c "echo out >g"
	equal "$(cat "$HOME/a/job/g")" out
	expect 0 "$NIDUS" run --ro-bind "$HOME" "$HOME" -- cat "$HOME/a/job/f"
	equal "$output" in
	expect 0 "$NIDUS" run --tmpfs /home -- sh -c 'ls -A /home'
	equal "$output" ""
}

@test "a command in a hidden home is reported as that" {
	[ "$TEST_AS" != self ] || skip "needs a /home of its own"
	chmod 0755 "$HOME" "$HOME/bin"
	expect 127 "$NIDUS" run -- "$HOME/bin/own-true"
	contains "$stderr" "nidus: $HOME/bin/own-true: it is in a home, and homes are hidden inside: --home ro shows them"
	PATH="$HOME/bin:$PATH" expect 127 "$NIDUS" run -- own-true
	contains "$stderr" "$HOME/bin/own-true: it is in a home"
	cd "$HOME/bin"
	expect 127 "$NIDUS" run --cwd none -- ./own-true
	contains "$stderr" "./own-true: it is in a home"
	cd /
	ln -s "$HOME/bin/own-true" "$scratch/link"
	expect 127 "$NIDUS" run -- "$scratch/link"
	contains "$stderr" "$scratch/link: it is in a home"
	expect 0 "$NIDUS" run --home ro -- "$HOME/bin/own-true"
	expect 0 "$NIDUS" run --ro-bind "$HOME/bin" "$HOME/bin" -- "$HOME/bin/own-true"
	expect 125 "$NIDUS" run --chdir "$HOME/bin" -- true
	contains "$stderr" "nidus: $HOME/bin: it is in a home"
	expect 127 "$NIDUS" run -- "$HOME/bin/no-such"
	lacks "$stderr" "in a home"
}

@test "a home that is a link elsewhere is hidden where it lies" {
	need_root
	[ "$TEST_AS" != self ] || skip "needs users of its own"
	mkdir "$scratch/people" "$scratch/people/me"
	echo key >"$scratch/people/me/id"
	chown -R 1500 "$scratch/people/me"
	mv /home/home-1500 /home/aside
	ln -s "$scratch/people/me" /home/home-1500
	expect 1 setpriv --reuid 1500 --regid 1500 --clear-groups env XDG_RUNTIME_DIR=/run/user/1500 \
		"$NIDUS" run -- cat "$scratch/people/me/id"
	rm /home/home-1500
	mv /home/aside /home/home-1500
	contains "$stderr" "No such file"
}

@test "/tmp, /run, /var/tmp and /dev/shm are empty, private, and share one bound" {
	local host
	host=$(mktemp /var/tmp/of-host.XXXXXX)
	expect 0 "$NIDUS" run -- sh -c 'ls -A /tmp /run /var/tmp /dev/shm; stat -c %a /tmp /run /var/tmp /dev/shm
		for d in /tmp /var/tmp /dev/shm; do echo x >$d/x || exit 9; done
		stat -f -c "%b %c" /tmp /run /var/tmp /dev/shm | sort -u'
	rm "$host"
	lacks "$output" of-host
	contains "$output" $'1777\n755\n1777\n1777'
	local kib inodes
	kib=$(($(tail -n 1 <<<"$output" | cut -d' ' -f1) * 4))
	inodes=$(tail -n 1 <<<"$output" | cut -d' ' -f2)
	equal "$(grep -cE '^[0-9]+ [0-9]+$' <<<"$output")" 1 "different sizes"
	local ram
	ram=$(sed -nE 's/^MemTotal: +([0-9]+) kB/\1/p' /proc/meminfo)
	((kib <= ram / 4 + 4 && kib >= ram / 5)) || fail "$kib KiB of $ram KiB"
	((inodes <= kib / 8 + 4096)) || fail "$inodes inodes"
}

@test "without a memory limit the private directories are full before the memory is" {
	sandbox 0 --memory 16M --limits best-effort --size 1M --tmpfs /mnt -- sh -c \
		'stat -f -c %b /tmp; head -c 2M /dev/zero >/mnt/x 2>/dev/null || echo full'
	equal "$output" $'4096\nfull'
	expect 0 "$NIDUS" run --explain -- true
	grep -qE '^private +at most [0-9]+[KMG]? and [0-9]+ files together, in memory' <<<"$output" || fail "$output"
}

@test "counters and addresses of the kernel are masked" {
	expect 0 "$NIDUS" run -- sh -c 'for f in /proc/interrupts /proc/softirqs /proc/schedstat /proc/keys /proc/key-users \
		/proc/kcore /proc/timer_list /sys/kernel/notes /sys/kernel/vmcoreinfo; do
			[ ! -e $f ] || [ "$(head -c 1 $f 2>/dev/null | wc -c)" = 0 ] || echo $f; done
		ls -A /proc/acpi /proc/scsi /sys/firmware 2>/dev/null | grep -v : | grep . || true'
	equal "$output" ""
}

# An accomplice who owns the root swaps its directories while the sandbox is made: what is
# masked in /proc is found from the mount itself. Each mount is delayed, so that the swap falls
# between them; a sandbox that saw another /proc, or did not start, proves nothing either way.
# (newuidmap can't work under strace: a single id.)
@test "masks of /proc hold although somebody swaps --root/proc meanwhile" {
	[ "$TEST_AS" != asan ] || skip "LeakSanitizer does not work under ptrace"
	command -v strace >/dev/null || skip "strace is not installed"
	command -v busybox >/dev/null || skip "busybox is not installed"
	local name i swapper verdicts=
	mkdir -p "$scratch/tree"/{bin,dev,tmp,run,proc,other}
	cp "$(command -v busybox)" "$scratch/tree/bin/busybox"
	for name in interrupts softirqs keys kcore timer_list; do : >"$scratch/tree/other/$name"; done
	cd "$scratch/tree"
	(while :; do
		mv -T proc away && mv -T other proc
		mv -T proc other && mv -T away proc
		sleep 0.01
	done) 2>/dev/null 3>&- &
	swapper=$!
	# where the swap came in the middle, the place is one that is not looked at
	for ((i = 0; i < 100; i++)); do
		[ "$i" -lt 15 ] || [[ $verdicts != *masked* ]] || break
		verdicts+=$(timeout 30 strace -f -o /dev/null -e trace=move_mount -e inject=move_mount:delay_exit=20000 \
			"$NIDUS" run --userns keep --root "$scratch/tree" -- /bin/busybox sh -c \
			'for p in /proc /away /other; do [ ! -e $p/self ] || busybox cat $p/self/mountinfo; done' 2>/dev/null 3>&- |
			awk '$4 == "/" && / - proc / { proc = $5 } { mounts[$5] = 1 }
				END { print proc == "" ? "unseen" : ((proc "/keys") in mounts) ? "masked" : "open" }')" "
	done
	kill "$swapper"
	wait "$swapper" 2>/dev/null || true
	lacks "$verdicts" open
	contains "$verdicts" masked
}
