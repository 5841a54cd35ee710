# json_string(bytes): a JSON string. What is not UTF-8 becomes U+FFFD.

function json_tables(    i) {
    for (i = 1; i < 256; ++i)
        BYTE[sprintf("%c", i)] = i
}

function json_string(s,    out, i, n, c, byte, size, k) {
    if (!("a" in BYTE))
        json_tables()
    n = length(s)
    out = "\""
    for (i = 1; i <= n; i += size) {
        c = substr(s, i, 1)
        byte = BYTE[c]
        size = 1
        if (byte < 32 || byte == 127)
            out = out sprintf("\\u%04x", byte)
        else if (c == "\"" || c == "\\")
            out = out "\\" c
        else if (byte < 128)
            out = out c
        else {
            size = utf8_size(s, i, byte)
            out = out (size ? substr(s, i, size) : "\\ufffd")
            if (!size)
                size = 1
        }
    }
    return out "\""
}

# How many bytes the sequence at `at` has, 0 if it is not well-formed (Unicode, table 3-7).
function utf8_size(s, at, lead,    size, k, second) {
    size = lead >= 194 && lead <= 223 ? 2 : lead >= 224 && lead <= 239 ? 3 : lead >= 240 && lead <= 244 ? 4 : 0
    for (k = 1; k < size; ++k) {
        second = BYTE[substr(s, at + k, 1)] + 0
        if (second < 128 || second > 191)
            return 0
        if (k == 1 && (lead == 224 && second < 160 || lead == 237 && second > 159 || lead == 240 && second < 144 || lead == 244 && second > 143))
            return 0
    }
    return size
}
