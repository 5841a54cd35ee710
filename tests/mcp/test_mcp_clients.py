"""The Model Context Protocol as its own people test it: the official SDK's client over both
transports and through the bridge, the inspector's command line, and the conformance suite.

test_mcp_clients.py SKILLBOX PROJECT

Needs npm and its registry once: the packages of package.json are installed into a cache folder
(SKILLBOX_NPM_CACHE, else below XDG_CACHE_HOME). Where they cannot be had nothing is tested, which
is said loudly, and the exit code is 77.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "server"))
import skillbox_server  # noqa: E402
from skillbox_server import Server, skill_files, until  # noqa: E402

# What a skill cannot do: it runs in a sandbox and has no way to ask whoever called it.
NOT_APPLICABLE = {"tools-call-sampling", "tools-call-elicitation", "elicitation-sep1034-defaults",
                  "elicitation-sep1330-enums"}

SLOW_STEPS = """import json, os, time
steps = json.load(open("/sandbox/input.json")).get("steps", 3)
for step in range(1, steps + 1):
    print(f"::progress {step}/{steps}", flush=True)
    time.sleep(0.02)
with open(os.environ["SANDBOX_FILES_DIR"] + "steps.txt", "w") as file:
    file.write(f"{steps} steps\\n")
"""

PACKAGES = NODE = ""


def install():
    """Sets where packages and node are; why they cannot be had, or nothing."""
    global PACKAGES, NODE
    with open(os.path.join(HERE, "package.json"), "rb") as file:
        manifest = file.read()
    cache = os.environ.get("SKILLBOX_NPM_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "skillbox-tests")
    PACKAGES = os.path.join(cache, "mcp-" + hashlib.sha256(manifest).hexdigest()[:16])
    NODE = os.path.join(PACKAGES, "node_modules/node/bin/node")
    if not os.path.exists(os.path.join(PACKAGES, "complete")):
        if not shutil.which("npm"):
            return "npm is not installed"
        shutil.rmtree(PACKAGES, ignore_errors=True)
        os.makedirs(PACKAGES)
        shutil.copy(os.path.join(HERE, "package.json"), PACKAGES)
        try:
            npm = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"],
                                 cwd=PACKAGES, capture_output=True, text=True, timeout=240)
        except subprocess.TimeoutExpired:
            return "npm install does not end"
        if npm.returncode != 0:
            return "npm cannot install the packages: " + npm.stderr.strip()[-400:]
        open(os.path.join(PACKAGES, "complete"), "w").close()
    if not os.path.exists(NODE):
        return "the npm package node came without its program"
    return None


def node(*arguments, environment=None, timeout=200):
    return subprocess.run([NODE, *arguments], cwd=PACKAGES, capture_output=True, text=True,
                          timeout=timeout, env=os.environ | (environment or {}))


class OfficialClients(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.__exit__)
        self.push(os.path.join(skillbox_server.PROJECT, "skills/word-counter"))
        self.publish("slow-steps", SLOW_STEPS)

    def push(self, folder):
        done = self.server.cli("skill", "push", folder, remote=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def publish(self, name, code):
        folder = os.path.join(self.server.data, "..", name)
        for path, content in skill_files(name, code=code).items():
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, path), "w") as file:
                file.write(content)
        self.push(folder)

    def running(self):
        runs = self.server.get("/v1/executions?limit=200").json
        return [run for run in runs if run["status"] in ("queued", "running")]

    def drive(self, *arguments, environment=None):
        """client.mjs, to its end; publishes the skill that it waits for."""
        client = subprocess.Popen([NODE, os.path.join(HERE, "client.mjs"), *arguments],
                                  cwd=PACKAGES, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, env=self.server.environment | (environment or {}))
        said = []
        for line in client.stdout:
            said.append(line)
            if line.startswith("publish"):
                self.publish("fresh", "print('fresh')\n")
        self.assertEqual(client.wait(60), 0, "".join(said))
        client.stdout.close()
        self.assertEqual(sum(line.startswith("ok ") for line in said), 10, "".join(said))
        until(lambda: not self.running(), what="the end of what the client has left")
        # Both that were stopped: the one it cancelled, and over pipes the one it left.
        states = [run["status"] for run in self.server.get("/v1/executions").json]
        self.assertEqual(states.count("cancelled"), 2 if arguments[0] == "stdio" else 1, states)

    def test_sdk_over_pipes(self):
        self.drive("stdio", skillbox_server.PROGRAM, "mcp")

    def test_sdk_over_http(self):
        self.drive("http", self.server.url + "/mcp", self.server.key)

    def test_sdk_through_the_bridge(self):
        self.drive("stdio", skillbox_server.PROGRAM, "mcp",
                   environment={"SKILLBOX_SERVER_URL": self.server.url,
                                "SKILLBOX_API_KEY": self.server.key})

    def test_inspector(self):
        inspector = os.path.join(PACKAGES,
                                 "node_modules/@modelcontextprotocol/inspector/clients/launcher"
                                 "/build/index.js")

        def ask(*arguments):
            done = node(inspector, "--cli", *arguments,
                        environment={"HOME": self.server.folder.name,
                                     "PATH": os.path.dirname(NODE) + ":" + os.environ["PATH"]})
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return json.loads(done.stdout)

        # What `skillbox mcp config` says is what a client needs.
        config = os.path.join(self.server.folder.name, "mcp.json")
        with open(config, "w") as file:
            file.write(self.server.cli("mcp", "config", "claude-code", remote=False).stdout)
        pipes = ["--config", config, "--server", "skillbox"]
        tools = ask(*pipes, "--method", "tools/list")["tools"]
        self.assertEqual([tool["name"] for tool in tools], ["slow-steps", "word-counter"])
        result = ask(*pipes, "--method", "tools/call", "--tool-name", "word-counter",
                     "--tool-arg", "text=one two")
        self.assertEqual(result["structuredContent"]["words"], 2)
        over_http = [self.server.url + "/mcp", "--transport", "http",
                     "--header", "Authorization: Bearer " + self.server.key]
        resources = ask(*over_http, "--method", "resources/list")["resources"]
        self.assertIn("skill://word-counter/SKILL.md", [r["uri"] for r in resources])

    def test_documentation_works_as_pasted(self):
        """The sections of docs/agents.md on the protocol, with the packages that are here."""
        import test_api_walkthrough as walkthrough
        with open(os.path.join(skillbox_server.PROJECT, "docs/agents.md")) as file:
            text = file.read()
        text = text.replace("127.0.0.1:8080", f"127.0.0.1:{walkthrough.free_port()}")
        text = text.replace("$CLONE/build/bin", os.path.dirname(skillbox_server.PROGRAM))
        text = text.replace("npm install --silent @modelcontextprotocol/sdk",
                            f"ln -s {PACKAGES}/node_modules {PACKAGES}/package.json .")
        sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
        blocks = [block for name in ("Start a server", "Model Context Protocol", "Model APIs")
                  for block in walkthrough.blocks(sections[name])]
        self.assertGreaterEqual(len(blocks), 5)
        script = "set -e\n" + "".join(f"{body}\necho '{walkthrough.MARK}'\n" for body, _ in blocks)
        script += "kill %1; wait\n"
        home = self.server.folder.name
        done = subprocess.run(
            ["bash", "-m", "-c", script], cwd=skillbox_server.PROJECT, text=True, timeout=200,
            env={"PATH": os.path.dirname(NODE) + ":" + os.environ["PATH"], "HOME": home,
                 "LC_ALL": "C.UTF-8", "SKILLBOX_DATA_DIR": os.path.join(home, "documented")},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = done.stdout.split(walkthrough.MARK + "\n")
        for i, (body, expected) in enumerate(blocks):
            self.assertLess(i, len(said) - 1, f"{body}\nfailed:\n{said[-1]}{done.stderr[-3000:]}")
            if expected is not None:
                wanted = re.compile(walkthrough.pattern(expected).pattern + r"\Z", re.DOTALL)
                self.assertRegex(said[i], wanted, body)

    def test_conformance(self):
        for name in sorted(os.listdir(os.path.join(HERE, "skills"))):
            self.push(os.path.join(HERE, "skills", name))
        proxy = subprocess.Popen([NODE, os.path.join(HERE, "proxy.mjs"), self.server.url,
                                  self.server.key], stdout=subprocess.PIPE, text=True)
        self.addCleanup(proxy.stdout.close)
        self.addCleanup(proxy.wait)
        self.addCleanup(proxy.kill)
        suite = os.path.join(PACKAGES, "node_modules/@modelcontextprotocol/conformance/dist/index.js")
        done = node(suite, "server", "--url", proxy.stdout.readline().strip() + "/mcp",
                    "--suite", "all")
        verdicts = {}
        for line in done.stdout.split("=== SUMMARY ===")[-1].splitlines():
            mark, _, rest = line.partition(" ")
            if mark in ("✓", "✗") and ":" in rest:
                verdicts[rest.split(":")[0]] = mark == "✓"
        self.assertGreaterEqual(len(verdicts), 30, done.stdout[-3000:] + done.stderr)
        failed = {name for name, passed in verdicts.items() if not passed}
        self.assertEqual(failed - NOT_APPLICABLE, set(), done.stdout[-3000:])
        # What would pass by now does not belong on the list.
        self.assertEqual(NOT_APPLICABLE - failed, set())
        print(f"conformance: {len(verdicts) - len(failed)} scenarios pass, "
              f"{len(NOT_APPLICABLE)} do not apply")


if __name__ == "__main__":
    reason = install()
    if reason:
        print("=" * 78 + f"\nNOT TESTED: no official MCP client is here, since {reason}\n" + "=" * 78)
        sys.exit(77)
    skillbox_server.main()
