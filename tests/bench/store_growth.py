#!/usr/bin/env python3
"""Whether a run takes longer in a store with many executions, and whether lists stay fast.

    store_growth.py SKILLBOX [--rows 100000] [--skills 10000] [--rounds 15]

Makes two data directories, fills the store of one, and runs the same small skill in both by turns
through the command line, so that noise of the machine meets both. Prints the medians and their
ratio, the plan of each list's statement and the time of a page. Needs the sqlite3 module only.
"""

import argparse
import os
import pathlib
import sqlite3
import statistics
import subprocess
import tempfile
import time
import uuid

SKILL = """---
name: tiny
description: Says hello. Use to measure.
version: 1.0.0
---
Say hello.
"""


def skillbox(program, data, *arguments):
    environment = dict(os.environ, SKILLBOX_DATA_DIR=str(data))
    return subprocess.run([program, *arguments], env=environment, check=True, capture_output=True)


def fill(data, rows, skills):
    base = 1_700_000_000_000
    with sqlite3.connect(data / "skillbox.db") as store:
        store.executemany(
            "INSERT INTO executions (id, tenant, skill_name, skill_version, status, reason,"
            " duration_ms, session, created_at, started_at, finished_at, input, output, logs)"
            " VALUES (?, 'local', ?, '1.0.0', ?, '', 12, ?, ?, ?, ?, ?, ?, ?)",
            ((str(uuid.uuid4()), f"skill-{n % 100}", "failed" if n % 10 == 0 else "success",
              f"s{n % 50}" if n % 5 == 0 else "", base + n // 3, base + n, base + n,
              '{"text":"' + "x" * 200 + '"}', '{"n":1}', "line\n" * 100) for n in range(rows)))
        for n in range(skills):
            name = f"skill-{n:05}"
            store.execute("INSERT INTO skills VALUES ('local', ?, ?)", (name, base))
            store.execute(
                "INSERT INTO skill_versions (tenant, name, version, digest, archive_blob,"
                " archive_bytes, language, mode, published_by, published_at, description,"
                " manifest, instructions) VALUES ('local', ?, '1.0.0', 'sha256:x', 'x', 1,"
                " 'python', 'executable', 'me', ?, ?, '{}', ?)",
                (name, base + n, f"Does thing number {n}. Use when thing {n % 97} is needed.",
                 "Some instructions in a few words. " * 40))


def executions_after(store):
    created, seq = store.execute("SELECT created_at, seq FROM executions ORDER BY created_at"
                                 " LIMIT 1 OFFSET 1000").fetchone()
    columns = "id, skill_name, status, duration_ms, created_at, error, sandbox, seq"
    order = " ORDER BY created_at DESC, seq DESC LIMIT 50"
    return {
        "executions, first page": (
            f"SELECT {columns} FROM executions WHERE tenant = 'local'" + order, ()),
        "executions, a page near the end": (
            f"SELECT {columns} FROM executions WHERE tenant = 'local'"
            " AND (created_at, seq) < (?, ?)" + order, (created, seq)),
        "executions of a skill, near the end": (
            f"SELECT {columns} FROM executions WHERE tenant = 'local' AND skill_name = 'skill-7'"
            " AND (created_at, seq) < (?, ?)" + order, (created, seq)),
        "failed executions, near the end": (
            f"SELECT {columns} FROM executions WHERE tenant = 'local' AND status = 'failed'"
            " AND (created_at, seq) < (?, ?)" + order, (created, seq)),
        "executions of a session, near the end": (
            f"SELECT {columns} FROM executions WHERE tenant = 'local' AND session = 's5'"
            " AND session <> '' AND (created_at, seq) < (?, ?)" + order, (created, seq)),
    }


def skills_after():
    columns = ("v.name, v.version, v.description, v.language, v.mode, v.manifest,"
               " v.instructions, v.id")
    order = " ORDER BY v.name, v.published_at DESC, v.id DESC LIMIT 200"
    start = f"SELECT {columns} FROM skill_versions v WHERE v.tenant = 'local'"
    match = " AND v.id IN (SELECT rowid FROM skill_search WHERE skill_search MATCH ?)"
    return {
        "skills, first page": (start + order, ()),
        "skills, a page near the end": (
            start + " AND v.name >= ? AND (v.name > ? OR (v.published_at, v.id) < (?, ?))" + order,
            ("skill-09700", "skill-09700", 0, 0)),
        "search that finds few": (start + match + order, ('"42"*',)),
        "search that finds all": (start + match + order, ('"thing"*',)),
    }


def show_lists(data):
    store = sqlite3.connect(data / "skillbox.db")
    for name, (sql, values) in {**executions_after(store), **skills_after()}.items():
        plan = [row[3] for row in store.execute("EXPLAIN QUERY PLAN " + sql, values)]
        times = []
        for _ in range(7):
            begun = time.perf_counter()
            store.execute(sql, values).fetchall()
            times.append((time.perf_counter() - begun) * 1000)
        print(f"{name}: {statistics.median(times):.2f} ms")
        for step in plan:
            print(f"    {step}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("skillbox")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--skills", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        tiny = root / "tiny"
        tiny.mkdir()
        (tiny / "SKILL.md").write_text(SKILL)
        (tiny / "main.sh").write_text("echo hello\n")
        stores = {"empty": root / "empty", "full": root / "full"}
        for data in stores.values():
            skillbox(options.skillbox, data, "skill", "push", str(tiny))
            skillbox(options.skillbox, data, "run", "tiny")
        fill(stores["full"], options.rows, options.skills)
        times = {name: [] for name in stores}
        for _ in range(options.rounds):
            for name, data in stores.items():
                begun = time.perf_counter()
                skillbox(options.skillbox, data, "run", "tiny")
                times[name].append((time.perf_counter() - begun) * 1000)
        empty, full = (statistics.median(times[name]) for name in ("empty", "full"))
        print(f"a run: {empty:.1f} ms in an empty store, {full:.1f} ms beside {options.rows}"
              f" executions, ratio {full / empty:.3f}")
        show_lists(stores["full"])


if __name__ == "__main__":
    main()
