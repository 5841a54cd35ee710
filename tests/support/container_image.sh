#!/usr/bin/env bash
# A small image with Python and bash for tests of container engines, from Debian packages and without
# a registry. Made once and kept in the user's cache.
#
# Usage: container_image.sh      prints the path of a tar of its root file system
# Exits with 77 when mmdebstrap is not installed or finds no packages.
set -euo pipefail

command -v mmdebstrap >/dev/null || {
    echo "mmdebstrap is not installed (package mmdebstrap)" >&2
    exit 77
}
packages=python3-minimal,libpython3-stdlib,bash,dash,coreutils,findutils,grep,util-linux,libc-bin,base-files
# shellcheck disable=SC1091 # the system's own
release=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-bookworm}")
folder=${XDG_CACHE_HOME:-$HOME/.cache}/skillbox
image=$folder/container-test-$release-1.tar
if [[ ! -s $image ]]; then
    mkdir -p "$folder"
    made=$(mktemp "$folder/.container-test-XXXXXX.tar")
    trap 'rm -f "$made"' EXIT
    # shellcheck disable=SC2016 # apt's own notation
    mirror=$(apt-get indextargets --format '$(REPO_URI)' "Created-By: Packages" | head -n 1)
    mmdebstrap --quiet --variant=extract --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' --include="$packages" "$release" "$made" \
        "$mirror" >&2 </dev/null || {
        echo "an image could not be made from the packages of ${mirror:-a mirror that apt does not name}" >&2
        exit 77
    }
    mv "$made" "$image"
fi
printf '%s\n' "$image"
