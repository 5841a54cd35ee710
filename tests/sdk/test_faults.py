"""What the SDKs make of bad networks and of servers that mean them ill. sdk_driver.py says how it
is started."""

import base64
import contextlib
import gzip
import io
import json
import os
import socket
import struct
import tarfile
import tempfile
import threading
import time
import unittest
import zipfile

import sdk_driver
from faulty_server import FaultyServer, HangUp, answer, events, problem

KEY = "sk-secret"
ID = "6f1d6a0e-6f0b-4a0a-9a52-3f1c0a6d2b11"


def tar_of(*members, format=tarfile.PAX_FORMAT):
    """A tar of (name, content) and TarInfo."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return buffer.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def block(name, size=0, kind=b"0", content=b""):
    """One header as bytes, whatever is in it, with a proper checksum, and the content behind it."""
    head = bytearray(512)
    head[:len(name)] = name
    head[100:108], head[108:116], head[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
    head[124:136] = size if isinstance(size, bytes) else b"%011o\0" % size
    head[136:148] = b"00000000000\0"
    head[156:157] = kind
    head[257:265] = b"ustar\x0000"
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + content + bytes(-len(content) % 512)


def pax(key, value):
    record = key + b"=" + value + b"\n"
    length = len(record) + 2
    while len(b"%d %s" % (length, record)) != length:
        length += 1
    return b"%d %s" % (length, record)


END = bytes(1024)
SPARSE = pax(b"GNU.sparse.major", b"1") + pax(b"GNU.sparse.minor", b"0")
PARENT = pax(b"path", b"../evil")
NUL = pax(b"path", b"a\0b")
REFUSED = "the archive of files is refused: "

# name: the archive, packed or not, and the error that is expected.
HOSTILE = {
    "parent path": (tar_of(("good.txt", b"x"), ("../evil", b"x")), "unsafe_archive",
                    REFUSED + '"../evil" has a ".." in its path'),
    "parent path inside": (tar_of(("a/../../evil", b"x")), "unsafe_archive",
                           REFUSED + '"a/../../evil" has a ".." in its path'),
    "absolute path": (tar_of(("/tmp/evil", b"x")), "unsafe_archive",
                      REFUSED + '"/tmp/evil" is no relative path'),
    "empty component": (tar_of(("a//b", b"x")), "unsafe_archive",
                        REFUSED + '"a//b" has an empty component in its path'),
    "dot": (tar_of(("./a", b"x")), "unsafe_archive",
            REFUSED + '"./a" has an empty component in its path'),
    "symbolic link": (tar_of(special("l", tarfile.SYMTYPE, "/etc"), ("l/evil", b"x")),
                      "unsafe_archive", REFUSED + '"l" is a link'),
    "hard link": (tar_of(special("l", tarfile.LNKTYPE, "/etc/passwd")), "unsafe_archive",
                  REFUSED + '"l" is a link'),
    "device": (tar_of(special("null", tarfile.CHRTYPE)), "unsafe_archive",
               REFUSED + '"null" is no regular file'),
    "pipe": (tar_of(special("pipe", tarfile.FIFOTYPE)), "unsafe_archive",
             REFUSED + '"pipe" is no regular file'),
    "unknown kind": (block(b"what", kind=b"Z") + END, "unsafe_archive",
                     REFUSED + '"what" is no regular file'),
    "sparse": (block(b"p", len(SPARSE), b"x", SPARSE)
               + block(b"hole", 512, b"0", b"1\n0\n1\n".ljust(512, b"\0")) + END, "unsafe_archive",
               REFUSED + '"hole" is no regular file'),
    "twice": (tar_of(("a", b"1"), ("a", b"2")), "unsafe_archive", REFUSED + '"a" is there twice'),
    "a file as a folder": (tar_of(("a", b"1"), ("a/b", b"2")), "unsafe_archive",
                           '"a/b" cannot be saved: a link or a file is in the way'),
    "long parent path": (tar_of(("d" * 120 + "/../" * 3 + "evil", b"x"), format=tarfile.GNU_FORMAT),
                         "unsafe_archive", None),
    "NUL by extension": (block(b"p", len(NUL), b"x", NUL)
                         + block(b"innocent", 1, b"0", b"x") + END, None, None),
    "parent by extension": (block(b"p", len(PARENT), b"x", PARENT)
                            + block(b"innocent", 1, b"0", b"x") + END, "unsafe_archive",
                            REFUSED + '"../evil" has a ".." in its path'),
    "not UTF-8": (block(b"\xff\xfe", 1, b"0", b"x") + END, "unsafe_archive", "… is not UTF-8"),
    "negative size": (block(b"n", b"\xff" * 12, b"0") + END, "bad_archive", None),
    "size of no number": (block(b"n", b"zzzzzzzzzzz\0", b"0") + END, "bad_archive", None),
    "huge size": (block(b"n", b"\x80" + b"\0" * 3 + b"\x7f" * 8, b"0") + END, None, None),
    "long header": (block(b"p", 3 << 20, b"x", pax(b"comment", b"c" * (3 << 20))[:3 << 20]) + END,
                    None, None),
    "endless headers": (block(b"p", len(pax(b"a", b"b")), b"x", pax(b"a", b"b")) * 5000
                        + block(b"n", 1, b"0", b"x") + END, None, None),
    "damaged": (tar_of(("a", b"x"))[:100] + b"?" + tar_of(("a", b"x"))[101:], "bad_archive",
                "the archive of files cannot be read"),
    "cut short": (tar_of(("a", b"x" * 2000))[:900], "bad_archive",
                  "the archive of files cannot be read"),
    "too many files": (b"".join(block(b"f%d" % i) for i in range(10_001)) + END, "too_large",
                       "there are more than 10000 files"),
    "too many bytes": (tar_of(("a", bytes(600_000)), ("b", bytes(500_000))), "too_large",
                       "the files have more than 1000000 bytes"),
    "claims too many bytes": (block(b"a", 8 << 30) + END, "too_large",
                              "the files have more than 1000000 bytes"),
}


class Driven(unittest.TestCase):
    maxDiff = None
    kind = ""

    @classmethod
    def setUpClass(cls):
        cls.driver = sdk_driver.Driver(cls.kind)

    @classmethod
    def tearDownClass(cls):
        cls.driver.close()

    def setUp(self):
        if self.driver.process.poll() is not None:  # the test before made it fall over
            type(self).driver = sdk_driver.Driver(self.kind)

    @contextlib.contextmanager
    def serving(self, script, **options):
        """A fresh server and a client of it."""
        with FaultyServer(script) as server:
            self.driver.ask("client", {"base_url": server.url, "api_key": KEY, "tenant_id": "me",
                                       "max_retries": 2, **options})
            yield self.driver, server

    def assertError(self, said, status, code, message=None):
        self.assertIn("error", said, json.dumps(said)[:1000])
        self.assertEqual((said["error"]["status"], said["error"]["code"]), (status, code),
                         said["error"]["text"])
        if message and message.startswith("… "):
            self.assertEqual(said["error"]["message"][-len(message) + 2:], message[2:])
        elif message:
            self.assertEqual(said["error"]["message"], message)


class Faults(Driven):
    # --- sending again

    def test_waits_as_long_as_the_server_says(self):
        times = []

        def script(request, number):
            times.append(time.monotonic())
            return problem(429, "rate_limited", Retry_After="1") if number == 0 else answer(body=[])

        with self.serving(script) as (driver, server):
            times.clear()
            self.assertEqual(driver.ask("list_files"), {"ok": []})
            self.assertEqual(len(server.requests), 2)
            self.assertGreaterEqual(times[1] - times[0], 1)

    def test_gives_up_after_its_retries(self):
        with self.serving(lambda *_: problem(503, "not_ready", Retry_After="0"),
                                        max_retries=1) as (driver, server):
            self.assertError(driver.ask("get_skill", {"name": "a"}), 503, "not_ready")
            self.assertEqual(len(server.requests), 2)

    def test_does_not_wait_for_an_hour(self):
        with self.serving(lambda *_: problem(429, "busy", Retry_After="3600")) as (driver, server):
            said = driver.ask("get_skill", {"name": "a"})
            self.assertError(said, 429, "busy")
            self.assertEqual(said["error"]["retry_after"], 3600)
            self.assertEqual(len(server.requests), 1)

    def test_repeats_nothing_that_could_happen_twice(self):
        unsafe = [("upload_file", {"source": {"base64": "AA=="}, "name": "a"}),
                  ("delete_file", {"file_id": ID}),
                  ("execute", {"session_id": "s", "command": "true"}),
                  ("create_key", {"name": "k"})]
        with self.serving(lambda request, _: problem(503, "not_ready")) as (driver, server):
            for op, args in unsafe:
                self.assertError(driver.ask(op, args), 503, "not_ready")
            self.assertEqual(len(server.requests), len(unsafe))
        with self.serving(lambda request, _: None) as (driver, server):
            for op, args in unsafe:
                self.assertError(driver.ask(op, args), 0, "connection_failed",
                                 "there was no answer from " + server.url)
            self.assertEqual(len({r.connection for r in server.requests}), len(unsafe))

    def test_repeats_what_changes_nothing_twice(self):
        def script(request, number):
            return problem(503, "not_ready", Retry_After="0") if number % 2 == 0 else answer(
                body={"execution_id": ID} if "cancel" in request.target else {"name": "a"})

        with self.serving(script) as (driver, server):
            for op, args in [("cancel", {"execution_id": ID}),
                             ("register_skill", {"skill": {"base64": "AAAA"}})]:
                self.assertIn("ok", driver.ask(op, args))
            self.assertEqual(server.requests[2].body, b"\0\0\0")
            self.assertEqual(server.requests[3].body, b"\0\0\0")

    def test_a_run_happens_once_however_often_the_line_breaks(self):
        result = {"execution_id": ID, "status": "success", "output": {"n": 1}}

        def script(request, number):
            if number == 0:
                return None
            if number == 1:  # broken off in the middle of the answer
                return HangUp(answer(body=result)[:-9])
            if number == 2:  # the first request still runs
                return problem(409, "conflict", Retry_After="1")
            return answer(body=result)

        with self.serving(script) as (driver, server):
            said = driver.ask("run", {"skill": "a", "input": {"text": "ü"}})
            self.assertEqual(said.get("ok", said)["output"], {"n": 1})
            self.assertEqual(len(server.requests), 4)
            self.assertEqual(len({r.headers["idempotency-key"] for r in server.requests}), 1)
            self.assertEqual(len({r.body for r in server.requests}), 1)
            self.assertEqual(json.loads(server.requests[0].body),
                             {"skill": "a", "input": {"text": "ü"}})

    def test_a_conflict_of_others_is_an_error(self):
        with self.serving(lambda *_: problem(409, "conflict", Retry_After="1")) as (driver, server):
            self.assertError(driver.ask("run", {"skill": "a", "idempotency_key": "mine"}), 409,
                             "conflict")
            self.assertEqual(len(server.requests), 1)

    def test_a_kept_connection_that_was_closed_is_not_used(self):
        """An upload that is never repeated must not fall into a dead connection."""
        from skillbox_server import until

        def script(request, number):
            return HangUp(answer(body={"id": ID}))

        with self.serving(script) as (driver, server):
            for number in range(1, 4):
                said = driver.ask("upload_file", {"source": {"base64": "AA=="}, "name": "a"})
                self.assertIn("ok", said)
                until(lambda: server.closed == number, what="the end of the connection")
                time.sleep(0.1)  # Go and Node hear of it in a thread of theirs, which cannot be asked

    # --- answers that are none

    def test_says_what_is_no_answer_of_a_server(self):
        rows = [(answer(502, b"<html>bad gateway</html>"), 502, "bad_answer"),
                (answer(404, b'{"message":"no error member"}'), 404, "bad_answer"),
                (answer(200, b"<html>hello</html>"), 0, "bad_answer"),
                (answer(200, b'["not an object"]'), 0, "bad_answer"),
                (answer(200, b"null"), 0, "bad_answer"),
                (answer(302, b"", Location="http://127.0.0.1:1/"), 302, "bad_answer"),
                (HangUp(answer()[:-1]), 0, "connection_failed"),
                (HangUp(b"SSH-2.0-OpenSSH\r\n"), 0, "connection_failed")]
        for said, status, code in rows:
            with self.serving(lambda *_: said, max_retries=0) as (driver, server):
                self.assertError(driver.ask("get_skill", {"name": "a"}), status, code)

    def test_never_follows_a_redirect_with_the_key(self):
        with FaultyServer(lambda *_: answer()) as other:
            away = answer(307, b"", Location=other.url + "/x")
            with self.serving(lambda *_: away) as (driver, server):
                self.assertError(driver.ask("get_skill", {"name": "a"}), 307, "bad_answer")
            self.assertEqual(other.requests, [])

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.driver.ask("client", {"base_url": url, "max_retries": 1})
        self.assertError(self.driver.ask("health"), 0, "connection_failed",
                         "there was no answer from " + url)

    def test_ends_at_its_time_limit(self):
        enough = threading.Event()
        self.addCleanup(enough.set)

        def script(request, number):
            enough.wait(60)
            return None

        with self.serving(script, timeout=0.3) as (driver, server):
            self.assertError(driver.ask("get_skill", {"name": "a"}), 0, "timeout",
                             "there was no answer within 0.3 s")
            self.assertError(driver.ask("run", {"skill": "a"}), 0, "timeout",
                             "there was no answer within 0.3 s")
            self.assertLessEqual(len(server.requests), 2)  # none was sent again
            enough.set()  # lets the server's threads go

    # --- events

    RESULT = b'event: result\nid: 9\ndata: {"status":"success"}\n\n'

    def test_goes_on_behind_the_last_event_of_a_broken_stream(self):
        text = "id: 3\nevent: log\ndata: {\"text\":\"ünï\",\ndata: \"seq\":3}\n\n".encode()
        cut = text.index("ï".encode()) + 1  # in the middle of a character

        def script(request, number):
            if number == 0:
                return events(b": hello\n\n",
                              b'event: state\r\nid: 1\r\ndata: {"status":"running"}\r\n\r\n',
                              b'event: log\nid: 2\nda', b'ta: {"text":"one"}\n', b"\n",
                              b"id: 3\nevent: log\ndata: {\"text\":\"thr", whole=False)
            if number == 1:
                self.assertEqual(request.headers["last-event-id"], "2")
                return events(text[:cut], text[cut:], b"id: 4\ndata: {", whole=True)
            if number == 2:
                return None
            self.assertEqual(request.headers["last-event-id"], "3")
            return events(self.RESULT)

        with self.serving(script) as (driver, server):
            said = driver.ask("stream", {"execution_id": ID})
            self.assertEqual(said, {"ok": [
                {"type": "state", "id": "1", "data": {"status": "running"}},
                {"type": "log", "id": "2", "data": {"text": "one"}},
                {"type": "log", "id": "3", "data": {"text": "ünï", "seq": 3}},
                {"type": "result", "id": "9", "data": {"status": "success"}}]})
            self.assertEqual(len(server.requests), 4)
            self.assertNotIn("last-event-id", server.requests[0].headers)

    def test_a_stream_may_be_silent_for_longer_than_an_answer(self):
        silence = threading.Event()

        def script(request, number):
            yield bytes(events(b'id: 1\nevent: state\ndata: {}\n\n', whole=False))
            silence.wait(2.5)  # only time can show it
            yield b"%x\r\n%s\r\n0\r\n\r\n" % (len(self.RESULT), self.RESULT)

        with self.serving(script, timeout=2) as (driver, server):
            said = driver.ask("stream", {"execution_id": ID})
            self.assertEqual([event["type"] for event in said.get("ok", said)], ["state", "result"])
            self.assertEqual(len(server.requests), 1)

    def test_gives_up_a_stream_that_never_says_anything(self):
        with self.serving(lambda *_: events(b": nothing\n\n"), max_retries=1) as (driver, server):
            self.assertError(driver.ask("stream", {"execution_id": ID}), 0, "connection_failed")
            self.assertEqual(len(server.requests), 2)

    def test_an_event_that_is_no_json_ends_the_stream(self):
        with self.serving(lambda *_: events(b"data: {no json\n\n")) as (driver, server):
            self.assertError(driver.ask("stream", {"execution_id": ID}), 0, "bad_answer")
            self.assertEqual(len(server.requests), 1)

    def test_a_long_log_arrives_whole(self):
        line = "x" * 1_000_000
        log = b"".join(b'event: log\nid: %d\ndata: {"text":"%s"}\n\n' % (i, line.encode())
                       for i in range(1, 6))
        parts = [log[at:at + 70_001] for at in range(0, len(log), 70_001)]
        with self.serving(lambda *_: events(*parts, self.RESULT)) as (driver, server):
            said = driver.ask("stream", {"execution_id": ID})["ok"]
            self.assertEqual([len(event["data"].get("text", "")) for event in said],
                             [1_000_000] * 5 + [0])

    # --- files

    @contextlib.contextmanager
    def downloading(self, archive, prepare=None, max_bytes=1_000_000):
        """Asks for the files of a run whose archive is this; gives the answer and the folder."""
        with self.serving(lambda *_: answer(body=archive)) as (driver, server):
            with tempfile.TemporaryDirectory() as outside:
                folder = os.path.join(outside, "out")
                os.mkdir(folder)
                if prepare:
                    prepare(folder)
                said = driver.ask("download_files", {
                    "result": {"execution_id": ID, "status": "success",
                               "files_url": server.url + "/files?signature=1"},
                    "directory": folder, "max_bytes": max_bytes})
                self.assertEqual(os.listdir(outside), ["out"])
                for request in server.requests:
                    self.assertEqual(request.target, "/files?signature=1")
                    self.assertNotIn("authorization", request.headers)
                    self.assertNotIn("x-tenant-id", request.headers)
                yield said, folder

    def test_refuses_hostile_archives_and_leaves_nothing(self):
        for name, (archive, code, message) in HOSTILE.items():
            with self.subTest(archive=name):
                with self.downloading(gzip.compress(archive, 1)) as (said, folder):
                    self.assertEqual(os.listdir(folder), [])
                    self.assertError(said, 0, code or said["error"]["code"], message)
                    self.assertIn(said["error"]["code"],
                                  ("unsafe_archive", "bad_archive", "too_large"))

    def test_refuses_what_is_not_packed_properly(self):
        packed = gzip.compress(tar_of(("a", b"x" * 5000)))
        rows = {"not packed": tar_of(("a", b"x")), "nothing": b"", "cut": packed[:-12],
                "without its checksum": packed[:-8],
                "another checksum": packed[:-8] + struct.pack("<I", 1) + packed[-4:]}
        for name, archive in rows.items():
            with self.subTest(archive=name):
                with self.downloading(archive) as (said, folder):
                    self.assertError(said, 0, "bad_archive", "the archive of files cannot be read")
                    self.assertEqual(os.listdir(folder), [])

    def test_saves_names_of_every_kind(self):
        names = ["a..b.txt", "grüße/日本 €.txt", "d" * 90 + "/" + "f" * 200, "x\\y", "-rf", "…",
                 "n" * 100, "z/" * 12 + "deep"]
        for format in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
            archive = gzip.compress(tar_of(special("empty", tarfile.DIRTYPE),
                                           *[(name, name.encode()) for name in names],
                                           ("nothing", b""), format=format))
            with self.downloading(archive) as (said, folder):
                self.assertEqual(said, {"ok": sorted(names + ["nothing"])})
                for name in names:
                    with open(os.path.join(folder, name), "rb") as file:
                        self.assertEqual(file.read(), name.encode())
                self.assertEqual(sorted(os.listdir(folder)),
                                 sorted({name.split("/")[0] for name in names} | {"nothing"}))

    def test_writes_through_no_link_that_is_there(self):
        def link(folder):
            os.symlink("/nonexistent-place", os.path.join(folder, "sub"))

        with self.downloading(gzip.compress(tar_of(("sub/a", b"x"))), link) as (said, folder):
            self.assertError(said, 0, "unsafe_archive",
                             '"sub/a" cannot be saved: a link or a file is in the way')
            self.assertEqual(os.listdir(folder), ["sub"])

        def link_to_file(folder):
            os.mkdir(os.path.join(folder, "kept"))
            with open(os.path.join(folder, "kept", "file"), "w") as file:
                file.write("mine")
            os.symlink("kept/file", os.path.join(folder, "a"))

        with self.downloading(gzip.compress(tar_of(("a", b"x"))), link_to_file) as (said, folder):
            self.assertEqual(said, {"ok": ["a"]})
            self.assertFalse(os.path.islink(os.path.join(folder, "a")))
            with open(os.path.join(folder, "kept", "file")) as file:
                self.assertEqual(file.read(), "mine")

        def folder_there(folder):
            os.mkdir(os.path.join(folder, "a"))

        with self.downloading(gzip.compress(tar_of(("b", b"x"), ("a", b"x"))),
                                             folder_there) as (said, folder):
            self.assertError(said, 0, "unsafe_archive",
                             '"a" cannot be saved: a folder is in the way')
            self.assertEqual(os.listdir(folder), ["a"])

    def test_a_link_that_has_ended_is_asked_for_again(self):
        archive = gzip.compress(tar_of(("a", b"x")))

        def script(request, number):
            if request.target == "/old":
                return problem(403, "forbidden")
            if request.target == "/new":
                self.assertNotIn("authorization", request.headers)
                return answer(body=archive)
            self.assertEqual(request.headers["authorization"], "Bearer " + KEY)
            return answer(body={"execution_id": ID, "status": "success",
                                "files_url": "http://" + request.headers["host"] + "/new"})

        with tempfile.TemporaryDirectory() as folder, self.serving(script) as (driver, server):
            said = driver.ask("download_files", {
                "result": {"execution_id": ID, "files_url": server.url + "/old"},
                "directory": folder})
            self.assertEqual(said, {"ok": ["a"]})

    def test_a_download_that_breaks_off_begins_again(self):
        archive = gzip.compress(tar_of(("a", os.urandom(200_000)), ("b", b"x")))

        def script(request, number):
            # fetchFiles of the driver of TypeScript asks once more.
            return HangUp(answer(body=archive)[:-100_000]) if number == 0 else answer(body=archive)

        with self.serving(script) as (driver, server):
            with tempfile.TemporaryDirectory() as folder:
                said = driver.ask("download_files", {
                    "result": {"execution_id": ID, "files_url": server.url + "/f"},
                    "directory": folder})
                self.assertEqual(said, {"ok": ["a", "b"]})
                self.assertEqual(os.path.getsize(os.path.join(folder, "a")), 200_000)
                self.assertGreaterEqual(len(server.requests), 2)

    def test_a_busy_place_of_files_is_asked_again(self):
        archive = gzip.compress(tar_of(("a", b"x")))

        def script(request, number):
            return answer(503, b"slow down") if number == 0 else answer(body=archive)

        with tempfile.TemporaryDirectory() as folder, self.serving(script) as (driver, server):
            said = driver.ask("download_files", {
                "result": {"execution_id": ID, "files_url": server.url + "/f"},
                "directory": folder})
            self.assertEqual(said, {"ok": ["a"]})

    def test_links_that_are_none(self):
        for link in ("file:///etc/passwd", "ftp://127.0.0.1/x", "//127.0.0.1/x", "nonsense"):
            with tempfile.TemporaryDirectory() as folder, \
                    self.serving(lambda *_: answer()) as (driver, server):
                said = driver.ask("download_files", {
                    "result": {"execution_id": ID, "files_url": link}, "directory": folder})
                self.assertError(said, 0, "bad_answer", "the link to the files is no http address")
                self.assertEqual(server.requests, [])
                self.assertEqual(os.listdir(folder), [])


class Packing(Driven):
    """A folder as a zip, as the server wants it."""

    def folder(self, **files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, content in {"SKILL.md": b"---\n", **files}.items():
            path = os.path.join(folder.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        return folder.name

    def pack(self, folder):
        said = self.driver.ask("pack", {"folder": folder})
        return base64.b64decode(said["ok"]["base64"]) if "ok" in said else said

    def test_packs_names_contents_and_modes(self):
        files = {"scripts/main.py": b"print()\n", "b/ü 日本.txt": b"", "a.txt": os.urandom(70_000),
                 "a/z": b"1", "a-b": b"2"}
        folder = self.folder(**files)
        os.chmod(os.path.join(folder, "scripts/main.py"), 0o4710)
        os.chmod(os.path.join(folder, "a.txt"), 0o664)
        os.mkdir(os.path.join(folder, "empty"))
        with zipfile.ZipFile(io.BytesIO(self.pack(folder))) as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual(archive.namelist(),
                             sorted([*files, "SKILL.md"], key=lambda name: name.encode()))
            for name, content in files.items():
                self.assertEqual(archive.read(name), content)
            for info in archive.infolist():
                is_program = info.filename == "scripts/main.py"
                self.assertEqual(info.external_attr >> 16, 0o100755 if is_program else 0o100644)
                self.assertEqual((info.date_time, info.create_system, info.extra),
                                 ((1980, 1, 1, 0, 0, 0), 3, b""))

    def test_the_same_files_are_the_same_bytes(self):
        files = {"main.py": b"1\n", "data/x": b"x" * 1000}
        folder, other = self.folder(**files), self.folder(**dict(reversed(files.items())))
        os.utime(os.path.join(other, "main.py"), (1, 1))
        os.chmod(os.path.join(other, "data/x"), 0o600)
        self.assertEqual(self.pack(folder), self.pack(other))
        os.symlink(folder, other + "/../link-" + os.path.basename(other))
        link = os.path.join(os.path.dirname(other), "link-" + os.path.basename(other))
        self.addCleanup(os.unlink, link)
        self.assertEqual(self.pack(link), self.pack(folder))  # the folder itself may be a link

    def test_leaves_out_what_the_engine_leaves_out(self):
        left_out = [".git/config", "a/__pycache__/x.pyc", "__MACOSX/x", "a/.DS_Store", "Thumbs.db",
                    "node_modules/.cache/x", "a/node_modules/.cache/x", ".skillbox-1.tmp"]
        kept = ["node_modules/m/index.js", ".gitignore", ".cache/x", "skillbox-1.tmp"]
        folder = self.folder(**{name: b"x" for name in left_out + kept})
        with zipfile.ZipFile(io.BytesIO(self.pack(folder))) as archive:
            self.assertEqual(set(archive.namelist()), {"SKILL.md", *kept})

    def test_stores_what_packs_too_well(self):
        folder = self.folder(zeros=bytes(3 << 20), small=bytes(1 << 19))
        with zipfile.ZipFile(io.BytesIO(self.pack(folder))) as archive:
            self.assertEqual(archive.getinfo("zeros").compress_type, zipfile.ZIP_STORED)
            self.assertEqual(archive.getinfo("small").compress_type, zipfile.ZIP_DEFLATED)
            self.assertEqual(archive.read("zeros"), bytes(3 << 20))

    def test_refuses_links_and_special_files(self):
        for name, make in {"link": lambda path: os.symlink("/etc/passwd", path),
                           "folder link": lambda path: os.symlink("/etc", path),
                           "pipe": os.mkfifo}.items():
            folder = self.folder()
            make(os.path.join(folder, name))
            self.assertError(self.pack(folder), 0, "invalid_skill",
                             f'"{name}" is no regular file; a skill holds only files and folders')

    def test_refuses_too_much(self):
        folder = self.folder(**{f"f{i}": b"" for i in range(500)})
        self.assertError(self.pack(folder), 0, "too_large", "there are more than 500 files")
        folder = self.folder()
        with open(os.path.join(folder, "huge"), "wb") as file:
            file.truncate((256 << 20) + 1)  # sparse
        self.assertError(self.pack(folder), 0, "too_large",
                         f"the files have more than {256 << 20} bytes")


def load_tests(loader, tests, pattern):
    suite = unittest.TestSuite()
    for kind in sdk_driver.kinds():
        for base in [Faults, Packing]:
            case = type(f"{base.__name__}_{kind}", (base,), {"kind": kind})
            # AsyncClient is Client in threads: only what waits could be otherwise there.
            suite.addTests(test for test in loader.loadTestsFromTestCase(case)
                           if kind != "python_async" or "stream" in test.id()
                           or "ends_at" in test.id())
    return suite


if __name__ == "__main__":
    sdk_driver.main()
