#!/usr/bin/env bash
# A Docker engine of the tests' own: its socket, images and containers are in its folder, and it
# touches no network and no firewall.
#
# Usage: docker.sh start DIRECTORY   starts it as root, with the image localhost/skillbox-test:1;
#                                    prints its address
#        docker.sh proxy DIRECTORY   puts the proxy of installers/container-engine in front of it on a
#                                    loopback port; prints that address
#        docker.sh stop DIRECTORY    ends both
# Exits with 77 when something is not installed or this is not root.
set -euo pipefail

(($# == 2)) || {
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
action=$1 directory=$2
here=$(cd -P -- "$(dirname -- "$0")" && pwd)
socket=$directory/docker.sock

end() { # PIDFILE: and waits for it, because its folder is about to be removed
    [[ -s $1 ]] || return 0
    local pid
    pid=$(<"$1")
    kill "$pid" 2>/dev/null || return 0
    for _ in $(seq 200); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.05
    done
}
need() { # PROGRAM PACKAGE
    command -v "$1" >/dev/null || {
        echo "$1 is not installed (package $2)" >&2
        exit 77
    }
}
case $action in
stop)
    end "$directory/proxy.pid"
    end "$directory/docker.pid"
    ;;
start)
    need dockerd docker.io
    need docker docker.io
    ((EUID == 0)) || {
        echo "the Docker engine is started as root here" >&2
        exit 77
    }
    image=$("$here/container_image.sh")
    mkdir -p "$directory"
    runtimes=()
    if command -v runsc >/dev/null; then
        cat >"$directory/runsc" <<'RUNSC'
#!/bin/sh
exec runsc --platform=ptrace --network=none --ignore-cgroups=false "$@"
RUNSC
        chmod 0755 "$directory/runsc"
        runtimes=(--add-runtime "runsc=$directory/runsc")
    fi
    dockerd --host "unix://$socket" --data-root "$directory/data" --exec-root "$directory/exec" \
        --pidfile "$directory/docker.pid" --bridge=none --iptables=false --ip-forward=false \
        "${runtimes[@]}" >"$directory/dockerd.log" 2>&1 </dev/null &
    for _ in $(seq 600); do
        if docker --host "unix://$socket" version >/dev/null 2>&1; then
            docker --host "unix://$socket" import \
                --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' \
                --change 'ENV LD_PRELOAD=/of/the/image' \
                "$image" localhost/skillbox-test:1 >/dev/null
            printf 'unix://%s\n' "$socket"
            exit 0
        fi
        sleep 0.1
    done
    tail -n 5 "$directory/dockerd.log" >&2
    exit 1
    ;;
proxy)
    need haproxy haproxy
    port=$(/usr/bin/python3 -c '
import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    SKILLBOX_ENGINE_SOCKET=$socket SKILLBOX_PROXY_ADDRESS=127.0.0.1:$port \
        haproxy -f "$here/../../installers/container-engine/haproxy.cfg" -D -p "$directory/proxy.pid" \
        >"$directory/proxy.log" 2>&1 </dev/null || {
        cat "$directory/proxy.log" >&2
        exit 1
    }
    printf 'tcp://127.0.0.1:%s\n' "$port"
    ;;
*) exec "$0" ;;
esac
