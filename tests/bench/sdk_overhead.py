#!/usr/bin/env python3
"""What a call costs through each SDK, beside the same call by http.client, net/http and fetch in the
same run; and how much memory an upload of 50 MiB from a file takes.

Usage: sdk_overhead.py SKILLBOX PROJECT BUILD [ROUNDS]
"""

import json
import os
import subprocess
import sys
import tempfile

GOAL_MS = 1.0
UPLOAD_BYTES = 50 << 20


def main():
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    skillbox, project, build = (os.path.abspath(path) for path in sys.argv[1:4])
    rounds = sys.argv[4] if len(sys.argv) > 4 else "500"
    sys.path[:0] = [os.path.join(project, "tests/server"), os.path.join(project, "tests/sdk")]
    import sdk_driver
    import skillbox_server
    skillbox_server.PROGRAM = skillbox
    sdk_driver.project, sdk_driver.build = project, os.path.join(build, "sdk-bench")
    os.makedirs(sdk_driver.build, exist_ok=True)

    here = os.path.join(project, "tests/bench/sdk")
    with skillbox_server.Server() as server, tempfile.TemporaryDirectory() as folder:
        server.cli("skill", "push", os.path.join(project, "skills/word-counter"))
        large = os.path.join(folder, "large")
        with open(large, "wb") as file:
            file.truncate(UPLOAD_BYTES)
        contenders = {"python": ("http.client", lambda: [
            sys.executable, "-B", os.path.join(here, "overhead.py"), os.path.join(project, "sdk/python")])}
        contenders["go"] = ("net/http", lambda: [
            sdk_driver.compiled_go("tests/bench/sdk/go", "go_overhead")])
        contenders["typescript"] = ("fetch", lambda: [
            "node", os.path.join(here, "overhead.mjs"),
            os.path.join(sdk_driver.compiled_typescript(), "skillbox.js")])
        print(f"{'':12}{'raw ms':>10}{'SDK ms':>10}{'above ms':>10}{'ratio':>8}{'upload MiB':>12}")
        for name, (raw, command) in contenders.items():
            try:
                arguments = command()
            except (AssertionError, FileNotFoundError) as error:
                print(f"{name:12} left out: {str(error).splitlines()[0]}")
                continue
            done = subprocess.run([*arguments, server.url, server.key, rounds, large],
                                  capture_output=True, text=True)
            if done.returncode != 0:
                print(done.stderr, file=sys.stderr)
                return 1
            got = json.loads(done.stdout)
            print(f"{name:12}{got['raw_ms']:10.3f}{got['sdk_ms']:10.3f}"
                  f"{got['sdk_ms'] - got['raw_ms']:10.3f}{got['sdk_ms'] / got['raw_ms']:8.2f}"
                  f"{got['upload_kib'] / 1024:12.1f}   raw: {raw}")
    print(f"\nMedians of {rounds} calls of each kind, in turns: GET of a skill, as an object. Goal: less "
          f"than {GOAL_MS:g} ms above.\nUpload: what the process's peak grew by while it sent "
          f"{UPLOAD_BYTES >> 20} MiB from a file.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
