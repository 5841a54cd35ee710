"""Three servers share one Postgres and one S3 store and are under load while one is killed and
started again, the database is restarted, S3 is away and one server's network is cut. In the end
every run that was asked for has run to exactly one final record, every file is what it must be, and
nothing is left behind."""

import collections
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../server")]

import skillbox_server
from skillbox_server import Server, until
from bucket import Bucket
from clients import SKILL, Client
from island import Island
from verdict import Contents, Leftovers, Records
from weather import Ceph, Docker, NotInstalled, Postgres

ROUNDS = int(os.environ.get("SKILLBOX_CHAOS_ROUNDS", "1"))
WITH_CONTAINERS = os.environ.get("SKILLBOX_REQUIRE_ENGINES") == "1"
CLIENTS = 6
S3_AWAY = 20  # seconds
CUT = 26  # longer than a lease: the others take the server for dead


def say(text):
    print(text, file=sys.stderr, flush=True)


class Round:
    """Three servers from start to end. a runs in containers where an engine is wanted, and is
    killed; c is on the island."""

    def __init__(self, chaos, number):
        self.parts, self.number = chaos, number
        self.mark = uuid.uuid4().hex
        self.servers = []
        self.logs = []  # of servers that were killed: name and text
        self.began = time.monotonic()
        self.course = ""  # what happened when
        self.leftovers = Leftovers()
        self.clients = []
        self.records = None
        self.blobs = self.swept = 0

    def note(self, what):
        self.course += f"{time.monotonic() - self.began:6.1f} s  {what}\n"

    def start_server(self, letter, port=0):
        parts = self.parts
        data = os.path.join(parts.directory, f"{letter}{self.number}")
        scratch = os.path.join(data, "tmp")
        os.makedirs(scratch, mode=0o700, exist_ok=True)
        far = letter == "c"
        environment = {"SKILLBOX_DB_DSN": parts.postgres.far_dsn if far else parts.postgres.dsn,
                       "SKILLBOX_MAX_CONCURRENT_EXECS": "2", "TMPDIR": scratch}
        environment |= parts.s3.environment(parts.s3.far_endpoint if far else parts.s3.endpoint)
        if letter == "a" and parts.docker:
            environment |= parts.docker.environment()
        # On the island it is asked by a socket: it stands there alone, and still has callers.
        address = f"unix:{data}/api.sock" if far else f"127.0.0.1:{port}"
        return Server("--listen", address, "--log-format", "json", data=data,
                      environment=environment, through=parts.island.entering if far else ())

    def play(self):
        parts = self.parts
        try:
            for letter in "abc":
                self.servers.append(self.start_server(letter))
            self.servers[0].publish("chaos", code=SKILL)
            self.note("load")
            before = parts.postgres.number("SELECT count(*) FROM executions")
            stop = threading.Event()
            self.clients = [Client(i, self.servers, self.mark, stop) for i in range(CLIENTS)]
            for client in self.clients:
                client.start()
            try:
                self.let_it_happen()
            finally:
                stop.set()
                for client in self.clients:
                    client.join(200)
            surprises = [words for client in self.clients for words in client.surprises]
            if surprises:
                raise AssertionError(f"{len(surprises)} surprises: {surprises[:5]}")
            self.note("no more load")
            self.records = Records(parts.postgres, self.clients, self.mark, before)
            self.records.judge()
            if parts.docker:
                self.records.judge_containers(parts.docker.image)
            self.records.judge_files(self.servers)
            self.note("records and files are right")
            verified = self.servers[0].cli("audit", "verify", remote=False)
            if verified.returncode != 0:
                raise AssertionError(verified.stdout + verified.stderr)
        finally:
            parts.island.mend()
            codes = self.end()
        self.note("ended")
        if codes != [0, 0, 0]:
            raise AssertionError(f"the servers ended with {codes}")
        self.judge_what_is_left()

    def end(self):
        self.leftovers.note_processes(self.servers)
        codes = []
        for name, server in zip("abc", self.servers):
            if server.process.poll() is None:
                server.process.send_signal(signal.SIGTERM)
        for name, server in zip("abc", self.servers):
            try:
                server.process.wait(90)
            except Exception:  # the rounds that follow need its place
                server.process.kill()
            if not server.log.closed:
                self.logs.append((name, server.log_text()))
            codes.append(server.stop())
        return codes

    def judge_what_is_left(self):
        parts = self.parts
        until(lambda: parts.postgres.number("SELECT count(*) FROM pg_stat_activity"
                                            " WHERE application_name = 'skillbox'") == 0,
              what="the end of all connections to the database")
        leases = parts.postgres.rows("SELECT instance FROM leases")
        if leases:
            raise AssertionError(f"leases of servers that have ended: {leases}")
        self.blobs, self.swept = parts.contents.judge(self.records.spoiled())
        swept = self.servers[1].cli("admin", "sweep", "--older-than", "1ms", "-o", "json",
                                    remote=False)
        if swept.stdout.strip() != f'{{"removed":{self.swept}}}':
            raise AssertionError(f"the sweep was to remove {self.swept} blobs: {swept.stdout}"
                                 + swept.stderr)
        parts.contents.judge_swept()
        self.note("contents are right")
        self.leftovers.judge(self.mark, [server.data for server in self.servers], parts.docker)

    def let_it_happen(self):
        def at(moment):
            time.sleep(max(0, begun + moment - time.monotonic()))

        parts = self.parts
        begun = time.monotonic()
        at(3)
        self.note("a is killed")
        killed = self.servers[0]
        self.leftovers.note_processes([killed])
        killed.process.send_signal(signal.SIGKILL)
        killed.process.wait(60)
        self.logs.append(("a-killed", killed.log_text()))
        killed.log.close()
        at(6)
        self.note("a starts again")
        self.servers[0] = self.start_server("a", port=killed.address.port)
        at(8)
        self.note("the database is restarted")
        parts.postgres.restart()
        at(11)
        self.note("c is cut off")
        until(lambda: parts.island.connections() and self.connections_of_island(),
              what="connections that can be cut")
        parts.island.cut()
        at(13)
        self.note("S3 is away")
        parts.s3.stop_gateway()
        at(13 + S3_AWAY)
        self.note("S3 starts again")
        parts.s3.start_gateway()
        at(11 + CUT)
        self.look_at_the_cut()
        self.note("c comes back")
        parts.island.mend()
        until(lambda: self.servers[2].get("/ready").status == 200,
              what="the server's return to the others")
        self.note("c is ready")
        at(13 + CUT)

    def look_at_the_cut(self):
        """Neither end was told; both have found out by themselves, and the server says so."""
        parts, cut_off = self.parts, self.servers[2]
        until(lambda: not parts.island.connections(), patience=60,
              what="the end of connections that lead nowhere, at the server")
        until(lambda: not self.connections_of_island(), patience=60,
              what="the end of connections that lead nowhere, at the database")
        if cut_off.get("/health").status != 200:
            raise AssertionError("a server that is cut off does not live")
        self.note("both ends of what was cut know it")
        ready = cut_off.get("/ready")
        if ready.status != 503 or ready.json["checks"]["database"] == "ok":
            raise AssertionError(f"a server that is cut off says that it is ready: {ready.text}")

    def connections_of_island(self):
        """How many the database takes for alive."""
        parts = self.parts
        return parts.postgres.number("SELECT count(*) FROM pg_stat_activity WHERE client_addr ="
                                     f" '{parts.island.address}'")

    def words(self):
        if not self.records:
            return ""
        ways = ", ".join(f"{count} {way.strip()}"
                         for way, count in sorted(self.records.counted().items()))
        contained = f", {self.records.contained} in containers" if self.parts.docker else ""
        return (f"{len(self.records.ways)} runs ({ways or 'not judged'}{contained}),"
                f" {self.refusals()} calls made again, {self.blobs} blobs right,"
                f" {self.swept} of them swept")

    def refusals(self):
        return sum(client.refusals for client in self.clients)


class Chaos(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skip("it needs root: for Ceph and for a network of its own")
        # A socket's path has room for 107 characters, and the database is another user than root.
        self.directory = tempfile.mkdtemp(prefix="skillbox-chaos-", dir="/tmp")
        os.chmod(self.directory, 0o755)
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.docker = None
        try:
            self.island = Island()
            self.addCleanup(self.island.close)
            project, outside = skillbox_server.PROJECT, self.island.mainland
            self.postgres = Postgres(project, self.directory, outside)
            self.addCleanup(self.postgres.stop)
            self.s3 = Ceph(project, self.directory, outside)
            self.addCleanup(self.s3.stop)
        except NotInstalled as missing:
            self.skip(str(missing))
        if WITH_CONTAINERS:
            self.docker = Docker(project, self.directory)
            self.addCleanup(self.docker.stop)
        else:
            say("chaos without containers; with SKILLBOX_REQUIRE_ENGINES=1 one server has Docker")
        self.contents = Contents(self.postgres, Bucket(self.s3.address, "executions",
                                                       self.s3.access_key, self.s3.secret_key))
        self.kept = None

    def skip(self, why):
        say(f"SKIPPED: chaos: {why}")
        self.skipTest(why)

    def test_every_run_ends_once(self):
        begun = time.monotonic()
        sums = collections.Counter()
        failed = []
        for number in range(1, ROUNDS + 1):
            one, since, failure = Round(self, number), time.monotonic(), None
            try:
                one.play()
            except Exception as error:
                failure = f"{type(error).__name__}: {error}"
                failed.append(f"round {number}: {failure}")
                self.keep_logs(one, traceback.format_exc())
            took = f"{time.monotonic() - since:.0f} s"
            say(f"round {number} of {ROUNDS}: {'failed' if failure else 'passed'} in {took}:"
                f" {one.words()}")
            if os.environ.get("SKILLBOX_CHAOS_COURSE"):
                say(one.course)
            if failure:
                say(f"  {failure[:2000]}\n  logs: {self.kept}/round-{number}")
            if one.records:
                sums += one.records.counted() + collections.Counter(
                    {"again": one.refusals(), "swept": one.swept})
        ways = ", ".join(f"{sums[way]} {way.strip()}" for way in sorted(sums)
                         if way not in ("again", "swept"))
        say(f"{ROUNDS - len(failed)} of {ROUNDS} rounds passed in {time.monotonic() - begun:.0f} s:"
            f" runs: {ways}; {sums['again']} calls made again; {sums['swept']} blobs swept")
        self.assertEqual(failed, [])

    def keep_logs(self, one, trace):
        self.kept = self.kept or tempfile.mkdtemp(prefix="skillbox-chaos-failed-", dir="/tmp")
        folder = os.path.join(self.kept, f"round-{one.number}")
        os.mkdir(folder)
        texts = one.logs + [("course", one.course), ("failure", trace)]
        for part in filter(None, (self.postgres, self.s3, self.docker)):
            try:
                with open(part.log_path, encoding="utf-8", errors="replace") as file:
                    texts.append((type(part).__name__.lower(), file.read()))
            except OSError as error:
                texts.append((type(part).__name__.lower(), str(error)))
        for name, text in texts:
            with open(os.path.join(folder, name + ".log"), "w", encoding="utf-8") as file:
                file.write(text)


if __name__ == "__main__":
    skillbox_server.main()
