#!/usr/bin/env bash
# Digests a log; SKILL.md describes input and output.
# shellcheck disable=SC2016 # backquotes in messages mark names
set -euo pipefail

# Bytes, not characters: fast, the same in every awk, and logs are not always UTF-8.
export LC_ALL=C

here=$(dirname -- "${BASH_SOURCE[0]}")
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

fail() {
    MESSAGE=$1 awk -f "$here/json.awk" -f "$here/error.awk" > "$SANDBOX_OUTPUT"
    printf 'log-digest: %s\n' "$1" >&2
    exit 1
}

# Splits the input object: string member `text` into a file, the other members into lines
# `name<TAB>type<TAB>value`.
read_input() {
    if [[ -n ${SANDBOX_INPUT-} ]]; then
        printf '%s' "$SANDBOX_INPUT"
    else # left out when it is longer than one variable may be
        cat /sandbox/input.json
    fi | TEXT_FILE=$work/text awk -f "$here/json_input.awk" > "$work/members" ||
        fail 'the input must be an object such as {"text": "ERROR disk full"}'
}

read_options() {
    local name type value
    has_text=no file='' top=10 min_level=''
    while IFS=$'\t' read -r name type value; do
        case $name in
        text)
            [[ $type == string ]] || fail '`text` must be a string'
            has_text=yes
            ;;
        file)
            [[ $type == string && -n $value ]] || fail '`file` must be a file name'
            [[ $value != */* && $value != . && $value != .. ]] ||
                fail '`file` must be a name without folders'
            file=$value
            ;;
        top)
            # Four digits at most, before the shell would read it as a number.
            [[ $type == number && $value =~ ^[1-9][0-9]{0,3}$ && $value -le 1000 ]] ||
                fail '`top` must be a whole number from 1 to 1000'
            top=$value
            ;;
        min_level)
            [[ $type == string && $value =~ ^(trace|debug|info|warning|error|fatal)$ ]] ||
                fail '`min_level` must be trace, debug, info, warning, error or fatal'
            min_level=$value
            ;;
        esac
    done < "$work/members"

    if [[ $has_text == yes && -n $file || $has_text == no && -z $file ]]; then
        fail 'give exactly one of `text` and `file`'
    fi
    if [[ -n $file ]]; then
        source=${SANDBOX_INPUT_DIR%/}/$file
        [[ -f $source ]] || fail "there is no input file $file; there are: $(input_files)"
    else
        source=$work/text
    fi
}

input_files() {
    local names
    names=$(find "$SANDBOX_INPUT_DIR" -maxdepth 1 -type f -printf '%f\n' 2> /dev/null | sort |
        paste -sd ',' -)
    printf '%s' "${names:-none}"
}

digest() {
    # NUL ends a string in some awks.
    tr -d '\000' < "$source" |
        STATS_FILE=$work/stats awk -f "$here/digest.awk" |
        sort -t $'\t' -k1,1nr -k3,3n > "$work/shapes"

    {
        printf 'count\tlevel\tfirst_line\tshape\n'
        cut -f 1-4 "$work/shapes"
    } > "$SANDBOX_FILES_DIR/shapes.tsv"

    TOP=$top MIN_LEVEL=$min_level \
        awk -f "$here/json.awk" -f "$here/report.awk" "$work/stats" "$work/shapes" \
        > "$SANDBOX_OUTPUT"
}

read_input
read_options
digest
