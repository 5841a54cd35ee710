"""Draws a scene as PNG with nothing but zlib."""

import struct
import zlib

from font import SCALE, glyphs, text_width
from scene import BACKGROUND, Line, Rect, Text


def draw_png(scene):
    canvas = Canvas(scene.width * SCALE, scene.height * SCALE, BACKGROUND)
    for shape in scene.shapes:
        _DRAW[type(shape)](canvas, shape)
    return canvas.png()


class Canvas:
    """8-bit RGB; coordinates in device pixels."""

    def __init__(self, width, height, color):
        self.width = width
        self.height = height
        self._stride = width * 3
        self._pixels = bytearray(_rgb(color) * (width * height))

    def fill(self, left, top, right, bottom, color):
        left, right = max(left, 0), min(right, self.width)
        top, bottom = max(top, 0), min(bottom, self.height)
        if right <= left:
            return
        span = _rgb(color) * (right - left)
        for y in range(top, bottom):
            start = y * self._stride + left * 3
            self._pixels[start:start + len(span)] = span

    def blend(self, x, y, color, coverage):
        """`coverage` from 0 to 1."""
        if not (0 <= x < self.width and 0 <= y < self.height) or coverage <= 0:
            return
        at = y * self._stride + x * 3
        for channel, value in enumerate(_rgb(color)):
            below = self._pixels[at + channel]
            self._pixels[at + channel] = round(below + (value - below) * coverage)

    def png(self):
        # Filter type 0 before each row: charts are flat, so deflate does well without.
        rows = b"".join(b"\0" + self._pixels[y * self._stride:(y + 1) * self._stride]
                        for y in range(self.height))
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        per_metre = round(96 * SCALE / 0.0254)
        return b"".join((b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", header),
                         _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
                         _chunk(b"IDAT", zlib.compress(rows, 6)), _chunk(b"IEND", b"")))


def _chunk(kind, data):
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _rgb(color):
    return bytes.fromhex(color[1:])


def _device(x):
    return round(x * SCALE)


def _draw_rect(canvas, rect):
    left, top = _device(rect.x), _device(rect.y)
    right, bottom = _device(rect.x + rect.width), _device(rect.y + rect.height)
    radius = min(_device(rect.radius), (right - left) // 2, (bottom - top) // 2)
    canvas.fill(left, top + radius, right, bottom - radius, rect.color)
    canvas.fill(left + radius, top, right - radius, top + radius, rect.color)
    canvas.fill(left + radius, bottom - radius, right - radius, bottom, rect.color)
    for dy in range(radius):
        for dx in range(radius):
            coverage = _corner_coverage(dx, dy, radius)
            for x in (left + dx, right - 1 - dx):
                for y in (top + dy, bottom - 1 - dy):
                    canvas.blend(x, y, rect.color, coverage)


def _corner_coverage(dx, dy, radius):
    """How much of a pixel lies inside a quarter circle, from 4 × 4 points in it."""
    inside = sum((radius - dx - (i + 0.5) / 4) ** 2 + (radius - dy - (j + 0.5) / 4) ** 2
                 <= radius * radius for i in range(4) for j in range(4))
    return inside / 16


def _draw_line(canvas, line):
    width = max(1, _device(line.width))
    x1, y1, x2, y2 = (_device(v) for v in (line.x1, line.y1, line.x2, line.y2))
    vertical = x1 == x2
    start, end = sorted((y1, y2) if vertical else (x1, x2))
    on, off = (_device(line.dash[0]), _device(line.dash[1])) if line.dash else (end - start, 0)
    while start < end:
        stop = min(start + on, end)
        if vertical:
            canvas.fill(x1 - width // 2, start, x1 - width // 2 + width, stop, line.color)
        else:
            canvas.fill(start, y1 - width // 2, stop, y1 - width // 2 + width, line.color)
        start = stop + off


def _draw_text(canvas, text):
    width = text_width(text.text, text.size)
    pen = _device(text.x - {"start": 0, "middle": width / 2, "end": width}[text.anchor])
    baseline = _device(text.y)
    for glyph in glyphs(text.text, text.size):
        stride = (glyph.width + 1) // 2
        for row in range(glyph.height):
            for column in range(glyph.width):
                pair = glyph.bits[row * stride + column // 2]
                level = pair & 15 if column % 2 else pair >> 4
                if level:
                    canvas.blend(pen + glyph.left + column, baseline - glyph.top + row,
                                 text.color, level / 15)
        pen += glyph.advance


_DRAW = {Rect: _draw_rect, Line: _draw_line, Text: _draw_text}
