"""What the tests of the SDKs share: the small programs that do with one SDK what a test says.

A test is started as   test_x.py LANGUAGE SKILLBOX PROJECT BUILD [unittest options]
with LANGUAGE one of python, go, typescript, and BUILD a folder for what is compiled. It ends with
77, which ctest takes for skipped, where this machine lacks what LANGUAGE needs.
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = {"python": [], "go": ["go"], "typescript": ["tsc", "node"], "javascript": ["tsc", "node"]}
SKIPPED = 77

language = skillbox = project = build = ""


def skip_unless(*tools):
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        print(f"SKIPPED: not installed here: {', '.join(missing)} "
              "(Debian: golang-go, node-typescript, nodejs, npm)")
        sys.exit(SKIPPED)


def skip_old_node(major):
    """Node is there, but too old."""
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    if int(re.match(r"v(\d+)", version).group(1)) < major:
        print(f"SKIPPED: node {version.strip()} is older than {major}")
        sys.exit(SKIPPED)


def read_arguments():
    global language, skillbox, project, build
    language = sys.argv[1]
    skillbox, project, build = (os.path.abspath(path) for path in sys.argv[2:5])
    os.makedirs(build, exist_ok=True)
    skip_unless(*TOOLS[language])
    if language == "typescript":
        skip_old_node(18)
    sys.path.insert(0, os.path.join(project, "tests/server"))
    import skillbox_server
    skillbox_server.PROGRAM, skillbox_server.PROJECT = skillbox, project


def main():
    read_arguments()
    run()


def run():
    unittest.main(module="__main__", argv=[sys.argv[0], *sys.argv[5:]], verbosity=1)


class Lock:
    """Two tests may want the same thing compiled at once."""

    def __enter__(self):
        self.file = open(os.path.join(build, "lock"), "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def go_environment():
    """The compiler keeps what it made; where there is no home, in the build folder."""
    env = dict(os.environ, GOFLAGS="-mod=mod", GOTOOLCHAIN="local", GOPROXY="off", GOWORK="off")
    home = os.environ.get("HOME", "")
    if not os.access(home or "/nonexistent", os.W_OK):
        env["GOCACHE"] = os.path.join(build, "go-cache")
        env["GOPATH"] = os.path.join(build, "go-path")
    return env


def check_call(arguments, **options):
    done = subprocess.run(arguments, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(arguments)} ended with {done.returncode}:\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


def compiled_typescript():
    """The folder with skillbox.js."""
    out = os.path.join(build, "typescript")
    with Lock():
        source = os.path.join(project, "sdk/typescript/skillbox.ts")
        target = os.path.join(out, "skillbox.js")
        if not os.path.exists(target) or os.path.getmtime(target) < os.path.getmtime(source):
            check_call(["tsc", "-p", os.path.dirname(source), "--outDir", out])
            with open(os.path.join(out, "package.json"), "w") as file:
                file.write('{"type": "module"}\n')
    return out


def compiled_go(package, name):
    """A program of one of the folders with Go sources."""
    out = os.path.join(build, name)
    with Lock():
        check_call(["go", "build", "-o", out, "."], cwd=os.path.join(project, package),
                   env=go_environment())
    return out


class DriverFailed(AssertionError):
    pass


class Driver:
    """One SDK, driven. `kind` is a language or python_async."""

    def __init__(self, kind):
        drivers = os.path.join(HERE, "drivers")
        if kind in ("python", "python_async"):
            command = [sys.executable, "-B", os.path.join(drivers, "driver.py"),
                       os.path.join(project, "sdk/python"),
                       "async" if kind == "python_async" else "sync"]
        elif kind == "go":
            command = [compiled_go("tests/sdk/drivers/go", "go_driver")]
        else:
            command = ["node", os.path.join(drivers, "driver.mjs"),
                       os.path.join(compiled_typescript(), "skillbox.js")]
        env = {name: value for name, value in os.environ.items()
               if not name.startswith("SKILLBOX_") and not name.lower().endswith("_proxy")}
        self.kind = kind
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, encoding="utf-8", env=env)

    def ask(self, op, args=None):
        """The answer: {"ok": value} or {"error": …}."""
        try:
            self.process.stdin.write(json.dumps({"op": op, "args": args or {}}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it then says nothing, either
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait(60)
            raise DriverFailed(f"the driver of {self.kind} ended with {code} in {op}")
        return json.loads(line)

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def kinds():
    return ["python", "python_async"] if language == "python" else [language]
