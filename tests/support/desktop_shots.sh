#!/usr/bin/env bash
# One session of the desktop on a screen that nobody sees, with a picture of every step.
#
# Usage: desktop_shots.sh BUILD THEME SCALE PICTURES
#
# Needs xvfb, xauth and openbox: without a window manager no window gets the focus.
set -euo pipefail
(($# == 4)) || {
    printf 'Usage: %s BUILD THEME SCALE PICTURES\n' "${0##*/}" >&2
    exit 2
}
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

if [[ -z ${SKILLBOX_SHOTS_INNER:-} ]]; then
    size=1280x820
    [[ $3 == 1 ]] || size=2560x1640
    SKILLBOX_SHOTS_INNER=1 exec xvfb-run -a -s "-screen 0 ${size}x24 -nolisten tcp" "$here/${0##*/}" "$@"
fi

runtime=$(mktemp -d) # also its mode, 0700
openbox --config-file "$here/openbox.xml" &
manager=$!
trap 'kill "$manager"; rm -rf "$runtime"' EXIT
export XDG_RUNTIME_DIR=$runtime QT_QPA_PLATFORM=xcb QT_SCALE_FACTOR=$3 LC_ALL=C.UTF-8
export SKILLBOX_SHOTS_THEME=$2 SKILLBOX_SHOTS=$4
"$1/bin/test_desktop_flow"
