# Groups the lines of a log. Prints `count level first_line shape example` (tab-separated) for each
# shape, and writes totals as `name<TAB>value` to STATS_FILE.

BEGIN {
    MAX_SHAPES = 50000
    MAX_BYTES = 300

    names = "fatal FATAL CRITICAL CRIT EMERG EMERGENCY ALERT PANIC;error ERROR ERR SEVERE;" \
            "warning WARNING WARN;info INFO NOTICE;debug DEBUG;trace TRACE VERBOSE"
    n = split(names, groups, ";")
    for (i = 1; i <= n; ++i) {
        m = split(groups[i], words, " ")
        for (j = 2; j <= m; ++j)
            LEVEL[words[j]] = words[1]
    }
    split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", months, " ")
    for (i = 1; i <= 12; ++i)
        MONTH[months[i]] = sprintf("%02d", i)

    # Spelled out, because not every awk knows {4}.
    h = "[0-9A-Fa-f]"
    h4 = h h h h
    UUID = h4 h4 "-" h4 "-" h4 "-" h4 "-" h4 h4 h4
    LONG_HEX = h4 h4 h "*"
    IP = "[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+(:[0-9]+)?"
    CLOCK = "[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
    ISO = "^\\[?[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9][T ]" CLOCK "([.,][0-9]+)?(Z|[-+][0-2][0-9]:?[0-5][0-9])?\\]?"
    SYSLOG = "^[A-Z][a-z][a-z] [ 0-3][0-9] " CLOCK
    WEB = "\\[[0-3][0-9]/[A-Z][a-z][a-z]/[0-9][0-9][0-9][0-9]:" CLOCK " [-+][0-9][0-9][0-9][0-9]\\]"
}

{
    sub(/\r$/, "")
}

/^[ \t]*$/ {
    next
}

/^[ \t]/ || /^Caused by:/ {
    # Without a message above it, it is one.
    if (messages) {
        ++continuations
        next
    }
}

{
    ++messages
    body = without_time($0)
    level = level_of(body)
    ++levels[level]
    shape = shape_of(body)
    key = level "\t" shape
    if (!(key in count)) {
        if (shapes >= MAX_SHAPES) {
            ++other[level]
            next
        }
        ++shapes
        first[key] = NR
        example[key] = cut($0)
    }
    ++count[key]
}

END {
    for (key in count)
        print count[key] "\t" row(key, first[key]) "\t" example[key]
    for (level in other)
        print other[level] "\t" level "\t" NR "\t(other)\t"

    out = ENVIRON["STATS_FILE"]
    print "lines\t" NR > out
    print "messages\t" messages + 0 > out
    print "continuations\t" continuations + 0 > out
    print "distinct_shapes\t" shapes + 0 > out
    print "overflow\t" (shapes >= MAX_SHAPES) > out
    print "first_time\t" first_time > out
    print "last_time\t" last_time > out
    for (level in levels)
        print "level " level "\t" levels[level] > out
}

# A key is level<TAB>shape; the row wants the line number between them.
function row(key, line,    tab) {
    tab = index(key, "\t")
    return substr(key, 1, tab) line substr(key, tab)
}

# The line without the time it begins with; the time goes into the range.
function without_time(line,    time, start) {
    if (match(line, ISO)) {
        time = substr(line, 1, RLENGTH)
        line = substr(line, RLENGTH + 1)
        gsub(/[][]/, "", time)
        sub(/ /, "T", time)
        sub(/,/, ".", time)
        note_time(time)
    } else if (match(line, SYSLOG)) {
        time = substr(line, 1, RLENGTH)
        line = substr(line, RLENGTH + 1)
        if (substr(time, 1, 3) in MONTH) {
            start = substr(time, 5, 2)
            sub(/ /, "0", start)
            note_time(MONTH[substr(time, 1, 3)] "-" start "T" substr(time, 8))
        }
    } else if (match(line, WEB)) {
        time = substr(line, RSTART + 1, RLENGTH - 2)
        line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
        if (substr(time, 4, 3) in MONTH)
            note_time(substr(time, 8, 4) "-" MONTH[substr(time, 4, 3)] "-" substr(time, 1, 2) \
                      "T" substr(time, 13, 8) substr(time, 22))
    }
    return line
}

function note_time(time) {
    if (first_time == "" || time < first_time)
        first_time = time
    if (last_time == "" || time > last_time)
        last_time = time
}

function level_of(body,    head, at, word, before, after, rest) {
    head = substr(body, 1, 160)
    while (match(head, /[A-Za-z]+/)) {
        word = substr(head, RSTART, RLENGTH)
        before = substr(head, RSTART - 1, RSTART > 1)
        after = substr(head, RSTART + RLENGTH, 1)
        rest = rest substr(head, 1, RSTART - 1)
        if (toupper(word) in LEVEL && after !~ /[0-9_]/ && before !~ /[0-9_]/) {
            if (word == toupper(word))
                return LEVEL[word]
            if (before == "[" && after == "]" || before == "<" && after == ">" || \
                after == ":" || rest ~ /[Ll]evel"?[:=] ?"?$/ || rest ~ /severity"?[:=] ?"?$/)
                return LEVEL[toupper(word)]
        }
        rest = substr(rest word, length(rest word) > 20 ? length(rest word) - 20 : 1)
        head = substr(head, RSTART + RLENGTH)
    }
    return "none"
}

function shape_of(body) {
    gsub(/\t/, " ", body)
    gsub(/^ +| +$/, "", body)
    gsub(/"[^"]*"/, "<text>", body)
    if (body ~ /[0-9]/) {
        gsub(UUID, "<uuid>", body)
        gsub(IP, "<ip>", body)
        gsub(/0x[0-9A-Fa-f]+/, "<id>", body)
        gsub(LONG_HEX, "<id>", body)
        gsub(/[0-9]+([.][0-9]+)?/, "<n>", body)
    }
    return cut(body)
}

# At most MAX_BYTES, not ending inside a UTF-8 sequence.
function cut(s) {
    gsub(/\t/, " ", s)
    if (length(s) <= MAX_BYTES)
        return s
    s = substr(s, 1, MAX_BYTES)
    sub(/[\300-\377][\200-\277]*$/, "", s)
    return s "..."
}
