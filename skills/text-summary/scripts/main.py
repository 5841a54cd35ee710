"""Extractive summaries. Reads a JSON object, writes a JSON object; SKILL.md describes both."""

import json
import os
import sys

from sentences import split_sentences
from summary import summarise
from words import LANGUAGES, detect_language


class InputError(Exception):
    """Something the caller can put right; the text says what."""


def main():
    try:
        write_output(run(read_input()))
    except (InputError, MemoryError) as error:
        message = str(error) or "the input is too large for the memory of this run"
        write_output({"error": message})
        print(f"text-summary: {message}", file=sys.stderr)
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
        raise InputError('the input must be an object such as {"text": "…"}')
    return value


def write_output(value):
    # "replace" because JSON may carry half a surrogate pair, which UTF-8 cannot.
    with open(os.environ["SANDBOX_OUTPUT"], "w", encoding="utf-8", errors="replace") as file:
        json.dump(value, file, ensure_ascii=False, allow_nan=False)


def run(given):
    text = given.get("text")
    if not isinstance(text, str):
        raise InputError("`text` must be a string" if "text" in given else "`text` is missing")
    wanted = integer_option(given, "sentences", default=3, low=1, high=100)
    keywords = integer_option(given, "keywords", default=8, low=0, high=100)
    language = given.get("language", "auto")
    if not isinstance(language, str) or language not in ("auto", "other", *LANGUAGES):
        raise InputError(f"`language` must be auto, {', '.join(LANGUAGES)} or other")

    sentences = split_sentences(text)
    if not sentences:
        raise InputError("the text has no sentence")
    if language == "auto":
        language = detect_language(text)
    return summarise(sentences, wanted, keywords, language)


def integer_option(given, name, default, low, high):
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"`{name}` must be a whole number from {low} to {high}")
    return value


if __name__ == "__main__":
    sys.exit(main())
