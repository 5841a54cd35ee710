"""What must be true when the weather is over. Everything here raises AssertionError."""

import collections
import hashlib
import os
import random
import re

from clients import content_of
from skillbox_server import until

# A run that was under way on a server that died, or was taken for dead, is not begun again.
MAY_END_AS = {"success ", "failed lost"}


def nothing(found, what):
    if found:
        raise AssertionError(f"{what}: {len(found)}, such as {sorted(found, key=str)[:5]}")


class Records:
    """Every run that was answered for has run to one final record, and no other was made."""

    def __init__(self, postgres, clients, mark, before):
        self.asked = {run: task for client in clients for run, task in client.answers.items()}
        self.keys = {key: run for client in clients for key, run in client.keys.items()}
        self.postgres, self.mark, self.before = postgres, mark, before
        self.ways = {}  # id of the run: status and reason
        self.contained = 0  # runs in containers

    def judge(self):
        rows = self.postgres.rows
        unfinished = ("SELECT id, status, instance, to_timestamp(created_at / 1000) FROM executions"
                      " WHERE status IN ('queued', 'running')")
        try:
            until(lambda: not rows(unfinished), patience=60, what="the end of every run")
        except AssertionError as error:
            raise AssertionError(f"{error}: {rows(unfinished)}") from None
        self.ways = {run: f"{status} {reason}" for run, status, reason in rows(
            f"SELECT id, status, reason FROM executions WHERE input LIKE '%{self.mark}%'")}
        nothing(set(self.asked) - set(self.ways), "runs that were answered for and are not there")
        nothing(set(self.ways) - set(self.asked), "runs that nobody was answered for")
        made = self.postgres.number("SELECT count(*) FROM executions") - self.before
        if made != len(self.ways):
            raise AssertionError(f"{made} records of {len(self.ways)} runs")
        nothing([(run, way) for run, way in self.ways.items() if way not in MAY_END_AS],
                "runs that ended as they should not")
        if self.counted()["success "] <= 20:
            raise AssertionError(f"too few runs to mean anything: {self.counted()}")
        bound = dict(rows("SELECT key, execution FROM idempotency"))
        nothing([(key, run) for key, run in self.keys.items() if bound.get(key) != run],
                "keys that are not bound to the run that was answered")
        nothing(rows("SELECT target, count(*) FROM audit WHERE action = 'execution.finish'"
                     " GROUP BY target HAVING count(*) <> 1"), "runs that the audit ends twice")
        ended = {row[0] for row in rows("SELECT target FROM audit"
                                        " WHERE action = 'execution.finish'")}
        nothing(set(self.ways) - ended, "runs that the audit does not end")
        nothing(rows("SELECT DISTINCT execution FROM execution_log_parts"),
                "runs that are over and have parts of a live log")
        nothing(rows("SELECT id FROM executions WHERE task <> ''"), "runs that keep their task")

    def counted(self):
        return collections.Counter(self.ways.values())

    def judge_files(self, servers):
        """Any server gives any run's file as the run wrote it."""
        for run, way in self.ways.items():
            if way != "success ":
                continue
            answer = random.choice(servers).get(f"/v1/executions/{run}/files/out.txt")
            if answer.status != 200 or answer.body != content_of(self.asked[run]):
                raise AssertionError(f"the file of {run} is not what was written: {answer.status}"
                                     f" {answer.body[:200]}")

    def judge_containers(self, image):
        """A server that runs in containers had its part in it."""
        self.contained = self.postgres.number("SELECT count(*) FROM executions WHERE sandbox LIKE"
                                              f" '%{image}%' AND input LIKE '%{self.mark}%'")
        if self.contained == 0:
            raise AssertionError("no run was in a container")

    def spoiled(self):
        """Digests of what runs wrote whose servers were lost before it was recorded."""
        return {hashlib.sha256(content_of(self.asked[run])).hexdigest()
                for run, way in self.ways.items() if way != "success "}


class Contents:
    """The bucket, object by object."""

    REFERENCES = ("SELECT blob FROM artifacts UNION SELECT archive_blob FROM skill_versions"
                  " UNION SELECT blob FROM files UNION SELECT blob FROM session_files")

    def __init__(self, postgres, bucket):
        self.postgres, self.bucket = postgres, bucket
        self.verified = set()  # keys with ETags: what has not changed since is not read again

    def _digests(self):
        objects = self.bucket.objects()
        named = {key: re.fullmatch(r"blobs/([0-9a-f]{2})/([0-9a-f]{62})", key) for key in objects}
        nothing([key for key, match in named.items() if not match], "objects that are no blobs")
        for key, tag in objects.items():
            if (key, tag) in self.verified:
                continue
            if self.bucket.digest(key) != named[key][1] + named[key][2]:
                raise AssertionError(f"{key} has another content")
            self.verified.add((key, tag))
        return {match[1] + match[2] for match in named.values()}

    def judge(self, explained):
        """How many blobs there are, and how many of them nothing refers to: those may only be what
        runs left that were lost."""
        there = self._digests()
        wanted = {row[0] for row in self.postgres.rows(self.REFERENCES)}
        nothing(wanted - there, "blobs that records refer to and are not in the bucket")
        nothing(there - wanted - explained, "blobs that nothing explains")
        return len(there), len(there - wanted)

    def judge_swept(self):
        """What the sweep leaves is what records refer to."""
        there, left = self.judge(set())
        nothing(self.bucket.uploads(), "uploads that nobody finished")
        return there


class Leftovers:
    """What servers that have ended must not leave on the machine."""

    def __init__(self):
        self.launchers = set()

    def note_processes(self, servers):
        """Before they end: the processes that make their sandboxes."""
        parents = {str(server.process.pid) for server in servers}
        for pid, stat in _of_processes("stat"):
            fields = stat.rpartition(b")")[2].split()
            if fields[1].decode() in parents:
                self.launchers.add(pid)

    def judge(self, mark, directories, docker=None):
        def processes():
            texts = [mark.encode()] + [data.encode() + b"\0" for data in directories]
            commands = dict(_of_processes("cmdline"))
            return [(pid, commands.get(pid)) for pid, environment in _of_processes("environ")
                    if any(text in environment + b"\0" + commands.get(pid, b"") + b"\0"
                           for text in texts)]

        try:
            until(lambda: not processes(), patience=30, what="the end of processes")
        except AssertionError:
            nothing(processes(), "processes")
        with open("/proc/self/mountinfo", encoding="utf-8") as file:
            nothing([line for line in file if any(data + "/" in line or data + " " in line
                                                  for data in directories)], "mounts")
        nothing([os.path.join(folder, name) for folder, names, _ in os.walk("/sys/fs/cgroup")
                 for name in names
                 if name.startswith(tuple(f"skillbox.{pid}." for pid in self.launchers))],
                "control groups")
        for data in directories:
            nothing(list(_files_left(data)), f"files in {data}")
        if docker:
            nothing(docker.containers(), "containers")
            nothing(docker.volumes(), "volumes of containers")


def _files_left(data):
    """Files that only a server at work has, or one that died at it."""
    for room in ("scratch", "spool", "instances", "tmp", "blobs"):
        for folder, _, names in os.walk(os.path.join(data, room)):
            yield from (os.path.join(folder, name) for name in names)
    for room in ("", "cache", "images"):
        folder = os.path.join(data, room)
        for name in os.listdir(folder) if os.path.isdir(folder) else []:
            path = os.path.join(folder, name)
            if name.startswith((".", "tmp")) and (room or os.path.isfile(path)):
                yield path


def _of_processes(what):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/{what}", "rb") as file:
                yield pid, file.read()
        except OSError:  # it has ended meanwhile
            continue
