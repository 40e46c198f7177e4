# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced by machine-*.t, the host's side of the machine role's tests. A machine is
# booted, talked to over its console, and judged by what stands on the console and
# on its disks. TAP goes to standard output, with the console's end after a failure.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
PATH=$PATH:/usr/sbin:/sbin
number=0
name=
qemu=
slowly= # words before qemu: taskset

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

[ "$(uname -m)" = x86_64 ] || skip_all "the machine is booted on x86_64 only"
command -v qemu-system-x86_64 >/dev/null || skip_all "no qemu-system-x86_64"
command -v cpio busybox >/dev/null || skip_all "no cpio, or no busybox"
command -v mke2fs e2fsck debugfs >/dev/null || skip_all "no e2fsprogs"
[ -e build/vm/vmlinuz ] || skip_all "no linux-image-cloud-amd64 in build/vm (apt-get download it: tools/setup.sh vm)"
[ -e build/vm/machine.cpio ] || skip_all "no build/vm/machine.cpio: make vm makes it"

# thread=single: as in tests/vm/boot
# panic=-1 and reboot=t: a panic is a reboot, which ends qemu where it is told -no-reboot
kernel_words="console=ttyS0 quiet mitigations=off nokaslr no_timer_check tsc=reliable"
kernel_words="$kernel_words cryptomgr.notests audit=0 panic=-1 reboot=t"

scratch=$(mktemp -d "$PWD/build/vm/machine-XXXXXX") || exit 1
trap 'end_qemu; rm -rf "$scratch"' EXIT

# machine NAME WORDS [QEMU-ARGUMENT…]: boots; WORDS end the kernel's command line.
# The console is in $console; what `type_in` says goes to it, `monitor` to qemu.
machine() {
	local words=$2
	name=$1
	shift 2
	end_qemu
	console=build/vm/machine-$name.console
	rm -f "$scratch"/{keys,qemu.in,qemu.out}
	mkfifo "$scratch"/{keys,qemu.in,qemu.out}
	exec 7<>"$scratch/keys"
	# shellcheck disable=SC2086 # words
	timeout -k 5 60 $slowly qemu-system-x86_64 -machine pc -accel tcg,thread=single -cpu max -smp 2 -m 256 \
		-nodefaults -display none -serial stdio -monitor "pipe:$scratch/qemu" -kernel build/vm/vmlinuz "$@" \
		-append "$kernel_words $words" <&7 >"$console" 2>&1 7<&- &
	qemu=$!
}

# Arguments of a machine whose root is the initramfs.
# shellcheck disable=SC2034 # for who sources this
from_memory=(-initrd build/vm/machine.cpio -no-reboot)

# disk NAME IMAGE: arguments for a disk that is a copy of IMAGE, or an empty one.
disk() {
	if [ -n "$2" ]; then
		cp --sparse=always "$2" "$scratch/$1"
	else
		truncate -s 16M "$scratch/$1"
		mke2fs -q -t ext4 "$scratch/$1"
	fi
	# shellcheck disable=SC2034 # for who sources this
	disk=(-drive "file=$scratch/$1,if=none,id=$1,format=raw" -device "nvme,drive=$1,serial=$1")
}

end_qemu() {
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null
	[ -z "$qemu" ] || wait "$qemu" 2>/dev/null
	qemu=
}

# qemu ends by itself, and soon.
powered_off() {
	local left=300 status
	while kill -0 "$qemu" 2>/dev/null; do
		left=$((left - 1))
		if [ "$left" -le 0 ]; then
			echo "the machine runs on"
			return 1
		fi
		sleep 0.1
	done
	wait "$qemu"
	status=$?
	qemu=
	[ "$status" -eq 0 ] || {
		echo "qemu ended with $status"
		return 1
	}
}

# seen PATTERN [TIMES]: waits for it on the console.
seen() {
	local left=400
	until [ "$(tr -d '\r' <"$console" | grep -cE -- "$1")" -ge "${2:-1}" ]; do
		left=$((left - 1))
		if [ "$left" -le 0 ] || { [ "$left" -lt 399 ] && ! kill -0 "$qemu" 2>/dev/null; }; then
			echo "not on the console: $1"
			return 1
		fi
		sleep 0.1
	done
}

# told PATTERN: it is on the console now. untold: it is not.
told() {
	tr -d '\r' <"$console" | grep -qE -- "$1" || {
		echo "not on the console: $1"
		return 1
	}
}

untold() {
	if tr -d '\r' <"$console" | grep -E -- "$1"; then
		echo "is on the console: $1"
		return 1
	fi
}

# in_order PATTERN…: each after the one before.
in_order() {
	local pattern from=1 line
	for pattern; do
		line=$(tr -d '\r' <"$console" | tail -n +"$from" | grep -nE -m 1 -- "$pattern" | cut -d: -f1)
		if [ -z "$line" ]; then
			echo "not on the console, or not in this order: $pattern"
			return 1
		fi
		from=$((from + line))
	done
}

# Keys are lost where nobody has opened the console: after something was seen.
type_in() {
	echo "$1" >&7
}

monitor() {
	echo "$1" >"$scratch/qemu.in"
}

# clean DISK: unmounted in order.
clean() {
	local said
	said=$(dumpe2fs -h "$scratch/$1" 2>/dev/null | sed -n 's/^Filesystem state: *//p; /needs_recovery/s/.*/needs recovery/p')
	[ "$said" = clean ] || {
		echo "$1 is not clean: $said"
		return 1
	}
	said=$(e2fsck -fn "$scratch/$1" 2>&1) || {
		echo "$said"
		return 1
	}
}

# holds DISK PATH PATTERN: a file on it has a line like that.
holds() {
	debugfs -R "cat $2" "$scratch/$1" 2>/dev/null | grep -qE -- "$3" || {
		echo "$2 on $1 has: $(debugfs -R "cat $2" "$scratch/$1" 2>&1 | head -n 20)"
		return 1
	}
}

# it NAME COMMAND…: a test is a command that ends with 0, or says what is wrong.
it() {
	local title=$1 failed
	shift
	number=$((number + 1))
	"$@" >"$scratch/said" 2>&1
	failed=$?
	if [ "$failed" -eq 0 ]; then
		echo "ok $number - $title"
		return
	fi
	echo "not ok $number - $title"
	{
		cat "$scratch/said"
		echo "the end of $console:"
		tail -n 40 "$console" | tr -d '\r'
		echo
	} | sed 's/^/# /'
}

# The guest's own tests, "ok - …" and "not ok - …" on the console, with our numbers.
guest_tests() {
	local line
	while read -r line; do
		case $line in
		'# '*)
			echo "$line"
			continue
			;;
		esac
		number=$((number + 1))
		echo "${line%% - *} $number - ${line#* - }"
	done < <(tr -d '\r' <"$console" | grep -E '^((not )?ok - |# )')
}

no_panic() {
	untold 'Kernel panic|Attempted to kill init|general protection|BUG:|Oops'
}

ends() {
	end_qemu
	echo "1..$number"
}
