"""The table parity.json, done with each SDK against a server of its own; what the SDK of one
language answers is also compared with what Python's does. sdk_driver.py says how it is started.

A case has steps: an operation, its arguments, and the value or the error that is expected. `$name`
stands for what an earlier step saved, `$name.member` for a part of it. An expected object may have
fewer members than the real one; `…` in a text stands for anything, "@any" for any value at all. What
`by_chance` may differ from run to run, as how far a run was when it was cancelled, is not compared
between languages.
"""

import json
import os
import re
import tempfile
import unittest

import sdk_driver


def load():
    with open(os.path.join(sdk_driver.HERE, "parity.json"), encoding="utf-8") as file:
        return json.load(file)


def lookup(name, known):
    first, *rest = re.findall(r"[^.\[\]]+", name)
    value = known[first]
    for part in rest:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def resolve(value, known):
    """With every $name in it replaced."""
    if isinstance(value, dict):
        return {key: resolve(member, known) for key, member in value.items()}
    if isinstance(value, list):
        return [resolve(member, known) for member in value]
    if isinstance(value, str) and re.fullmatch(r"\$[\w.\[\]]+", value):
        return lookup(value[1:], known)
    if isinstance(value, str):
        return re.sub(r"\$\{([\w.\[\]]+)\}", lambda found: str(lookup(found[1], known)), value)
    return value


def differences(wanted, real, where=""):
    if wanted == "@any":
        return [] if real is not None else [f"{where}: nothing"]
    if isinstance(wanted, dict) and isinstance(real, dict):
        found = []
        for key, member in wanted.items():
            found += differences(member, real.get(key), f"{where}.{key}")
        return found
    if isinstance(wanted, list) and isinstance(real, list) and len(wanted) == len(real):
        return [one for i, pair in enumerate(zip(wanted, real))
                for one in differences(*pair, f"{where}[{i}]")]
    if isinstance(wanted, str) and isinstance(real, str) and "…" in wanted:
        pattern = ".*".join(map(re.escape, wanted.split("…")))
        fits = re.fullmatch(pattern, real, re.DOTALL)
        return [] if fits else [f"{where}: {real!r}, not {wanted!r}"]
    return [] if wanted == real and type(wanted) is type(real) else [
        f"{where}: {json.dumps(real)[:500]}, not {json.dumps(wanted)[:500]}"]


# What differs from one server to the next.
VOLATILE = {"execution_id", "id", "files_url", "created_at", "finished_at",
            "updated_at", "published_at", "published_by", "created_by", "set_at", "set_by",
            "yanked_at", "key", "sandbox", "skill_digest", "last_used_at", "revoked_at",
            "parent_id", "next_cursor", "archive_bytes"}


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def comparable(value):
    """Without what differs, and without members that say nothing."""
    if isinstance(value, dict):
        return {key: "…" if key in VOLATILE else comparable(member) for key, member in value.items()
                if member not in (None, "", 0, False, [], {}) and key != "duration_ms"}
    if isinstance(value, list):
        return [comparable(member) for member in value]
    return UUID.sub("…", value) if isinstance(value, str) else value


class Run:
    """The whole table with one SDK."""

    def __init__(self, test, kind):
        self.test, self.kind = test, kind
        self.answers, self.problems = [], []
        self.do()
        test.assertEqual(self.problems, [], "\n".join(self.problems))

    def do(self):
        from skillbox_server import Server
        with Server() as server, tempfile.TemporaryDirectory() as folder, \
                sdk_driver.Driver(self.kind) as driver:
            known = {"url": server.url, "key": server.key, "tmp": folder,
                     "skills": os.path.join(sdk_driver.HERE, "skills")}
            for case in load():
                for number, step in enumerate(case["steps"], 1):
                    try:
                        self.step(driver, step, known)
                    except (AssertionError, KeyError) as error:
                        self.problems.append(f"{self.kind}: {case['name']}, step {number}, "
                                             f"{step['op']}: {error!r}")
                    if driver.process.poll() is not None:
                        return
    def step(self, driver, step, known):
        if step["op"] == "write_file":  # for those that upload a path
            with open(resolve(step["args"]["path"], known), "wb") as file:
                file.write(step["args"]["content"].encode() * step["args"].get("times", 1))
            return
        if step["op"] == "read_file":
            with open(resolve(step["args"]["path"], known), encoding="utf-8") as file:
                self.test.assertEqual(file.read(), step["expect"])
            return
        answer = driver.ask(step["op"], resolve(step.get("args", {}), known))
        if "save" in step:
            known[step["save"]] = answer.get("ok")
        part = "error" if "error" in step else "ok"
        self.test.assertIn(part, answer, json.dumps(answer)[:2000])
        wanted = resolve(step.get("error", step.get("expect")), known)
        self.test.assertEqual(differences(wanted, answer[part]), [])
        if "error" in step:
            error = answer["error"]
            self.test.assertEqual(error["text"], f"skillbox: {error['status']} {error['code']}: "
                                  + error["message"])
        if part == "error" and answer["error"]["status"] == 0:
            answer["error"].pop("message")  # may end with words of the system
            answer["error"].pop("text")
        # A zip is as each language packs it.
        if not step.get("by_chance") and step["op"] != "get_skill_archive":
            self.answers.append((step["op"], comparable(answer)))


class Parity(unittest.TestCase):
    maxDiff = None

    def test_every_sdk_gives_what_the_table_says(self):
        reference = Run(self, "python").answers
        for kind in sdk_driver.kinds():
            if kind != "python":
                answers = Run(self, kind).answers
                self.assertEqual(len(answers), len(reference))
                for ours, python in zip(answers, reference):
                    self.assertEqual(ours, python)

    def test_a_folder_is_the_same_skill_whoever_packs_it(self):
        from skillbox_server import Server
        folder = os.path.join(sdk_driver.HERE, "skills/greet")
        with Server() as server:
            pushed = server.cli("skill", "push", folder, "-o", "json")
            self.assertEqual(pushed.returncode, 0, pushed.stderr)
            for kind in sdk_driver.kinds():
                with sdk_driver.Driver(kind) as driver:
                    driver.ask("client", {"base_url": server.url, "api_key": server.key})
                    ours = driver.ask("register_skill", {"skill": folder})
                    self.assertEqual(ours["ok"]["digest"], json.loads(pushed.stdout)["digest"])

    def test_the_table_has_every_operation(self):
        """A method that the table does not call would be one that nobody compares."""
        with open(os.path.join(sdk_driver.HERE, "drivers/driver.mjs"), encoding="utf-8") as file:
            operations = set(re.findall(r"^  (\w+): (?:async )?\(c", file.read(), re.MULTILINE))
        self.assertGreater(len(operations), 40)
        used = {step["op"] for case in load() for step in case["steps"]}
        self.assertEqual(operations - used, set())

    def test_a_difference_is_seen(self):
        self.assertEqual(differences({"a": [1, "x…z"]}, {"a": [1, "xyz"], "b": 2}), [])
        self.assertEqual(len(differences({"a": [1, "x…"]}, {"a": [1, "yx"]})), 1)
        self.assertEqual(len(differences({"a": 1}, {})), 1)
        self.assertEqual(len(differences([1], [1, 2])), 1)
        self.assertEqual(len(differences(1, True)), 1)


if __name__ == "__main__":
    sdk_driver.main()
