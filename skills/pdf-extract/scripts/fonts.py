"""From the bytes that a page shows to text and widths (ISO 32000-1, 9.5 to 9.10)."""

import re

from errors import PdfError
from glyphs import ENCODINGS, UNKNOWN, glyph_text
from syntax import END, Name, Parser, Stream

# Letters that PDF writers join; a reader of text wants them apart.
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st",
              0xFB06: "st", 0xA0: " "}
# Predefined CMaps by the start of their names: how their bytes read as text.
_CJK_CODECS = (("Uni", "utf-16-be"), ("90ms-RKSJ", "cp932"), ("83pv-RKSJ", "cp932"), ("EUC-", "euc_jp"),
               ("GBK", "gbk"), ("GB-EUC", "gb2312"), ("B5", "big5"), ("ETen-B5", "big5"),
               ("KSC", "cp949"))
_TYPE1_ENTRY = re.compile(rb"dup\s+(\d{1,3})\s*/(\S+)\s+put")


def text_string(value):
    """A text string (7.9.2.2)."""
    if value.startswith((b"\xfe\xff", b"\xff\xfe")):
        return value.decode("utf-16", "replace")
    if value.startswith(b"\xef\xbb\xbf"):
        return value[3:].decode("utf-8", "replace")
    return value.decode("cp1252", "replace")  # PDFDocEncoding but for a few signs


class Font:
    """`shown(bytes)` gives (text, width in thousandths of the font size, is it a word space)."""

    def __init__(self, document, info):
        self._document = document
        self._info = info if isinstance(info, dict) else {}
        self.unmapped = False
        subtype = self._get("Subtype")
        self.composite = subtype == "Type0"
        self.name = str(self._get("BaseFont") or self._get("Name") or "")
        self._to_unicode = self._read_to_unicode()
        self.scale = 0.001
        if self.composite:
            self._read_composite()
        else:
            if subtype == "Type3":
                matrix = self._get("FontMatrix")
                if isinstance(matrix, list) and matrix and isinstance(matrix[0], (int, float)):
                    self.scale = abs(matrix[0]) or 0.001
            self._table = self._simple_table()
            self._read_widths()

    def _get(self, key, info=None):
        return self._document.get((self._info if info is None else info).get(key))

    def shown(self, data):
        if self.composite:
            yield from self._shown_composite(data)
            return
        for code in data:
            text = self._to_unicode.get((1, code)) if self._to_unicode else None
            if text is None:
                text = self._table[code]
                self.unmapped = self.unmapped or text == UNKNOWN
            yield text.translate(_LIGATURES), self._widths.get(code, self._width_of(text)), code == 32

    def _shown_composite(self, data):
        if self._codec and not self._to_unicode:
            for text in data.decode(self._codec, "replace"):
                yield text, 1000 if ord(text) > 255 else 500, False
            return
        at = 0
        while at < len(data):
            text, length = None, 2
            for size in self._code_sizes:
                code = int.from_bytes(data[at:at + size], "big")
                found = self._to_unicode.get((size, code))
                if found is not None:
                    text, length = found, size
                    break
            else:
                length = self._code_sizes[-1]
                code = int.from_bytes(data[at:at + length], "big")
            at += length
            if text is None:
                text = UNKNOWN
                self.unmapped = True
            yield (text.translate(_LIGATURES), self._widths.get(code, self._default_width),
                   length == 1 and code == 32)

    # Simple fonts

    def _simple_table(self):
        encoding = self._get("Encoding")
        base, differences = encoding, None
        if isinstance(encoding, dict):
            base = self._get("BaseEncoding", encoding)
            differences = self._get("Differences", encoding)
        if isinstance(base, Name) and base in ENCODINGS:
            table = list(ENCODINGS[base])
        else:
            table = self._built_in_table()
        code = 0
        for item in differences if isinstance(differences, list) else []:
            item = self._document.get(item)
            if type(item) is int:
                code = item
            elif isinstance(item, Name) and 0 <= code < 256:
                table[code] = glyph_text(item) or UNKNOWN
                code += 1
        return table

    def _built_in_table(self):
        """What a font without an encoding says of itself, where that is easy to read."""
        if "Symbol" in self.name:
            return list(ENCODINGS["Symbol"])
        descriptor = self._get("FontDescriptor")
        program = self._get("FontFile", descriptor) if isinstance(descriptor, dict) else None
        if isinstance(program, Stream):
            try:
                clear = self._document.stream_data(program).split(b"eexec", 1)[0]
            except PdfError:
                clear = b""
            entries = _TYPE1_ENTRY.findall(clear)
            if entries:
                table = [UNKNOWN] * 256
                for code, name in entries:
                    if int(code) < 256:
                        table[int(code)] = glyph_text(name.decode("latin-1")) or UNKNOWN
                return table
        # TrueType fonts without one are nearly always Latin in Windows' order.
        is_truetype = self._get("Subtype") == "TrueType"
        return list(ENCODINGS["WinAnsiEncoding" if is_truetype else "StandardEncoding"])

    def _read_widths(self):
        first, widths = self._get("FirstChar"), self._get("Widths")
        self._widths = {}
        if type(first) is int and isinstance(widths, list):
            for index, width in enumerate(widths[:256]):
                width = self._document.get(width)
                if isinstance(width, (int, float)):
                    self._widths[first + index] = width

    def _width_of(self, text):
        """For the 14 standard fonts, whose widths need not be in the file: near enough to Helvetica."""
        if self._widths:
            return 0
        if "Courier" in self.name:
            return 600
        if not text or text in " .,;:!'|ijlIft/\\()[]-":
            return 280
        return 850 if text in "mwMW@%" else 680 if text.isupper() else 540

    # Composite fonts

    def _read_composite(self):
        descendants = self._get("DescendantFonts")
        cid_font = self._document.get(descendants[0]) if isinstance(descendants, list) and descendants \
            else None
        cid_font = cid_font if isinstance(cid_font, dict) else {}
        encoding = self._get("Encoding")
        self._codec = next((codec for prefix, codec in _CJK_CODECS
                            if isinstance(encoding, Name) and encoding.startswith(prefix)), None)
        sizes = sorted({size for size, _ in self._to_unicode}) if self._to_unicode else []
        self._code_sizes = sizes if sizes and isinstance(encoding, Stream) else [2]
        default = self._get("DW", cid_font)
        self._default_width = default if isinstance(default, (int, float)) else 1000
        self._widths = {}
        items = self._get("W", cid_font)
        items = [self._document.get(item) for item in items] if isinstance(items, list) else []
        at = 0
        while at + 1 < len(items):
            first, second = items[at], items[at + 1]
            if type(first) is not int:
                break
            if isinstance(second, list):
                for index, width in enumerate(second):
                    self._set_width(first + index, width)
                at += 2
            elif type(second) is int and at + 2 < len(items):
                for cid in range(first, min(second, first + 65535) + 1):
                    self._set_width(cid, items[at + 2])
                at += 3
            else:
                break

    def _set_width(self, code, width):
        width = self._document.get(width)
        if isinstance(width, (int, float)):
            self._widths[code] = width

    # ToUnicode

    def _read_to_unicode(self):
        """(bytes in the code, code) → text."""
        stream = self._get("ToUnicode")
        if not isinstance(stream, Stream):
            return {}
        try:
            return _read_cmap(self._document.stream_data(stream))
        except PdfError:
            return {}


def _read_cmap(data):
    mapping, operands = {}, []
    parser = Parser(data)
    while True:
        try:
            item = parser.next()
        except PdfError:
            return mapping
        if item is END:
            return mapping
        if item in ("beginbfchar", "beginbfrange"):
            operands = []
        elif item == "endbfchar":
            for code, text in zip(operands[::2], operands[1::2]):
                if isinstance(code, bytes) and isinstance(text, bytes):
                    mapping[len(code), int.from_bytes(code, "big")] = _utf16(text)
        elif item == "endbfrange":
            for first, last, target in zip(operands[::3], operands[1::3], operands[2::3]):
                if isinstance(first, bytes) and isinstance(last, bytes):
                    _add_range(mapping, first, last, target)
        else:
            operands.append(item)


def _add_range(mapping, first, last, target):
    size, start = len(first), int.from_bytes(first, "big")
    count = min(int.from_bytes(last, "big") - start, 65535) + 1
    if isinstance(target, list):
        for index, text in enumerate(target[:max(count, 0)]):
            if isinstance(text, bytes):
                mapping[size, start + index] = _utf16(text)
    elif isinstance(target, bytes) and target:
        text = _utf16(target)
        for index in range(count):
            if text and ord(text[-1]) + index <= 0x10FFFF:
                mapping[size, start + index] = text[:-1] + chr(ord(text[-1]) + index)


def _utf16(data):
    if len(data) == 1:
        return data.decode("latin-1")
    return data.decode("utf-16-be", "replace").replace("\0", "")
