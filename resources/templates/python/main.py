"""Reads the input, does the work, writes the result. Everything else is yours to change."""

import json
import os
import sys


def read_input():
    # Large inputs are only in the file, small ones in both.
    text = os.environ.get("SANDBOX_INPUT")
    if text is None:
        with open("/sandbox/input.json", encoding="utf-8") as file:
            text = file.read()
    return json.loads(text)


def write_output(value):
    with open(os.environ["SANDBOX_OUTPUT"], "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False)


def main():
    data = read_input()
    text = data.get("text") if isinstance(data, dict) else None
    if not isinstance(text, str):
        print('the input needs a string "text"', file=sys.stderr)
        return 1

    words = text.split()
    write_output({"words": len(words), "longest": max(words, key=len, default="")})
    print(f"counted {len(words)} words")  # the log

    # Files written into this folder are kept with the run:
    # os.environ["SANDBOX_FILES_DIR"]
    return 0


sys.exit(main())
