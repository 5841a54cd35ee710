#!/usr/bin/env python3
"""Runs every test case of every example skill through the real command line.

    run_cases.py path/to/skillbox path/to/skills [SKILL ...]

docs/skill-format.md describes a case. Ends with the line `N passed, N failed`.
"""

import difflib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from schema_check import UnknownKeyword, same_json, violations

# A case that hangs must end the suite, not the patience of who waits for it.
SECONDS_PER_RUN = 120
REFUSED = "Error: the input does not match the skill's schema"
CASE_KEYS = {"name", "description", "input", "files", "expect"}
EXPECT_KEYS = {"status", "output", "pointers", "files", "error_contains", "logs_contain"}


class CaseError(Exception):
    """The case itself cannot be used."""


class Missing:
    def __repr__(self):
        return "(nothing)"


MISSING = Missing()


def main(arguments):
    if len(arguments) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 1
    program, skills = Path(arguments[0]).resolve(), Path(arguments[1])
    names = arguments[2:] or sorted(d.name for d in skills.iterdir() if (d / "SKILL.md").is_file())
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="skillbox-cases-") as scratch:
        for name in names:
            for label, problems in run_skill(program, skills / name, Path(scratch)):
                if problems:
                    failed += 1
                    print(f"FAIL {label}")
                    print("\n".join(f"     {line}" for p in problems for line in p.splitlines()))
                else:
                    passed += 1
                    print(f"ok   {label}")
    if not names:
        failed += 1
        print(f"FAIL no skill found in {skills}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def run_skill(program, skill, scratch):
    """Yields (label, problems) for each case of a skill."""
    cases = sorted((skill / "tests").glob("*.json"))
    if not cases:
        yield skill.name, [f"{skill}/tests has no case (*.json)"]
    for path in cases:
        label = f"{skill.name}/{path.stem}"
        try:
            case = load_case(path)
            output_schema = load_json(skill / "schemas" / "output.json")
            input_schema = load_json(skill / "schemas" / "input.json")
            with tempfile.TemporaryDirectory(dir=scratch) as folder:
                result, files = run_case(program, skill, case, Path(folder))
            yield label, list(problems_of(case, result, files, input_schema, output_schema))
        except (CaseError, UnknownKeyword) as error:
            yield label, [str(error)]


def load_json(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CaseError(f"{path} is missing") from None
    except ValueError as error:
        raise CaseError(f"{path} is not JSON: {error}") from None


def load_case(path):
    case = load_json(path)
    if not isinstance(case, dict) or not isinstance(case.get("expect"), dict):
        raise CaseError(f"{path} needs an object with an object `expect`")
    unknown = sorted(case.keys() - CASE_KEYS) + sorted(case["expect"].keys() - EXPECT_KEYS)
    if unknown:
        raise CaseError(f"{path} has unknown members: {', '.join(unknown)}")
    if case["expect"].get("status") not in ("success", "failed"):
        raise CaseError(f"{path} needs expect.status `success` or `failed`")
    if case.get("files"):
        raise CaseError(f"{path} has input files, which the command line cannot pass yet")
    return case


def run_case(program, skill, case, folder):
    """The result object and a dict of downloaded files by path."""
    (folder / "input.json").write_text(json.dumps(case.get("input", {})), encoding="utf-8")
    download = folder / "files"
    command = [str(program), "run", str(skill.resolve()), "--input", f"@{folder}/input.json",
               "--output", "json", "--download", str(download)]
    environment = dict(os.environ, SKILLBOX_DATA_DIR=str(folder.parent / "data"))
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=SECONDS_PER_RUN,
                              stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        raise CaseError(f"no result after {SECONDS_PER_RUN} s") from None
    except OSError as error:
        raise CaseError(f"{program} cannot be run: {error.strerror}") from None
    message = done.stderr.decode("utf-8", "replace")
    if done.returncode == 1 and message.startswith(REFUSED):
        # Its own schema keeps such input away from the skill: nothing ran.
        return {"status": "failed", "error": message.removeprefix("Error: "), "refused": True}, {}
    try:
        result = json.loads(done.stdout)
    except ValueError:
        raise CaseError(f"exit code {done.returncode}, and stdout is not a result object: "
                        f"{done.stdout[:200]!r}\n{message[:2000]}"
                        ) from None
    files = {}
    for path in sorted(download.rglob("*")):
        if path.is_file():
            files[path.relative_to(download).as_posix()] = path.read_bytes()
    return result, files


def problems_of(case, result, files, input_schema, output_schema):
    """Everything that is not as the case expects, as text."""
    expect = case["expect"]
    output = result.get("output", MISSING)
    if result.get("status") != expect["status"]:
        yield (f"status is {result.get('status')}, not {expect['status']} "
               f"(error: {result.get('error')})\n{result.get('logs', '')[:2000]}")

    if expect["status"] == "success":
        yield from (f"input against schemas/input.json: {v}"
                    for v in violations(input_schema, case.get("input", {})))
        if output is not MISSING:
            yield from (f"output against schemas/output.json: {v}"
                        for v in violations(output_schema, output))
        else:
            yield "there is no output"
    elif not result.get("refused") and not (isinstance(output, dict) and isinstance(output.get("error"), str)):
        yield f"a failed run should leave {{\"error\": text}} as output, got {shown(output)}"

    if "output" in expect and not (output is not MISSING and same_json(output, expect["output"])):
        yield "output differs:\n" + difference(expect["output"], output)
    for pointer, wanted in expect.get("pointers", {}).items():
        actual = at_pointer(output, pointer)
        if actual is MISSING or not same_json(actual, wanted):
            yield f"output{pointer} is {shown(actual)}, not {shown(wanted)}"

    for name in expect.get("files", []):
        content = files.get(name)
        if name not in result.get("files_list", []):
            yield f"no file {name}; there are {result.get('files_list', [])}"
        elif content is None:
            yield f"file {name} was not downloaded"
        elif not content:
            yield f"file {name} is empty"
        else:
            yield from (f"file {name}: {p}" for p in malformed(name, content))

    error = output.get("error", "") if isinstance(output, dict) else ""
    for key, text in (("error_contains", f"{error}\n{result.get('error') or ''}"),
                      ("logs_contain", result.get("logs", ""))):
        wanted = expect.get(key, [])
        for part in [wanted] if isinstance(wanted, str) else wanted:
            if part not in text:
                yield f"{key}: {part!r} is not in {text.strip()[:500]!r}"


def malformed(name, content):
    """Why the bytes are not what the file's name says."""
    if name.endswith(".png") and not content.startswith(b"\x89PNG\r\n\x1a\n"):
        yield "is not a PNG"
    if name.endswith(".svg"):
        import xml.etree.ElementTree as ElementTree  # only where there is one to read
        try:
            ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            yield f"is not well-formed: {error}"
    if name.endswith(".json"):
        try:
            json.loads(content)
        except ValueError as error:
            yield f"is not JSON: {error}"


def at_pointer(value, pointer):
    """RFC 6901; a number picks an array's element, `-1` and the like count from its end."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return MISSING
    return value


def shown(value):
    text = repr(value) if value is MISSING else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:300] + "…"


def difference(wanted, actual):
    def lines(value):
        if value is MISSING:
            return [repr(value)]
        return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True).splitlines()

    return "\n".join(difflib.unified_diff(lines(wanted), lines(actual), "expected", "actual",
                                          lineterm="", n=2))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
