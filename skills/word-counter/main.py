"""Counts words. Reads a JSON object, writes a JSON object; SKILL.md describes both."""

import json
import os
import re
import sys
import unicodedata
from collections import Counter


class InputError(Exception):
    """Something the caller can put right; the text says what."""


def main():
    try:
        write_output(count_words(**read_options(read_input())))
    except (InputError, MemoryError) as error:
        message = str(error) or "the input is too large for the memory of this run"
        write_output({"error": message})
        print(f"word-counter: {message}", file=sys.stderr)
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
        raise InputError('the input must be an object such as {"text": "a b a"}')
    return value


def write_output(value):
    # "replace" because JSON may carry half a surrogate pair, which UTF-8 cannot.
    with open(os.environ["SANDBOX_OUTPUT"], "w", encoding="utf-8", errors="replace") as file:
        json.dump(value, file, ensure_ascii=False, allow_nan=False)


def read_options(given):
    text = given.get("text")
    if not isinstance(text, str):
        raise InputError("`text` must be a string" if "text" in given else "`text` is missing")
    case_sensitive = given.get("case_sensitive", False)
    if not isinstance(case_sensitive, bool):
        raise InputError("`case_sensitive` must be true or false")
    return {
        "text": text,
        "top": integer_option(given, "top", default=10, low=0, high=1000),
        "min_length": integer_option(given, "min_length", default=1, low=1, high=100),
        "case_sensitive": case_sensitive,
    }


def integer_option(given, name, default, low, high):
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"`{name}` must be a whole number from {low} to {high}")
    return value


def count_words(text, top, case_sensitive, min_length):
    text = unicodedata.normalize("NFC", text)
    characters = len(text)
    if not case_sensitive:
        text = text.casefold()
    pattern = word_pattern(text)
    counts = Counter()
    lines = 0
    for line in text.splitlines():
        lines += 1
        counts.update(pattern.findall(line))
    listed = [(word, count) for word, count in counts.items() if len(word) >= min_length]
    listed.sort(key=lambda item: (-item[1], item[0]))
    return {
        "words": sum(counts.values()),
        "unique": len(counts),
        "characters": characters,
        "lines": lines,
        "top": [{"word": word, "count": count} for word, count in listed[:top]],
    }


def word_pattern(text):
    # \w leaves combining marks out, which would cut words of Hindi, Arabic or Thai in pieces. The
    # marks that really occur are few, so they are added by name.
    marks = "".join(sorted(c for c in set(text) if unicodedata.category(c).startswith("M")))
    letter = f"(?:[^\\W_]{'|[' + re.escape(marks) + ']' if marks else ''})"
    return re.compile(f"{letter}+(?:['’\\-]{letter}+)*")


if __name__ == "__main__":
    sys.exit(main())
