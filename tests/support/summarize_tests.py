#!/usr/bin/env python3
"""Counts what ctest recorded and ends with the plain line `N passed, N failed`.

Usage: summarize_tests.py JUNIT.xml
A Qt Test program or a Python unittest counts with each of its test functions, any other test as
one. Whatever its functions say, a program that ctest calls failed counts at least one failure.
Skipped functions are named with their reason, so that no test is left out silently.
Exit status 1 when something failed or nothing ran.
"""

import re
import sys
import textwrap
import xml.etree.ElementTree

QTEST_LINE = re.compile(r"^(PASS|FAIL!|XPASS|XFAIL|BPASS|BFAIL|SKIP)\s*: (.+)$", re.M)
# Made by Qt Test for every class; no behaviour of ours.
QTEST_FRAME = re.compile(r"::(initTestCase|cleanupTestCase)\(\)$")
UNITTEST_END = re.compile(r"^Ran (\d+) tests? in [\d.]+s\s+(OK|FAILED)(?: \(([^)]*)\))?\s*$", re.M)
CASES_END = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", re.M)


def qtest_counts(output):
    """(passed, failed, skipped, notes) of a Qt Test log, or None if it is none."""
    if "Start testing of" not in output:
        return None
    passed = failed = 0
    skipped = []
    for kind, name in QTEST_LINE.findall(output):
        if kind in ("FAIL!", "XPASS", "BFAIL"):
            failed += 1
        elif kind == "SKIP":
            function, bracket, reason = name.partition(") ")
            skipped.append((function.rsplit("::", 1)[-1] + bracket.strip(), reason))
        elif kind in ("PASS", "BPASS") and not QTEST_FRAME.search(name.strip()):
            passed += 1
    return passed, failed, len(skipped), skipped


def why_failed(output):
    """The lines of a failed test's output that say what was wrong."""
    lines = output.rstrip().split("\n")
    if "Start testing of" not in output:
        return lines[-30:]
    wanted = []
    inside = False
    for line in lines:
        if re.match(r"(PASS|SKIP|Totals|\*\*\*)", line):
            inside = False
        elif re.match(r"(FAIL!|XPASS|BFAIL|QFATAL)", line):
            inside = True
        if inside:
            wanted.append(line)
    # Nothing of the kind: it crashed, ran out of time, or a sanitizer ended it.
    return wanted[:60] or lines[-30:]


def unittest_counts(output):
    found = UNITTEST_END.search(output)
    if not found:
        return None
    details = dict(re.findall(r"([a-z ]+)=(\d+)", found.group(3) or ""))
    failed = sum(int(details.get(key, 0)) for key in ("failures", "errors"))
    skipped = int(details.get("skipped", 0))
    return max(int(found.group(1)) - failed - skipped, 0), failed, skipped, []


def cases_counts(output):
    found = CASES_END.findall(output)
    if not found:
        return None
    passed, failed, skipped = (int(number or 0) for number in found[-1])
    return passed, failed, skipped, []


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        suite = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        print(f"Error: ctest left no results: {error}", file=sys.stderr)
        print("0 passed, 1 failed")
        return 1

    passed = failed = skipped = 0
    failures = []
    reasons = []
    notes = {}  # (program, reason) → its functions
    for test in suite.iter("testcase"):
        name = test.get("name")
        status = test.get("status")
        output = test.findtext("system-out") or ""
        if status in ("notrun", "disabled"):
            element = test.find("skipped")
            why = (element.get("message") if element is not None else None) or status
            # A missing program or a failed fixture is "not run" to ctest too; that is a failure.
            if status == "disabled" or why.startswith("SKIP_"):
                skipped += 1
                notes.setdefault((name, why), [])
            else:
                failed += 1
                failures.append(f"{name}: {why}")
            continue
        counts = None
        for read in (qtest_counts, unittest_counts, cases_counts):
            counts = counts or read(output)
        p, f, s, why = counts or (0, 0, 0, [])
        if status == "run":
            # ctest was content; a program without functions of its own is one test.
            passed += p if p + s else 1
            failed += f
            if f:
                failures.append(name)
        else:
            passed += p
            failed += max(f, 1)
            failures.append(name)
            reasons.append((name, why_failed(output)))
        skipped += s
        for function, reason in why:
            notes.setdefault((name, reason), []).append(function)
        if s and not why:
            notes[name, f"{s} of its functions"] = []

    for name, lines in reasons:
        print(f"\n-- {name}")
        print("\n".join(lines))
    print()
    for (name, reason), functions in notes.items():
        print(f"Skipped: {name}: {reason}")
        if functions:
            print(textwrap.fill(", ".join(functions), 100, initial_indent="    ",
                                subsequent_indent="    ", break_long_words=False))
    for name in failures:
        print(f"Failed: {name}")
    if passed + failed == 0:
        print("Error: no test ran", file=sys.stderr)
        failed = 1
    line = f"{passed} passed, {failed} failed"
    print(line + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
