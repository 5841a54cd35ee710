"""Named servers, and skills copied between them and this machine, with real servers on both ends."""

import json
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
import unittest

import skillbox_server
from skillbox_server import Server, skill_files


class Desk:
    """A person without a server: a store, a configuration and a folder of their own."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="skillbox-test-")
        self.environment = {name: os.environ[name] for name in
                            ("PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")
                            if name in os.environ}
        self.environment |= {"SKILLBOX_DATA_DIR": self.path("data"), "HOME": self.path(),
                             "XDG_CONFIG_HOME": self.path("config"), "TZ": "UTC"}

    def path(self, *parts):
        return os.path.join(self.folder.name, *parts)

    def cli(self, *arguments, input=None):
        return subprocess.run([skillbox_server.PROGRAM, *arguments], env=self.environment,
                              input=input, capture_output=True, text=True, timeout=120,
                              cwd=self.folder.name)

    def skill(self, name, **more):
        shutil.rmtree(self.path("skills", name), ignore_errors=True)
        for path, content in skill_files(name, **more).items():
            target = self.path("skills", name, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w") as file:
                file.write(content)
        return self.path("skills", name)

    def publish(self, name, **more):
        done = self.cli("skill", "push", self.skill(name, **more))
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def skills(self):
        return sorted((row["name"], row["version"], row["digest"])
                      for row in json.loads(self.cli("skill", "list", "-o", "json").stdout))


def skills_of(server):
    return sorted((row["name"], row["version"], row["digest"])
                  for row in server.get("/v1/skills").json)


class Remotes(unittest.TestCase):
    def setUp(self):
        self.desk = Desk()
        self.addCleanup(self.desk.folder.cleanup)

    def ok(self, *arguments, **named):
        done = self.desk.cli(*arguments, **named)
        self.assertEqual(done.returncode, 0, f"{arguments}\n{done.stdout}{done.stderr}")
        return done

    def refused(self, *arguments, code=1, says=()):
        done = self.desk.cli(*arguments)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}{done.stderr}")
        for part in says:
            self.assertIn(part, done.stderr)
        return done

    def test_a_remote_is_kept_and_its_key_is_not_shown(self):
        self.assertIn("no remote yet", self.ok("remote", "list").stderr)
        self.ok("remote", "add", "team", "https://skills.example.com", "--key-file", "-",
                input="sk-very-secret\n")
        self.refused("remote", "add", "team", "https://b.example", says=("already", "--replace"))
        self.refused("remote", "add", "Team!", "https://b.example", says=("name",))
        listed = self.ok("remote", "list")
        self.assertIn("https://skills.example.com", listed.stdout)
        rows = json.loads(self.ok("remote", "list", "-o", "json").stdout)
        self.assertEqual(rows, [{"name": "team", "address": "https://skills.example.com",
                                 "has_key": True}])
        for output in (listed.stdout, json.dumps(rows)):
            self.assertNotIn("secret", output)
        key = self.desk.path("config", "skillbox", "remote-keys", "team")
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        self.ok("remote", "remove", "team")
        self.assertFalse(os.path.exists(key))
        self.refused("remote", "remove", "team", says=("no remote named 'team'",))
        self.refused("skill", "sync", "--to", "team", says=("no remote named 'team'",))
        self.refused("skill", "sync", says=("--to", "--from"))

    def test_check_tells_who_answers_and_takes_the_key(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            gone = f"http://127.0.0.1:{free.getsockname()[1]}"
        with Server() as server:
            self.ok("remote", "add", "good", server.url, "--api-key", server.key)
            self.assertIn("good answers", self.ok("remote", "check").stdout)
            self.ok("remote", "add", "wrong", server.url, "--api-key", "sk-wrong")
            self.ok("remote", "add", "gone", gone)
            done = self.refused("remote", "check", says=("give 'wrong' another key",
                                                         "is the server 'gone' running?"))
            self.assertNotIn("--server", done.stderr)  # whose settings these are not
            rows = json.loads(self.refused("remote", "check", "-o", "json").stdout)
            self.assertEqual([row["ok"] for row in rows], [False, True, False])

    def test_pushes_and_pulls_a_version_with_the_same_digest(self):
        with Server() as server:
            self.ok("remote", "add", "team", server.url, "--api-key", server.key)
            self.desk.publish("greet")
            self.assertIn("Copied greet 1.0.0",
                          self.ok("skill", "push", "greet", "--to", "team").stdout)
            self.assertEqual(skills_of(server), self.desk.skills())
            self.assertIn("already", self.ok("skill", "push", "greet", "--to", "team").stdout)
            # A folder goes straight there.
            self.ok("skill", "push", self.desk.skill("direct"), "--to", "team")
            self.assertEqual(len(skills_of(server)), 2)
            server.publish("theirs", version="2.0.0")
            server.publish("theirs", version="2.1.0-beta.1")
            done = self.ok("skill", "pull", "theirs", "--from", "team", "-o", "json")
            pulled = json.loads(done.stdout)
            self.assertEqual((pulled["version"], pulled["outcome"]), ("2.0.0", "copied"))
            self.assertIn(("theirs", "2.0.0", pulled["digest"]), self.desk.skills())
            self.ok("run", "theirs")
            self.ok("skill", "pull", "theirs", "--from", "team", "--version", "2.1.0-beta.1",
                    "--out", "theirs.zip")
            self.assertTrue(os.path.exists(self.desk.path("theirs.zip")))
            self.refused("skill", "pull", "nothing", "--from", "team", says=("nothing",))
            self.refused("skill", "push", "gret", "--to", "team", says=("did you mean greet?",))

    def test_sync_copies_what_is_missing_and_tells_conflicts(self):
        with Server() as server:
            self.ok("remote", "add", "team", server.url, "--api-key", server.key)
            for version in ("1.0.0", "1.1.0"):
                self.desk.publish("greet", version=version)
            self.desk.publish("chart")
            self.desk.publish("both", code="print('ours')\n")
            server.publish("both", code="print('theirs')\n")
            server.publish("theirs")
            ours = {name: digest for name, _, digest in self.desk.skills()}
            theirs = {name: digest for name, _, digest in skills_of(server)}

            planned = self.refused("skill", "sync", "--to", "team", "--dry-run",
                                   says=(ours["both"], theirs["both"], "new version"))
            self.assertIn("would copy greet 1.1.0", planned.stdout)
            self.assertEqual(len(skills_of(server)), 2)
            done = self.refused("skill", "sync", "--to", "team", says=(theirs["both"],))
            self.assertIn("3 versions copied", done.stdout)
            self.assertIn("1 problem", done.stdout)
            self.assertEqual({name: digest for name, _, digest in skills_of(server)}["both"],
                             theirs["both"])
            again = json.loads(self.refused("skill", "sync", "--to", "team", "-o", "json").stdout)
            self.assertEqual([(t["name"], t["outcome"]) for t in again["transfers"]],
                             [("both", "conflict")])
            self.assertEqual(again["already_there"], 3)

            self.assertIn("1 version copied",
                          self.ok("skill", "sync", "--from", "team", "theirs", "greet").stdout)
            self.ok("skill", "yank", "theirs", "1.0.0")
            self.ok("skill", "delete", "chart", "1.0.0")
            self.assertIn("1 version copied", self.ok("skill", "sync", "--from", "team", "chart").stdout)

    def test_a_reader_cannot_push(self):
        with Server() as server:
            key = server.post("/v1/keys", {"name": "r", "role": "reader"}).json["key"]
            self.ok("remote", "add", "team", server.url, "--api-key", key)
            for name in ("one", "two"):
                self.desk.publish(name)
            done = self.refused("skill", "sync", "--to", "team")
            self.assertIn("1 not tried", done.stdout)  # the second would fare the same
            self.assertEqual(skills_of(server), [])


class Broken(unittest.TestCase):
    """A server that goes away in the middle: nothing half done, and the same command goes on."""

    def test_goes_on_after_the_server_was_killed(self):
        desk = Desk()
        self.addCleanup(desk.folder.cleanup)
        data = tempfile.TemporaryDirectory(prefix="skillbox-test-")
        self.addCleanup(data.cleanup)
        server = Server(data=data.name)
        names = [f"skill-{i}" for i in range(6)]
        for name in names:
            desk.publish(name)
        gate = Gate(server.address.port)
        done = desk.cli("remote", "add", "team", gate.url, "--api-key", server.key)
        self.assertEqual(done.returncode, 0, done.stderr)
        # The third archive is cut off on its way, and the server is dead from then on.
        gate.cut_after_uploads(2, server.kill)
        done = desk.cli("skill", "sync", "--to", "team")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("2 versions copied", done.stdout)
        self.assertIn("not tried; the same command goes on from here", done.stdout)
        gate.close()

        with Server(data=data.name) as again:
            self.assertEqual(len(skills_of(again)), 2)
            done = desk.cli("remote", "add", "team", again.url, "--api-key", again.key, "--replace")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = desk.cli("skill", "sync", "--to", "team")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("4 versions copied, 2 there already", done.stdout)
            self.assertEqual(skills_of(again), desk.skills())

    def test_an_archive_that_was_exchanged_is_not_published_here(self):
        desk = Desk()
        self.addCleanup(desk.folder.cleanup)
        with Server() as server:
            server.publish("greet", code="print('good')\n")
            server.publish("evil", code="print('evil')\n")
            gate = Gate(server.address.port, swap=(b"/v1/skills/greet/1.0.0/archive",
                                                   b"/v1/skills/evil/1.0.0/archive"))
            desk.cli("remote", "add", "team", gate.url, "--api-key", server.key)
            done = desk.cli("skill", "pull", "greet", "--from", "team")
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("not what its record says", done.stderr)
            self.assertEqual(desk.skills(), [])
            gate.close()


class Gate:
    """A wire to a server that can be cut, or that changes what is asked for."""

    def __init__(self, port, swap=None):
        self.port, self.swap = port, swap
        self.uploads_left, self.on_cut = None, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def cut_after_uploads(self, count, then):
        self.uploads_left, self.on_cut = count, then

    def close(self):
        self.listener.close()

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(client,), daemon=True).start()

    def pass_on(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.port))
        except OSError:
            client.close()
            return
        threading.Thread(target=self.copy, args=(server, client), daemon=True).start()
        while True:
            try:
                piece = client.recv(65536)
            except OSError:
                piece = b""
            if piece.startswith(b"POST /v1/skills") and self.uploads_left is not None:
                if self.uploads_left == 0:
                    self.uploads_left = None
                    self.on_cut()
                    piece = b""
                else:
                    self.uploads_left -= 1
            if self.swap:
                piece = piece.replace(*self.swap)
            if not piece:
                break
            try:
                server.sendall(piece)
            except OSError:
                break
        for end in (server, client):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    @staticmethod
    def copy(source, target):
        while True:
            try:
                piece = source.recv(65536)
                if not piece:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(piece)
            except OSError:
                return


if __name__ == "__main__":
    skillbox_server.main()
