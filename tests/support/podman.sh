#!/usr/bin/env bash
# Podman's API service of the tests' own, with its images and containers in its folder.
#
# Usage: podman.sh start DIRECTORY   starts it as root, with the image localhost/skillbox-test:1;
#                                    prints its address
#        podman.sh stop DIRECTORY    ends it and what it mounted
# Exits with 77 when Podman is not installed or this is not root.
set -euo pipefail

(($# == 2)) || {
    sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
action=$1 directory=$2
here=$(cd -P -- "$(dirname -- "$0")" && pwd)
socket=$directory/podman.sock
export CONTAINERS_CONF=$directory/containers.conf
podman=(podman --root "$directory/root" --runroot "$directory/run" --tmpdir "$directory/tmp")

case $action in
stop)
    if [[ -s $directory/podman.pid ]]; then kill "$(<"$directory/podman.pid")" 2>/dev/null || true; fi
    "${podman[@]}" rm --all --force --time 0 >/dev/null 2>&1 || true
    umount "$directory/root/overlay" 2>/dev/null || true
    ;;
start)
    for program in podman runc conmon; do
        command -v "$program" >/dev/null || {
            echo "$program is not installed (packages podman runc)" >&2
            exit 77
        }
    done
    ((EUID == 0)) || {
        echo "Podman is started as root here" >&2
        exit 77
    }
    image=$("$here/container_image.sh")
    mkdir -p "$directory"
    # crun 1.8 refuses a machine with both versions of control groups; the limits that Podman sets
    # by itself are above what a container may be given everywhere.
    cat >"$CONTAINERS_CONF" <<'CONF'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
    {
        "${podman[@]}" import \
            --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' \
            --change 'ENV LD_PRELOAD=/of/the/image' \
            "$image" localhost/skillbox-test:1
    } >"$directory/import.log" 2>&1 </dev/null || {
        tail -n 5 "$directory/import.log" >&2
        exit 1
    }
    "${podman[@]}" system service --time 0 "unix://$socket" >"$directory/podman.log" 2>&1 </dev/null &
    echo $! >"$directory/podman.pid"
    for _ in $(seq 300); do
        if curl -sf --unix-socket "$socket" http://localhost/version >/dev/null 2>&1; then
            printf 'unix://%s\n' "$socket"
            exit 0
        fi
        sleep 0.1
    done
    tail -n 5 "$directory/podman.log" >&2
    exit 1
    ;;
*) exec "$0" ;;
esac
