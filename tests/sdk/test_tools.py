"""Skills as tools in Python: skillbox_tools, and the modules for LangChain and CrewAI, which
stand-ins of those frameworks in fakes/ take. sdk_driver.py says how it is started."""

import asyncio
import json
import os
import sys
import tempfile
import unittest

import sdk_driver
from faulty_server import FaultyServer, answer, problem

ID = "6f1d6a0e-6f0b-4a0a-9a52-3f1c0a6d2b11"
TEXT = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "x", "type": "object",
        "properties": {"text": {"type": "string", "description": "What to count."},
                       "top": {"type": "integer", "default": 10}}, "required": ["text"]}


class Tools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sdk = os.path.join(sdk_driver.project, "sdk")
        sys.path[:0] = [os.path.join(sdk, part) for part in ("python", "langchain", "crewai")]
        sys.path.insert(0, os.path.join(sdk_driver.HERE, "fakes"))

    def client(self, skills, run=None):
        """Of a server that has these skills, by name their input schema or None."""
        import skillbox
        self.runs = []

        def row(name):
            mode = "cognitive" if name == "notes" else "executable"
            return {"name": name, "version": "1.2.3", "description": f"Does {name}.", "mode": mode,
                    "status": "yanked" if name == "old" else "available", "digest": "sha256:0"}

        def script(request, number):
            if request.target == "/v1/skills?latest=1":
                return answer(body=[row(name) for name in skills])
            if request.target.startswith("/v1/skills/"):
                name = request.target.split("/")[3]
                schemas = {} if skills[name] is None else {"schemas": {"input": skills[name]}}
                return answer(body={**row(name), **schemas})
            self.runs.append(json.loads(request.body))
            return run(request) if run else answer(
                body={"execution_id": ID, "status": "success", "output": {"n": 1}, "error": None})

        server = FaultyServer(script)
        self.addCleanup(server.close)
        client = skillbox.Client(server.url, max_retries=0)
        self.addCleanup(client.close)
        return client

    def load(self, client, **options):
        import skillbox_tools
        return skillbox_tools.load_tools(client, **options)

    def test_a_tool_per_executable_skill_with_names_that_models_take(self):
        client = self.client({"b.c": None, "b_c": None, "a": TEXT, "x" * 100: None, "notes": None,
                              "old": None})
        self.assertEqual([tool.name for tool in self.load(client)], ["a", "b_c", "b_c_2", "x" * 64])
        self.assertEqual([tool.name for tool in self.load(client, include=["b*", "a"],
                                                          exclude=["b?c"])], ["a"])

    def test_arguments_are_the_skills(self):
        array = {"type": "array"}
        tools = self.load(self.client({"a": TEXT, "b": None, "c": array}), session_id="s")
        self.assertEqual(tools[0].input_schema,
                         {key: TEXT[key] for key in ("type", "properties", "required")})
        self.assertEqual(tools[1].input_schema,
                         {"type": "object", "properties": {}, "additionalProperties": True})
        self.assertEqual(tools[2].input_schema, {"type": "object", "properties": {"input": array},
                                                 "required": ["input"]})
        self.assertEqual(tools[0].call({"text": "x"}).text, '{"output": {"n": 1}}')
        tools[1].call()
        tools[2].call({"input": [1]})
        self.assertEqual(self.runs, [
            {"skill": "a", "input": {"text": "x"}, "version": "1.2.3", "session_id": "s"},
            {"skill": "b", "input": {}, "version": "1.2.3", "session_id": "s"},
            {"skill": "c", "input": [1], "version": "1.2.3", "session_id": "s"}])

    def test_says_what_a_model_can_do_better(self):
        import skillbox_tools
        failed = answer(body={"execution_id": ID, "status": "failed", "output": {"error": "no"},
                              "error": "command exited with code 1", "logs": "x" * 5000 + "end"})
        tool, = self.load(self.client({"a": None}, lambda _: failed))
        with self.assertRaises(skillbox_tools.SkillFailed) as caught:
            tool.call({})
        text = str(caught.exception)
        self.assertTrue(text.startswith("the skill ended with failed: command exited with code 1\n"
                                        'output: {"error": "no"}\nlog: x'), text[:200])
        self.assertTrue(text.endswith("end") and len(text) < 2500)
        refused = answer(422, {"error": "invalid_input", "message": "no",
                               "details": [{"pointer": "/text", "message": "must be text"},
                                           {"pointer": "", "message": "too much"}]})
        tool, = self.load(self.client({"a": None}, lambda _: refused))
        with self.assertRaises(skillbox_tools.SkillFailed) as caught:
            tool.call({})
        self.assertEqual(str(caught.exception), "skillbox: 422 invalid_input: no\n"
                         "/text: must be text\n(the whole): too much")

    def test_a_run_without_output_shows_its_log(self):
        quiet = answer(body={"execution_id": ID, "status": "success", "logs": "said\n",
                             "files_list": ["a.txt"]})
        tool, = self.load(self.client({"a": None}, lambda _: quiet))
        result = tool.call({})
        self.assertEqual(json.loads(result.text), {"logs": "said\n", "files": ["a.txt"]})

    # --- LangChain

    def langchain(self, client, **options):
        import skillbox_langchain
        return skillbox_langchain.SkillboxToolkit(client, **options).get_tools()

    def test_langchain_calls_and_awaits(self):
        tool, = self.langchain(self.client({"a": TEXT}))
        call = {"type": "tool_call", "id": "c1", "name": "a", "args": {"text": "x"}}
        for message in (tool.invoke(call), asyncio.run(tool.ainvoke(call))):
            self.assertEqual((message.content, message.status, message.tool_call_id),
                             ('{"output": {"n": 1}}', "success", "c1"))
            self.assertEqual(message.artifact["execution_id"], ID)
            self.assertEqual(message.artifact["output"], {"n": 1})
            self.assertEqual(message.artifact["files"], [])
            self.assertTrue(message.artifact["execution"].succeeded)
        self.assertEqual(tool.invoke({"text": "x"}), '{"output": {"n": 1}}')
        self.assertEqual(tool.metadata, {"skill": "a", "version": "1.2.3", "digest": "sha256:0"})

    def test_langchain_tells_the_model_what_failed(self):
        tool, = self.langchain(self.client({"a": TEXT}, lambda _: problem(422, "invalid_input")))
        call = {"type": "tool_call", "id": "c1", "name": "a", "args": {"text": "x"}}
        for message in (tool.invoke(call), asyncio.run(tool.ainvoke(call))):
            self.assertEqual((message.status, message.content),
                             ("error", "skillbox: 422 invalid_input: so it is"))

    def test_langchain_gets_no_argument_that_it_takes_for_itself(self):
        schema = {"type": "object", "properties": {"config": {"type": "string"}}}
        tool, = self.langchain(self.client({"a": schema}))
        tool.invoke({"input": {"config": "x"}})
        self.assertEqual(self.runs[0]["input"], {"config": "x"})

    # --- CrewAI

    def crew(self, client, **options):
        import skillbox_crewai
        return skillbox_crewai.skillbox_tools_for_crew(client, **options)

    def test_crewai_checks_arguments_and_leaves_out_what_was_not_given(self):
        tool, = self.crew(self.client({"a": TEXT}))
        self.assertEqual((tool.name, tool.description), ("a", "Does a."))
        self.assertEqual(tool.run(text="x"), '{"output": {"n": 1}}')
        tool.run(text="x", top=None, more=[1])
        self.assertEqual([run["input"] for run in self.runs],
                         [{"text": "x", "top": 10}, {"text": "x", "more": [1]}])
        for wrong in ({}, {"text": 1}, {"text": "x", "top": "many"}):
            with self.assertRaises(ValueError):
                tool.run(**wrong)
        self.assertFalse(tool.cache_function({}, ""))
        self.assertEqual(tool.args_schema.model_fields["text"][1].description, "What to count.")

    def test_crewai_takes_names_that_python_does_not(self):
        for name in ("two words", "class", "_hidden", "model_x"):
            tool, = self.crew(self.client({"a": {"type": "object", "properties": {name: {}}}}))
            tool.run(arguments={name: 1})
            self.assertEqual(self.runs, [{"skill": "a", "input": {name: 1}, "version": "1.2.3"}])

    def test_crewai_keeps_a_closed_schema_closed(self):
        tool, = self.crew(self.client({"a": {**TEXT, "additionalProperties": False}}))
        with self.assertRaises(ValueError):
            tool.run(text="x", more=1)

    def test_crewai_raises_what_failed(self):
        import skillbox_tools
        tool, = self.crew(self.client({"a": TEXT}, lambda _: problem(503, "not_ready")))
        with self.assertRaisesRegex(skillbox_tools.SkillFailed, "503 not_ready"):
            tool.run(text="x")

    # --- types

    def test_types_hold(self):
        import shutil
        import subprocess
        if not shutil.which("mypy"):
            self.skipTest("mypy is not installed here (Debian: mypy)")
        sdk = os.path.join(sdk_driver.project, "sdk")
        with tempfile.TemporaryDirectory() as elsewhere:
            done = subprocess.run(
                ["mypy", "--strict", "--python-version", "3.9", "--ignore-missing-imports",
                 "--cache-dir", os.path.join(sdk_driver.build, "mypy"),
                 os.path.join(sdk, "python/skillbox_tools.py"),
                 os.path.join(sdk, "langchain/skillbox_langchain.py"),
                 os.path.join(sdk, "crewai/skillbox_crewai.py")], cwd=elsewhere,
                capture_output=True, text=True,
                env=dict(os.environ, MYPYPATH=os.path.join(sdk, "python")))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    sdk_driver.main()
