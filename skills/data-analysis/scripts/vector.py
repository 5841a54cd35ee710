"""Draws a scene as SVG."""

import re
from xml.sax.saxutils import escape, quoteattr

from scene import BACKGROUND, TITLE, Line, Rect, Text

# Not allowed in XML 1.0 in any form.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def draw_svg(scene):
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{scene.width}" height="{scene.height}" '
        f'viewBox="0 0 {scene.width} {scene.height}" role="img" aria-labelledby="title desc" '
        'font-family="\'DejaVu Sans\', Verdana, system-ui, sans-serif">',
        f'<title id="title">{_text(scene.title)}</title>',
        f'<desc id="desc">{_text(scene.description)}</desc>',
        f'<rect width="{scene.width}" height="{scene.height}" fill="{BACKGROUND}"/>',
    ]
    parts.extend(_DRAW[type(shape)](shape) for shape in scene.shapes)
    parts.append("</svg>\n")
    return "\n".join(parts)


def _rect(r):
    radius = f' rx="{_number(r.radius)}"' if r.radius else ""
    return (f'<rect x="{_number(r.x)}" y="{_number(r.y)}" width="{_number(r.width)}" '
            f'height="{_number(r.height)}"{radius} fill="{r.color}"/>')


def _line(line):
    dash = f' stroke-dasharray="{" ".join(map(_number, line.dash))}"' if line.dash else ""
    return (f'<line x1="{_number(line.x1)}" y1="{_number(line.y1)}" x2="{_number(line.x2)}" '
            f'y2="{_number(line.y2)}" stroke="{line.color}" '
            f'stroke-width="{_number(line.width)}"{dash}/>')


def _words(text):
    weight = ' font-weight="bold"' if text.size == TITLE else ""
    anchor = f" text-anchor={quoteattr(text.anchor)}" if text.anchor != "start" else ""
    return (f'<text x="{_number(text.x)}" y="{_number(text.y)}" font-size="{text.size}"{weight}'
            f'{anchor} fill="{text.color}">{_text(text.text)}</text>')


_DRAW = {Rect: _rect, Line: _line, Text: _words}


def _text(text):
    return escape(_FORBIDDEN.sub("\ufffd", text))


def _number(x):
    return f"{x:.2f}".rstrip("0").rstrip(".")
