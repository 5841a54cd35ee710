"""Text of PDF files. Reads a JSON object, writes a JSON object and text.txt; SKILL.md describes both."""

import base64
import binascii
import json
import os
import re
import sys
from pathlib import Path

from content import page_text
from document import Document
from errors import InputError, PdfError

MAX_PDF_BYTES = 100 * 1024 * 1024


def main():
    try:
        write_output(extract(read_input()))
    except (InputError, MemoryError) as error:
        message = str(error) or "the input is too large for the memory of this run"
        write_output({"error": message})
        print(f"pdf-extract: {message}", file=sys.stderr)
        return 1
    return 0


def read_input():
    text = os.environ.get("SANDBOX_INPUT")
    try:
        if text is None:  # left out when it is longer than one variable may be
            with open("/sandbox/input.json", encoding="utf-8") as file:
                text = file.read()
        value = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"the input cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise InputError('the input must be an object such as {"pdf_base64": "JVBERi…"}')
    return value


def write_output(value):
    with open(os.environ["SANDBOX_OUTPUT"], "w", encoding="utf-8", errors="replace") as file:
        json.dump(value, file, ensure_ascii=False, allow_nan=False)


def extract(given):
    selection = given.get("pages")
    if selection is not None and not isinstance(selection, str):
        raise InputError("`pages` must be a string such as 1-3,7")
    most = given.get("max_characters", 1_000_000)
    if isinstance(most, bool) or not isinstance(most, int) or not 0 <= most <= 5_000_000:
        raise InputError("`max_characters` must be a whole number from 0 to 5000000")

    try:
        document = Document(pdf_bytes(given))
        pages = document.pages()
    except PdfError as error:
        raise InputError(str(error)) from None
    if not pages:
        raise InputError("the PDF has no page")

    warnings = Warnings()
    shown, left, truncated = [], most, False
    with open(Path(os.environ["SANDBOX_FILES_DIR"]) / "text.txt", "w", encoding="utf-8",
              errors="replace") as file:
        for number in selected(selection, len(pages)):
            text = page_text(document, pages[number - 1], lambda what, n=number: warnings.add(n, what))
            file.write(text + "\n\f")
            truncated = truncated or len(text) > left
            kept = text[:left]
            left -= len(kept)
            shown.append({"page": number, "text": kept, "characters": len(text)})
    for what in document.warnings:
        warnings.add(None, what)
    if not any(page["characters"] for page in shown):
        warnings.add(None, "no text found: the pages may be scanned images")
    return {"page_count": len(pages), "pages": shown, "metadata": document.metadata(),
            "file": "text.txt", "truncated": truncated, "warnings": warnings.texts()}


def pdf_bytes(given):
    sources = [name for name in ("pdf_base64", "file") if given.get(name) is not None]
    if len(sources) != 1:
        raise InputError("give exactly one of `pdf_base64` and `file`")
    value = given[sources[0]]
    if not isinstance(value, str):
        raise InputError(f"`{sources[0]}` must be a string")
    data = decoded(value) if sources[0] == "pdf_base64" else file_bytes(value)
    if len(data) > MAX_PDF_BYTES:
        raise InputError(f"the PDF is larger than {MAX_PDF_BYTES >> 20} MiB")
    return data


def decoded(text):
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"`pdf_base64` is not Base64: {error}") from None


def file_bytes(name):
    folder = Path(os.environ["SANDBOX_INPUT_DIR"])
    if Path(name).name != name:
        raise InputError("`file` must be a name without folders")
    try:
        return (folder / name).read_bytes()
    except (OSError, ValueError):
        there = ", ".join(sorted(os.listdir(folder))) if folder.is_dir() else ""
        raise InputError(f"there is no input file {name}; there are: {there or 'none'}") from None


def selected(text, count):
    """Page numbers in the order named: `1-3,7` or `5-`."""
    if text is None:
        return list(range(1, count + 1))
    numbers = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,6})\s*(?:(-)\s*(\d{1,6})?\s*)?", part)
        if not match:
            raise InputError(f"`pages` must look like 1-3,7 or 5-, not {text[:40]!r}")
        first = int(match[1])
        last = int(match[3]) if match[3] else count if match[2] else first
        if not 1 <= first <= count or not first <= last <= count:
            raise InputError(f"page {part.strip()} does not exist: the PDF has {count}")
        numbers.extend(range(first, last + 1))
    return list(dict.fromkeys(numbers))


class Warnings:
    """Says the same thing once, with the pages it was said of."""

    def __init__(self):
        self._pages = {}

    def add(self, page, what):
        pages = self._pages.setdefault(what, [])
        if page is not None and page not in pages:
            pages.append(page)

    def texts(self):
        return [f"{what} (page {', '.join(map(str, pages[:10]))}{', …' if len(pages) > 10 else ''})"
                if pages else what for what, pages in self._pages.items()]


if __name__ == "__main__":
    sys.exit(main())
