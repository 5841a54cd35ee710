"""Joins fragments of text to lines and paragraphs by where they stand."""

from collections import namedtuple

# Coordinates along (`start`, `end`) and across (`base`, upwards) the line, in points.
Fragment = namedtuple("Fragment", "text start end base size angle")

# All in units of the font size.
SAME_LINE = 0.5      # apart across the line: still one line, with superscripts
SPACE = 0.17         # apart along it: a space
COLUMN_GAP = 2.5     # apart along it: a tab
BACKWARDS = 0.6      # back along it: a new line, even at the same height
PARAGRAPH = 1.75     # apart across: an empty line between


def lines_of(fragments):
    """The text in the order it is shown, which is the reading order in nearly all files."""
    out, previous = [], None
    for fragment in fragments:
        if previous is not None:
            if _is_shadow(previous, fragment):
                continue
            out.append(_between(previous, fragment, out[-1]))
        out.append(fragment.text)
        # A space at the end says nothing of where the line is.
        previous = fragment if fragment.text.strip() or previous is None \
            else previous._replace(end=max(previous.end, fragment.end))
    lines = ("".join(out)).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _between(a, b, written):
    size = max(a.size, b.size)
    if a.angle == b.angle and abs(a.base - b.base) < SAME_LINE * size \
            and b.start > a.end - BACKWARDS * size:
        gap = b.start - a.end
        if gap > COLUMN_GAP * size:
            return "\t"
        has_space = written.endswith((" ", "\t", "\n")) or b.text.startswith(" ")
        return " " if gap > SPACE * min(a.size, b.size) and not has_space else ""
    drop = a.base - b.base
    return "\n\n" if a.angle != b.angle or drop < 0 or drop > PARAGRAPH * size else "\n"


def _is_shadow(a, b):
    """Text set twice with a hair's breadth between, which some programs do for bold."""
    return a.text == b.text and bool(a.text.strip()) and a.angle == b.angle \
        and abs(a.start - b.start) < 0.1 * a.size and abs(a.base - b.base) < 0.1 * a.size
