"""A real Skillbox server for tests, with a data directory of its own, and what clients need."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

PROGRAM = ""  # the skillbox command line, set by main()
PROJECT = ""


class Answer:
    """One HTTP answer, read to its end."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """skillbox serve, until stop(). With a user id it runs as that user; `through` is what starts
    it, as nsenter and its options."""

    def __init__(self, *options, environment=None, data=None, uid=None, wait=True, through=()):
        self.folder = None if data else tempfile.TemporaryDirectory(prefix="skillbox-test-")
        self.data = data or os.path.join(self.folder.name, "data")
        self.uid = uid
        if uid is not None and self.folder:
            os.chown(self.folder.name, uid, uid)
            os.chmod(self.folder.name, 0o755)
        self.environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH",
                                                                 "ASAN_OPTIONS", "UBSAN_OPTIONS")
                            if name in os.environ}
        self.environment |= {"SKILLBOX_DATA_DIR": self.data, "TZ": "UTC", "HOME": "/nonexistent"}
        self.environment |= environment or {}
        options = list(options)
        if not any(option.startswith("--listen") for option in options):
            options += ["--listen", "127.0.0.1:0"]
        self.program = self._reachable_program()
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([*through, self.program, "serve", *options],
                                        env=self.environment, stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log, **self._as_user())
        self.url = self.key = None
        if wait:
            self.await_start()

    def _as_user(self):
        return {} if self.uid is None else {"user": self.uid, "group": self.uid, "extra_groups": []}

    def _reachable_program(self):
        """The program; a copy where its user could not get to it, as below root's home."""
        program = pathlib.Path(PROGRAM).resolve()
        if self.uid is None or not self.folder or all(folder.stat().st_mode & 0o001
                                                      for folder in program.parents):
            return PROGRAM
        copies = os.path.join(self.folder.name, "bin")
        os.mkdir(copies, 0o755)
        for name in ("skillbox", "skillbox-sandbox", "skillbox-server"):
            shutil.copy(program.with_name(name), copies)
        return os.path.join(copies, program.name)

    def log_text(self):
        position = self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def await_start(self, patience=60):
        """Until it says where it serves."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            for line in self.log_text().splitlines():
                if "serves on " in line:
                    words = json.loads(line)["message"] if line.startswith("{") else line
                    self.url = words.split("serves on ")[1].split(",")[0].strip()
                    self._read_key()
                    return
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n"
                                   + self.log_text())
            time.sleep(0.02)
        raise RuntimeError("the server does not start:\n" + self.log_text())

    def _read_key(self):
        path = os.path.join(self.data, "local.json")
        if os.path.exists(path):
            with open(path) as file:
                self.key = json.load(file)["key"]

    @property
    def address(self):
        return urllib.parse.urlsplit(self.url)

    def connect(self, timeout=60):
        if self.url.startswith("unix:"):
            connection = http.client.HTTPConnection("localhost", timeout=timeout)
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(self.url[5:])
            return connection
        return http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=timeout)

    def call(self, method, path, body=None, headers=None, key=True, timeout=60):
        """One request on a connection of its own. `key`: True the server's own, None none, or text.
        A body that is no bytes goes as JSON."""
        headers = dict(headers or {})
        if key:
            headers.setdefault("Authorization", "Bearer " + (self.key if key is True else key))
        if body is not None and not isinstance(body, (bytes, bytearray)):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = self.connect(timeout)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def cli(self, *arguments, remote=True, input=None, environment=None, timeout=120, cwd=None):
        """The command line as a person beside the server would use it."""
        env = self.environment | ({"SKILLBOX_SERVER_URL": self.url} if remote else {})
        return subprocess.run([self.program, *arguments], env=env | (environment or {}), input=input,
                              capture_output=True, text=True, timeout=timeout, cwd=cwd,
                              **self._as_user())

    def publish(self, name, script="main.py", code="print('hello')\n", version="1.0.0", front="",
                **files):
        """Publishes a skill of one script by the API; further files by path."""
        answer = self.post("/v1/skills", skill_zip(name, script, code, version, front, files),
                           headers={"Content-Type": "application/zip"})
        if answer.status not in (200, 201):
            raise RuntimeError(f"{answer.status} {answer.text}")
        return answer

    def run(self, skill, input=None, **more):
        return self.post("/v1/executions", {"skill": skill, "input": input, **more})

    def stop(self, number=signal.SIGTERM, patience=60):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(patience)
        self._release()
        return code

    def _release(self):
        self.log.close()
        if self.folder:
            self.folder.cleanup()
            self.folder = None

    def kill(self):
        self.process.kill()
        self.process.wait(60)
        self._release()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        else:
            self._release()


def skill_files(name, script="main.py", code="print('hello')\n", version="1.0.0", front="",
                files=None):
    manifest = (f"---\nname: {name}\nversion: {version}\n"
                f"description: A skill of the tests, which does one thing.\n{front}---\n\n"
                "One thing.\n")
    return {"SKILL.md": manifest, script: code} | (files or {})


def skill_zip(*arguments, **named):
    import io
    import zipfile
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in skill_files(*arguments, **named).items():
            # One time for all: the same skill is the same archive.
            archive.writestr(zipfile.ZipInfo(path), content)
    return buffer.getvalue()


def until(condition, patience=30, what="a condition"):
    """Waits until it gives something true, and gives that."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.02)


def main():
    """Runs the tests of the calling module: test_x.py SKILLBOX PROJECT [unittest options]."""
    global PROGRAM, PROJECT
    PROGRAM, PROJECT = (os.path.abspath(path) for path in sys.argv[1:3])
    module = sys.modules["skillbox_server"]
    module.PROGRAM, module.PROJECT = PROGRAM, PROJECT
    unittest.main(module="__main__", argv=[sys.argv[0], *sys.argv[3:]], verbosity=1)
