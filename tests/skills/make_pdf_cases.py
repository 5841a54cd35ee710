#!/usr/bin/env python3
"""Writes the test cases of skills/pdf-extract, whose inputs are small PDF files made here.

    make_pdf_cases.py path/to/skills/pdf-extract/tests
"""

import base64
import json
import sys
import zlib
from pathlib import Path

HELVETICA = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def stream(data, entries=b"", packed=False):
    if packed:
        data, entries = zlib.compress(data, 9), entries + b" /Filter /FlateDecode"
    return b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def classic(objects, trailer=b"", offset_error=0):
    """A file with a cross-reference table; objects are numbered from 1, the first is the root."""
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out) + offset_error)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, trailer, start)
    return bytes(out)


def modern(objects):
    """A file with its objects in an object stream and a cross-reference stream (PDF 1.5)."""
    loose = {n: body for n, body in enumerate(objects, 1) if b"stream" in body}
    packed = {n: body for n, body in enumerate(objects, 1) if n not in loose}
    out, entries = bytearray(b"%PDF-1.5\n"), {0: (0, 0, 255)}
    container, table = len(objects) + 1, len(objects) + 2
    for number, body in loose.items():
        entries[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    head, bodies = b"", b""
    for index, (number, body) in enumerate(packed.items()):
        entries[number] = (2, container, index)
        head += b"%d %d " % (number, len(bodies))
        bodies += body + b"\n"
    entries[container] = (1, len(out), 0)
    out += b"%d 0 obj\n%s\nendobj\n" % (container, stream(
        head + bodies, b" /Type /ObjStm /N %d /First %d" % (len(packed), len(head)), packed=True))
    entries[table] = (1, len(out), 0)
    rows = [bytes([kind]) + a.to_bytes(2, "big") + bytes([b])
            for kind, a, b in (entries[n] for n in range(table + 1))]
    # With PNG's "up" predictor, as most writers do.
    previous, predicted = bytes(4), b""
    for row in rows:
        predicted += b"\2" + bytes(x - y & 255 for x, y in zip(row, previous))
        previous = row
    start = len(out)
    out += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, stream(
        predicted, b" /Type /XRef /Size %d /Root 1 0 R /W [1 2 1] /DecodeParms << /Predictor 12 "
        b"/Columns 4 >>" % (table + 1), packed=True), start)
    return bytes(out)


def document(contents, font=HELVETICA, extra=(), packed=False):
    """Root, page tree, font, then a page and its content for each of `contents`."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(len(contents)))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>",
               b"<< /Type /Pages /Kids [%s] /Count %d /Resources << /Font << /F1 3 0 R >> >> >>" % (
                   kids, len(contents)), font]
    for i, content in enumerate(contents):
        objects += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents %d 0 R >>" % (
            5 + 2 * i), stream(content, packed=packed)]
    return objects + list(extra)


HELLO = b"BT /F1 12 Tf 20 150 Td (Hello, world.) Tj 0 -14 Td (Second line.) Tj 0 -40 Td (A paragraph.) Tj ET"
HELLO_TEXT = "Hello, world.\nSecond line.\n\nA paragraph."

TO_UNICODE = b"""/CIDInit /ProcSet findresource begin begincmap
1 begincodespacerange <0000> <FFFF> endcodespacerange
2 beginbfchar <0001> <041F0440> <0002> <D83DDE00> endbfchar
1 beginbfrange <0010> <0012> <0430> endbfrange endcmap"""
COMPOSITE = document(
    [b"BT /F1 12 Tf 20 100 Td <0001001000110012> Tj <0002> Tj <0099> Tj ET"],
    font=b"<< /Type /Font /Subtype /Type0 /BaseFont /Test /Encoding /Identity-H /ToUnicode 6 0 R "
         b"/DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /DW 600 >>] >>",
    extra=[stream(TO_UNICODE, packed=True)])
DIFFERENCES = document(
    [b"BT /F1 12 Tf 20 100 Td [(\\001\\002) -300 (\\003\\004\\005)] TJ ET"],
    font=b"<< /Type /Font /Subtype /Type1 /BaseFont /Test /Encoding << /Differences "
         b"[1 /eacute /ffi /quotedblleft /uni0416 /emdash] >> >>")
SPACING = b"""BT /F1 10 Tf 1 0 0 1 20 150 Tm (left) Tj 1 0 0 1 150 150 Tm (right) Tj
1 0 0 1 20 130 Tm (gap) Tj 1 0 0 1 42 130 Tm (ped) Tj [(k) 50 (ern) -400 (ed)] TJ ET
q 0 1 -1 0 280 20 cm BT /F1 10 Tf (turned) Tj ET Q
/Span << /ActualText (seen) >> BDC BT /F1 10 Tf 20 60 Td (xxxx) Tj ET EMC
BI /W 2 /H 1 /CS /G /BPC 8 ID (( EI
BT /F1 10 Tf 20 40 Td (after \\(an\\) image) Tj ET"""

# Packed twice, so that the case itself stays small.
BOMB = stream(zlib.compress(zlib.compress(b" " * (80 << 20), 9), 9),
              b" /Filter [/FlateDecode /FlateDecode]")

CASES = {
    "hello": ("A small file with one standard font; lines and a paragraph by their distance.",
              {"pdf": classic(document([HELLO]))},
              {"output": {"page_count": 1, "pages": [{"page": 1, "text": HELLO_TEXT, "characters": 40}],
                          "metadata": {}, "file": "text.txt", "truncated": False, "warnings": []},
               "files": ["text.txt"]}),
    "object-streams": ("PDF 1.5: objects and cross-references in compressed streams with a predictor.",
                       {"pdf": modern(document([HELLO, b"BT /F1 9 Tf 20 50 Td (Two) Tj ET"], packed=True))},
                       {"pointers": {"/page_count": 2, "/pages/0/text": HELLO_TEXT, "/pages/1/text": "Two",
                                     "/warnings": []}}),
    "page-selection": ("Pages in the order asked for, and a bound on the text in the output.",
                       {"pdf": classic(document([b"BT /F1 9 Tf (page %d) Tj ET" % n for n in (1, 2, 3)])),
                        "pages": "3,1-2", "max_characters": 8},
                       {"pointers": {"/page_count": 3, "/pages/0": {"page": 3, "text": "page 3", "characters": 6},
                                     "/pages/1/text": "pa", "/pages/2/text": "", "/truncated": True},
                        "files": ["text.txt"]}),
    "to-unicode": ("A composite font with a ToUnicode map; a glyph without an entry is reported.",
                   {"pdf": classic(COMPOSITE)},
                   {"pointers": {"/pages/0/text": "Праб" + "в😀\ufffd",
                                 "/warnings/0": "font Test does not say which letters its glyphs are; "
                                                "they are shown as \ufffd (page 1)"}}),
    "glyph-names": ("An encoding by glyph names; ligatures come apart, a kerned gap is a space.",
                    {"pdf": classic(DIFFERENCES)}, {"pointers": {"/pages/0/text": "éffi “Ж—"}}),
    "layout": ("Columns, kerning, turned text, replacement text, an inline image in between.",
               {"pdf": classic(document([SPACING]))},
               {"pointers": {"/pages/0/text": "left\tright\n\ngap pedkern ed\n\nturned\n\nseen\n\nafter (an) image"}}),
    "metadata": ("The information dictionary, with UTF-16 text and a date.",
                 {"pdf": classic(document([HELLO], extra=[
                     b"<< /Title <FEFF00C4007000660065006C> /Author (Ann \\(A.\\)) "
                     b"/CreationDate (D:20260105100000+01'00') >>"]), b" /Info 6 0 R")},
                 {"pointers": {"/metadata": {"title": "Äpfel", "author": "Ann (A.)",
                                             "creation_date": "2026-01-05T10:00:00+01:00"}}}),
    "damaged-references": ("Wrong offsets: the objects are found by searching, and a warning says so.",
                           {"pdf": classic(document([HELLO]), offset_error=7)},
                           {"pointers": {"/pages/0/text": HELLO_TEXT,
                                         "/warnings/0": "the file's cross-references are damaged; "
                                                        "objects were found by searching"}}),
    "truncated-file": ("The end of the file is missing; what is there is read.",
                       {"pdf": classic(document([HELLO]))[:-180]},
                       {"pointers": {"/pages/0/text": HELLO_TEXT}}),
    "no-text": ("A page without text is no error, but a warning says what it may be.",
                {"pdf": classic(document([b"0 0 100 100 re f"]))},
                {"pointers": {"/pages/0/characters": 0,
                              "/warnings": ["no text found: the pages may be scanned images"]}}),
    "page-tree-loop": ("A page tree that contains itself ends.",
                       {"pdf": classic([b"<< /Type /Catalog /Pages 2 0 R >>",
                                        b"<< /Type /Pages /Kids [2 0 R 3 0 R] >>",
                                        b"<< /Type /Page /Parent 2 0 R >>"])},
                       {"pointers": {"/page_count": 1}}),
    "encrypted": ("An encrypted file is refused with what to do.",
                  {"pdf": classic(document([HELLO]), b" /Encrypt << /Filter /Standard /V 2 >>")},
                  {"status": "failed", "error_contains": "the PDF is encrypted; remove its protection first"}),
    "not-a-pdf": ("Other bytes.", {"pdf": b"PK\3\4 not a PDF"},
                  {"status": "failed", "error_contains": "this is not a PDF: it does not begin with %PDF-",
                   "logs_contain": "pdf-extract: this is not a PDF"}),
    "header-only": ("A PDF that ends after its first line.", {"pdf": b"%PDF-1.7\n"},
                    {"status": "failed", "error_contains": "the PDF is damaged: it has no objects"}),
    "empty": ("No bytes at all.", {"pdf_base64": ""},
              {"status": "failed", "error_contains": "the PDF is empty"}),
    "bad-base64": ("Text that is not Base64.", {"pdf_base64": "%PDF-1.4"},
                   {"status": "failed", "error_contains": "`pdf_base64` is not Base64"}),
    "page-out-of-range": ("A page that does not exist.",
                          {"pdf": classic(document([HELLO])), "pages": "1,4"},
                          {"status": "failed", "error_contains": "page 4 does not exist: the PDF has 1"}),
    "no-source": ("Neither Base64 nor a file.", {},
                  {"status": "failed", "error_contains": "give exactly one of `pdf_base64` and `file`"}),
    "missing-file": ("A file that was not passed.", {"file": "a.pdf"},
                     {"status": "failed", "error_contains": "there is no input file a.pdf; there are: none"}),
    "compression-bomb": ("A stream that would unpack to 80 MiB is left out, and a warning says so.",
                         {"pdf": classic(document([HELLO])[:4] + [BOMB])},
                         {"pointers": {"/pages/0/characters": 0,
                                       "/warnings/0": "a stream unpacks to more than 64 MiB (page 1)"}}),
}


def main(folder):
    for name, (description, given, expect) in CASES.items():
        pdf = given.pop("pdf", None)
        if pdf is not None:
            given = {"pdf_base64": base64.b64encode(pdf).decode("ascii"), **given}
        case = {"name": name.replace("-", " "), "description": description, "input": given,
                "expect": {"status": expect.pop("status", "success"), **expect}}
        (folder / f"{name}.json").write_text(
            json.dumps(case, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
