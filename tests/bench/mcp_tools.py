"""Lists a thousand skills as tools, the way an agent does it: skillbox mcp over pipes.

mcp_tools.py SKILLBOX [SKILLS]: prints the time from the request to its whole answer, for the first
list of a process and for later ones. Goal: under 200 ms for 1,000.
"""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time


def fill(database, count):
    """Copies of the one published skill: to publish a thousand would take the checker's time."""
    store = sqlite3.connect(database)
    columns = [row[1] for row in store.execute("PRAGMA table_info(skill_versions)")
               if row[1] not in ("id", "name")]
    listed = ", ".join(columns)
    for i in range(1, count):
        name = f"skill-{i:05}"
        store.execute("INSERT INTO skills SELECT tenant, ?, created_at FROM skills LIMIT 1", (name,))
        store.execute(f"INSERT INTO skill_versions (name, {listed})"
                      f" SELECT ?, {listed} FROM skill_versions WHERE name = 'word-counter'", (name,))
    store.commit()
    store.close()


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    project = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with tempfile.TemporaryDirectory() as data:
        environment = {"PATH": os.environ["PATH"], "SKILLBOX_DATA_DIR": data, "HOME": data}
        subprocess.run([program, "skill", "push", os.path.join(project, "skills/word-counter")],
                       env=environment, check=True, capture_output=True)
        fill(os.path.join(data, "skillbox.db"), count)
        first, later = [], []
        for _ in range(5):
            server = subprocess.Popen([program, "mcp"], env=environment, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE)
            ask(server, 0, "initialize", {"protocolVersion": "2025-11-25"})
            for round_ in range(5):
                started = time.perf_counter()
                line = ask(server, round_ + 1, "tools/list", {})
                (later if round_ else first).append((time.perf_counter() - started) * 1000)
                assert len(json.loads(line)["result"]["tools"]) == count
            server.stdin.close()
            server.wait()
        print(f"{count} tools, {len(line) // 1024} KiB: first list {statistics.median(first):.0f} ms"
              f" (worst {max(first):.0f}), later {statistics.median(later):.1f} ms; goal 200 ms")


def ask(server, number, method, params):
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    server.stdin.write(json.dumps(message).encode() + b"\n")
    server.stdin.flush()
    return server.stdout.readline()


main()
