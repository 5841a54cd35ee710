#!/usr/bin/env bash
# Builds KSyntaxHighlighting for Qt 6 where the distribution has it for Qt 5 only (Debian 12, Ubuntu
# 24.04), from Debian's own source package, once, into a folder outside of the build tree.
#
# Usage: syntax_highlighting.sh PREFIX
#
# The source is fetched by apt with a configuration of its own (the machine's stays as it is) from
# the mirror that the machine uses, and its SHA-256 is pinned here. Needs extra-cmake-modules, the
# Qt 6 development packages, perl, and 100 MB of space meanwhile; takes about a minute.
set -euo pipefail

package=ksyntax-highlighting
version=5.116.0
sha256=6f8ccacebd0dc9ce050b2b23b715750c97938b3336fbbb80967920cb8c1dfaa7
suite=trixie

(($# == 1)) || {
    printf 'Usage: %s PREFIX\n' "${0##*/}" >&2
    exit 2
}
prefix=$1
done_mark=$prefix/.skillbox-$version
[[ ! -e $done_mark ]] || exit 0

die() {
    printf 'Error: KSyntaxHighlighting cannot be built: %s\n' "$*" >&2
    exit 1
}
command -v apt-get >/dev/null || die "there is no apt-get to fetch its source with"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tarball=${package}_$version.orig.tar.xz

fetch() {
    local site keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    [[ -r $keyring ]] || die "the package debian-archive-keyring is not installed"
    # shellcheck disable=SC2016 # apt's own variable
    site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' | head -n 1)
    [[ -n $site ]] || die "apt knows no mirror of Debian here"
    mkdir -p "$work"/{state/lists/partial,cache/archives/partial}
    cat >"$work/apt.conf" <<CONF
Dir::State "$work/state";
Dir::State::Status "/var/lib/dpkg/status";
Dir::Cache "$work/cache";
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Sandbox::User "";
CONF
    printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$site" "$suite" \
        >"$work/sources.list"
    export APT_CONFIG=$work/apt.conf
    apt-get -q update >"$work/update.log" 2>&1 || true
    # Fails when the mirror lacks the Debian part of the source; the tarball and its sum decide.
    (cd "$work" && apt-get -q source --download-only "$package=$version*") >"$work/source.log" 2>&1 ||
        (cd "$work" && apt-get -q source --download-only "$package") >>"$work/source.log" 2>&1 || true
    [[ -f $work/$tarball ]] || {
        tail -n 3 "$work/source.log" >&2
        die "apt could not fetch $tarball"
    }
}

fetch
printf '%s  %s\n' "$sha256" "$work/$tarball" | sha256sum --check --quiet ||
    die "the checksum of $tarball is not the expected one"
mkdir "$work/source"
tar -xf "$work/$tarball" -C "$work/source" --strip-components=1
# Its own translations would need Qt Linguist's tools.
rm -rf "$work/source/po" "$work/source/poqm"
# Debian 12 has ECM 5.103, which suffices.
sed -i -E 's/find_package\(ECM [0-9.]+/find_package(ECM 5.100.0/' "$work/source/CMakeLists.txt"

log=$work/build.log
{
    cmake -S "$work/source" -B "$work/build" -G Ninja -DQT_MAJOR_VERSION=6 -DBUILD_TESTING=OFF \
        -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_INSTALL_PREFIX="$prefix.new" &&
        cmake --build "$work/build" --target install
} >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "the build failed; its last words are above"
}
touch "$prefix.new/.skillbox-$version"
rm -rf "$prefix"
mv "$prefix.new" "$prefix"
