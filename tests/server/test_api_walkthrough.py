"""docs/api.md as a person would paste it: every `sh` block in one shell, each answer compared with
the block after it, where `…` stands for anything."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import unittest

import skillbox_server

MARK = "@@@ end of block"


def blocks(text):
    """The shell blocks with the text that is expected of each, or None."""
    found = []
    for kind, body in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if kind == "sh":
            found.append([body, None])
        elif found:
            found[-1][1] = body
    return found


def pattern(expected):
    """White space between answers is the terminal's affair."""
    parts = [r"\s*".join(re.escape(line) for line in part.split("\n"))
             for part in expected.strip().split("…")]
    return re.compile(r"\s*" + ".*?".join(parts) + r"\s*", re.DOTALL)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Walkthrough(unittest.TestCase):
    def test_works_as_pasted(self):
        with open(os.path.join(skillbox_server.PROJECT, "docs/api.md")) as file:
            text = file.read()
        # Somebody may use the port of the page.
        found = blocks(text.replace("127.0.0.1:8080", f"127.0.0.1:{free_port()}"))
        self.assertGreater(len(found), 15)
        script = "set -e\n" + "".join(f"{body}\necho '{MARK}'\n" for body, _ in found)
        with tempfile.TemporaryDirectory() as folder:
            env = {"PATH": os.path.dirname(skillbox_server.PROGRAM) + ":" + os.environ["PATH"],
                   "HOME": folder, "SKILLBOX_DATA_DIR": os.path.join(folder, "data")}
            shell = subprocess.Popen(["bash", "-m", "-c", script], cwd=folder, env=env, text=True,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, start_new_session=True)
            try:
                out, err = shell.communicate(timeout=120)
            except subprocess.TimeoutExpired:
                self.end_session(shell.pid)
                out, err = shell.communicate()
            # With job control each background job is a process group of its own.
            self.end_session(shell.pid)
        said = out.split(MARK + "\n")
        for i, (body, expected) in enumerate(found):
            self.assertLess(i, len(said) - 1, f"{body}\nfailed:\n{said[-1]}{err[-3000:]}")
            if expected is not None:
                self.assertRegex(said[i], re.compile(pattern(expected).pattern + r"\Z", re.DOTALL),
                                 body)
        self.assertEqual(shell.returncode, 0, err[-3000:])

    def test_lists_every_endpoint(self):
        """The table against the server's own description."""
        with open(os.path.join(skillbox_server.PROJECT, "docs/api.md")) as file:
            table = file.read().split("## All endpoints")[1]
        with skillbox_server.Server() as server:
            paths = server.get("/openapi.json").json["paths"]
        for path in paths:
            short = re.sub(r"/(download|versions|unyank|export|verify)$", "", path)
            self.assertTrue(path in table or short in table or path.startswith("/docs/"), path)

    @staticmethod
    def end_session(session):
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                if os.getsid(int(entry)) == session:
                    os.kill(int(entry), signal.SIGKILL)
            except ProcessLookupError:
                pass


if __name__ == "__main__":
    skillbox_server.main()
