"""Reads the tables of a document whose last column is headed `shown by`, and finds what they name.

A name is a row of test_containment (`net_tcp.py`, `file_visible.py homes`; a `*` at its end stands
for several), a test program (`test_leaks`, `replay_manifest`), or one of its tests
(`test_leaks::manyRunsAtOnce`).
"""

import os
import re
import subprocess

HEADING = "shown by"


def attack_rows(program):
    """The names of the attacks: the data rows of test_containment's test `contains`."""
    told = subprocess.run([program, "-datatags"], check=True, capture_output=True, text=True)
    rows = [line.split(" ", 2) for line in told.stdout.splitlines()]
    return {row[2] for row in rows if len(row) == 3 and row[1] == "contains"}


def class_headers(source, tests):
    """The text of headers of the tests that a source includes and that declare its class, where that
    is defined in several files."""
    texts = []
    for path in re.findall(r'^#include "tests/([^"]+)"$', source, re.MULTILINE):
        with open(os.path.join(tests, path), encoding="utf-8") as file:
            text = file.read()
        if "Q_OBJECT" in text:
            texts.append(text)
    return "".join(texts)


def test_sources(tests):
    """The text of every test program's source, by the program's name."""
    found = {}
    for folder, _, names in os.walk(tests):
        for name in names:
            stem, suffix = os.path.splitext(name)
            if suffix not in (".cpp", ".py") or not stem.startswith(("test_", "fuzz_")):
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                program = re.sub("^fuzz_", "replay_", stem)
                source = file.read()
            found[program] = found.get(program, "") + source + class_headers(source, tests)
    return found


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def claims(text):
    """(line number, claim, names) of each row of the tables that say by what they are shown."""
    found = []
    columns = 0  # of the table we are in, if it is one of these
    previous = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            columns = 0
        elif re.fullmatch(r"\|[\s|:-]+\|", line):
            heads = cells(previous)
            columns = len(heads) if heads[-1] == HEADING else 0
        elif columns:
            row = cells(line)
            found.append((number, row[0], re.findall(r"`([^`]+)`", row[-1])))
        previous = line
    return found


class Evidence:
    """What a name can stand for."""

    def __init__(self, rows, sources):
        self.rows, self.sources = rows, sources

    def fault(self, name):
        """Why nothing bears this name; None: something does."""
        if re.fullmatch(r"(test|replay)_\w+(::\w+)?", name):
            program, _, test = name.partition("::")
            if program not in self.sources:
                return "no test program has this name"
            if test and not re.search(rf"(::|\bvoid |\bdef ){test}\(", self.sources[program]):
                return f"{program} has no such test"
            return None
        if name.endswith("*"):
            prefix = name[:-1].strip()
            return None if prefix and any(row.startswith(prefix) for row in self.rows) else \
                "no attack begins like this"
        return None if name in self.rows else "no attack has this name"


def faults(text, evidence):
    """One line for each claim that names nothing, or something that there is not."""
    found = []
    for number, claim, names in claims(text):
        if not names:
            found.append(f"line {number}: nothing shows \"{claim}\"")
        for name in names:
            if why := evidence.fault(name):
                found.append(f"line {number}: {name}: {why}")
    return found
