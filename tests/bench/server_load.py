#!/usr/bin/env python3
"""How fast the server is, on loopback and bounded in time: server_load.py BINDIR [part …]

Parts: run, load, list, idle, upload. Each prints one JSON object a line. The engine's own time is
taken by the same clock on the same skill: through `skillbox run`'s record (duration_ms) and, for the
throughput, by what the server's engine does when asked without waiting for an answer.
"""

import concurrent.futures
import http.client
import json
import os
import socket
import sqlite3
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "server"))
import skillbox_server  # noqa: E402
from skillbox_server import Server, skill_zip  # noqa: E402

CODE = "print('hello')\n"


def memory_mib(pid, field="VmRSS"):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


def said(part, **numbers):
    print(json.dumps({"part": part} | {name: round(value, 2) if isinstance(value, float) else value
                                       for name, value in numbers.items()}), flush=True)


class Client:
    """One connection that is kept."""

    def __init__(self, server):
        self.connection = server.connect()
        self.headers = {"Authorization": "Bearer " + server.key,
                        "Content-Type": "application/json"}

    def call(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body=body, headers=self.headers | (headers or {}))
        response = self.connection.getresponse()
        return response.status, response.read()


def part_run(server, rounds=60):
    """A request for a run against what the run itself took by the record."""
    client = Client(server)
    body = b'{"skill":"trivial"}'
    for _ in range(5):
        client.call("POST", "/v1/executions", body)
    whole, above = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        status, answer = client.call("POST", "/v1/executions", body)
        took = (time.perf_counter() - began) * 1000
        assert status == 200, answer
        whole.append(took)
        above.append(took - json.loads(answer)["duration_ms"])
    said("run", rounds=rounds, request_ms_median=statistics.median(whole),
         above_the_run_ms_median=statistics.median(above))


def throughput(server, seconds, ask, clients=32):
    over = time.monotonic() + seconds
    done = errors = 0
    lock = threading.Lock()

    def work():
        nonlocal done, errors
        client = Client(server)
        while time.monotonic() < over:
            good = ask(client)
            with lock:
                done += good
                errors += not good
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        for future in [pool.submit(work) for _ in range(clients)]:
            future.result()
    return done, errors


def part_load(server, seconds=30, turns=6):
    """32 clients that wait for their runs, and by turns the engine alone: one client fills its
    queue without waiting, and the store says how many it finished meanwhile."""
    body = b'{"skill":"trivial"}'

    def waiting(client):
        status, answer = client.call("POST", "/v1/executions", body)
        return status == 200 and b'"status":"success"' in answer

    client = Client(server)
    path = os.path.join(server.data, "skillbox.db")

    def count(what):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
            return store.execute(f"SELECT count(*) FROM executions WHERE {what}").fetchone()[0]

    def alone(duration):
        began, before, queued = time.monotonic(), count("status='success'"), 0
        while time.monotonic() - began < duration:
            for _ in range(100 - (queued - (count("status='success'") - before))):
                status, _ = client.call("POST", "/v1/executions", body, {"Prefer": "respond-async"})
                queued += status == 202
            time.sleep(0.1)
        done, took = count("status='success'") - before, time.monotonic() - began
        while count("status IN ('queued', 'running')"):
            time.sleep(0.05)
        return done / took

    rates, alones, errors = [], [], 0
    for _ in range(turns):
        began = time.monotonic()
        done, failed = throughput(server, seconds / turns, waiting)
        rates.append(done / (time.monotonic() - began))
        errors += failed
        alones.append(alone(seconds / turns))
    said("load", clients=32, seconds=seconds, errors=errors, runs_per_s=statistics.mean(rates),
         engine_alone_runs_per_s=statistics.mean(alones),
         ratio=statistics.mean(rates) / statistics.mean(alones),
         ratio_of_turns=statistics.median(a / b for a, b in zip(rates, alones)))


def part_list(server, skills=10_000):
    """Rows are copied inside the store: publishing so many is not what is measured."""
    path = os.path.join(server.data, "skillbox.db")
    with sqlite3.connect(path) as store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(skill_versions)")]
        row = dict(zip(columns, store.execute("SELECT * FROM skill_versions LIMIT 1").fetchone()))
        for number in range(skills):
            copy = dict(row, name=f"copy-{number:05}", description=f"The copy of number {number}.")
            del copy["id"]
            store.execute("INSERT INTO skills (tenant, name, created_at) VALUES (?, ?, ?)",
                          (copy["tenant"], copy["name"], copy["published_at"]))
            store.execute(f"INSERT INTO skill_versions ({','.join(copy)}) VALUES "
                          f"({','.join('?' * len(copy))})", list(copy.values()))
    client = Client(server)
    for name, target in (("page", "/v1/skills?limit=50"), ("search", "/v1/skills?q=copy&limit=50"),
                         ("one_name", "/v1/skills?name=copy-05000"),
                         ("latest", "/v1/skills?latest=1&limit=50"), ("no_limit", "/v1/skills")):
        times = []
        for _ in range(20):
            began = time.perf_counter()
            status, answer = client.call("GET", target)
            times.append((time.perf_counter() - began) * 1000)
            assert status == 200
        said("list", what=name, skills=skills, rows=len(json.loads(answer)),
             ms_median=statistics.median(times), ms_worst=max(times))


def part_idle(server):
    said("idle", rss_mib=memory_mib(server.process.pid))
    address = (server.address.hostname, server.address.port)
    idle = [socket.create_connection(address) for _ in range(500)]
    slow = [socket.create_connection(address) for _ in range(50)]
    over = threading.Event()

    def drip():
        while not over.wait(0.1):
            for connection in slow:
                try:
                    connection.sendall(b"G")
                except OSError:
                    pass
    dripping = threading.Thread(target=drip)
    dripping.start()
    times = []
    for _ in range(200):
        began = time.perf_counter()
        answer = server.get("/health", key=None)
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200
    over.set()
    dripping.join()
    for connection in idle + slow:
        connection.close()
    said("idle", connections=550, health_ms_median=statistics.median(times),
         health_ms_worst=max(times), rss_mib=memory_mib(server.process.pid))


def part_upload(server, size=50 << 20):
    boundary = "bench"
    head = (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n'
            ).encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    server.call("POST", "/v1/files", head + b"x" + tail,
                headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
    before = memory_mib(server.process.pid)
    with open(f"/proc/{server.process.pid}/clear_refs", "w") as peak:
        peak.write("5")  # proc(5): the peak begins anew
    began = time.perf_counter()
    answer = server.call("POST", "/v1/files", head + os.urandom(size) + tail,
                         headers={"Content-Type": f"multipart/form-data; boundary={boundary}"})
    took = time.perf_counter() - began
    said("upload", status=answer.status, mib=size / (1 << 20), seconds=took,
         peak_rss_above_mib=memory_mib(server.process.pid, "VmHWM") - before)


def main():
    skillbox_server.PROGRAM = os.path.join(os.path.abspath(sys.argv[1]), "skillbox")
    parts = sys.argv[2:] or ["idle", "upload", "run", "load", "list"]
    with Server("--log-level", "warning", "--log-format", "json", wait=False) as server:
        path = os.path.join(server.data, "local.json")
        skillbox_server.until(lambda: os.path.exists(path), what="the server's start")
        with open(path) as file:
            local = json.load(file)
        server.url, server.key = local["addresses"][0], local["key"]
        server.post("/v1/skills", skill_zip("trivial", code=CODE),
                    headers={"Content-Type": "application/zip"})
        for part in parts:
            globals()["part_" + part](server)


if __name__ == "__main__":
    main()
