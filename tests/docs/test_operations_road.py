"""Follows docs/operations.md from nothing to three replicas: its blocks, in their order, in one shell, on
an overlay of this machine with a network of its own. What is different from a reader's machine is in
STAND_INS, in tests/docs/road/systemctl, and a Ceph gateway for the reader's S3."""

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROAD = os.path.join(HERE, "road")
PROGRAMS = ["haproxy", "openssl", "curl", "jq", "socat", "pg_lsclusters", "radosgw", "ceph-mon", "ceph-osd",
            "findmnt", "ip", "runuser"]

# Lines of the document and what stands for them here. Each has to be in it.
STAND_INS = {
    "./dev build --release --no-desktop": "",
    "cmake --install build-release": 'cmake --install "$BUILD" --component tools >/dev/null',
}
VALUES = {"S3_ENDPOINT": '"$GATEWAY"', "S3_CA": "/tmp/s3/tls.pem"}

# Somebody who asks for runs all the time, while the replicas are restarted.
CLIENT = """( while [ ! -e /tmp/enough ]; do
    curl -sS --cacert "$TLS/ca.pem" -H @/root/skillbox-agents.header -H 'Content-Type: application/json' \
        -d '{"skill":"word-counter","input":{"text":"a"}}' -o /dev/null -w '%{http_code}\\n' \
        "https://$DOMAIN/v1/executions" >> /tmp/codes 2>&1
done ) &
CLIENT=$!
"""
CLIENT_END = "touch /tmp/enough\nwait $CLIENT\n"

Step = collections.namedtuple("Step", "heading script")


def steps_of(document):
    """The blocks of the road, each with the heading above it."""
    begin = document.index("\n## From nothing to three replicas\n")
    end = document.index("\n### On three machines\n")
    steps, heading, block = [], "", None
    for line in document[begin:end].splitlines():
        if block is not None:
            if line == "```":
                steps.append(Step(heading, "\n".join(block) + "\n"))
                block = None
            else:
                block.append(line)
        elif line == "```sh":
            block = []
        elif line.startswith("### "):
            heading = line[4:]
    return steps


def script_of(steps):
    """One script that says at which block it is. It ends at the first command that fails."""
    text = ["set -e"]
    for number, step in enumerate(steps):
        text.append(f"printf '\\n@@@ %s %s\\n' {number} \"$SECONDS\"")
        script = step.script
        for line, other in STAND_INS.items():
            script = re.sub(f"(?m)^{re.escape(line)}$", lambda _: other, script)
        for name, value in VALUES.items():
            script = re.sub(f"(?m)^{name}=.*$", lambda _: f"{name}={value}", script)
        if "\nrolling_restart\n" in script:
            script = script.replace("\nrolling_restart\n", f"\n{CLIENT}rolling_restart\n{CLIENT_END}")
        text.append(script)
    return "\n".join(text + ["printf '\\n@@@ end %s\\n' \"$SECONDS\"", ""])


def inside(project, build):
    """On the overlay: the reader."""
    os.makedirs("/tmp/bin")
    for name in ("systemctl", "journalctl", "apt-get"):
        os.symlink(os.path.join(ROAD, "systemctl"), f"/tmp/bin/{name}")
    ceph = os.path.join(project, "tests/support/ceph.sh")
    with open("/tmp/gateway", "wb") as said:
        # Its daemons keep what they inherit, so nothing is a pipe.
        code = subprocess.run([ceph, "start", "/tmp/s3"], stdin=subprocess.DEVNULL, stdout=said).returncode
    if code != 0:
        return code
    with open("/tmp/gateway", encoding="utf-8") as said:
        gateway = said.read().split()[1]
    with open(os.path.join(project, "docs/operations.md"), encoding="utf-8") as file:
        steps = steps_of(file.read())
    with open("/tmp/road.sh", "w", encoding="utf-8") as file:
        file.write(script_of(steps))
    # As in a fresh root shell; what the test's own environment says must not help.
    environment = {"PATH": "/tmp/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb", "BUILD": build, "GATEWAY": gateway}
    environment |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    with open("/tmp/answers", "w+", encoding="utf-8") as answers:
        answers.write("SKILLBOX\nSKILLBOXSECRET\n")
        answers.seek(0)
        code = subprocess.run(["bash", "/tmp/road.sh"], cwd=project, env=environment,
                              stdin=answers, stdout=sys.stdout, stderr=subprocess.STDOUT).returncode
    if code == 0:
        with open("/tmp/codes", encoding="utf-8") as file:
            print("@@@ codes 0\n" + file.read(), flush=True)
    else:
        for unit in sorted(os.listdir("/run/stand-in")) if os.path.isdir("/run/stand-in") else []:
            if unit.endswith(".log"):
                with open(f"/run/stand-in/{unit}", encoding="utf-8", errors="replace") as file:
                    print(f"--- {unit}\n{file.read()[-3000:]}", flush=True)
    return code


class Road(unittest.TestCase):
    def setUp(self):
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        missing = [program for program in PROGRAMS if not shutil.which(program, path=path)]
        if os.geteuid() != 0:
            self.skip("it needs root")
        if missing:
            self.skip("not installed: " + " ".join(missing))
        with open(os.path.join(PROJECT, "docs/operations.md"), encoding="utf-8") as file:
            self.steps = steps_of(file.read())

    def skip(self, why):
        print(f"SKIPPED: following docs/operations.md: {why}", file=sys.stderr)
        self.skipTest(why)

    def follow(self):
        """What the blocks printed, by the number of their step."""
        with tempfile.TemporaryDirectory(prefix="skillbox-road-") as folder, \
                tempfile.TemporaryFile() as said:
            code = subprocess.run([os.path.join(ROAD, "machine.sh"), folder, sys.executable, __file__,
                                   "--inside", PROJECT, BUILD], stdin=subprocess.DEVNULL, stdout=said,
                                  stderr=said, timeout=500).returncode
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
        parts = re.split(r"(?m)^@@@ (\S+) (\d+)\n", text)
        if code == 77:
            self.skip(parts[-1].strip()[-300:])
        where = parts[-3] if len(parts) > 2 else ""
        name = self.steps[int(where)].heading if where.isdigit() else "before the road"
        road, *logs = text.split("\n--- ")
        tails = "\n--- ".join(log[-1500:] for log in logs)
        self.assertEqual(code, 0, f"{name}:\n--- {tails}\n{road[-4000:]}")
        took = {key: int(seconds) for key, seconds in zip(parts[1::3], parts[2::3])}
        print(f"{len(self.steps)} blocks in {took['end']} s", file=sys.stderr)
        blocks = dict(zip(parts[1::3], parts[3::3]))
        said = collections.defaultdict(str)
        for number, step in enumerate(self.steps):
            said[int(step.heading.split(".")[0])] += blocks[str(number)]
        return said, blocks["codes"].split()

    def test_leads_to_three_replicas(self):
        document = "".join(step.script for step in self.steps)
        for line in list(STAND_INS) + [name + "=" for name in VALUES] + ["\nrolling_restart\n"]:
            self.assertIn(line, document)
        said, codes = self.follow()
        self.assertEqual(said[6].count('"status":"ready"'), 3, said[6])
        self.assertEqual(said[7].count('"status":"ready"'), 1, said[7])
        self.assertIn("first-admin", said[8])
        self.assertIn("agents", said[8])
        self.assertIn("succeeded", said[9])
        self.assertIn('"status": "success"', said[9])
        self.assertIn('"words": 3', said[9])
        ticks = re.findall(r"^tick (\d)$", said[10], re.MULTILINE)
        self.assertEqual(ticks[:6], list("123456"), said[10])
        # The run on the replica that was killed is lost, unless it had not begun.
        ends = re.findall(r"^[0-9a-f]{8} +(\w+) +ticker\b", said[11], re.MULTILINE)
        self.assertEqual(len(ends), 4, said[11])
        self.assertGreaterEqual(ends.count("success"), 3, said[11])
        self.assertEqual(set(ends) - {"success", "failed"}, set(), said[11])
        # Nobody noticed that all replicas were restarted.
        self.assertGreater(len(codes), 3, codes)
        self.assertEqual(set(codes), {"200"}, codes)
        self.assertIn("word-counter", said[13])
        self.assertEqual(len(re.findall(r"^skillbox_executions_running ", said[14], re.MULTILINE)), 3, said[14])
        logged = [json.loads(line) for line in said[14].splitlines() if line.startswith('{"status"')]
        self.assertEqual(len(logged), 5, said[14])


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        sys.exit(inside(*sys.argv[2:4]))
    PROJECT, BUILD = (os.path.abspath(path) for path in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
