"""What a skill sees."""

import json

from contract.rules import rule

LOOK = """import json, os, sys
seen = {"env": dict(os.environ), "cwd": os.getcwd(), "uid": os.getuid(), "gid": os.getgid(),
        "scripts": sorted(os.listdir("/sandbox/scripts")), "files": {}}
for path in ("/sandbox/input.json",):
    seen["files"][path] = open(path).read()
seen["writable"] = [p for p in ("/sandbox/out", "/sandbox/out/files", "/tmp", "/sandbox/scripts",
                                "/sandbox/input", "/sandbox", "/", "/etc", "/usr")
                    if os.access(p, os.W_OK)]
json.dump(seen, open(os.environ["SANDBOX_OUTPUT"], "w"))
"""


def look(t, **more):
    t.server.publish("look", code=LOOK)
    answer = t.server.post("/v1/executions", {"skill": "look", "input": {"a": 1}, **more})
    t.assertEqual(answer.json["status"], "success", answer.text)
    return answer.json["output"]


@rule(4, "the environment is the contract's and nothing of the host's")
def _(t):
    env = look(t)["env"]
    for name, value in {"SANDBOX_INPUT": '{"a":1}', "SANDBOX_OUTPUT": "/sandbox/out/output.json",
                        "SANDBOX_FILES_DIR": "/sandbox/out/files/", "HOME": "/tmp",
                        "SANDBOX_INPUT_DIR": "/sandbox/input/",
                        "SKILL_INSTRUCTIONS": "One thing."}.items():
        t.assertEqual(env.get(name), value)
    t.assertEqual([name for name in env if name.startswith("SKILLBOX_")], [])


@rule(4, "files, folders, uid and working directory are the contract's")
def _(t):
    seen = look(t)
    t.assertEqual((seen["cwd"], seen["uid"], seen["gid"]), ("/sandbox", 65534, 65534))
    t.assertEqual(seen["files"]["/sandbox/input.json"], '{"a":1}')
    t.assertEqual(seen["scripts"], ["SKILL.md", "main.py"])
    t.assertEqual(seen["writable"], ["/sandbox/out", "/sandbox/out/files", "/tmp"])


@rule(4, "large input is in the file alone")
def _(t):
    t.server.publish("size", code="import json, os\nd = json.load(open('/sandbox/input.json'))\n"
                     "json.dump([len(d), 'SANDBOX_INPUT' in os.environ],"
                     " open(os.environ['SANDBOX_OUTPUT'], 'w'))\n")
    t.assertEqual(t.server.run("size", "x" * 200_000).json["output"], [200_000, False])


@rule(4, "extra variables arrive, forbidden ones are a recorded failure")
def _(t):
    t.assertEqual(look(t, env={"GREETING": "hi"})["env"]["GREETING"], "hi")
    for name in ("PATH", "path", "HOME", "LD_PRELOAD", "PYTHONPATH", "NODE_OPTIONS", "BASH_ENV",
                 "SANDBOX_X", "SKILL_X", "GIT_DIR", "1A", "A-B", "IFS", "ENV", "PERL5LIB"):
        answer = t.server.post("/v1/executions", {"skill": "look", "env": {name: "x"}})
        t.assertEqual((answer.status, answer.json["status"]), (200, "failed"), name)
        t.assertEqual(answer.json["error"], f'env var "{name}" is not allowed')


@rule(4, "the entrypoint is looked for in the contract's order")
def _(t):
    t.server.publish("order", script="scripts/main.py", code="print('scripts')\n",
                     **{"run.sh": "echo root\n"})
    t.assertEqual(t.server.run("order").json["logs"], "root\n")


@rule(4, "instructions alone can be published and read, and not run")
def _(t):
    from skillbox_server import skill_files
    import io, zipfile
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("SKILL.md", skill_files("words")["SKILL.md"])
    made = t.server.post("/v1/skills", buffer.getvalue(),
                         headers={"Content-Type": "application/zip"})
    t.assertEqual((made.status, made.json["mode"]), (201, "cognitive"))
    answer = t.server.run("words")
    t.assertEqual((answer.status, answer.json["error"]), (422, "not_executable"))


@rule(4, "an image off the allowlist is a recorded failure")
def _(t):
    t.server.publish("imaged", front="image: evil:1\n")
    answer = t.server.run("imaged")
    t.assertEqual((answer.status, answer.json["status"], answer.json["reason"]),
                  (200, "failed", "image_not_allowed"))


@rule(4, "output may be any JSON, also of a failed run; invalid output is a warning")
def _(t):
    t.server.publish("fails", code="import os, sys\nopen(os.environ['SANDBOX_OUTPUT'],'w')"
                                   ".write('[1]')\nsys.exit(1)\n")
    body = t.server.run("fails").json
    t.assertEqual((body["status"], body["output"]), ("failed", [1]))
    t.server.publish("broken", code="import os\nopen(os.environ['SANDBOX_OUTPUT'],'w')"
                                    ".write('{no')\n")
    body = t.server.run("broken").json
    t.assertEqual(body["status"], "success")
    t.assertNotIn("output", body)
    t.assertIn("output.json", body["logs"])


@rule(4, "logs are valid UTF-8 without NUL, and capped with a line that says so")
def _(t):
    t.server.publish("noise", code="import sys\nsys.stdout.buffer.write(b'a\\0b\\xff\\n')\n"
                                   "sys.stdout.buffer.write(b'x' * (2 << 20))\n")
    logs = t.server.run("noise").json["logs"]
    t.assertNotIn("\0", logs)
    t.assertRegex(logs.splitlines()[-1], r"\d+ bytes dropped")
    t.assertLess(len(logs), (1 << 20) + 1000)


@rule(4, "node and bash run as well")
def _(t):
    t.server.publish("in-bash", script="main.sh", code='echo "$SANDBOX_INPUT" > $SANDBOX_OUTPUT\n')
    t.server.publish("in-node", script="main.js",
                     code="require('fs').writeFileSync(process.env.SANDBOX_OUTPUT,"
                          "process.env.SANDBOX_INPUT)\n")
    for skill in ("in-bash", "in-node"):
        t.assertEqual(t.server.run(skill, {"k": "v"}).json.get("output"), {"k": "v"}, skill)
