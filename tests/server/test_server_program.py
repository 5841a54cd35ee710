"""skillbox serve as a program: how it starts, says what is wrong, and ends."""

import hashlib
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import tempfile
import threading
import time
import unittest

import skillbox_server
from skillbox_server import Server, until

SLOW = "import time, json, os\nprint('begun', flush=True)\ntime.sleep({})\n" \
       "open(os.environ['SANDBOX_OUTPUT'], 'w').write('\"done\"')\n"


def serve(*options, environment=None, patience=20):
    """A server that is expected to end by itself."""
    with tempfile.TemporaryDirectory() as data:
        env = {"PATH": os.environ["PATH"], "SKILLBOX_DATA_DIR": data} | (environment or {})
        return subprocess.run([skillbox_server.PROGRAM, "serve", *options], env=env, text=True,
                              capture_output=True, timeout=patience)


class Start(unittest.TestCase):
    def test_tells_where_it_serves_and_lets_this_user_in(self):
        with Server("--log-format", "text") as server:
            log = server.log_text()
            for part in ("serves on http://127.0.0.1:", "Data ", server.data, "Sandbox ", "Key "):
                self.assertIn(part, log)
            self.assertEqual(server.get("/v1/skills").status, 200)
            self.assertEqual(server.get("/v1/skills", key=None).status, 401)
            self.assertEqual(server.get("/v1/skills", key="guess").status, 401)
            mode = os.stat(os.path.join(server.data, "local.json")).st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o600)

    def test_logs_json_lines_where_nobody_looks(self):
        with Server() as server:
            server.get("/health")
            until(lambda: "/health" in server.log_text(), what="the request's line")
            lines = [json.loads(line) for line in server.log_text().splitlines()]
            self.assertTrue(all("time" in line or "ts" in line for line in lines), lines)

    def test_takes_its_key_away_when_it_ends(self):
        with tempfile.TemporaryDirectory() as data:
            server = Server(data=data)
            server.process.terminate()
            self.assertEqual(server.process.wait(60), 0)
            self.assertFalse(os.path.exists(os.path.join(data, "local.json")))
            self.assertIn("stopped", server.log_text())
            server.stop()

    def test_finds_a_stale_key_stale(self):
        with tempfile.TemporaryDirectory() as data:
            first = Server(data=data)
            first.kill()
            self.assertTrue(os.path.exists(os.path.join(data, "local.json")))
            refused = first.cli("-s", "local", "skill", "list", remote=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("no server runs", refused.stderr)
            with Server(data=data) as second:
                self.assertNotEqual(second.key, first.key)
                listed = second.cli("-s", "local", "skill", "list", remote=False)
                self.assertEqual(listed.returncode, 0, listed.stderr)

    def test_serves_a_unix_socket_that_only_its_user_can_open(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "api.sock")
            with Server("--listen", "unix:" + path) as server:
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
                self.assertEqual(server.get("/health").text, '{"status":"ok"}')
                listed = server.cli("skill", "list", "-o", "json")
                self.assertEqual((listed.returncode, listed.stdout), (0, "[]\n"), listed.stderr)
            self.assertFalse(os.path.exists(path))

    def test_helps(self):
        helped = serve("--help")
        self.assertEqual(helped.returncode, 0)
        for part in ("skillbox serve [OPTIONS]", "--listen", "--tls-cert", "--grace", "--config"):
            self.assertIn(part, helped.stdout)

    def test_tells_the_service_manager(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "notify")
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(path)
                manager.settimeout(60)
                with Server(environment={"NOTIFY_SOCKET": path}) as server:
                    self.assertIn(b"READY=1", manager.recv(4096))
                    server.process.send_signal(signal.SIGTERM)
                    self.assertIn(b"STOPPING=1", manager.recv(4096))


class Team(unittest.TestCase):
    def test_starts_without_keys_and_says_the_one_way_forward(self):
        with Server("--listen", "0.0.0.0:0", "--log-format", "text") as server:
            port = re.search(r"serves on http://[0-9.]+:(\d+)", server.log_text()).group(1)
            server.url = "http://127.0.0.1:" + port
            way = "skillbox key create --name first --role admin"
            self.assertEqual(server.log_text().count(way), 1)
            self.assertIsNone(server.key)
            self.assertEqual(server.get("/v1/skills", key=None).status, 401)
            made = server.cli(*way.split()[1:], "-o", "json", remote=False)
            self.assertEqual(made.returncode, 0, made.stderr)
            key = json.loads(made.stdout)["key"]
            self.assertEqual(server.get("/v1/skills", key=key).status, 200)
            # The name by which clients come is their affair here.
            self.assertEqual(server.get("/v1/skills", key=key,
                                        headers={"Host": "skills.example.com"}).status, 200)
        with Server("--listen", "127.0.0.1:0", "--log-format", "text") as server:
            self.assertNotIn("key create", server.log_text())

    def test_counts_clients_behind_a_trusted_proxy_apart(self):
        def guess(server, client, count=1):
            return [server.get("/v1/skills", key="guess", headers={"X-Forwarded-For": client}).status
                    for _ in range(count)][-1]

        with Server("--auth-failure-limit", "3", "--trusted-proxies", "127.0.0.1") as server:
            self.assertEqual(guess(server, "192.0.2.1", 4), 429)
            self.assertEqual(guess(server, "192.0.2.2"), 401)
            # What the client wrote itself, before the proxy added where it came from.
            self.assertEqual(guess(server, "198.51.100.1, 192.0.2.1"), 429)
            made = server.post("/v1/keys", {"name": "audited", "role": "reader"},
                               headers={"X-Forwarded-For": "192.0.2.9"})
            self.assertEqual(made.status, 201, made.text)
            self.assertEqual([record["address"] for record in server.get("/v1/audit").json
                              if record["action"] == "key.create"], ["192.0.2.9"])
        with Server("--auth-failure-limit", "3") as server:
            self.assertEqual(guess(server, "192.0.2.1", 3), 401)
            self.assertEqual(guess(server, "192.0.2.2"), 429)


class Browsers(unittest.TestCase):
    PAGE = "https://app.example"

    def expect_refused(self, answer):
        self.assertEqual((answer.status, answer.json["error"]), (403, "forbidden"))
        self.assertIsNone(answer.header("Access-Control-Allow-Origin"))

    def test_no_page_gets_in_unless_told(self):
        with Server() as server:
            self.expect_refused(server.get("/v1/skills", headers={"Origin": self.PAGE}))
            own = server.get("/v1/skills", headers={"Origin": server.url})
            self.assertEqual(own.status, 200)
            self.assertIsNone(own.header("Access-Control-Allow-Origin"))

    def test_lets_pages_of_configured_origins_in(self):
        with Server("--cors-origins", self.PAGE + ",https://other.example") as server:
            read = server.get("/v1/skills", headers={"Origin": self.PAGE})
            self.assertEqual((read.status, read.header("Access-Control-Allow-Origin")),
                             (200, self.PAGE))
            self.assertEqual(read.header("Vary"), "Origin")
            refused = server.get("/v1/skills", headers={"Origin": self.PAGE}, key=None)
            self.assertEqual((refused.status, refused.header("Access-Control-Allow-Origin")),
                             (401, self.PAGE))  # else the page would not learn why
            asked = server.call("OPTIONS", "/v1/executions", key=None, headers={
                "Origin": self.PAGE, "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type"})
            self.assertEqual(asked.status, 204)
            self.assertEqual(asked.header("Access-Control-Allow-Origin"), self.PAGE)
            self.assertIn("POST", asked.header("Access-Control-Allow-Methods"))
            self.assertIn("Authorization", asked.header("Access-Control-Allow-Headers"))
            for origin in ("https://app.example.evil.example", "http://app.example", "null"):
                self.expect_refused(server.get("/v1/skills", headers={"Origin": origin}))

    def test_answers_to_configured_hosts(self):
        with Server("--allowed-hosts", "box.example") as server:
            for host, status in (("box.example", 200), ("BOX.example:8080", 200),
                                 ("localhost", 200), ("evil.example", 403),
                                 ("box.example.evil.example", 403), ("0.0.0.0", 403)):
                answer = server.get("/v1/skills", headers={"Host": host})
                self.assertEqual(answer.status, status, host)


class Metrics(unittest.TestCase):
    def test_asks_for_their_own_key(self):
        with Server("--metrics-key", "only-for-numbers") as server:
            self.assertEqual(server.get("/metrics", key="only-for-numbers").status, 200)
            for key in (None, True, "other"):
                self.assertEqual(server.get("/metrics", key=key).status, 401, key)
            self.assertEqual(server.get("/v1/skills", key="only-for-numbers").status, 401)

    def test_have_an_address_of_their_own(self):
        with Server("--metrics-listen", "127.0.0.1:0") as server:
            self.assertEqual(server.get("/metrics").status, 404)
            server.get("/health")
            url = re.search(r"metrics: (http://127\.0\.0\.1:\d+)", server.log_text()).group(1)
            api, server.url = server.url, url
            numbers = server.get("/metrics", key=None)
            self.assertEqual(numbers.status, 200)
            self.assertIn('route="/health"', numbers.text)
            self.assertEqual(server.get("/v1/skills").status, 404)
            server.url = api


class BadStart(unittest.TestCase):
    def test_names_every_bad_value(self):
        ended = serve("--grace", "soon", environment={"SKILLBOX_MAX_QUEUE": "many"})
        self.assertEqual(ended.returncode, 1)
        self.assertIn("SKILLBOX_GRACE", ended.stderr)
        self.assertIn("SKILLBOX_MAX_QUEUE", ended.stderr)
        self.assertEqual(ended.stdout, "")

    def test_says_what_to_do_about_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            ended = serve("--listen", f"127.0.0.1:{port}")
            self.assertEqual(ended.returncode, 1)
            self.assertIn(f"127.0.0.1:{port}", ended.stderr)
            self.assertIn("in use", ended.stderr)
            self.assertIn("--listen", ended.stderr)

    def test_knows_itself_on_the_port(self):
        with Server() as server:
            address = server.url.removeprefix("http://")
            ended = serve("--listen", address, environment={"SKILLBOX_DATA_DIR": server.data})
            self.assertEqual(ended.returncode, 1)
            self.assertIn(str(server.process.pid), ended.stderr)

    def test_says_that_a_certificate_is_none(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "cert.pem")
            with open(path, "w") as file:
                file.write("nothing")
            ended = serve("--listen", "127.0.0.1:0", "--tls-cert", path, "--tls-key", path)
            self.assertEqual(ended.returncode, 1)
            self.assertIn(path, ended.stderr)


class End(unittest.TestCase):
    def test_lets_runs_end_within_the_grace_time(self):
        with tempfile.TemporaryDirectory() as data:
            server = Server("--grace", "30s", data=data)
            server.publish("slow", code=SLOW.format(2))
            answers = []
            runs = [threading.Thread(target=lambda: answers.append(server.run("slow")))
                    for _ in range(20)]
            for run in runs:
                run.start()
            until(lambda: len(server.get("/v1/executions").json) == 20, what="20 runs")
            self.assertEqual(server.stop(), 0)
            for run in runs:
                run.join(30)
            self.assertEqual([a.status for a in answers], [200] * 20)
            self.assertEqual({a.json["status"] for a in answers}, {"success"})

    def test_cancels_and_records_what_is_left_after_it(self):
        with tempfile.TemporaryDirectory() as data:
            server = Server("--grace", "1s", data=data)
            server.publish("slow", code=SLOW.format(60))
            for _ in range(20):
                answer = server.post("/v1/executions", {"skill": "slow"},
                                     headers={"Prefer": "respond-async"})
                self.assertEqual(answer.status, 202)
            began = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - began, 20)
            with sqlite3.connect(os.path.join(data, "skillbox.db")) as store:
                states = store.execute("SELECT status, count(*) FROM executions GROUP BY 1")
                self.assertEqual(dict(states.fetchall()), {"cancelled": 20})

    def test_refuses_new_connections_while_it_ends(self):
        with Server("--grace", "20s") as server:
            server.publish("slow", code=SLOW.format(3))
            waiting = threading.Thread(target=lambda: server.run("slow"))
            waiting.start()
            until(lambda: server.get("/v1/executions").json, what="the run")
            server.process.send_signal(signal.SIGTERM)
            until(lambda: "stopping" in server.log_text())

            def refused():
                try:
                    server.get("/health", timeout=5)
                    return False
                except OSError:
                    return True
            until(refused, what="the closed port")
            waiting.join(30)
            self.assertEqual(server.process.wait(60), 0)

    def test_ends_at_once_at_the_second_signal(self):
        server = Server("--grace", "60s")
        server.publish("slow", code=SLOW.format(60))
        server.post("/v1/executions", {"skill": "slow"}, headers={"Prefer": "respond-async"})
        server.process.send_signal(signal.SIGTERM)
        until(lambda: "stopping" in server.log_text())
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(10), 128 + signal.SIGTERM)
        server.stop()

    def test_loses_no_finished_record_when_it_is_killed(self):
        with tempfile.TemporaryDirectory() as data:
            server = Server(data=data)
            server.publish("quick", code="import os\nopen(os.environ['SANDBOX_OUTPUT'],'w')"
                                         ".write(os.environ['SANDBOX_INPUT'])\n")
            told = {}
            over = threading.Event()

            def client(number):
                for i in range(10_000):
                    if over.is_set():
                        return
                    try:
                        answer = server.run("quick", {"n": f"{number}-{i}"})
                    except (OSError, ConnectionError, __import__("http").client.HTTPException):
                        return
                    if answer.status == 200:
                        told[answer.json["execution_id"]] = answer.json["output"]
            clients = [threading.Thread(target=client, args=(n,)) for n in range(4)]
            for thread in clients:
                thread.start()
            until(lambda: len(told) > 30, patience=60, what="30 runs")
            server.kill()
            over.set()
            for thread in clients:
                thread.join(30)
            with Server(data=data) as again:
                for id, output in told.items():
                    record = again.get("/v1/executions/" + id).json
                    self.assertEqual((record["status"], record["output"]), ("success", output))
                states = {row["status"] for row in again.get("/v1/executions?limit=200").json}
                self.assertLessEqual(states, {"success", "failed"})
            with sqlite3.connect(os.path.join(data, "skillbox.db")) as store:
                self.assertEqual(store.execute("PRAGMA integrity_check").fetchone()[0], "ok")


MAKER = """import json, os, sys
asked = json.load(open('/sandbox/input.json'))
print('a line of', asked['n'], flush=True)
with open('/sandbox/out/files/made.txt', 'w') as file:
    file.write('made ' + str(asked['n']))
json.dump({'twice': asked['n'] * 2, 'text': 'ä€😀'}, open('/sandbox/out/output.json', 'w'),
          ensure_ascii=False)
sys.exit(asked['n'] % 3 == 2)
"""


class Store(unittest.TestCase):
    """What sqlite3(1) would show."""

    def test_holds_what_was_answered(self):
        with tempfile.TemporaryDirectory() as data:
            server = Server(data=data)
            server.publish("maker", code=MAKER)
            answers = {}
            for number in range(9):
                answer = server.run("maker", {"n": number}).json
                answers[answer["execution_id"]] = answer | {
                    "n": number, "files": server.get(
                        f"/v1/executions/{answer['execution_id']}/files/made.txt").body}
            self.assertEqual(server.stop(), 0)
            with sqlite3.connect(os.path.join(data, "skillbox.db")) as store:
                store.row_factory = sqlite3.Row
                rows = store.execute("SELECT * FROM executions").fetchall()
                self.assertEqual({row["id"] for row in rows}, set(answers))
                for row in rows:
                    self.compare(store, data, dict(row), answers[row["id"]])

    def compare(self, store, data, row, told):
        self.assertEqual(
            {"status": told["status"], "error": told["error"] or "", "logs": told["logs"],
             "duration_ms": told["duration_ms"], "exit_code": told["exit_code"],
             "skill_digest": told["skill_digest"]},
            {name: row[name] for name in ("status", "error", "logs", "duration_ms", "exit_code",
                                          "skill_digest")})
        self.assertEqual(json.loads(row["output"]), told["output"])
        self.assertEqual(json.loads(row["input"]), {"n": told["n"]})
        files = store.execute("SELECT path, blob, size_bytes FROM artifacts WHERE execution=?",
                              (row["id"],)).fetchall()
        self.assertEqual([tuple(file)[::2] for file in files],
                         [("made.txt", len(told["files"]))])
        blob = files[0]["blob"]
        self.assertEqual(blob, hashlib.sha256(told["files"]).hexdigest())
        found = [os.path.join(folder, name) for folder, _, names in os.walk(data)
                 for name in names if os.path.basename(folder) + name == blob]
        self.assertEqual(len(found), 1)
        with open(found[0], "rb") as file:
            self.assertEqual(file.read(), told["files"])
        audit = store.execute("SELECT details FROM audit WHERE action='execution.finish'"
                              " AND target=?", (row["id"],)).fetchall()
        self.assertEqual(len(audit), 1)
        details = json.loads(audit[0]["details"])
        self.assertEqual((details["status"], details["digest"], details["input_sha256"]),
                         (told["status"], told["skill_digest"],
                          hashlib.sha256(row["input"].encode()).hexdigest()))

    def test_says_what_became_of_the_runs_of_a_killed_server(self):
        """Each has an end, what it had said, and its record in the audit, which stays in order."""
        with tempfile.TemporaryDirectory() as data:
            server = Server(data=data)
            server.publish("slow", code=SLOW.format(600))
            ids = [server.post("/v1/executions", {"skill": "slow"},
                               headers={"Prefer": "respond-async"}).json["execution_id"]
                   for _ in range(3)]
            for id in ids:
                until(lambda: "begun\n" in server.get(f"/v1/executions/{id}/logs").text,
                      patience=60, what="a run's first line")
            server.kill()
            with Server(data=data) as again:
                for id in ids:
                    record = again.get("/v1/executions/" + id).json
                    self.assertEqual((record["status"], record["reason"], record["logs"]),
                                     ("failed", "lost", "begun\n"))
                    self.assertTrue(record["error"])
                    self.assertTrue(record["finished_at"])
                verified = again.cli("audit", "verify", remote=False)
                self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
                exported = again.cli("audit", "export", remote=False).stdout.splitlines()
                ends = {record["target"]: record["details"] for record in map(json.loads, exported)
                        if record["action"] == "execution.finish"}
                self.assertEqual({id: ends[id]["reason"] for id in ids}, dict.fromkeys(ids, "lost"))


if __name__ == "__main__":
    skillbox_server.main()
