#!/usr/bin/env bash
# A Postgres server of the tests' own, reached by a socket in its folder alone.
#
# Usage: postgres.sh start DIRECTORY   makes and starts it, with the database and user of initdb
#        postgres.sh stop DIRECTORY    ends it at once, as a power cut would
#        postgres.sh restart DIRECTORY the same, and starts it again
# POSTGRES_LISTEN: an address of this machine where it listens on port 5432 too, for whoever calls from
# its network (/24).
# Exits with 77 when Postgres is not installed. Postgres does not run as root: then it is nobody's.
set -euo pipefail

usage() {
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
(($# == 2)) || usage
action=$1 directory=$2

programs=
for candidate in /usr/lib/postgresql/*/bin; do
    [[ -x $candidate/initdb ]] && programs=$candidate
done
if [[ -z $programs ]]; then
    echo "Postgres is not installed (package postgresql)" >&2
    exit 77
fi
as=()
if ((EUID == 0)); then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); fi

start() {
    # Durability is not what is tested here: without waiting for the disk it is ten times as fast.
    # A measurement may want it all the same.
    "${as[@]}" "$programs/pg_ctl" -D "$directory/data" -w -s -l "$directory/log" -t 60 \
        -o "-k $directory -c listen_addresses='${POSTGRES_LISTEN:-}' -c fsync=${SKILLBOX_POSTGRES_FSYNC:-off} -c max_connections=200" start >&2
}
stop() {
    "${as[@]}" "$programs/pg_ctl" -D "$directory/data" -m immediate -w -s stop >&2
}
case $action in
start)
    mkdir -p "$directory"
    if ((EUID == 0)); then chown nobody:nogroup "$directory"; fi
    "${as[@]}" "$programs/initdb" -D "$directory/data" -A trust -U skillbox --no-sync --no-locale -E UTF8 \
        >"$directory/initdb.log" 2>&1 || {
        cat "$directory/initdb.log" >&2
        exit 1
    }
    if [[ -n ${POSTGRES_LISTEN:-} ]]; then
        echo "host all all $POSTGRES_LISTEN/24 trust" >>"$directory/data/pg_hba.conf"
    fi
    start
    ;;
stop) stop ;;
restart)
    stop
    start
    ;;
*) usage ;;
esac
