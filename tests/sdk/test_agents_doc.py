"""docs/agents.md as a person would paste it: the `sh` blocks of the sections on SDKs in one shell,
each answer compared with the block after it, where `…` stands for anything. A section whose tools this
machine lacks is passed over, by name. sdk_driver.py says how it is started."""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

import sdk_driver

SECTIONS = {"Start a server": [], "Python": [], "Go": ["go"], "TypeScript": ["tsc", "node"],
            "Example agents": ["go", "tsc", "node"]}


class AgentsDoc(unittest.TestCase):
    def test_works_as_pasted(self):
        import test_api_walkthrough as walkthrough
        with open(os.path.join(sdk_driver.project, "docs/agents.md"), encoding="utf-8") as file:
            text = file.read()
        text = text.replace("127.0.0.1:8080", f"127.0.0.1:{walkthrough.free_port()}")
        text = text.replace("$CLONE/build/bin", os.path.dirname(sdk_driver.skillbox))
        sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
        found, missing = [], []
        for name, tools in SECTIONS.items():
            lacking = [tool for tool in tools if not shutil.which(tool)]
            if lacking:
                missing.append(f"{name} needs {', '.join(lacking)}")
            else:
                found += walkthrough.blocks(sections[name])
        self.assertGreater(len(found), 1)
        script = "set -e\n" + "".join(f"{body}\necho '{walkthrough.MARK}'\n" for body, _ in found)
        with tempfile.TemporaryDirectory() as folder:
            env = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8",
                   "PYTHONDONTWRITEBYTECODE": "1",
                   "SKILLBOX_DATA_DIR": os.path.join(folder, "data")}
            for name in ("GOCACHE", "GOPATH"):  # what is compiled already
                if shutil.which("go"):
                    env[name] = subprocess.run(["go", "env", name], capture_output=True, text=True,
                                               env=sdk_driver.go_environment()).stdout.strip()
            shell = subprocess.Popen(["bash", "-m", "-c", script], cwd=sdk_driver.project, env=env,
                                     text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, start_new_session=True)
            out, err = self.output_of(shell, walkthrough.Walkthrough.end_session)
        said = out.split(walkthrough.MARK + "\n")
        for i, (body, expected) in enumerate(found):
            self.assertLess(i, len(said) - 1, f"{body}\nfailed:\n{said[-1]}{err[-3000:]}")
            if expected is not None:
                wanted = re.compile(walkthrough.pattern(expected).pattern + r"\Z", re.DOTALL)
                self.assertRegex(said[i], wanted, body)
        if missing:
            self.skipTest("not pasted: " + "; ".join(missing))

    @staticmethod
    def output_of(shell, end_session):
        """The server that the shell leaves behind holds the pipes open: it is ended then."""
        parts = {}
        readers = [threading.Thread(target=lambda: parts.update(out=shell.stdout.read())),
                   threading.Thread(target=lambda: parts.update(err=shell.stderr.read()))]
        for reader in readers:
            reader.start()
        try:
            shell.wait(240)
        finally:
            end_session(shell.pid)
            for reader in readers:
                reader.join(60)
            shell.stdout.close()
            shell.stderr.close()
        return parts["out"], parts["err"]


if __name__ == "__main__":
    sdk_driver.main()
