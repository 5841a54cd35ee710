"""Shows that the runner and its validator can fail."""

import json
import stat
import tempfile
import unittest
from pathlib import Path

import run_cases
from schema_check import UnknownKeyword, same_json, violations

# Stands in for the program: prints the result object that the case's input carries.
ECHO = """#!/usr/bin/env python3
import json, pathlib, sys
given = json.load(open(sys.argv[sys.argv.index("--input") + 1][1:]))
for name, text in given.get("artifacts", {}).items():
    path = pathlib.Path(sys.argv[sys.argv.index("--download") + 1]) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
print(json.dumps(given["result"]))
"""


class SchemaCheck(unittest.TestCase):
    def test_names_place_and_fault(self):
        schema = {"type": "object", "required": ["a"], "additionalProperties": False,
                  "properties": {"a": {"type": "array", "items": {"type": "integer"}}}}
        self.assertEqual(violations(schema, {"a": [1, 2.0]}), [])
        self.assertEqual(violations(schema, {"a": [1, "x"]}), ["/a/1: is string, not integer"])
        self.assertEqual(violations(schema, {"b": 1}), ["/: lacks a", "/b: is not a known member"])

    def test_choices_references_and_bounds(self):
        schema = {"$defs": {"n": {"type": "number", "minimum": 2}},
                  "oneOf": [{"$ref": "#/$defs/n"}, {"enum": ["auto", True]}]}
        self.assertEqual(violations(schema, 2), [])
        self.assertEqual(violations(schema, True), [])
        self.assertTrue(violations(schema, 1))
        self.assertTrue(violations({"pattern": "^a"}, "b"))

    def test_refuses_keywords_it_does_not_know(self):
        with self.assertRaises(UnknownKeyword):
            violations({"unevaluatedProperties": False}, {})

    def test_numbers_are_compared_by_value_and_booleans_are_not_numbers(self):
        self.assertTrue(same_json({"a": [1]}, {"a": [1.0]}))
        self.assertFalse(same_json(1, True))


class Runner(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.program = self.folder / "echo"
        self.program.write_text(ECHO)
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)
        self.skill = self.folder / "skill"
        (self.skill / "tests").mkdir(parents=True)
        (self.skill / "schemas").mkdir()
        (self.skill / "schemas/input.json").write_text("{}")
        (self.skill / "schemas/output.json").write_text('{"type":"object","required":["a"]}')

    def problems(self, result, expect, artifacts=None):
        case = {"input": {"result": result, "artifacts": artifacts or {}}, "expect": expect}
        (self.skill / "tests/case.json").write_text(json.dumps(case))
        ((_, found),) = run_cases.run_skill(self.program, self.skill, self.folder)
        return found

    def test_passes_what_is_as_expected(self):
        result = {"status": "success", "output": {"a": [1, 2]}, "error": None,
                  "files_list": ["x/y.txt"], "logs": "hello"}
        expect = {"status": "success", "output": {"a": [1, 2.0]}, "pointers": {"/a/1": 2},
                  "files": ["x/y.txt"], "logs_contain": "hell"}
        self.assertEqual(self.problems(result, expect, {"x/y.txt": "z"}), [])

    def test_reports_each_difference(self):
        good = {"status": "success", "output": {"a": 1}, "error": None}
        for result, expect, text in [
            (dict(good, status="failed"), {"status": "success"}, "status is failed"),
            (dict(good, output={"b": 1}), {"status": "success"}, "lacks a"),
            ({"status": "success", "error": None}, {"status": "success"}, "no output"),
            (good, {"status": "success", "output": {"a": 2}}, "output differs"),
            (good, {"status": "success", "pointers": {"/a": "1"}}, 'output/a is 1, not "1"'),
            (good, {"status": "success", "pointers": {"/b": None}}, "(nothing)"),
            (good, {"status": "success", "files": ["f.txt"]}, "no file f.txt"),
            (good, {"status": "success", "logs_contain": "x"}, "logs_contain"),
            (dict(good, status="failed"), {"status": "failed"}, "a failed run should leave"),
            ({"status": "failed", "output": {"error": "no"}, "error": "e"},
             {"status": "failed", "error_contains": "yes"}, "error_contains"),
        ]:
            with self.subTest(text):
                self.assertIn(text, "\n".join(self.problems(result, expect)))

    def test_looks_into_files(self):
        result = {"status": "success", "output": {"a": 1}, "error": None}
        for name in ("c.png", "c.svg", "c.json"):
            found = self.problems(dict(result, files_list=[name]),
                                  {"status": "success", "files": [name]}, {name: "<not"})
            self.assertTrue(found, name)

    def test_refuses_unknown_members_and_skills_without_cases(self):
        self.assertIn("unknown members", self.problems({}, {"status": "success", "outputs": 1})[0])
        (self.skill / "tests/case.json").unlink()
        ((_, found),) = run_cases.run_skill(self.program, self.skill, self.folder)
        self.assertIn("has no case", found[0])


if __name__ == "__main__":
    unittest.main()
