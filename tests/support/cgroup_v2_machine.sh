#!/usr/bin/env bash
# cgroup_v2_machine.sh BUILD [TEST…]: boots a small machine in QEMU with Debian's kernel and control groups
# of version 2 only, and runs the sandbox's tests there: as root, and as an ordinary user with a control
# group delegated to it, as systemd does with Delegate=yes. Needs neither root nor KVM. Everything it
# runs is copied from this machine and from BUILD.
#
# SKILLBOX_MACHINE_USERS: `root user`, or one of them.
# SKILLBOX_MACHINE_KVM=1: use KVM. Not by itself, because a virtual machine's KVM may hang.
# SKILLBOX_MACHINE_KERNEL: a kernel to boot; else the newest of /boot, else Debian's is downloaded.
# Exit 77: this machine has no QEMU. Exit 1: a test failed there. The log is BUILD/machine/console.log.
set -euo pipefail

build=$(realpath "${1:?usage: cgroup_v2_machine.sh BUILD [TEST…]}")
shift
tests=("$@")
((${#tests[@]})) || tests=(test_native_runtime test_containment test_can_fail test_scarcity test_leaks)
here=$(cd "$(dirname "$0")/.." && pwd)
work=$build/machine
root=$work/root

for program in qemu-system-x86_64 busybox cpio setpriv; do
    command -v "$program" >/dev/null || {
        echo "SKIPPED, LOUDLY: nothing is known of control groups of version 2: $program is missing" >&2
        echo "  apt-get install qemu-system-x86 busybox-static cpio util-linux" >&2
        exit 77
    }
done

find_kernel() {
    if [[ -n ${SKILLBOX_MACHINE_KERNEL:-} ]]; then
        echo "$SKILLBOX_MACHINE_KERNEL"
        return
    fi
    local found
    found=$(find /boot "$work/kernel" -name 'vmlinuz-*' 2>/dev/null | sort -V | tail -n 1)
    if [[ -z $found ]]; then
        mkdir -p "$work/kernel"
        (
            cd "$work/kernel"
            package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ {print $2; exit}')
            apt-get download "$package" >&2
            dpkg -x linux-image-*.deb .
        )
        found=$(find "$work/kernel" -name 'vmlinuz-*' | head -n 1)
    fi
    echo "$found"
}

# Copies a file to a place in the machine, and the libraries it needs to where they are here.
add_as() {
    local library
    install -D "$(realpath "$1")" "$root$2"
    while read -r library; do
        [[ -e $root/usr${library#/usr} ]] || install -D "$(realpath "$library")" "$root/usr${library#/usr}"
    done < <(ldd "$1" 2>/dev/null | grep -o '/[^ ]*' || true)
}

add() {
    local file
    for file in "$@"; do
        add_as "$file" "$file"
    done
}

make_root() {
    rm -rf "$root"
    mkdir -p "$root"/{dev,etc/alternatives,proc,root,run,sys,tmp,usr/bin,usr/lib,usr/lib64,usr/share,var}
    chmod 1777 "$root/tmp"
    ln -s usr/bin "$root/bin"
    ln -s usr/bin "$root/sbin"
    ln -s usr/lib "$root/lib"
    ln -s usr/lib64 "$root/lib64"
    printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$root/etc/passwd"
    printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
    printf 'root:*:::::::\n' >"$root/etc/shadow"
    chmod 640 "$root/etc/shadow"

    add /usr/bin/bash /usr/bin/python3 /usr/bin/setpriv /usr/bin/env /usr/bin/find /usr/bin/true
    [[ ! -x /usr/bin/node ]] || add /usr/bin/node
    cp "$(command -v busybox)" "$root/usr/bin/busybox"
    local name
    while read -r name; do
        [[ -e $root/usr/bin/$name ]] || ln -s busybox "$root/usr/bin/$name"
    done < <(busybox --list)

    local python
    python=$(/usr/bin/python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
    mkdir -p "$root$python"
    tar -C "$python" --exclude=test --exclude=dist-packages --exclude='config-*' -c . | tar -C "$root$python" -x
    add "$python"/lib-dynload/*.so

    mkdir -p "$root/usr/lib/locale"
    cp -r /usr/lib/locale/C.utf8 "$root/usr/lib/locale/"
    local plugin
    for plugin in /usr/lib/*/qt6/plugins/sqldrivers/libqsqlite.so; do
        [[ ! -e $plugin ]] || add "$plugin" # the store, for `skillbox doctor`
    done

    mkdir -p "$root/skillbox/attacks"
    cp "$here"/sandbox/attacks/* "$root/skillbox/attacks"
    local program
    for program in "${tests[@]/#/bin/}" bin/skillbox bin/skillbox-sandbox tests/sandbox/skillbox-sandbox-weakened \
        tests/sandbox/skillbox-run-engine; do
        [[ ! -x $build/$program ]] || add_as "$build/$program" "/skillbox/${program##*/}"
    done
    ldconfig -r "$root"
    chmod -R a+rX "$root/skillbox" "$root/usr"
    printf '%s\n' "${tests[@]}" >"$root/skillbox/tests"
    echo "${SKILLBOX_MACHINE_USERS:-root user}" >"$root/skillbox/users"

    cat >"$root/init" <<'INIT'
#!/bin/sh
# pivot_root(2) does not work on the kernel's first root, so everything moves to a second.
export PATH=/usr/bin
mkdir /second
mount -t tmpfs -o size=80%,mode=0755 tmpfs /second
for name in bin dev etc lib lib64 proc root run sbin skillbox sys tmp usr var main; do
    [ -e "/$name" ] && mv "/$name" /second/ 2>/dev/null || cp -a "/$name" /second/
done
exec switch_root /second /main
INIT
    cat >"$root/main" <<'MAIN'
#!/bin/bash
export PATH=/usr/bin LC_ALL=C.UTF-8 QT_QPA_PLATFORM=offscreen HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
ip link set lo up
export SKILLBOX_TEST_LAUNCHER=/skillbox/skillbox-sandbox SKILLBOX_TEST_WEAKENED=/skillbox/skillbox-sandbox-weakened
export SKILLBOX_TEST_ENGINE=/skillbox/skillbox-run-engine SKILLBOX_TEST_ATTACKS=/skillbox/attacks
export SKILLBOX_LEAK_SCALE=0.1 SKILLBOX_LAUNCHER=/skillbox/skillbox-sandbox SKILLBOX_SANDBOX_LAUNCHER=/skillbox/skillbox-sandbox
top=/sys/fs/cgroup
echo "+memory +pids +cpu" >$top/cgroup.subtree_control
echo "MACHINE: $(uname -sr); $(cat $top/cgroup.controllers)"

# A group for each user, made as systemd makes a unit's: the user owns the folder and the three files.
unit() {
    mkdir -p "$top/units/$1"
    echo "+memory +pids +cpu" >$top/units/cgroup.subtree_control
    chown "$2" "$top/units/$1" "$top/units/$1"/cgroup.{procs,subtree_control,threads}
}
in_unit() {
    local name=$1
    shift
    bash -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$top/units/$name" "$@"
}
mkdir -p $top/units
number=0
for who in $(cat /skillbox/users); do
    as=()
    [ "$who" = root ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    while read -r test; do
        number=$((number + 1))
        unit "$who$number" "$([ "$who" = root ] && echo 0 || echo 65534)"
        in_unit "$who$number" "${as[@]}" "/skillbox/$test" </dev/null
        echo "RESULT: $test as $who: $?"
    done </skillbox/tests
    if [ -x /skillbox/skillbox ]; then
        number=$((number + 1))
        unit "$who$number" "$([ "$who" = root ] && echo 0 || echo 65534)"
        in_unit "$who$number" "${as[@]}" env SKILLBOX_DATA_DIR=/tmp/data-$who /skillbox/skillbox doctor </dev/null
        echo "RESULT: doctor as $who: $?"
    fi
done
echo "LEFT: $(find $top -type d -name 'skillbox.*' | wc -l) control groups of dead launchers"
echo "RESULT: end: 0"
poweroff -f
MAIN
    chmod +x "$root/init" "$root/main"
}

kernel=$(find_kernel)
[[ -r $kernel ]] || {
    echo "SKIPPED, LOUDLY: there is no kernel to boot and none could be downloaded" >&2
    exit 77
}
make_root
(cd "$root" && find . -print0 | cpio --null --quiet -o -H newc) >"$work/root.cpio"

acceleration=(-accel 'tcg,thread=multi' -cpu max)
[[ -z ${SKILLBOX_MACHINE_KVM:-} ]] || acceleration=(-accel kvm -cpu host)
echo "booting $(basename "$kernel") with $(du -m "$work/root.cpio" | cut -f1) MiB of files, ${acceleration[1]}"
timeout "${SKILLBOX_MACHINE_TIMEOUT:-3600}" qemu-system-x86_64 "${acceleration[@]}" -smp 2 -m 3072 -nodefaults \
    -display none -no-reboot -serial stdio -kernel "$kernel" -initrd "$work/root.cpio" \
    -append "console=ttyS0 quiet panic=-1 rdinit=/init cgroup_no_v1=all" </dev/null |
    tr -d '\r' | tee "$work/console.log" | grep -E --line-buffered '^(MACHINE|RESULT|LEFT|FAIL!|QFATAL|Totals|Kernel panic)' || true
grep -q '^RESULT: end: 0' "$work/console.log" || {
    echo "the machine did not come to its end, see $work/console.log" >&2
    exit 1
}
! grep -E '^RESULT: .*: [^0]' "$work/console.log"
