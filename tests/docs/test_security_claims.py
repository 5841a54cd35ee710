#!/usr/bin/env python3
"""Holds docs/security-model.md and docs/security-review.md to what there is, and shows that this
can fail: test_security_claims.py PROJECT TEST_CONTAINMENT"""

import os
import sys
import unittest

import security_claims

PROJECT = PROGRAM = ""

TABLE = """
| control | what | shown by |
|---|---|---|
| a | b | {} |

| other | table |
|---|---|
| c | `not a test` |
"""


def page(name):
    with open(os.path.join(PROJECT, "docs", name), encoding="utf-8") as file:
        return file.read()


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.evidence = security_claims.Evidence(
            security_claims.attack_rows(PROGRAM),
            security_claims.test_sources(os.path.join(PROJECT, "tests")))

    def test_name_only_what_there_is(self):
        for name, fewest in (("security-model.md", 25), ("security-review.md", 25)):
            text = page(name)
            self.assertEqual(security_claims.faults(text, self.evidence), [], name)
            self.assertGreaterEqual(len(security_claims.claims(text)), fewest, name)

    def test_every_control_names_a_test(self):
        """Else a table without the column would not be looked at."""
        text = page("security-model.md")
        section = text[text.index("## Controls of the native sandbox"):]
        rows = security_claims.claims(section[:section.index("\n## ", 1)])
        self.assertEqual({"namespaces", "identity", "root file system", "/proc", "capabilities",
                          "system calls", "Landlock", "resource limits", "control group",
                          "memory watch", "wall clock", "log", "death"}
                         - {claim for _, claim, _ in rows}, set())

    def test_count_the_attempts(self):
        number = len(self.evidence.rows)
        self.assertIn(f"{number} attempts", page("security-review.md"))

    def test_files_of_the_launcher_are_there(self):
        """Each file that the reviewer is sent to."""
        folder = os.path.join(PROJECT, "engine/sandbox/launcher")
        for number, line in enumerate(page("security-review.md").splitlines(), 1):
            row = security_claims.cells(line)
            if not line.startswith("| ") or len(row) != 4 or "`" not in row[1]:
                continue
            for name in row[1].split("`")[1::2]:
                places = (os.path.join(folder, name), os.path.join(PROJECT, name))
                self.assertTrue(any(map(os.path.exists, places)), f"line {number}: {name}")


class CanFail(unittest.TestCase):
    EVIDENCE = security_claims.Evidence(
        {"net_tcp.py", "file_visible.py homes"},
        {"test_leaks": "void TestLeaks::manyRunsAtOnce()\n", "test_contract": "def test_a(self):\n",
         "replay_manifest": ""})

    def test_takes_what_there_is(self):
        for name in ("`net_tcp.py`", "`file_visible.py *`, `net_*`", "`test_leaks`",
                     "`test_leaks::manyRunsAtOnce`", "`test_contract::test_a`", "`replay_manifest`"):
            self.assertEqual(security_claims.faults(TABLE.format(name), self.EVIDENCE), [], name)

    def test_refuses_what_there_is_not(self):
        for name in ("`net_udp.py`", "`net_tcp`", "`proc_*`", "`*`", "`test_leak`", "",
                     "by reading the code", "`test_leaks::many`", "`test_leaks::`",
                     "`test_contract::manyRunsAtOnce`", "`net_tcp.py`, `net_udp.py`"):
            found = security_claims.faults(TABLE.format(name), self.EVIDENCE)
            self.assertEqual(len(found), 1, name)
            self.assertIn("line 4", found[0])


if __name__ == "__main__":
    PROJECT, PROGRAM = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
