"""The command line against a server: the same commands and output as without one."""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import skillbox_server
from skillbox_server import Server, skill_files, until

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
MAKER = ("import os\nd = os.environ['SANDBOX_FILES_DIR']\nos.makedirs(d + 'sub')\n"
         "open(d + 'sub/a b.txt', 'w').write('made\\n')\nprint('line')\n"
         "open(os.environ['SANDBOX_OUTPUT'], 'w').write('{\"n\":1.10}')\n")
SLOW = "import time\nprint('begun', flush=True)\ntime.sleep(60)\n"


def normalised(text):
    for pattern, name in ((UUID, "<id>"), (r"\b[0-9a-f]{8}\b", "<id>"), (r"[0-9a-f]{64}", "<hash>"),
                          (r"\d{4}-\d\d-\d\d[T ][0-9:.]+Z?", "<time>"),
                          (r"just now|\d+ seconds? ago", "<ago>"), (r'"duration_ms":\d+', "<ms>"),
                          (r"\b\d+ ms|\d+\.\d\d s", "<duration>"),
                          (r'(?<="sandbox":).*\d}', "<sandbox>"),
                          (r'"published_by":"[^"]*"', "<by>"), (r" by \S+", ""),
                          (r'"archive_bytes":\d+', "<bytes>"), (r" +", " ")):
        text = re.sub(pattern, name, text)
    return text


class Place:
    """A folder with skills in it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()

    def path(self, *parts):
        return os.path.join(self.folder.name, *parts)

    def skill(self, name, **more):
        for path, content in skill_files(name, **more).items():
            target = self.path(name, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w") as file:
                file.write(content)
        return self.path(name)


class Installing(unittest.TestCase):
    """Skills come into an agent's folder by name from a server, and from its index without a key."""

    def lock(self, place, folder):
        with open(place.path(folder, ".skillbox-lock.json")) as file:
            return json.load(file)["skills"]["counter"]

    def test_by_name_and_by_index(self):
        place = Place()
        self.addCleanup(place.folder.cleanup)
        with Server("--public-skills", "local") as server:
            server.publish("counter")
            for folder, remote, what in (("named", True, ("counter",)),
                                         ("indexed", False, (server.url, "counter"))):
                done = server.cli("skill", "add", *what, "--dir", folder, remote=remote,
                                  cwd=place.path())
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.lock(place, "named")["source"],
                             {"kind": "server", "location": server.url, "path": "counter",
                              "resolved": "1.0.0"})
            self.assertEqual(self.lock(place, "indexed")["source"],
                             {"kind": "index", "location": server.url, "path": "counter"})
            server.publish("counter", version="1.1.0")
            for folder, remote in (("named", True), ("indexed", False)):
                done = server.cli("skill", "update", "--dir", folder, remote=remote,
                                  cwd=place.path())
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.lock(place, folder)["version"], "1.1.0")
            self.assertEqual(self.lock(place, "named")["digest"],
                             self.lock(place, "indexed")["digest"])
            # A lock file does not choose where the key goes.
            done = server.cli("skill", "update", "--dir", "named", remote=False, cwd=place.path())
            self.assertEqual(done.returncode, 1)
            self.assertIn("--server", done.stderr)

    def test_private_unless_told(self):
        place = Place()
        self.addCleanup(place.folder.cleanup)
        with Server() as server:
            server.publish("counter")
            done = server.cli("skill", "add", server.url, "counter", remote=False, cwd=place.path())
            self.assertEqual(done.returncode, 1)
            self.assertIn("401", done.stderr)


class SameAsWithout(unittest.TestCase):
    """One person's session, once on a server and once without; what is printed is the same."""

    STEPS = (
        (0, "skill list"), (0, "exec list"), (1, "exec show last"), (1, "run nothing"),
        (0, "skill push ../maker"), (0, "skill push ../maker -o json"),
        (0, "skill push ../bad-exit"),
        (0, "skill push ../slow"), (1, "skill push ../broken"), (1, "skill push nowhere"),
        (0, "skill list"), (0, "skill list -o json"), (0, "skill list --latest --query maker"),
        (0, "skill show maker"), (1, "skill show makr"), (0, "skill show maker -o json"),
        (0, "run maker"), (0, "run maker -o json"), (0, "run maker --follow"),
        (2, "run bad-exit"), (2, "run bad-exit -o json"), (124, "run slow --timeout 300ms"),
        (124, "run slow --timeout 300ms -o json"), (2, "run maker --env PATH=x"),
        (2, "run maker --version 9.9.9"), (1, "run maker --input {"),
        (0, "run maker --download out"),
        (0, "exec list"), (0, "exec list --status failed --skill bad-exit"),
        (0, "exec logs last"), (0, "exec logs last -o json"), (0, "exec logs last --follow"),
        (0, "exec show last"), (0, "exec download last out2"), (0, "exec cancel last"),
        (1, "exec show 00000000"), (1, "exec show 00000000-0000-4000-8000-000000000000"),
        (0, "skill yank maker 1.0.0 --reason odd"), (1, "run maker"),
        (0, "skill show maker --version 1.0.0"),
        (0, "skill unyank maker 1.0.0"), (0, "skill pull maker --out pulled.zip"),
        (0, "skill delete maker 1.0.0"), (1, "skill delete maker 1.0.0"), (1, "skill pull maker"),
        (1, "key revoke 00000000"), (0, "tenant list"), (1, "tenant show nobody"),
        (1, "tenant set nobody --log-days 1"), (1, "tenant set local"), (0, "audit verify"),
    )

    def session(self, server, remote):
        place = Place()
        place.skill("maker", code=MAKER)
        place.skill("bad-exit", code="import sys\nprint('oh')\nsys.exit(7)\n")
        place.skill("slow", code=SLOW)
        place.skill("broken", version="x")
        os.mkdir(place.path("work"))
        said = []
        for code, line in self.STEPS:
            done = server.cli(*line.split(" "), remote=remote, cwd=place.path("work"))
            text = normalised(f"$ {line}\n[{done.returncode}]\n{done.stdout}{done.stderr}")
            self.assertEqual(done.returncode, code, text)
            said.append(text.replace(place.path(), "<place>"))
        for name in ("out/sub/a b.txt", "out2/sub/a b.txt"):
            with open(place.path("work", name)) as file:
                self.assertEqual(file.read(), "made\n")
        place.folder.cleanup()
        return said

    def test_prints_the_same(self):
        with Server() as server, Server() as other:
            remote = self.session(server, True)
            embedded = self.session(other, False)
        for ours, theirs in zip(remote, embedded):
            if "audit verify" in ours:
                continue  # as many records as were written, which differs by who asked for what
            # What only one of the two can know: a link, and the script that was chosen.
            ours = re.sub(r',"files_url":"[^"]*"', "", ours)
            theirs = re.sub(r"(?m)^ Script .*\n", "", theirs)
            self.assertEqual(ours, theirs)


class Running(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.place = Place()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.place.folder.cleanup()

    def start(self, *arguments):
        env = self.server.environment | {"SKILLBOX_SERVER_URL": self.server.url}
        return subprocess.Popen([skillbox_server.PROGRAM, *arguments], env=env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_follows_while_it_runs(self):
        self.server.publish("steps", code="import time\nprint('one', flush=True)\n"
                                          "time.sleep(30)\nprint('two')\n")
        run = self.start("run", "steps", "--follow")
        self.assertEqual(run.stderr.readline(), "one\n")
        self.assertIsNone(run.poll())
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=30)
        self.assertEqual(run.returncode, 130, err)
        self.assertIn("cancelled", out)

    def test_names_the_run_whose_server_went_away(self):
        with Server() as server:
            server.publish("slow", code="import time\nprint('one', flush=True)\ntime.sleep(30)\n")
            env = server.environment | {"SKILLBOX_SERVER_URL": server.url}
            run = subprocess.Popen([skillbox_server.PROGRAM, "run", "slow", "--follow"], env=env,
                                   text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(run.stderr.readline(), "one\n")
            id = server.get("/v1/executions").json[0]["execution_id"]
            server.process.kill()
            out, err = run.communicate(timeout=30)
        self.assertEqual((run.returncode, out), (1, ""))
        self.assertIn("Error: lost the server while run " + id[:8], err)
        self.assertIn("skillbox exec show " + id[:8], err)

    def test_cancels_from_another_terminal(self):
        self.server.publish("slow", code=SLOW)
        run = self.start("run", "slow", "-o", "json")
        list = "/v1/executions?skill=slow&status=running"
        id = until(lambda: (rows := self.server.get(list).json)
                   and rows[0]["execution_id"], what="the run")
        stopped = self.server.cli("exec", "cancel", id[:8])
        self.assertEqual(stopped.returncode, 0, stopped.stderr)
        out, _ = run.communicate(timeout=30)
        self.assertEqual((run.returncode, json.loads(out)["status"]), (130, "cancelled"))

    def test_refuses_to_run_a_folder_and_says_what_to_do(self):
        folder = self.place.skill("mine")
        refused = self.server.cli("run", folder)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("skillbox skill push " + folder, refused.stderr)

    def test_pulls_what_was_pushed(self):
        archive = skill_zip_file(self.place.path("kept.zip"), "kept")
        pushed = self.server.cli("skill", "push", archive)
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        pulled = self.server.cli("skill", "pull", "kept", "--out", self.place.path())
        self.assertEqual(pulled.returncode, 0, pulled.stderr)
        with open(archive, "rb") as sent, open(self.place.path("kept-1.0.0.zip"), "rb") as got:
            self.assertEqual(sent.read(), got.read())

    def test_asks_for_the_servers_health(self):
        well = self.server.cli("health", "-o", "json")
        self.assertEqual(well.returncode, 0, well.stderr)
        self.assertEqual(json.loads(well.stdout)["status"], "ready")
        here = self.server.cli("health", "-o", "json", remote=False)
        self.assertEqual(json.loads(here.stdout)["status"], "ready", here.stderr)

    def test_works_with_a_key_of_the_store(self):
        made = self.server.cli("key", "create", "--name", "cli", "--role", "reader", "-o", "json")
        key = json.loads(made.stdout)
        own = {"SKILLBOX_API_KEY": key["key"]}
        self.assertEqual(self.server.cli("skill", "list", environment=own).returncode, 0)
        refused = self.server.cli("key", "list", environment=own)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("role", refused.stderr)
        wrong = self.server.cli("skill", "list", "-t", "acme", environment=own)
        self.assertIn("tenant", wrong.stderr)
        self.assertEqual(self.server.cli("key", "revoke", key["id"][:8]).returncode, 0)
        gone = self.server.cli("skill", "list", environment=own)
        self.assertEqual(gone.returncode, 1)
        self.assertIn("SKILLBOX_API_KEY", gone.stderr)

    def test_sets_what_a_tenant_may_use(self):
        self.server.cli("key", "create", "--name", "a", "--tenant", "acme", remote=False)
        done = self.server.cli("tenant", "set", "acme", "--storage", "1Gi", "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        tenant = json.loads(done.stdout)
        self.assertEqual((tenant["storage_bytes"], tenant["own"]), (1 << 30, ["storage_bytes"]))
        for remote in (True, False):
            shown = self.server.cli("tenant", "show", "acme", "-o", "json", remote=remote)
            self.assertEqual(json.loads(shown.stdout), tenant)

    def test_exports_the_audit_from_where_it_ended(self):
        out, cursor = self.place.path("audit.jsonl"), self.place.path("audit.cursor")
        for name in ("first", "second"):
            made = self.server.cli("key", "create", "--name", name)
            self.assertEqual(made.returncode, 0, made.stderr)
            done = self.server.cli("audit", "export", "--cursor", cursor, "--out", out)
            self.assertEqual(done.returncode, 0, done.stderr)
        with open(out, encoding="utf-8") as file:
            lines = file.read()
        whole = self.server.cli("audit", "export", "--verify")
        self.assertEqual(whole.stdout, lines)
        last = json.loads(lines.splitlines()[-2])["seq"]
        rest = self.server.cli("audit", "export", "--after", str(last))
        self.assertEqual(rest.stdout, lines.splitlines(True)[-1])

    def test_gives_a_server_a_key_that_is_there_already(self):
        old = {"SKILLBOX_API_KEY": "an-old-key-that-clients-have"}
        made = self.server.cli("key", "create", "--name", "old", "--secret-stdin",
                               input=old["SKILLBOX_API_KEY"] + "\n")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertNotIn("an-old-key", made.stdout + made.stderr)
        self.assertEqual(self.server.cli("skill", "list", environment=old).returncode, 0)
        again = self.server.cli("key", "create", "--name", "old", "--secret-stdin",
                                input=old["SKILLBOX_API_KEY"])
        self.assertEqual(again.returncode, 1)

    def test_shows_its_local_key_to_nobody_else(self):
        class Listener(BaseHTTPRequestHandler):
            seen = []

            def do_GET(self):
                Listener.seen.append(self.headers.get("Authorization"))
                self.send_error(404)

            def log_message(self, *_):
                pass
        other = HTTPServer(("127.0.0.1", 0), Listener)
        threading.Thread(target=other.serve_forever, daemon=True).start()
        try:
            self.server.cli("-s", f"http://127.0.0.1:{other.server_port}", "skill", "list",
                            remote=False)
        finally:
            other.shutdown()
            other.server_close()
        self.assertEqual(Listener.seen, [None])


@unittest.skipUnless(shutil.which("openssl"), "needs openssl to make a certificate")
class OverTls(unittest.TestCase):
    """With a certificate that its owner made himself."""

    @classmethod
    def setUpClass(cls):
        cls.place = Place()
        cls.cert, cls.key = cls.place.path("cert.pem"), cls.place.path("key.pem")
        cls.certify(cls.cert, cls.key, "IP:127.0.0.1")
        cls.server = Server("--tls-cert", cls.cert, "--tls-key", cls.key)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.place.folder.cleanup()

    @staticmethod
    def certify(cert, key, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
                        "-addext", "subjectAltName=" + name, "-keyout", key, "-out", cert],
                       check=True, capture_output=True, timeout=60)

    def cli(self, *arguments, ca=None):
        return self.server.cli(*arguments, environment={"SKILLBOX_CA_FILE": ca or self.cert})

    def test_pushes_runs_and_downloads(self):
        self.assertTrue(self.server.url.startswith("https://127.0.0.1:"), self.server.url)
        pushed = self.cli("skill", "push", self.place.skill("maker", code=MAKER))
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        out = self.place.path("out")
        run = self.cli("run", "maker", "--follow", "--download", out)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("line\n", run.stderr)
        with open(os.path.join(out, "sub/a b.txt")) as file:
            self.assertEqual(file.read(), "made\n")
        # The links in answers stay on TLS, and a client with other means trusts it too.
        trust = ssl.create_default_context(cafile=self.cert)
        list = urllib.request.Request(self.server.url + "/v1/executions",
                                      headers={"Authorization": "Bearer " + self.server.key})
        with urllib.request.urlopen(list, context=trust, timeout=30) as answer:
            row = json.load(answer)[0]
        with urllib.request.urlopen(
                urllib.request.Request(f"{list.full_url}/{row['execution_id']}",
                                       headers=dict(list.header_items())),
                context=trust, timeout=30) as answer:
            link = json.load(answer)["files_url"]
        self.assertTrue(link.startswith(self.server.url + "/"), link)
        with urllib.request.urlopen(link, context=trust, timeout=30) as answer:
            self.assertEqual(answer.read(2), b"\x1f\x8b")

    def test_trusts_no_certificate_unasked(self):
        refused = self.server.cli("skill", "list")
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("SKILLBOX_CA_FILE", refused.stderr)

    def test_trusts_no_certificate_of_another(self):
        other = self.place.path("other.pem")
        self.certify(other, self.place.path("other-key.pem"), "IP:127.0.0.1")
        refused = self.cli("skill", "list", ca=other)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("certificate", refused.stderr)

    def test_trusts_no_certificate_with_another_name(self):
        cert, key = self.place.path("name.pem"), self.place.path("name-key.pem")
        self.certify(cert, key, "DNS:box.example")
        with Server("--tls-cert", cert, "--tls-key", key) as server:
            refused = server.cli("skill", "list", environment={"SKILLBOX_CA_FILE": cert})
            self.assertEqual((refused.returncode, refused.stdout), (1, ""))
            self.assertIn("certificate", refused.stderr)


def skill_zip_file(path, name):
    with open(path, "wb") as file:
        file.write(skillbox_server.skill_zip(name))
    return path


class NotThere(unittest.TestCase):
    def cli(self, *arguments, **environment):
        with tempfile.TemporaryDirectory() as data:
            env = {"PATH": os.environ["PATH"], "SKILLBOX_DATA_DIR": data} | environment
            return subprocess.run([skillbox_server.PROGRAM, *arguments], env=env, text=True,
                                  capture_output=True, timeout=60)

    def expect(self, done, *parts):
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def test_nothing_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.expect(self.cli("-s", f"http://127.0.0.1:{port}", "skill", "list"),
                    "nothing answers", "skillbox serve")

    def test_what_answers_is_no_skillbox(self):
        class Page(BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/v1/executions"):
                    self.send_response(302)
                    self.send_header("Location", "https://elsewhere.example/")
                else:
                    self.send_response(200 if self.path.startswith("/v1/skills") else 404)
                self.end_headers()
                self.wfile.write(b"<html>hello</html>")

            def log_message(self, *_):
                pass
        other = HTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=other.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{other.server_port}"
        try:
            self.expect(self.cli("-s", url, "skill", "list"), "not look like a Skillbox")
            self.expect(self.cli("-s", url, "key", "list"), "not look like a Skillbox")
            self.expect(self.cli("-s", url, "exec", "list"), "https://elsewhere.example/")
        finally:
            other.shutdown()
            other.server_close()

    def test_a_server_that_hangs_up(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def hang_up():
                while True:
                    try:
                        listener.accept()[0].close()
                    except OSError:
                        return
            threading.Thread(target=hang_up, daemon=True).start()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            self.expect(self.cli("-s", url, "skill", "list"), "closed the connection")
            listener.close()

    def test_plain_http_where_tls_is_expected(self):
        with Server() as server:
            url = server.url.replace("http:", "https:")
            self.expect(self.cli("-s", url, "skill", "list"), "TLS")

    def test_bad_addresses(self):
        for address, part in (("127.0.0.1:80", "http://127.0.0.1:8080"),
                              ("local", "skillbox serve"),
                              ("http://me:pw@host", "--api-key")):
            self.expect(self.cli("-s", address, "skill", "list"), part)

    def test_a_command_of_this_machine_takes_no_server(self):
        self.expect(self.cli("-s", "http://127.0.0.1:1", "doctor"), "this machine")

    def test_an_empty_server_means_none(self):
        done = self.cli("-s", "", "skill", "list", "-o", "json",
                        SKILLBOX_SERVER_URL="http://127.0.0.1:1")
        self.assertEqual((done.returncode, done.stdout), (0, "[]\n"), done.stderr)


class OldServer(unittest.TestCase):
    """One with the core of the contract: it answers when all is over, and has no events."""

    def test_runs_and_shows_all_the_same(self):
        result = {"execution_id": "3f2a91c0-0000-4000-8000-000000000000", "status": "success",
                  "output": {"a": 1}, "logs": "said\n", "duration_ms": 5, "error": None}

        class Core(BaseHTTPRequestHandler):
            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(200, result)

            def do_GET(self):
                if self.path == "/v1/executions/" + result["execution_id"]:
                    self.answer(200, result | {"skill_name": "s", "skill_version": "1.0.0"})
                else:
                    self.answer(404, {"error": "not_found", "message": "no such path"})

            def log_message(self, *_):
                pass
        server = HTTPServer(("127.0.0.1", 0), Core)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with tempfile.TemporaryDirectory() as data:
                done = subprocess.run(
                    [skillbox_server.PROGRAM, "-s", f"http://127.0.0.1:{server.server_port}", "run",
                     "s", "--follow"], text=True, capture_output=True, timeout=60,
                    env={"PATH": os.environ["PATH"], "SKILLBOX_DATA_DIR": data})
        finally:
            server.shutdown()
            server.server_close()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("s 1.0.0 succeeded in 5 ms", done.stdout)
        self.assertEqual(done.stderr, "said\n")


if __name__ == "__main__":
    skillbox_server.main()
