# mk-guest FOLDER: makes FOLDER/vmlinuz and FOLDER/initrd.gz, a Linux that boots in seconds and needs no disk.
#
# It says LAB-GUEST-READY on its serial line, has a root shell there and on its screen, virtio network (DHCP), block,
# balloon, rng and console, and obeys the power button. The kernel is the distribution's own: its package is
# downloaded and unpacked, never installed; where that fails, a readable kernel under /boot is taken.
set -eu
cd "$1"

fail() { echo "$*" >&2; exit 1; }

# The image package behind a meta package, with its modules where they are packaged apart (Ubuntu).
kernel_packages() {
    for meta in linux-image-cloud-amd64 linux-image-virtual; do
        image=$(apt-cache depends "$meta" 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
        [ -n "$image" ] || continue
        echo "$image"
        modules=linux-modules-${image#linux-image-}
        if apt-cache show "$modules" >/dev/null 2>&1; then echo "$modules"; fi
        return
    done
}

unpack_kernel_package() {
    command -v apt-get >/dev/null 2>&1 || return 1
    packages=$(kernel_packages)
    [ -n "$packages" ] || return 1
    mkdir packages
    # shellcheck disable=SC2086 # a list of package names
    (cd packages && apt-get -qq download $packages >/dev/null 2>&1) || return 1
    for package in packages/*.deb; do dpkg-deb -x "$package" kernel; done
}

take_installed_kernel() {
    for image in /boot/vmlinuz-*; do
        version=${image#/boot/vmlinuz-}
        [ -r "$image" ] && [ -d "/lib/modules/$version" ] || continue
        mkdir -p kernel/boot kernel/lib/modules
        cp "$image" kernel/boot/ && ln -s "/lib/modules/$version" kernel/lib/modules/
        return
    done
    return 1
}

unpack_kernel_package || take_installed_kernel ||
    fail "no kernel: the package manager knows none to download (its lists may be missing), and none under /boot is readable"
cp kernel/boot/vmlinuz-* vmlinuz

# A kernel may have some of these built in; the order is the one in which they depend on each other.
MODULES="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net
virtio_blk virtio_balloon virtio-rng virtio_console evdev button"
for folder in bin lib/modules proc sys dev tmp etc/acpi/PWRF root; do mkdir -p "root/$folder"; done
cp "$(command -v busybox)" root/bin/busybox
: >root/modules.order
for module in $MODULES; do
    file=$(find -L kernel/lib/modules -name "$module.ko*" 2>/dev/null | head -n 1)
    case $file in
    '') continue ;;
    *.ko) cp "$file" "root/lib/modules/$module.ko" ;;
    *.xz) xz -dc "$file" >"root/lib/modules/$module.ko" ;;
    *.zst) zstd -dqc "$file" >"root/lib/modules/$module.ko" ;;
    *.gz) gzip -dc "$file" >"root/lib/modules/$module.ko" ;;
    esac
    echo "$module" >>root/modules.order
done

cat >root/init <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc p /proc
mount -t sysfs s /sys
mount -t devtmpfs d /dev
while read -r module; do insmod "/lib/modules/$module.ko" 2>/dev/null; done </modules.order
name=$(sed -n 's/.*labname=\([^ ]*\).*/\1/p' /proc/cmdline)
hostname "${name:-guest}"
ip link set lo up
if [ -e /sys/class/net/eth0 ]; then
    ip link set eth0 up
    udhcpc -i eth0 -n -q -t 3 -s /udhcpc >/dev/null 2>&1 &
fi
acpid -d -c /etc/acpi >/dev/null 2>&1 &
# The power button is heard once the daemon has opened it: who is ready obeys. Not for ever: a kernel may lack the button.
tries=0
until ls -l "/proc/$!/fd" | grep -q /dev/input/ || [ $tries -ge 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
echo "LAB-GUEST-READY $(hostname) $(uname -r) up $(cut -d' ' -f1 /proc/uptime)s" >/dev/ttyS0
[ ! -e /dev/tty0 ] || echo "LAB-GUEST-READY $(hostname)" >/dev/tty0
[ ! -e /dev/tty1 ] || setsid sh -c 'exec sh </dev/tty1 >/dev/tty1 2>&1' &
while :; do
    setsid sh -c 'exec sh </dev/ttyS0 >/dev/ttyS0 2>&1'
    sleep 1
done
INIT
cat >root/udhcpc <<'DHCP'
#!/bin/sh
[ "$1" = bound ] && ip addr add "$ip/${mask:-24}" dev "$interface"
exit 0
DHCP
printf '#!/bin/sh\npoweroff -f\n' >root/etc/acpi/PWRF/00000080
chmod 755 root/init root/udhcpc root/etc/acpi/PWRF/00000080
(cd root && find . | cpio -o -H newc 2>/dev/null) | gzip -1 >initrd.gz
rm -rf kernel packages root
