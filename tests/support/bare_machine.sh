#!/usr/bin/env bash
# Tries README.md's two commands on a bare Debian: makes a minimal root with mmdebstrap, clones this
# repository into it, and runs `./dev demo` and `./dev test` there, first as root, then as an
# ordinary user. Prints the time of each step. Needs root, mmdebstrap, packages from apt, and 4 GB.
#
# The root is entered with pivot_root in mount and pid namespaces of its own, not with chroot: the
# kernel refuses user namespaces to a process in a chroot (user_namespaces(7)), and every sandbox
# here begins with one. The network is the host's.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: bare_machine.sh [options]
  --release NAME     Debian release, default: bookworm
  --mirror URL       where packages come from, default: what this machine's apt uses
  --base DIR         keep the freshly made root in DIR, and start from it the next time
  --working-tree     take the files as they are here instead of a clone of HEAD
  --as root|user     only as root, or only as an ordinary user (packages are installed as root)
  --keep             leave the used root where it is and print its path
TEXT
}

release=bookworm mirror='' base='' source=clone who=both keep=0
while (($#)); do
    case $1 in
    --release) release=$2 && shift ;;
    --mirror) mirror=$2 && shift ;;
    --base) base=$2 && shift ;;
    --working-tree) source=tree ;;
    --as) who=$2 && shift ;;
    --keep) keep=1 ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
    esac
    shift
done

die() {
    printf 'Error: %s\n' "$*" >&2
    exit 1
}
((EUID == 0)) || die "making a root needs root"
command -v mmdebstrap >/dev/null || die "mmdebstrap is not installed"
repository=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

root=$(mktemp -d /var/tmp/skillbox-bare.XXXXXX)
cleanup() {
    if ((keep)); then
        printf 'The root is kept: %s\n' "$root"
    else
        rm -rf --one-file-system "$root"
    fi
}
trap cleanup EXIT

step() {
    local name=$1 start=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    "$@" || die "$name failed after $((SECONDS - start)) s"
    printf '== %s: %s s\n' "$name" "$((SECONDS - start))"
}

make_base() {
    local target=$1
    # Without a mirror mmdebstrap takes this machine's own sources when they are of that release.
    mmdebstrap --variant=minbase --quiet "$release" "$target" ${mirror:+"$mirror"}
    apt-config dump | grep -E '^Acquire::(https?::|Check-Valid-Until )' \
        >"$target/etc/apt/apt.conf.d/90host" || true
}

put_sources() {
    local target=$1
    if [[ $source == tree ]]; then
        mkdir -p "$target"
        git -C "$repository" ls-files -co --exclude-standard -z |
            (cd "$repository" && tar --null --ignore-failed-read -T - -c) | tar -x -C "$target"
        # What git shows as changed here would be committed there.
        git -C "$target" init -q
    else
        git clone -q --no-local "$repository" "$target"
    fi
    chown -R 0:0 "$target"
}

# Runs a command line in the root as a machine of its own; runs in a subshell of this script.
in_root() {
    local user=$1 line=$2
    # shellcheck disable=SC2016 # the inner shell expands its own arguments
    unshare --mount --pid --fork --kill-child --propagation private \
        bash -euc '
            root=$1 user=$2 line=$3
            mount --bind "$root" "$root"
            mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
            mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
            mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup" # root of a real machine has them, too
            mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
            for node in null zero full random urandom tty; do
                : >"$root/dev/$node"
                mount --bind "/dev/$node" "$root/dev/$node"
            done
            mkdir "$root/dev/shm" "$root/dev/pts"
            mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
            mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
            ln -s pts/ptmx "$root/dev/ptmx"
            ln -s /proc/self/fd "$root/dev/fd"
            mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
            mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
            cp /etc/resolv.conf /etc/hosts "$root/etc/"
            cd "$root"
            mkdir -p .old
            pivot_root . .old
            umount -l /.old
            rmdir /.old
            home=/root
            [ "$user" = root ] || home=/home/$user
            set -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
                HOME="$home" USER="$user" LANG=C.UTF-8 TERM=dumb \
                ${http_proxy:+http_proxy="$http_proxy"} ${CI:+CI="$CI"} \
                bash -c "cd ~/skillbox && $line"
            if [ "$user" = root ]; then "$@"; else setpriv --reuid "$user" --regid "$user" --init-groups "$@"; fi
        ' bash "$root" "$user" "$line"
}

if [[ -n $base && -x $base/bin/bash ]]; then
    step "copying the bare $release" cp -a "$base/." "$root/"
else
    step "making a bare $release" make_base "${base:-$root}"
    [[ -z $base ]] || cp -a "$base/." "$root/"
fi
chmod 755 "$root" # mktemp's 0700 would lock the ordinary user out

put_sources "$root/root/skillbox"
if [[ $who != user ]]; then
    step "root: ./dev demo, packages included" in_root root './dev demo'
    step "root: ./dev demo, once more" in_root root './dev demo'
    step "root: ./dev test" in_root root './dev test'
fi
if [[ $who != root ]]; then
    chroot "$root" useradd --create-home builder
    put_sources "$root/home/builder/skillbox"
    chroot "$root" chown -R builder:builder /home/builder
    [[ $who != user ]] || step "root: ./dev setup" in_root root './dev setup'
    step "user: ./dev demo" in_root builder './dev demo'
    step "user: ./dev test" in_root builder './dev test'
fi
printf '\nBoth commands work on a bare %s.\n' "$release"
