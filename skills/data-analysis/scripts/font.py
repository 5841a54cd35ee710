"""Glyphs for the raster chart and the widths of texts for both.

assets/font.bin holds two sizes of DejaVu Sans as 4-bit coverage; assets/make_font.c draws it and
describes its format. Licence: assets/LICENSE-font.txt.
"""

import functools
import struct
import unicodedata
import zlib
from collections import namedtuple
from pathlib import Path

# Device pixels per CSS pixel; the glyphs are drawn for it.
SCALE = 2

Glyph = namedtuple("Glyph", "advance left top width height bits")

_FILE = Path(__file__).resolve().parent.parent / "assets" / "font.bin"


@functools.lru_cache(maxsize=None)
def _faces():
    """Size in CSS pixels → code point → Glyph."""
    data = zlib.decompress(_FILE.read_bytes())
    faces, at = {}, 1
    for _ in range(data[0]):
        size, _ascent, count = struct.unpack_from("<BBH", data, at)
        at += 4
        glyphs = faces[size // SCALE] = {}
        for _ in range(count):
            point, advance, left, top, width, height = struct.unpack_from("<IBbbBB", data, at)
            at += 9
            length = (width + 1) // 2 * height
            glyphs[point] = Glyph(advance, left, top, width, height, data[at:at + length])
            at += length
    return faces


def glyphs(text, size):
    """A glyph for each character that takes room; U+FFFD's for what the font lacks."""
    face = _faces()[size]
    for character in unicodedata.normalize("NFC", text):
        if unicodedata.category(character) not in ("Mn", "Cc", "Cf"):
            yield face.get(ord(character)) or face[0xFFFD]


def text_width(text, size):
    """In CSS pixels."""
    return sum(glyph.advance for glyph in glyphs(text, size)) / SCALE


def fitted(text, size, width):
    """The text, cut with an ellipsis where it would be wider than `width`."""
    text = " ".join(text.split())
    if text_width(text, size) <= width:
        return text
    room = width - text_width("…", size)
    used = 0.0
    for at, character in enumerate(text):
        used += text_width(character, size)
        if used > room:
            return text[:at].rstrip() + "…"
    return text
