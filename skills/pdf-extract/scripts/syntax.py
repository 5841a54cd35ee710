"""PDF objects from bytes (ISO 32000-1, 7.2 and 7.3).

Null, booleans and numbers are Python's; strings are bytes; arrays and dictionaries are list and dict
with str keys. What else there is:
"""

import re
from collections import namedtuple

from errors import PdfError

Ref = namedtuple("Ref", "number generation")
Stream = namedtuple("Stream", "info raw")


class Name(str):
    """/Name, without the slash."""


class Keyword(str):
    """obj, endstream, an operator of a content stream, …"""


END = Keyword("")  # there is nothing more

MAX_DEPTH = 60

_SPACE = re.compile(rb"(?:[\0\t\n\f\r ]+|%[^\r\n]*)*")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)")
_REGULAR = re.compile(rb"[^\0\t\n\f\r ()<>\[\]{}/%]+")
_REF_REST = re.compile(rb"[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>\[\]{}/%])")
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STRING_PART = re.compile(rb"[^()\\\r]+")
_ESCAPES = {ord("n"): b"\n", ord("r"): b"\r", ord("t"): b"\t", ord("b"): b"\b", ord("f"): b"\f"}


class Parser:
    """Reads objects one after another from `data`, beginning at `at`."""

    def __init__(self, data, at=0):
        self.data = data
        self.at = at

    def skip_space(self):
        self.at = _SPACE.match(self.data, self.at).end()

    def next(self, depth=0):
        """An object, a Keyword, or END."""
        if depth > MAX_DEPTH:
            raise PdfError(f"objects nested too deeply at byte {self.at}")
        self.skip_space()
        data, at = self.data, self.at
        start = data[at:at + 1]
        if not start:
            return END
        if start == b"/":
            return self._name()
        if start == b"(":
            return self._string()
        if start == b"[":
            self.at += 1
            return self._until("]", depth)
        if data.startswith(b"<<", at):
            self.at += 2
            return self._dictionary(depth)
        if start == b"<":
            return self._hex_string()
        number = _NUMBER.match(data, at)
        if number:
            return self._number(number)
        return self._keyword()

    def _number(self, match):
        self.at = match.end()
        text = match.group()
        if b"." in text:
            return float(text)
        value = int(text[:20])  # longer ones are damage, and costly
        rest = _REF_REST.match(self.data, self.at) if value >= 0 else None
        if rest:
            self.at = rest.end()
            return Ref(value, int(rest.group(1)))
        return value

    def _name(self):
        match = _REGULAR.match(self.data, self.at + 1)
        raw = match.group() if match else b""
        self.at += 1 + len(raw)
        if b"#" in raw:
            raw = _NAME_ESCAPE.sub(lambda m: bytes([int(m.group(1), 16)]), raw)
        return Name(raw.decode("latin-1"))

    def _keyword(self):
        match = _REGULAR.match(self.data, self.at)
        raw = match.group() if match else self.data[self.at:self.at + 2] \
            if self.data[self.at:self.at + 2] == b">>" else self.data[self.at:self.at + 1]
        self.at += len(raw)
        return _CONSTANTS.get(raw) if raw in _CONSTANTS else Keyword(raw.decode("latin-1"))

    def _until(self, closing, depth):
        items = []
        while True:
            item = self.next(depth + 1)
            if isinstance(item, Keyword):
                if item == closing:
                    return items
                if item is END or item in ("endobj", "endstream"):
                    raise PdfError(f"`{closing}` is missing before byte {self.at}")
                continue  # stray text, which other readers pass over too
            items.append(item)

    def _dictionary(self, depth):
        items = self._until(">>", depth)
        return {str(key): value for key, value in zip(items[::2], items[1::2])
                if isinstance(key, Name)}

    def _hex_string(self):
        end = self.data.find(b">", self.at)
        if end < 0:
            raise PdfError(f"`>` is missing after byte {self.at}")
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", self.data[self.at + 1:end])
        self.at = end + 1
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))

    def _string(self):
        data, at, depth, out = self.data, self.at + 1, 1, []
        while True:
            plain = _STRING_PART.match(data, at)
            if plain:
                out.append(plain.group())
                at = plain.end()
            c = data[at:at + 1]
            if not c:
                raise PdfError(f"`)` is missing after byte {self.at}")
            at += 1
            if c == b"(":
                depth += 1
                out.append(c)
            elif c == b")":
                depth -= 1
                if depth == 0:
                    self.at = at
                    return b"".join(out)
                out.append(c)
            elif c == b"\r":  # any end of line reads as a line feed
                out.append(b"\n")
                at += data[at:at + 1] == b"\n"
            else:
                part, at = self._escape(at)
                out.append(part)

    def _escape(self, at):
        data = self.data
        octal = re.compile(rb"[0-7]{1,3}").match(data, at)
        if octal:
            return bytes([int(octal.group(), 8) & 255]), octal.end()
        if data[at:at + 2] == b"\r\n":
            return b"", at + 2
        c = data[at:at + 1]
        if c in (b"\r", b"\n"):
            return b"", at + 1
        return (_ESCAPES.get(c[0], c) if c else b""), at + 1


_CONSTANTS = {b"true": True, b"false": False, b"null": None}
