"""The objects of a PDF file: cross-references, object streams, pages (ISO 32000-1, 7.5 and 7.7)."""

import re
from collections import namedtuple

from errors import PdfError
from filters import decode
from fonts import text_string
from syntax import Keyword, Parser, Ref, Stream

MAX_PAGES = 10_000

Page = namedtuple("Page", "info resources")

_OBJECT = re.compile(rb"(?<!\d)(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+obj\b")
_STREAM_START = re.compile(rb"\r\n|\n|\r")


class Document:
    """Raises PdfError when nothing can be made of the bytes; smaller damage becomes `warnings`."""

    def __init__(self, data):
        self.warnings = []
        header = data.find(b"%PDF-", 0, 1024)
        if header < 0:
            raise PdfError("this is not a PDF: it does not begin with %PDF-" if data
                           else "the PDF is empty")
        self._data = data[header:]  # offsets count from the header
        self._places = {}   # object number → byte offset, or (object stream, index)
        self._cache = {}
        self._loading = set()
        self.trailer = {}
        self._rebuilt = False
        try:
            self._read_references()
        except (PdfError, ValueError, TypeError, LookupError, OverflowError):
            self._rebuild()
        if "Encrypt" in self.trailer:
            raise PdfError("the PDF is encrypted; remove its protection first, "
                           "for instance with qpdf --decrypt")
        if not isinstance(self.get(self.trailer.get("Root")), dict) and not self._rebuilt:
            self._rebuild()

    # Objects

    def get(self, value):
        """What a reference stands for; anything else as it is. Missing objects are null."""
        for _ in range(20):
            if not isinstance(value, Ref):
                return value
            value = self._load(value.number)
        return None

    def stream_data(self, stream):
        filters = self.get(stream.info.get("Filter", stream.info.get("F")))
        filters = filters if isinstance(filters, list) else [] if filters is None else [filters]
        parameters = self.get(stream.info.get("DecodeParms", stream.info.get("DP")))
        parameters = parameters if isinstance(parameters, list) else [parameters]
        pairs = []
        for index, name in enumerate(filters):
            given = self.get(parameters[index]) if index < len(parameters) else None
            given = given if isinstance(given, dict) else {}
            pairs.append((str(self.get(name)), {k: self.get(v) for k, v in given.items()}))
        return decode(stream.raw, pairs)

    def _load(self, number):
        if number in self._cache:
            return self._cache[number]
        if number in self._loading or number not in self._places:
            return None
        self._loading.add(number)
        try:
            place = self._places[number]
            value = self._from_stream(*place) if isinstance(place, tuple) \
                else self._from_file(number, place)
        except (PdfError, OverflowError):  # the latter from offsets beyond any file
            if not self._rebuilt:
                self._rebuild()
                self._loading.discard(number)
                return self._load(number)
            value = None
        finally:
            self._loading.discard(number)
        self._cache[number] = value
        return value

    def _from_file(self, number, offset):
        parser = Parser(self._data, offset)
        if [parser.next(), type(parser.next()), parser.next()] != [number, int, "obj"]:
            raise PdfError(f"object {number} is not at byte {offset}")
        return self._value(parser)

    def _value(self, parser):
        value = parser.next()
        if not isinstance(value, dict):
            return None if isinstance(value, Keyword) else value
        parser.skip_space()
        if not self._data.startswith(b"stream", parser.at):
            return value
        line_end = _STREAM_START.match(self._data, parser.at + 6)
        start = line_end.end() if line_end else parser.at + 6
        length = self.get(value.get("Length"))
        if isinstance(length, int) and length >= 0:
            end = start + length
            if self._data[end:end + 20].lstrip().startswith(b"endstream"):
                return Stream(value, self._data[start:end])
        end = self._data.find(b"endstream", start)
        return Stream(value, self._data[start:end if end >= 0 else len(self._data)])

    def _from_stream(self, container, index):
        numbers, data, first = self._object_stream(container)
        if index >= len(numbers):
            raise PdfError(f"object stream {container} has no object {index}")
        value = Parser(data, first + numbers[index][1]).next()
        return None if isinstance(value, Keyword) else value

    def _object_stream(self, container):
        key = ("objects", container)
        if key not in self._cache:
            stream = self.get(Ref(container, 0))
            if not isinstance(stream, Stream):
                raise PdfError(f"object stream {container} is missing")
            data = self.stream_data(stream)
            parser = Parser(data)
            count, first = self.get(stream.info.get("N")), self.get(stream.info.get("First"))
            if not isinstance(count, int) or not isinstance(first, int) or count > len(data):
                raise PdfError(f"object stream {container} is damaged")
            numbers = [(parser.next(), parser.next()) for _ in range(count)]
            if not all(type(n) is int and type(at) is int for n, at in numbers):
                raise PdfError(f"object stream {container} is damaged")
            self._cache[key] = (numbers, data, first)
        return self._cache[key]

    # Cross-references

    def _read_references(self):
        at = self._data.rfind(b"startxref")
        if at < 0:
            raise PdfError("startxref is missing")
        queue, seen = [Parser(self._data, at + 9).next()], set()
        while queue:
            offset = queue.pop(0)
            if type(offset) is not int or offset in seen:
                continue
            seen.add(offset)
            parser = Parser(self._data, offset)
            parser.skip_space()
            if self._data.startswith(b"xref", parser.at):
                parser.at += 4
                info = self._read_table(parser)
            else:
                info = self._read_reference_stream(parser)
            self.trailer = {**info, **self.trailer}  # the newest part comes first
            queue += [info[key] for key in ("XRefStm", "Prev") if key in info]
        if "Root" not in self.trailer:
            raise PdfError("the trailer has no Root")

    def _read_table(self, parser):
        while True:
            first = parser.next()
            if first == "trailer":
                info = parser.next()
                if not isinstance(info, dict):
                    raise PdfError("the trailer is damaged")
                return info
            count = parser.next()
            if type(first) is not int or type(count) is not int:
                raise PdfError("the cross-reference table is damaged")
            for number in range(first, first + count):
                offset, _generation, kind = parser.next(), parser.next(), parser.next()
                if kind == "n" and type(offset) is int:
                    self._places.setdefault(number, offset)
                elif kind != "f":
                    raise PdfError("the cross-reference table is damaged")

    def _read_reference_stream(self, parser):
        if not (type(parser.next()) is int and type(parser.next()) is int and parser.next() == "obj"):
            raise PdfError("there is no cross-reference where there should be")
        stream = self._value(parser)
        if not isinstance(stream, Stream) or stream.info.get("Type") != "XRef":
            raise PdfError("there is no cross-reference where there should be")
        data = self.stream_data(stream)
        widths = [int(w) for w in stream.info["W"]]
        index = stream.info.get("Index") or [0, stream.info["Size"]]
        step, at = sum(widths), 0
        for first, count in zip(index[::2], index[1::2]):
            for number in range(first, first + count):
                entry = data[at:at + step]
                at += step
                if len(entry) < step or step == 0:
                    break
                a, b = widths[0], widths[0] + widths[1]
                kind = int.from_bytes(entry[:a], "big") if a else 1
                second, third = int.from_bytes(entry[a:b], "big"), int.from_bytes(entry[b:], "big")
                if kind == 1:
                    self._places.setdefault(number, second)
                elif kind == 2:
                    self._places.setdefault(number, (second, third))
        return stream.info

    def _rebuild(self):
        """Finds objects by looking for them, when the cross-references are of no use."""
        self._rebuilt = True
        self._cache.clear()
        self._places = {int(m.group(1)): m.start() for m in _OBJECT.finditer(self._data)}
        if not self._places:
            raise PdfError("the PDF is damaged: it has no objects")
        self.warnings.append("the file's cross-references are damaged; objects were found by searching")
        for match in re.finditer(rb"\btrailer\b", self._data):
            try:
                info = Parser(self._data, match.end()).next()
            except PdfError:
                continue
            if isinstance(info, dict):
                self.trailer = {**self.trailer, **info}
        for number in list(self._places):
            value = self.get(Ref(number, 0))
            if isinstance(value, Stream) and value.info.get("Type") == "ObjStm":
                self._add_object_stream(number)
            elif isinstance(value, Stream) and value.info.get("Type") == "XRef":
                self.trailer = {**self.trailer, **value.info}
        if not isinstance(self.get(self.trailer.get("Root")), dict):
            for number in list(self._places):
                value = self.get(Ref(number, 0))
                if isinstance(value, dict) and value.get("Type") == "Catalog":
                    self.trailer["Root"] = Ref(number, 0)

    def _add_object_stream(self, container):
        try:
            numbers = self._object_stream(container)[0]
        except PdfError:
            return
        for index, (number, _) in enumerate(numbers):
            self._places.setdefault(number, (container, index))

    # Pages

    def pages(self):
        root = self.get(self.trailer.get("Root"))
        found = []
        if isinstance(root, dict):
            self._walk(root.get("Pages"), {}, found, set())
        if not found:  # a broken tree: take the pages as they come
            if not self._rebuilt:
                self._rebuild()
            for number in sorted(self._places):
                value = self.get(Ref(number, 0))
                if isinstance(value, dict) and value.get("Type") == "Page":
                    found.append(self._page(value, {}))
        return found

    def _walk(self, root, inherited, found, seen):
        waiting = [(root, inherited)]
        while waiting and len(found) < MAX_PAGES:
            reference, inherited = waiting.pop()
            if isinstance(reference, Ref):
                if reference in seen:
                    continue
                seen.add(reference)
            node = self.get(reference)
            if not isinstance(node, dict):
                continue
            inherited = {**inherited, **{k: node[k] for k in ("Resources",) if k in node}}
            kids = self.get(node.get("Kids"))
            if isinstance(kids, list):
                waiting.extend((kid, inherited) for kid in reversed(kids))
            else:
                found.append(self._page(node, inherited))
        if waiting:
            self.warnings.append(f"only the first {MAX_PAGES} pages were looked at")

    def _page(self, node, inherited):
        resources = self.get(node.get("Resources", inherited.get("Resources")))
        return Page(node, resources if isinstance(resources, dict) else {})

    def metadata(self):
        info = self.get(self.trailer.get("Info"))
        found = {}
        for key in ("Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate",
                    "ModDate"):
            value = self.get(info.get(key)) if isinstance(info, dict) else None
            if isinstance(value, bytes) and value.strip():
                text = text_string(value).strip("\0 ")
                found[re.sub("(?<!^)([A-Z])", r"_\1", key).lower()] = \
                    _date(text) if key.endswith("Date") else text
        return found


def _date(text):
    """D:YYYYMMDDHHmmSSOHH'mm (7.9.4) as ISO 8601; anything else as it is."""
    match = re.match(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:(Z)|([+-]\d\d)'?(\d\d)?)?", text)
    if not match:
        return text
    year, month, day, hour, minute, second, utc, offset, rest = match.groups()
    zone = "Z" if utc else f"{offset}:{rest or '00'}" if offset else ""
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{zone}"
