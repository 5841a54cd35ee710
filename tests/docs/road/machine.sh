#!/usr/bin/env bash
# machine.sh FOLDER COMMAND…: runs the command on what looks like this machine and is not: an overlay in
# memory takes what is written; processes, network and mounts are its own. FOLDER is an empty one, to mount
# it on. As root. Exits with 77 where the kernel does not allow it.
set -euo pipefail

upper=$1
shift
unshare --mount --pid --net --uts --ipc --fork true 2>/dev/null ||
    { echo "namespaces cannot be made here" >&2 && exit 77; }
# shellcheck disable=SC2016 # the inner shell expands its own arguments
exec unshare --mount --pid --net --uts --ipc --fork --kill-child --propagation private \
    bash -euc '
        upper=$1
        shift
        root=$upper/root
        mount -t tmpfs -o mode=755 tmpfs "$upper" || { echo "nothing can be mounted here" >&2 && exit 77; }
        mkdir "$upper/changes" "$upper/work" "$root"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$upper/changes,workdir=$upper/work" "$root" ||
            { echo "an overlay cannot be mounted here" >&2 && exit 77; }
        # What is mounted elsewhere is not in the overlay: folders are shown, files are copied.
        findmnt -rn -o TARGET --real | grep -vE "^(/|/(proc|sys|dev|run|tmp)(/.*)?|$upper.*)\$" |
            while read -r place; do
                if [ -d "$place" ]; then mount --bind "$place" "$root$place"; else cat "$place" >"$root$place"; fi
            done
        ip link set lo up
        hostname road
        mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
        mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
        mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
        mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
        mkdir -p "$root/.old"
        cd "$root"
        pivot_root . .old
        umount -l /.old
        cd /
        exec "$@"
    ' bash "$upper" "$@"
