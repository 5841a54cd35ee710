#!/usr/bin/env bash
# An S3 store of the tests' own: Ceph's gateway over one monitor and one storage daemon in memory, on
# loopback. It checks signatures, payload hashes and presigned URLs, which smaller servers do not.
#
# Usage: ceph.sh start DIRECTORY   starts it as root; prints its address, and on a second line the one
#                                  with TLS, whose authority is DIRECTORY/tls.pem. Access key SKILLBOX,
#                                  secret key SKILLBOXSECRET. Knows buckets in the host: x.localhost; with TLS tls-bucket.localhost.
#        ceph.sh stop DIRECTORY    ends it
# CEPH_LISTEN: another address of this machine where it listens on the same port.
# Exits with 77 when Ceph is not installed or this is not root.
set -euo pipefail

(($# == 2)) || {
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
action=$1 directory=$2

if [[ $action == stop ]]; then
    for name in client.gateway osd.0 mon.a; do
        if [[ -s $directory/run/$name.pid ]]; then kill "$(<"$directory/run/$name.pid")" 2>/dev/null || true; fi
    done
    exit 0
fi
[[ $action == start ]] || exec "$0"
for program in openssl ceph-mon ceph-osd radosgw radosgw-admin ceph ceph-authtool monmaptool; do
    command -v "$program" >/dev/null || {
        echo "Ceph is not installed (packages ceph-mon ceph-osd radosgw openssl)" >&2
        exit 77
    }
done
((EUID == 0)) || {
    echo "Ceph is started as root here" >&2
    exit 77
}

# Three ports that are free now, the gateway's first.
read -r port tlsPort monitor < <(/usr/bin/python3 -c '
import socket
held = [socket.socket() for _ in range(3)]
for s in held: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in held))')
cluster=$(</proc/sys/kernel/random/uuid)
storage=$(</proc/sys/kernel/random/uuid)
keyring=$directory/keyring
export CEPH_CONF=$directory/ceph.conf
mkdir -p "$directory"/{mon,osd,run,log}
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,DNS:tls-bucket.localhost' -keyout "$directory/tls.key" \
    -out "$directory/tls.pem" >"$directory/tls.log" 2>&1
cat >"$CEPH_CONF" <<CONF
[global]
fsid = $cluster
mon host = v2:127.0.0.1:$monitor/0
keyring = $keyring
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
run dir = $directory/run
admin socket = $directory/run/\$name.asok
log file = $directory/log/\$name.log
pid file = $directory/run/\$name.pid
public network = 127.0.0.0/8
public addr = 127.0.0.1
cluster addr = 127.0.0.1
mon allow pool size one = true
mon data avail crit = 1
mon warn on insecure global id reclaim = false
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 1073741824
osd memory target = 939524096
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
[mon.a]
mon data = $directory/mon
[osd.0]
osd data = $directory/osd
[client.gateway]
rgw frontends = beast endpoint=127.0.0.1:$port ${CEPH_LISTEN:+endpoint=$CEPH_LISTEN:$port }tcp_nodelay=1 ssl_endpoint=127.0.0.1:$tlsPort ssl_certificate=$directory/tls.pem ssl_private_key=$directory/tls.key
rgw thread pool size = 16
rgw dns name = localhost
CONF
{
    ceph-authtool -C "$keyring" -n mon. --gen-key --cap mon 'allow *'
    ceph-authtool "$keyring" -n client.admin --gen-key --cap mon 'allow *' --cap osd 'allow *'
    ceph-authtool "$keyring" -n osd.0 --gen-key --cap mon 'allow profile osd' --cap osd 'allow *'
    ceph-authtool "$keyring" -n client.gateway --gen-key --cap mon 'allow rw' --cap osd 'allow rwx'
    monmaptool --create --addv a "[v2:127.0.0.1:$monitor]" --fsid "$cluster" "$directory/monmap"
    ceph-mon --mkfs -i a --monmap "$directory/monmap" --keyring "$keyring"
    ceph-mon -i a
    ceph auth import -i "$keyring"
    ceph osd new "$storage"
    ceph-osd -i 0 --mkfs --osd-uuid "$storage"
    ceph-osd -i 0
    ceph osd pool create .rgw.root 1 1
    radosgw -n client.gateway
} >"$directory/start.log" 2>&1 </dev/null || {
    tail -n 5 "$directory/start.log" >&2
    exit 1
}
for _ in $(seq 600); do
    if /usr/bin/python3 -c '
import sys, urllib.request
sys.exit(b"ListAllMyBuckets" not in urllib.request.urlopen(sys.argv[1], timeout=5).read())' \
        "http://127.0.0.1:$port/" 2>/dev/null; then
        radosgw-admin user create --uid=skillbox --display-name=skillbox --access-key=SKILLBOX \
            --secret-key=SKILLBOXSECRET >>"$directory/start.log" 2>&1
        printf 'http://127.0.0.1:%s\nhttps://localhost:%s\n' "$port" "$tlsPort"
        exit 0
    fi
    sleep 0.1
done
echo "the gateway does not answer; see $directory/log" >&2
exit 1
