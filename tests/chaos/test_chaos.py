"""Three servers share one Postgres and one S3 store and are under load while one is killed and
started again, the database is restarted, S3 is away and one server's network is cut. In the end
every run that was asked for has run to exactly one final record, every file is what it must be, and
nothing is left behind."""

import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../server")]

import skillbox_server
from skillbox_server import Server, until
from weather import Ceph, Network, NotInstalled, Postgres

ROUNDS = int(os.environ.get("SKILLBOX_CHAOS_ROUNDS", "1"))
CLIENTS = 6
S3_AWAY = 20  # seconds
CUT = 26  # longer than a lease: the others take the server for dead

SKILL = """import hashlib, json, os, time
task = json.loads(os.environ['SANDBOX_INPUT'])
print('begin', task['n'], flush=True)
time.sleep(task['sleep'])
data = hashlib.sha256(str(task['n']).encode()).hexdigest().encode() * task['repeat']
with open(os.environ['SANDBOX_FILES_DIR'] + 'out.txt', 'wb') as file:
    file.write(data)
print('end', task['n'])
"""


def content_of(task):
    return hashlib.sha256(str(task["n"]).encode()).hexdigest().encode() * task["repeat"]


class Client(threading.Thread):
    """Asks for runs one after the other, each with a key of its own, and asks again, of any server,
    until it has an answer."""

    def __init__(self, number, servers, mark, stop):
        super().__init__(daemon=True)
        self.number, self.servers, self.mark, self.stop = number, servers, mark, stop
        self.random = random.Random(number)
        self.answers = {}  # id of the run: (task, answer)
        self.keys = {}
        self.surprises = []
        self.refusals = 0

    def run(self):
        count = 0
        while not self.stop.is_set():
            task = {"n": f"{self.mark}-{self.number}-{count}", "sleep": self.random.choice([0, 0.05, 0.4]),
                    "repeat": self.random.choice([1, 500])}
            self.ask(task, is_async=count % 3 == 0)
            count += 1

    def ask(self, task, is_async):
        key = str(uuid.uuid4())
        headers = {"Idempotency-Key": key} | ({"Prefer": "respond-async"} if is_async else {})
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            try:
                answer = self.random.choice(self.servers).post(
                    "/v1/executions", {"skill": "chaos", "input": task}, headers=headers, timeout=6)
            except (OSError, http.client.HTTPException, TypeError):  # no key yet: it is starting
                time.sleep(0.1)
                continue
            if answer.status in (200, 202):
                run = answer.json["execution_id"]
                if self.keys.setdefault(key, run) != run:
                    self.surprises.append(f"{key} ran twice: {run}, {self.keys[key]}")
                self.answers[run] = task
                return
            self.refusals += 1
            # 401: the key of a server that was started again meanwhile.
            if answer.status not in (401, 409, 429, 500, 502, 503):
                self.surprises.append(f"{answer.status} {answer.text}")
            time.sleep(0.3)
        self.surprises.append(f"no answer for {task}")


class Chaos(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("Ceph is started as root here")
        # A socket's path has room for 107 characters, and the database is another user than root.
        self.directory = tempfile.mkdtemp(prefix="skillbox-chaos-", dir="/tmp")
        os.chmod(self.directory, 0o755)
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        try:
            self.postgres = Postgres(skillbox_server.PROJECT, self.directory)
            self.addCleanup(self.postgres.stop)
            self.s3 = Ceph(skillbox_server.PROJECT, self.directory)
            self.addCleanup(self.s3.stop)
        except NotInstalled as missing:
            print(f"SKIPPED: chaos: {missing}", file=sys.stderr)
            self.skipTest(str(missing))

    def start_server(self, name, dsn=None, endpoint=None, port=0):
        data = os.path.join(self.directory, name)
        server = Server("--listen", f"127.0.0.1:{port}", "--log-format", "json", data=data,
                        environment={"SKILLBOX_DB_DSN": dsn or self.postgres.dsn,
                                     "SKILLBOX_MAX_CONCURRENT_EXECS": "2"}
                        | self.s3.environment(endpoint))
        return server

    def test_every_run_ends_once(self):
        for number in range(ROUNDS):
            with self.subTest(round=number):
                begun = time.monotonic()
                self.one_round(number)
                print(f"round {number}: {time.monotonic() - begun:.0f} s", file=sys.stderr)

    def one_round(self, number):
        mark = uuid.uuid4().hex
        cables = [Network(self.postgres.socket_path), Network(self.s3.address)]
        servers = [
            self.start_server(f"a{number}"),
            self.start_server(f"b{number}"),
            self.start_server(
                f"c{number}",
                f"postgres://skillbox@127.0.0.1:{cables[0].port}/postgres?sslmode=disable",
                f"http://127.0.0.1:{cables[1].port}"),
        ]
        try:
            servers[0].publish("chaos", code=SKILL)
            before = int(self.postgres.rows("SELECT count(*) FROM executions")[0][0])
            stop = threading.Event()
            clients = [Client(i, servers, mark, stop) for i in range(CLIENTS)]
            for client in clients:
                client.start()
            self.let_it_happen(servers, cables, f"a{number}")
            stop.set()
            for client in clients:
                client.join(200)
            self.judge(servers, clients, mark, before)
        finally:
            for cable in cables:
                cable.mend()
            logs = [server.log_text() for server in servers]
            codes = [server.stop() for server in servers]
            for cable in cables:
                cable.close()
        self.assertEqual(codes, [0, 0, 0], "\n".join(logs)[-4000:])
        self.look_for_leftovers(mark, [server.data for server in servers])

    def let_it_happen(self, servers, cables, name):
        def at(moment):
            time.sleep(max(0, begun + moment - time.monotonic()))

        begun = time.monotonic()
        at(3)
        servers[0].process.send_signal(signal.SIGKILL)
        servers[0].process.wait(60)
        servers[0].log.close()
        port = servers[0].address.port
        at(6)
        servers[0] = self.start_server(name, port=port)
        at(8)
        self.postgres.restart()
        at(11)
        for cable in cables:
            cable.cut()
        at(13)
        self.s3.stop_gateway()
        at(13 + S3_AWAY)
        self.s3.start_gateway()
        at(11 + CUT)
        for cable in cables:
            cable.mend()
        at(13 + CUT)

    def judge(self, servers, clients, mark, before):
        surprises = [words for client in clients for words in client.surprises]
        self.assertEqual(surprises, [])
        asked = {run: task for client in clients for run, task in client.answers.items()}

        def unfinished():
            return self.postgres.rows("SELECT id, status, instance FROM executions"
                                      " WHERE status IN ('queued', 'running')")

        try:
            until(lambda: not unfinished(), patience=60, what="the end of every run")
        except AssertionError as error:
            self.fail(f"{error}: {unfinished()}")
        rows = dict(self.postgres.rows(
            f"SELECT id, status || ' ' || reason FROM executions WHERE input LIKE '%{mark}%'"))
        # Exactly those that were answered for: no run was lost, and none was done twice.
        self.assertEqual(set(rows), set(asked))
        self.assertEqual(len(rows),
                         int(self.postgres.rows("SELECT count(*) FROM executions")[0][0]) - before)
        self.assertEqual(
            self.postgres.rows("SELECT target, count(*) FROM audit WHERE action ="
                               " 'execution.finish' GROUP BY target HAVING count(*) <> 1"), [])
        finished = {row[0] for row in self.postgres.rows(
            "SELECT target FROM audit WHERE action = 'execution.finish'")}
        self.assertLessEqual(set(rows), finished)
        self.assertEqual(self.postgres.rows("SELECT execution FROM execution_log_parts"), [])
        self.assertEqual(self.postgres.rows("SELECT id FROM executions WHERE task <> ''"), [])
        ways = {}
        for words in rows.values():
            ways[words] = ways.get(words, 0) + 1
        print(f"{len(rows)} runs: {ways}; {sum(c.refusals for c in clients)} refusals",
              file=sys.stderr)
        self.assertGreater(ways.get("success ", 0), 20, ways)
        for run, words in rows.items():
            if not words.startswith("success"):
                continue
            server = random.choice(servers)
            answer = server.get(f"/v1/executions/{run}/files/out.txt")
            self.assertEqual(answer.status, 200, answer.text[:300])
            self.assertEqual(answer.body, content_of(asked[run]), run)
        kept = self.postgres.rows("SELECT DISTINCT blob FROM artifacts")
        self.assertGreater(len(kept), 0)
        verified = servers[0].cli("audit", "verify", remote=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def look_for_leftovers(self, mark, directories):
        def processes():
            found = []
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/environ", "rb") as file:
                        environment = file.read()
                    with open(f"/proc/{pid}/cmdline", "rb") as file:
                        command = file.read()
                except OSError:
                    continue
                marks = [mark.encode()] + [data.encode() + b"\0" for data in directories]
                if any(text in environment + b"\0" + command + b"\0" for text in marks):
                    found.append((pid, command))
            return found

        until(lambda: not processes(), patience=20, what=f"the end of {processes()}")
        for data in directories:
            for room in ("scratch", "spool", "instances"):
                left = [os.path.join(folder, name)
                        for folder, _, names in os.walk(os.path.join(data, room)) for name in names]
                self.assertEqual(left, [])
            partial = [name for name in os.listdir(os.path.join(data, "cache"))
                       if name.startswith((".", "tmp"))]
            self.assertEqual(partial, [])


if __name__ == "__main__":
    socket.setdefaulttimeout(None)
    skillbox_server.main()
