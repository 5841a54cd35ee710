#!/bin/sh
# run_as.sh root|user TEST LAUNCHER WEAKENED ENGINE ATTACKS [PROGRAM]: runs a test program as root or as
# an ordinary user without groups. Exit 77: that cannot be done here.
set -eu
who=$1 test=$2 launcher=$3 weakened=$4 engine=$5 attacks=$6 program=${7:-}

if [ "$(id -u)" != 0 ]; then
    if [ "$who" = root ]; then
        echo "SKIPPED, LOUDLY: not root, so nothing is known of an engine that runs as root" >&2
        exit 77
    fi
    exec "$test"
fi
[ "$who" = user ] || exec "$test"

command -v setpriv >/dev/null || { echo "SKIPPED, LOUDLY: no setpriv to become a user with" >&2; exit 77; }
# The build may lie where other users cannot read.
copy=$(mktemp -d /tmp/skillbox-as-user.XXXXXX)
trap 'rm -rf "$copy"' EXIT
chmod 755 "$copy"
cp "$test" "$launcher" "$weakened" "$engine" "$copy"
cp -r "$attacks" "$copy/attacks"
if [ -n "$program" ]; then
    cp "$program" "$copy"
    export SKILLBOX_TEST_PROGRAM="$copy/${program##*/}"
fi
chmod -R a+rX "$copy"
cd /
SKILLBOX_TEST_LAUNCHER=$copy/${launcher##*/} SKILLBOX_TEST_WEAKENED=$copy/${weakened##*/} \
    SKILLBOX_TEST_ENGINE=$copy/${engine##*/} SKILLBOX_TEST_ATTACKS=$copy/attacks HOME=/ XDG_RUNTIME_DIR=/nonexistent \
    setpriv --reuid=65534 --regid=65534 --clear-groups "$copy/${test##*/}"
