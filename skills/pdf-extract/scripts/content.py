"""Runs a page's content stream and puts the text it shows in reading order (ISO 32000-1, 8 and 9)."""

import math
import re

from errors import PdfError
from fonts import Font, text_string
from layout import Fragment, lines_of
from syntax import END, Keyword, Parser, Stream

MAX_FORM_DEPTH = 12
MAX_OPERATORS = 5_000_000
IDENTITY = (1, 0, 0, 1, 0, 0)

_INLINE_IMAGE_END = re.compile(rb"[\0\t\n\f\r ]EI(?=[\0\t\n\f\r ]|$)")


def page_text(document, page, warn):
    """The text of a page; `warn(text)` is told of what was left out."""
    interpreter = Interpreter(document, warn)
    contents = document.get(page.info.get("Contents"))
    streams = contents if isinstance(contents, list) else [contents]
    data = []
    for stream in map(document.get, streams):
        if isinstance(stream, Stream):
            try:
                data.append(document.stream_data(stream))
            except PdfError as error:
                warn(str(error))
    # One program in several streams, which may part anywhere between tokens.
    interpreter.run(b"\n".join(data), page.resources, State(), 0)
    return lines_of(interpreter.fragments)


def multiply(m, n):
    return (m[0] * n[0] + m[1] * n[2], m[0] * n[1] + m[1] * n[3],
            m[2] * n[0] + m[3] * n[2], m[2] * n[1] + m[3] * n[3],
            m[4] * n[0] + m[5] * n[2] + n[4], m[4] * n[1] + m[5] * n[3] + n[5])


class State:
    """What q saves and Q restores."""

    def __init__(self):
        self.matrix = IDENTITY
        self.font = None
        self.size = 0.0
        self.character_space = self.word_space = self.leading = self.rise = 0.0
        self.stretch = 1.0

    def copy(self):
        other = State()
        other.__dict__.update(self.__dict__)
        return other


class Interpreter:
    def __init__(self, document, warn):
        self._document = document
        self._warn = warn
        self._fonts = {}
        self._left = MAX_OPERATORS
        self.fragments = []

    def run(self, data, resources, state, depth):
        saved, marks = [], []
        self._text_matrix = self._line_matrix = IDENTITY
        operands, parser = [], Parser(data)
        while self._left > 0:
            try:
                item = parser.next()
            except PdfError as error:
                self._warn(f"a content stream is damaged: {error}")
                return
            if not isinstance(item, Keyword):
                operands.append(item)
                del operands[:-64]
                continue
            if item is END:
                return
            self._left -= 1
            try:
                if item == "q":
                    if len(saved) < 1000:
                        saved.append(state.copy())
                elif item == "Q":
                    state = saved.pop() if saved else state
                elif item == "BI":
                    self._skip_inline_image(parser)
                elif item in ("BDC", "BMC"):
                    marks.append(self._actual_text(operands, resources))
                elif item == "EMC" and marks:
                    self._replace(marks.pop())
                elif item == "Do":
                    self._form(operands[-1], resources, state, depth)
                else:
                    self._operate(item, operands, resources, state)
            except (IndexError, TypeError, ValueError, KeyError, OverflowError):
                self._warn(f"an operator with wrong operands was passed over: {str(item)[:10]}")
            operands = []
        self._warn(f"only the first {MAX_OPERATORS:,} operators of the page were run")

    def _operate(self, op, operands, resources, state):
        if op == "cm":
            state.matrix = multiply(_numbers(operands, 6), state.matrix)
        elif op == "BT":
            self._text_matrix = self._line_matrix = IDENTITY
        elif op == "Tf":
            state.font = self._font(operands[-2], resources)
            state.size = float(operands[-1])
        elif op == "Td":
            self._move(*_numbers(operands, 2))
        elif op == "TD":
            x, y = _numbers(operands, 2)
            state.leading = -y
            self._move(x, y)
        elif op == "Tm":
            self._text_matrix = self._line_matrix = _numbers(operands, 6)
        elif op == "T*":
            self._move(0, -state.leading)
        elif op == "Tj":
            self._show([operands[-1]], state)
        elif op == "TJ":
            self._show(operands[-1], state)
        elif op == "'":
            self._move(0, -state.leading)
            self._show([operands[-1]], state)
        elif op == '"':
            state.word_space, state.character_space = float(operands[-3]), float(operands[-2])
            self._move(0, -state.leading)
            self._show([operands[-1]], state)
        elif op == "Tc":
            state.character_space = float(operands[-1])
        elif op == "Tw":
            state.word_space = float(operands[-1])
        elif op == "TL":
            state.leading = float(operands[-1])
        elif op == "Ts":
            state.rise = float(operands[-1])
        elif op == "Tz":
            state.stretch = float(operands[-1]) / 100

    def _move(self, x, y):
        self._line_matrix = multiply((1, 0, 0, 1, x, y), self._line_matrix)
        self._text_matrix = self._line_matrix

    def _show(self, parts, state):
        if state.font is None or not isinstance(parts, list):
            return
        text, start = [], self._text_matrix
        for part in parts:
            if isinstance(part, (int, float)):
                shift = -part / 1000 * state.size * state.stretch
                # A gap as wide as a narrow space is one; layout sees only whole fragments.
                if text and shift > 0.17 * abs(state.size) and not text[-1].endswith(" "):
                    text.append(" ")
                self._advance(shift)
            elif isinstance(part, bytes):
                for shown, width, is_space in state.font.shown(part):
                    text.append(shown)
                    self._advance((width * state.font.scale * state.size + state.character_space
                                   + (state.word_space if is_space else 0)) * state.stretch)
        if state.font.unmapped:
            self._warn(f"font {state.font.name or '(unnamed)'} does not say which letters its "
                       "glyphs are; they are shown as \ufffd")
        self._add("".join(text), start, state)

    def _advance(self, x):
        m = self._text_matrix
        self._text_matrix = (*m[:4], m[4] + x * m[0], m[5] + x * m[1])

    def _add(self, text, start, state):
        if not text:
            return
        begin = multiply((1, 0, 0, 1, 0, state.rise), multiply(start, state.matrix))
        end = multiply(self._text_matrix, state.matrix)
        size = abs(state.size) * math.hypot(begin[2], begin[3])
        angle = math.atan2(begin[1], begin[0])
        if not all(map(math.isfinite, (*begin, *end, size))):
            return
        # Turned so that the line runs along x: rotated pages read like others.
        cos, sin = math.cos(angle), math.sin(angle)
        self.fragments.append(Fragment(
            text, begin[4] * cos + begin[5] * sin, end[4] * cos + end[5] * sin,
            begin[5] * cos - begin[4] * sin, size or 1.0, round(math.degrees(angle))))

    def _actual_text(self, operands, resources):
        """(where it begins, the text that stands for what follows) if a mark names one (14.9.4)."""
        mark = operands[-1] if operands else None
        if isinstance(mark, str):
            properties = self._document.get(resources.get("Properties"))
            mark = self._document.get(properties.get(mark)) if isinstance(properties, dict) else None
        text = self._document.get(mark.get("ActualText")) if isinstance(mark, dict) else None
        return (len(self.fragments), text_string(text)) if isinstance(text, bytes) else None

    def _replace(self, mark):
        if mark is None:
            return
        first, text = mark
        shown = self.fragments[first:]
        if shown:
            self.fragments[first:] = [shown[0]._replace(text=text.replace("\u00ad", ""),
                                                        end=shown[-1].end)]

    def _font(self, name, resources):
        fonts = self._document.get(resources.get("Font"))
        reference = fonts.get(name) if isinstance(fonts, dict) else None
        key = reference if isinstance(reference, tuple) else id(reference)
        if key not in self._fonts:
            self._fonts[key] = Font(self._document, self._document.get(reference))
        return self._fonts[key]

    def _form(self, name, resources, state, depth):
        objects = self._document.get(resources.get("XObject"))
        form = self._document.get(objects.get(name)) if isinstance(objects, dict) else None
        if not isinstance(form, Stream) or form.info.get("Subtype") != "Form":
            return
        if depth >= MAX_FORM_DEPTH:
            self._warn("forms nested too deeply were left out")
            return
        inner = state.copy()
        matrix = self._document.get(form.info.get("Matrix"))
        if isinstance(matrix, list):
            inner.matrix = multiply(_numbers([self._document.get(m) for m in matrix], 6), inner.matrix)
        own = self._document.get(form.info.get("Resources"))
        try:
            data = self._document.stream_data(form)
        except PdfError as error:
            self._warn(str(error))
            return
        outer = self._text_matrix, self._line_matrix
        self.run(data, own if isinstance(own, dict) else resources, inner, depth + 1)
        self._text_matrix, self._line_matrix = outer

    @staticmethod
    def _skip_inline_image(parser):
        while True:
            item = parser.next()
            if item == "ID" or item is END:
                break
        end = _INLINE_IMAGE_END.search(parser.data, parser.at)
        parser.at = end.end() if end else len(parser.data)


def _numbers(operands, count):
    numbers = tuple(float(x) for x in operands[-count:])
    if len(numbers) < count:
        raise ValueError
    return numbers
