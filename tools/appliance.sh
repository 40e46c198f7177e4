#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds build/appliance/initrd.cpio, the machine of examples/appliance: busybox,
# nidus-init as its init, and the drivers that its network needs. Debian's cloud
# kernel goes beside it, as vmlinuz. docs/APPLIANCE.md continues from here.
set -eu
cd "$(dirname "$0")/.."
out=build/appliance
root=$out/root

fail() {
	echo "appliance: $*" >&2
	exit 1
}

kernel=$(find build/vm/kernel/boot -name 'vmlinuz-*' 2>/dev/null | sort -V | tail -n 1)
[ -n "$kernel" ] || fail "no kernel in build/vm/kernel (tools/setup.sh vm downloads Debian's)"
command -v cpio >/dev/null || fail "no cpio"
busybox=$(command -v busybox) || fail "no busybox"
if ldd "$busybox" >/dev/null 2>&1; then
	fail "$busybox is not static (Debian: busybox-static)"
fi

rm -rf "$out"
mkdir -p "$root/bin" "$root/sbin" "$root/etc/nidus" "$root/lib/modules" "$root/srv" "$root/proc" "$root/sys" \
	"$root/dev" "$root/run" "$root/tmp"
cp "$busybox" "$root/bin/busybox"
for applet in $(busybox --list | grep -vxE 'busybox|init|poweroff|reboot|halt'); do
	ln -s busybox "$root/bin/$applet"
done

# The kernel starts /init; poweroff, reboot and halt are the same program.
install -m 0755 build/nidus-init "$root/sbin/nidus-init"
ln -s sbin/nidus-init "$root/init"
for name in init poweroff reboot halt; do
	ln -s nidus-init "$root/sbin/$name"
done

build/nidus seccomp >"$root/etc/nidus/default.bpf"
cp examples/appliance/machine.conf examples/appliance/network examples/appliance/clock "$root/etc/nidus/"
cp -R examples/appliance/www "$root/srv/www"
mkdir -m 0777 "$root/srv/www/time"
cat >"$root/etc/passwd" <<-end
	root:x:0:0:root:/:/bin/sh
	www:x:80:80:www:/:/bin/false
	nobody:x:65534:65534:nobody:/:/bin/false
end
cat >"$root/etc/group" <<-end
	root:x:0:
	www:x:80:
	nogroup:x:65534:
end
# Each module follows those that it needs; /etc/nidus/network loads them in this order.
for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci failover net_failover \
	virtio_net; do
	found=$(find build/vm/kernel/lib/modules -name "$module.ko*")
	case $found in
	*.xz) xz -dc "$found" >"$root/lib/modules/$module.ko" ;;
	*.ko) cp "$found" "$root/lib/modules/" ;;
	*) fail "the kernel has no $module.ko" ;;
	esac
	echo "$module.ko" >>"$root/lib/modules/list"
done

cp "$kernel" "$out/vmlinuz"
(cd "$root" && find . | cpio --create --format=newc --owner=0:0 --quiet) >"$out/initrd.cpio"
echo "  MACHINE  $out/initrd.cpio: $(stat -c %s "$out/initrd.cpio") bytes, nidus-init $(stat -c %s build/nidus-init)"
