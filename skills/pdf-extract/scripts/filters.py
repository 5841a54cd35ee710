"""Decodes streams (ISO 32000-1, 7.4)."""

import base64
import re
import zlib

from errors import PdfError

# What one stream may grow to; a few bytes of deflate can stand for gigabytes.
MAX_DECODED = 64 * 1024 * 1024


def decode(data, filters):
    """Applies (name, parameters) in turn."""
    for name, parameters in filters:
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise PdfError(f"streams of type {name} are not supported")
        data = decoder(data)
        if name in ("FlateDecode", "LZWDecode", "Fl", "LZW"):
            data = _unpredict(data, parameters)
        if len(data) > MAX_DECODED:
            raise PdfError(f"a stream unpacks to more than {MAX_DECODED >> 20} MiB")
    return data


def _flate(data):
    for window_bits in (15, -15):  # some writers leave the zlib header out
        unpacker = zlib.decompressobj(window_bits)
        parts, size = [], 0
        try:
            while data and not unpacker.eof:
                # By pieces, so that what came before damage is kept.
                part = unpacker.decompress(data, 65536)
                data_left = unpacker.unconsumed_tail
                parts.append(part)
                size += len(part)
                if size > MAX_DECODED:
                    raise PdfError(f"a stream unpacks to more than {MAX_DECODED >> 20} MiB")
                if not part and not data_left:
                    break
                data = data_left
            parts.append(unpacker.flush(65536))
        except zlib.error:
            if not parts:
                continue
        return b"".join(parts)
    raise PdfError("a compressed stream is damaged")


def _lzw(data):
    out, size = [], 0
    table, previous = [bytes([i]) for i in range(256)] + [b"", b""], b""
    bits = count = 0
    width = 9
    for byte in data:
        bits = (bits << 8 | byte) & 0xFFFFFF
        count += 8
        if count < width:
            continue
        count -= width
        code = bits >> count & (1 << width) - 1
        if code == 257:
            break
        if code == 256:
            del table[258:]
            width, previous = 9, b""
            continue
        if code < len(table):
            entry = table[code]
        elif code == len(table) and previous:
            entry = previous + previous[:1]
        else:
            break  # damaged; what was read so far stands
        if previous and len(table) < 4096:
            table.append(previous + entry[:1])
        previous = entry
        out.append(entry)
        size += len(entry)
        if size > MAX_DECODED:
            raise PdfError(f"a stream unpacks to more than {MAX_DECODED >> 20} MiB")
        # The width grows one code early (EarlyChange, the default).
        width = 9 if len(table) < 511 else 10 if len(table) < 1023 else 11 if len(table) < 2047 else 12
    return b"".join(out)


def _ascii_hex(data):
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", data.split(b">", 1)[0])
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _ascii85(data):
    data = data.split(b"~>", 1)[0].strip()
    data = data[2:] if data.startswith(b"<~") else data
    try:
        return base64.a85decode(data, ignorechars=b" \t\n\r\f\v\0")
    except ValueError:
        raise PdfError("an ASCII85 stream is damaged") from None


def _run_length(data):
    out, at = [], 0
    while at < len(data) and data[at] != 128:
        length = data[at]
        if length < 128:
            out.append(data[at + 1:at + 2 + length])
            at += 2 + length
        else:
            out.append(data[at + 1:at + 2] * (257 - length))
            at += 2
    return b"".join(out)


def _unpredict(data, parameters):
    predictor = parameters.get("Predictor", 1)
    if not isinstance(predictor, int) or predictor < 2:
        return data
    columns, colors, depth = (_positive(parameters.get(key), default) for key, default in
                              (("Columns", 1), ("Colors", 1), ("BitsPerComponent", 8)))
    unit = max(1, colors * depth // 8)
    length = (columns * colors * depth + 7) // 8
    if predictor == 2:
        return _undo_tiff(data, length, unit) if depth == 8 else data
    return _undo_png(data, length, unit)


def _positive(value, default):
    return value if isinstance(value, int) and 0 < value < 1 << 20 else default


def _undo_tiff(data, length, unit):
    out = bytearray(data)
    for start in range(0, len(out), length):
        for i in range(start + unit, min(start + length, len(out))):
            out[i] = out[i] + out[i - unit] & 255
    return bytes(out)


def _undo_png(data, length, unit):
    """PNG's filters (RFC 2083, 6): each row begins with the number of its own."""
    out, above = [], bytes(length)
    for start in range(0, len(data), length + 1):
        kind, row = data[start], bytearray(data[start + 1:start + 1 + length])
        row.extend(bytes(length - len(row)))
        for i in range(length if kind else 0):
            left = row[i - unit] if i >= unit else 0
            up = above[i]
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = up
            elif kind == 3:
                guess = (left + up) // 2
            else:
                corner = above[i - unit] if i >= unit else 0
                guess = min((left, up, corner), key=lambda v: abs(left + up - corner - v))
            row[i] = row[i] + guess & 255
        above = bytes(row)
        out.append(above)
    return b"".join(out)


_DECODERS = {
    "FlateDecode": _flate, "Fl": _flate,
    "LZWDecode": _lzw, "LZW": _lzw,
    "ASCIIHexDecode": _ascii_hex, "AHx": _ascii_hex,
    "ASCII85Decode": _ascii85, "A85": _ascii85,
    "RunLengthDecode": _run_length, "RL": _run_length,
}
