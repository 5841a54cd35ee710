"""The programs in the README files of the SDKs, as they stand there, and the example agents.
sdk_driver.py says how it is started; its language javascript means LangChain's JavaScript."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import sdk_driver

TABLE = ("Analyse this table and draw a chart of its columns: city,people\n"
         "Oslo,717710\nBergen,291940\nTrondheim,214565")


def programs(readme, kind):
    """The blocks of one language, each with the text that must come out."""
    with open(os.path.join(sdk_driver.project, "sdk", readme), encoding="utf-8") as file:
        text = file.read()
    blocks = rf"^```{kind}\n(.*?)^```\n```text\n(.*?)^```$"
    return re.findall(blocks, text, re.MULTILINE | re.DOTALL)


def pattern(expected):
    return ".*".join(re.escape(part) for part in expected.strip().split("…"))


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from skillbox_server import Server
        cls.server = cls.enterClassContext(Server()) if hasattr(cls, "enterClassContext") else None
        if cls.server is None:  # before Python 3.11
            cls.server = Server()
            cls.addClassCleanup(cls.server.stop)
        for skill in sorted(os.listdir(os.path.join(sdk_driver.project, "skills"))):
            done = cls.server.cli("skill", "push",
                                  os.path.join(sdk_driver.project, "skills", skill))
            assert done.returncode == 0, done.stderr

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.symlink(os.path.join(sdk_driver.project, "skills"), os.path.join(self.folder, "skills"))

    def said(self, command, environment=None, cwd=None):
        env = {name: value for name, value in os.environ.items()
               if not name.startswith("SKILLBOX_") and not name.lower().endswith("_proxy")}
        env.update({"SKILLBOX_SERVER_URL": self.server.url, "SKILLBOX_API_KEY": self.server.key,
                    "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"})
        env.update(environment or {})
        done = subprocess.run(command, cwd=cwd or self.folder, env=env, capture_output=True,
                              text=True, encoding="utf-8", timeout=240)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def assertSaid(self, said, expected):
        self.assertRegex(said.strip(), re.compile(r"\A" + pattern(expected) + r"\Z", re.DOTALL))

    def assertAgent(self, *command, **options):
        """Both tasks of the example agents."""
        counted = self.said([*command], **options)
        self.assertIn("skill: word-counter 1.0.0, one of ", counted)
        self.assertIn("no language model is asked", counted)
        self.assertRegex(counted, r"refused: skillbox: 422 invalid_input: .*/text")
        self.assertRegex(counted, r'output: \{"words": ?3, ?"unique": ?2')
        drawn = self.said([*command, TABLE], **options)
        self.assertIn("skill: data-analysis 1.0.0", drawn)
        for name in ("chart.png", "chart.svg", "summary.md"):
            self.assertRegex(drawn, rf"file: {name}, [1-9]\d+ bytes")


class Python(Examples):
    sdk = property(lambda self: os.path.join(sdk_driver.project, "sdk"))

    def run_readme(self, name, *paths):
        found = programs(name, "python")
        self.assertGreater(len(found), 0)
        for code, expected in found:
            path = os.pathsep.join([os.path.join(self.sdk, "python"), *paths])
            self.assertSaid(self.said([sys.executable, "-c", code], {"PYTHONPATH": path}), expected)

    def test_agent(self):
        self.assertAgent(sys.executable, os.path.join(self.sdk, "python/examples/agent.py"))

    def test_readme(self):
        self.run_readme("python/README.md")

    fakes = property(lambda self: os.path.join(sdk_driver.HERE, "fakes"))

    def test_readme_of_langchain(self):
        self.run_readme("langchain/README.md", os.path.join(self.sdk, "langchain"), self.fakes)

    def test_readme_of_crewai(self):
        self.run_readme("crewai/README.md", os.path.join(self.sdk, "crewai"), self.fakes)

    def test_agent_with_langchain(self):
        said = self.said([sys.executable, os.path.join(self.sdk, "langchain/examples/agent.py"), TABLE],
                         {"PYTHONPATH": self.fakes})
        self.assertIn("tool: data-analysis, one of ", said)
        self.assertRegex(said, r"file: chart.svg, [1-9]\d+ bytes")

    def test_crew(self):
        said = self.said([sys.executable, os.path.join(self.sdk, "crewai/examples/crew.py")],
                         {"PYTHONPATH": self.fakes})
        self.assertIn("tool: word-counter: Counts words", said)
        self.assertIn('result: {"output": {"words": 3', said)

    def test_says_what_to_install(self):
        for folder, call, what in [
                ("langchain", "skillbox_langchain.SkillboxToolkit(c).get_tools()", "langchain-core"),
                ("crewai", "skillbox_crewai.skillbox_tools_for_crew(c)", "crewai")]:
            path = os.pathsep.join(os.path.join(self.sdk, part) for part in ("python", folder))
            code = (f"import sys, skillbox, skillbox_{folder}\n"
                    f"c = skillbox.Client('http://127.0.0.1:1')\n"
                    f"sys.modules['langchain_core'] = sys.modules['crewai'] = None\n"
                    f"try: {call}\nexcept ImportError as error: print(error)")
            said = self.said([sys.executable, "-c", code], {"PYTHONPATH": path})
            self.assertIn("pip install " + what, said)


class Go(Examples):
    def test_agent(self):
        self.assertAgent(sdk_driver.compiled_go("sdk/go/examples/agent", "go_agent"))

    def test_readme(self):
        (code, expected), = programs("go/README.md", "go")
        with open(os.path.join(sdk_driver.project, "sdk/go/README.md"), encoding="utf-8") as file:
            setup, = re.findall(r"^```sh\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
        env = dict(sdk_driver.go_environment(), SKILLBOX_CLONE=sdk_driver.project)
        with open(os.path.join(self.folder, "main.go"), "w", encoding="utf-8") as file:
            file.write(code)
        self.said(["bash", "-e", "-c", setup], env)
        self.assertSaid(self.said(["go", "run", "."], {
            name: env[name] for name in env if name.startswith("GO")}), expected)


class Typescript(Examples):
    def test_agent(self):
        out = os.path.join(sdk_driver.build, "typescript_example")
        with sdk_driver.Lock():
            sdk_driver.check_call(["tsc", "-p", os.path.join(
                sdk_driver.project, "sdk/typescript/examples"), "--outDir", out])
            with open(os.path.join(out, "package.json"), "w") as file:
                file.write('{"type": "module"}\n')
        self.assertAgent("node", os.path.join(out, "examples/agent.js"))

    def test_readme(self):
        shutil.copy(os.path.join(sdk_driver.compiled_typescript(), "skillbox.js"), self.folder)
        (code, expected), = programs("typescript/README.md", "js")
        with open(os.path.join(self.folder, "program.mjs"), "w", encoding="utf-8") as file:
            file.write(code)
        with open(os.path.join(self.folder, "package.json"), "w") as file:
            file.write('{"type": "module"}\n')
        self.assertSaid(self.said(["node", "program.mjs"]), expected)


def fetched_langchain():
    """The folder in which npm has put the real LangChain; it is kept in the build folder."""
    home = os.path.join(sdk_driver.build, "npm")
    if not os.path.exists(os.path.join(home, "node_modules/@langchain/core")):
        sdk_driver.skip_unless("npm")
        os.makedirs(home, exist_ok=True)
        done = subprocess.run(
            ["npm", "install", "--prefix", home, "--no-audit", "--no-fund", "--no-package-lock",
             "--ignore-scripts", "--fetch-retries=1", "@langchain/core@^1"],
            capture_output=True, text=True, timeout=240)
        if done.returncode != 0:
            shutil.rmtree(home, ignore_errors=True)
            print("SKIPPED: npm cannot fetch @langchain/core:", done.stderr.strip()[-300:])
            sys.exit(sdk_driver.SKIPPED)
    return home


class Javascript(Examples):
    """LangChain from npm, the real one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = fetched_langchain()
        # Beside node_modules, as in a project that uses it.
        source = os.path.join(sdk_driver.project, "sdk/langchain")
        shutil.copytree(source, os.path.join(cls.home, "langchain"), dirs_exist_ok=True)
        shutil.copy(os.path.join(sdk_driver.HERE, "typescript/langchain.test.mjs"),
                    os.path.join(cls.home, "langchain"))
        cls.compiled = os.path.join(sdk_driver.compiled_typescript(), "skillbox.js")
        shutil.copy(cls.compiled, os.path.join(cls.home, "langchain"))

    def test_agent(self):
        said = self.said(["node", os.path.join(self.home, "langchain/examples/agent.mjs"), TABLE],
                         {"SKILLBOX_JS": self.compiled})
        self.assertIn("tool: data-analysis, one of ", said)
        self.assertRegex(said, r"file: chart.svg, [1-9]\d+ bytes")

    def test_readme(self):
        (code, expected), = programs("langchain/README.md", "js")
        place = os.path.join(self.home, "langchain", "program.mjs")
        with open(place, "w", encoding="utf-8") as file:
            file.write(code)
        self.assertSaid(self.said(["node", place]), expected)

    def test_tools(self):
        said = self.said(["node", "--test", os.path.join(self.home, "langchain/langchain.test.mjs")])
        self.assertRegex(said, r"(?m)^. fail 0$")
        self.assertRegex(said, r"(?m)^. pass [1-9]")


def load_tests(loader, tests, pattern):
    case = {"python": Python, "go": Go, "typescript": Typescript, "javascript": Javascript}
    return loader.loadTestsFromTestCase(case[sdk_driver.language])


if __name__ == "__main__":
    sdk_driver.read_arguments()
    if sdk_driver.language == "javascript":
        sdk_driver.skip_old_node(20)  # what LangChain asks for
        fetched_langchain()
    sdk_driver.run()
