# Splits a JSON object that is known to be valid: writes the string member `text` to TEXT_FILE and
# prints `name<TAB>type<TAB>value` for every member. Exit code 1 if the value is not an object.
#
# Records end at quotes, so strings and structure alternate, and a string goes out piece by piece:
# growing one long value would copy it again for each escape.

BEGIN {
    RS = "\""
    HEX = "0123456789abcdef"
    text_file = ENVIRON["TEXT_FILE"]
    printf "" > text_file
}

in_string {
    # A backslash that is not itself escaped makes the quote part of the string.
    if (match($0, /\\+$/) && RLENGTH % 2 == 1) {
        unescape(substr($0, 1, length($0) - 1))
        emit("\"")
        next
    }
    unescape($0)
    in_string = 0
    next
}

{
    structure($0)
    in_string = 1
}

END {
    exit !is_object
}

function structure(s,    i, n, c) {
    n = length(s)
    for (i = 1; i <= n; ++i) {
        c = substr(s, i, 1)
        if (c == "{" || c == "[") {
            if (depth == 0 && !seen)
                is_object = c == "{"
            else if (depth == 1 && after_colon)
                type = c == "{" ? "object" : "array"
            seen = 1
            ++depth
            if (depth == 1) {
                reading = "name"
                name = value = type = ""
            } else
                reading = ""
        } else if (c == "}" || c == "]") {
            --depth
            if (depth == 0)
                finish()
        } else if (depth == 1 && c == ":") {
            after_colon = 1
            type = "string"
            value = ""
            reading = name == "text" ? "text" : "value"
        } else if (depth == 1 && c == ",")
            finish()
        else if (depth == 1 && after_colon && c !~ /[ \t\r\n]/) {
            type = "number"
            value = value c
        } else if (depth == 0)
            seen = 1
    }
    if (depth == 0)
        seen = 1
}

function finish() {
    if (!after_colon)
        return
    if (type == "number" && value !~ /^[-0-9]/)
        type = "literal"
    # Names and values stay on their line; none that is known holds a tab or a line break.
    gsub(/[\t\n]/, " ", name)
    gsub(/[\t\n]/, " ", value)
    # null is as good as absent.
    if (value != "null" || type == "string")
        print name "\t" type "\t" value
    reading = "name"
    name = value = type = ""
    after_colon = 0
}

function emit(piece) {
    if (reading == "text")
        printf "%s", piece > text_file
    else if (reading == "value")
        value = value piece
    else if (reading == "name")
        name = name piece
}

function unescape(s,    parts, n, i, c, plain) {
    n = split(s, parts, "\\")
    emit(parts[1])
    for (i = 2; i <= n; ++i) {
        if (plain) { # the part after an escaped backslash
            emit(parts[i])
            plain = 0
            continue
        }
        c = substr(parts[i], 1, 1)
        if (c == "") {
            emit("\\")
            plain = 1
        } else if (c == "n")
            emit("\n" substr(parts[i], 2))
        else if (c == "t")
            emit("\t" substr(parts[i], 2))
        else if (c == "r")
            emit("\r" substr(parts[i], 2))
        else if (c == "b" || c == "f")
            emit(" " substr(parts[i], 2))
        else if (c == "u")
            emit(code_unit(hex(substr(parts[i], 2, 4))) substr(parts[i], 6))
        else # \/
            emit(parts[i])
    }
}

function hex(digits,    i, value_so_far) {
    for (i = 1; i <= 4; ++i)
        value_so_far = value_so_far * 16 + index(HEX, tolower(substr(digits, i, 1))) - 1
    return value_so_far
}

# UTF-8 of a UTF-16 code unit; the first half of a pair waits for the second.
function code_unit(u,    c) {
    if (u >= 55296 && u < 56320) {
        high = u
        return ""
    }
    if (u >= 56320 && u < 57344) {
        if (!high)
            return "\357\277\275"
        c = 65536 + (high - 55296) * 1024 + (u - 56320)
        high = 0
        return sprintf("%c%c%c%c", 240 + int(c / 262144), 128 + int(c / 4096) % 64,
                       128 + int(c / 64) % 64, 128 + c % 64)
    }
    if (u == 0)
        return "\357\277\275"
    if (u < 128)
        return sprintf("%c", u)
    if (u < 2048)
        return sprintf("%c%c", 192 + int(u / 64), 128 + u % 64)
    return sprintf("%c%c%c", 224 + int(u / 4096), 128 + int(u / 64) % 64, 128 + u % 64)
}
