"""Executions: asking for one, its result, the list, events, files."""

import io
import json
import tarfile
import threading
import time
import urllib.parse

from contract.rules import rule
from contract.section1_http import NO_ID, UUID
from skillbox_server import until

ECHO = "import os\nopen(os.environ['SANDBOX_OUTPUT'],'w').write(os.environ['SANDBOX_INPUT'])\n"
FILES = ("import os\nd=os.environ['SANDBOX_FILES_DIR']\nos.makedirs(d+'sub')\n"
         "open(d+'b.txt','w').write('bee')\nopen(d+'sub/a.txt','w').write('0123456789')\n"
         "os.symlink('b.txt', d+'link')\nprint('made')\n")
SLOW = "import time\nprint('begun', flush=True)\ntime.sleep(60)\n"


def start(t, skill, **more):
    answer = t.server.post("/v1/executions", {"skill": skill, **more},
                           headers={"Prefer": "respond-async"})
    t.assertEqual(answer.status, 202, answer.text)
    return answer.json["execution_id"]


def stop(t, id):
    t.assertEqual(t.server.post(f"/v1/executions/{id}/cancel").status, 202)
    return until(lambda: (r := t.server.get("/v1/executions/" + id).json)["status"] == "cancelled"
                 and r, what="the end of the run")


@rule(3, "a run that went well")
def _(t):
    t.server.publish("echo", code=ECHO)
    answer = t.server.run("echo", {"b": 1.50, "a": [None, "ä"]})
    t.assertEqual(answer.status, 200)
    body = answer.json
    t.assertRegex(body["execution_id"], "^" + UUID + "$")
    t.assertEqual(body["status"], "success")
    t.assertEqual(body["output"], {"b": 1.5, "a": [None, "ä"]})
    t.assertIn('"error":null', answer.text)
    t.assertIsInstance(body["duration_ms"], int)
    t.assertEqual(body["exit_code"], 0)
    t.assertTrue(body["skill_digest"].startswith("sha256:"))
    t.assertIn("sandbox", body)
    for absent in ("files_url", "files_list", "logs"):
        t.assertNotIn(absent, body)


@rule(3, "shells find what they grep for")
def _(t):
    t.server.publish("echo", code=ECHO)
    text = t.server.run("echo", {"x": 1}).text
    for part in ('"status":"success"', '"output":{', '"error":null', '"execution_id":"',
                 '"duration_ms":'):
        t.assertIn(part, text)


@rule(3, "a run that failed is 200, with its status, error and logs")
def _(t):
    t.server.publish("bad", code="import sys\nprint('out')\nprint('err', file=sys.stderr)\n"
                                 "sys.exit(3)\n")
    answer = t.server.run("bad")
    t.assertEqual(answer.status, 200)
    body = answer.json
    t.assertEqual((body["status"], body["error"], body["reason"], body["exit_code"]),
                  ("failed", "command exited with code 3", "exit_code", 3))
    t.assertEqual(sorted(body["logs"].split()), ["err", "out"])
    t.assertNotIn("output", body)


@rule(3, "input that is absent or null is an empty object")
def _(t):
    t.server.publish("echo", code=ECHO)
    for body in ({"skill": "echo"}, {"skill": "echo", "input": None}):
        t.assertEqual(t.server.post("/v1/executions", body).json["output"], {})


@rule(3, "input may be any JSON")
def _(t):
    t.server.publish("echo", code=ECHO)
    for value in (0, "text", [1], False, 12345678901234567890, 1e300):
        t.assertEqual(t.server.run("echo", value).json["output"], value)


@rule(3, "digits of numbers pass through unchanged")
def _(t):
    t.server.publish("echo", code=ECHO)
    answer = t.server.call("POST", "/v1/executions",
                           b'{"skill":"echo","input":{"z":1.10,"a":123456789012345678901234567890}}')
    t.assertIn('"output":{"z":1.10,"a":123456789012345678901234567890}', answer.text)


@rule(3, "bad names, versions and types are 400 naming the member")
def _(t):
    for body, member in (({"skill": "../x"}, "skill"), ({"skill": ""}, "skill"), ({}, "skill"),
                         ({"skill": 5}, "skill"), ({"skill": "a", "env": []}, "env"),
                         ({"skill": "a", "env": {"A": 1}}, "env"),
                         ({"skill": "a", "input_files": [1]}, "input_files"),
                         ({"skill": "a", "timeout": "soon"}, "timeout"),
                         ({"skill": "a", "session_id": "../x"}, "session")):
        answer = t.server.post("/v1/executions", body)
        t.assertEqual((answer.status, answer.json["error"]), (400, "bad_request"), body)
        t.assertIn(member, answer.json["message"])


@rule(3, "a name without versions is 404")
def _(t):
    for version in (None, "", "latest"):
        body = {"skill": "nothing"} | ({} if version is None else {"version": version})
        answer = t.server.post("/v1/executions", body)
        t.assertEqual((answer.status, answer.json["error"]), (404, "not_found"))


@rule(3, "a named version that does not exist is a recorded failure")
def _(t):
    t.server.publish("echo", code=ECHO)
    answer = t.server.post("/v1/executions", {"skill": "echo", "version": "9.9.9"})
    t.assertEqual((answer.status, answer.json["status"]), (200, "failed"))
    t.assertIn("9.9.9", answer.json["error"])
    t.assertEqual(t.server.get("/v1/executions/" + answer.json["execution_id"]).status, 200)


@rule(3, "latest is the newest by SemVer that is not yanked; pre-releases only if nothing else")
def _(t):
    for version in ("1.9.0", "1.10.0", "2.0.0-rc.1"):
        t.server.publish("ordered", version=version,
                         code=ECHO.replace("os.environ['SANDBOX_INPUT']", f"'\"{version}\"'"))
    t.assertEqual(t.server.run("ordered").json["output"], "1.10.0")
    t.server.post("/v1/skills/ordered/1.10.0/yank")
    t.assertEqual(t.server.run("ordered").json["output"], "1.9.0")
    answer = t.server.post("/v1/executions", {"skill": "ordered", "version": "1.10.0"})
    t.assertEqual((answer.status, answer.json["error"]), (409, "skill_not_available"))
    t.server.post("/v1/skills/ordered/1.9.0/yank")
    t.assertEqual(t.server.run("ordered").json["output"], "2.0.0-rc.1")


@rule(3, "input that does not match the skill's schema is 422 with a pointer each")
def _(t):
    schema = json.dumps({"type": "object", "required": ["n"],
                         "properties": {"n": {"type": "integer"}}})
    t.server.publish("strict", code=ECHO, **{"schemas/input.json": schema})
    t.assertEqual(t.server.run("strict", {"n": 1}).status, 200)
    answer = t.server.run("strict", {"n": "x"})
    t.assertEqual((answer.status, answer.json["error"]), (422, "invalid_input"))
    t.assertEqual(answer.json["details"][0]["pointer"], "/n")


@rule(3, "a script may be named")
def _(t):
    t.server.publish("two", code="print('one')\n", **{"other.py": "print('two')\n"})
    t.assertEqual(t.server.post("/v1/executions", {"skill": "two", "entrypoint": "other.py"})
                  .json["logs"].strip(), "two")


@rule(3, "a timeout may only shorten")
def _(t):
    t.server.publish("hasty", code=SLOW, front="timeout: 2s\n")
    body = t.server.post("/v1/executions", {"skill": "hasty", "timeout": "300ms"}).json
    t.assertEqual((body["status"], body["error"], body["reason"]),
                  ("timeout", "execution timed out after 300ms", "wall_clock"))
    t.assertEqual(body["logs"], "begun\n")
    body = t.server.post("/v1/executions", {"skill": "hasty", "timeout": "50s"}).json
    t.assertEqual(body["error"], "execution timed out after 2s")


@rule(3, "Prefer: respond-async is 202 with a Location")
def _(t):
    t.server.publish("echo", code=ECHO)
    answer = t.server.post("/v1/executions", {"skill": "echo"},
                           headers={"Prefer": "respond-async"})
    t.assertEqual(answer.status, 202)
    id = answer.json["execution_id"]
    t.assertEqual(answer.text, f'{{"execution_id":"{id}","status":"queued"}}')
    t.assertEqual(answer.header("Location"), "/v1/executions/" + id)
    until(lambda: t.server.get("/v1/executions/" + id).json["status"] == "success")


@rule(3, "Idempotency-Key replays, and refuses another body")
def _(t):
    t.server.publish("echo", code=ECHO)
    key = {"Idempotency-Key": "contract-1"}
    first = t.server.post("/v1/executions", {"skill": "echo", "input": 1}, headers=key)
    again = t.server.post("/v1/executions", {"skill": "echo", "input": 1}, headers=key)
    t.assertEqual(first.json["execution_id"], again.json["execution_id"])
    other = t.server.post("/v1/executions", {"skill": "echo", "input": 2}, headers=key)
    t.assertEqual(other.status, 422)


@rule(3, "Idempotency-Key is 409 while the first still runs")
def _(t):
    t.server.publish("slow", code=SLOW)
    key = {"Idempotency-Key": "contract-2"}
    thread = threading.Thread(target=lambda: t.server.post("/v1/executions", {"skill": "slow"},
                                                           headers=key))
    thread.start()
    id = until(lambda: (rows := t.server.get("/v1/executions?status=running&skill=slow").json)
               and rows[0]["execution_id"], what="the run")
    t.assertEqual(t.server.post("/v1/executions", {"skill": "slow"}, headers=key).status, 409)
    stop(t, id)
    thread.join(30)


@rule(3, "a client that hangs up does not cancel its run")
def _(t):
    t.server.publish("second", code="import time\ntime.sleep(1)\nprint('over')\n")
    connection = t.server.connect()
    connection.request("POST", "/v1/executions", body=b'{"skill":"second"}',
                       headers={"Authorization": "Bearer " + t.server.key})
    id = until(lambda: (rows := t.server.get("/v1/executions?skill=second").json)
               and rows[0]["execution_id"], what="the run")
    connection.close()
    record = until(lambda: (r := t.server.get("/v1/executions/" + id).json)["status"]
                   not in ("queued", "running") and r)
    t.assertEqual(record["status"], "success")


@rule(3, "reading one gives the result and where it came from")
def _(t):
    t.server.publish("echo", code=ECHO)
    id = t.server.run("echo", {"n": 1}).json["execution_id"]
    record = t.server.get("/v1/executions/" + id).json
    t.assertEqual((record["skill_name"], record["skill_version"], record["tenant_id"],
                   record["input"]), ("echo", "1.0.0", "local", {"n": 1}))


@rule(3, "finished_at is left out while it runs")
def _(t):
    t.server.publish("slow", code=SLOW)
    id = start(t, "slow")
    until(lambda: t.server.get("/v1/executions/" + id).json["status"] == "running")
    t.assertNotIn("finished_at", t.server.get("/v1/executions/" + id).json)
    t.assertIn("finished_at", stop(t, id))


@rule(3, "logs are plain text")
def _(t):
    t.server.publish("plain")
    id = t.server.run("plain").json["execution_id"]
    answer = t.server.get(f"/v1/executions/{id}/logs")
    t.assertEqual((answer.status, answer.text), (200, "hello\n"))
    t.assertTrue(answer.header("Content-Type").startswith("text/plain"))
    t.assertEqual(t.server.get(f"/v1/executions/{NO_ID}/logs").status, 404)


@rule(3, "logs can be followed to the end of the run")
def _(t):
    t.server.publish("steps", code="import time\nfor i in range(4):\n"
                                   "    print(i, flush=True)\n    time.sleep(0.2)\n")
    id = start(t, "steps")
    t.assertEqual(t.server.get(f"/v1/executions/{id}/logs?follow=1").text, "0\n1\n2\n3\n")


@rule(3, "the list filters, and pages by Link")
def _(t):
    t.server.publish("listed")
    ids = [t.server.run("listed").json["execution_id"] for _ in range(5)]
    rows = t.server.get("/v1/executions?skill=listed").json
    t.assertEqual([row["execution_id"] for row in rows], ids[::-1])
    t.assertEqual(t.server.get("/v1/executions?skill=listed&status=failed").json, [])
    t.assertEqual(t.server.get("/v1/executions?skill=listed&until=2020-01-01T00:00:00Z").json, [])
    seen, path = [], "/v1/executions?skill=listed&limit=2"
    while path:
        answer = t.server.get(path)
        t.assertLessEqual(len(answer.json), 2)
        seen += [row["execution_id"] for row in answer.json]
        link = answer.header("Link")
        path = link and link[link.index("<") + 1:link.index(">")]
        if path and path.startswith("http"):
            path = path.split("/", 3)[3]
            path = "/" + path
    t.assertEqual(seen, ids[::-1])
    for query in ("limit=0", "limit=x", "status=odd", "since=yesterday", "cursor=%21"):
        t.assertEqual(t.server.get("/v1/executions?" + query).status, 400, query)


def events(t, id, last=None):
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    answer = t.server.get(f"/v1/executions/{id}/events", headers=headers)
    t.assertEqual(answer.status, 200)
    t.assertTrue(answer.header("Content-Type").startswith("text/event-stream"))
    found = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines()
                      if ": " in line and not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return found


@rule(3, "events tell state, log and result, and resume")
def _(t):
    t.server.publish("loud", code="import sys\nprint('a', flush=True)\n"
                                  "print('b', file=sys.stderr, flush=True)\n")
    id = start(t, "loud")
    seen = events(t, id)
    t.assertEqual(seen[0][0], "state")
    t.assertEqual(seen[0][2]["status"], "running")
    for stream, text in (("stdout", "a\n"), ("stderr", "b\n")):
        t.assertEqual("".join(data["text"] for kind, _, data in seen
                              if kind == "log" and data["stream"] == stream), text)
    t.assertEqual((seen[-1][0], seen[-1][2]["status"]), ("result", "success"))
    resumed = events(t, id, seen[0][1])
    t.assertEqual(resumed, seen[1:])


@rule(3, "cancel kills the process tree and may be repeated")
def _(t):
    t.server.publish("tree", code="import subprocess, time\nsubprocess.Popen(['sleep','60'])\n"
                                  "print('begun', flush=True)\ntime.sleep(60)\n")
    id = start(t, "tree")
    until(lambda: t.server.get(f"/v1/executions/{id}/logs").text)
    record = stop(t, id)
    t.assertEqual(record["reason"], "cancelled")
    t.assertEqual(t.server.post(f"/v1/executions/{id}/cancel").status, 202)
    t.assertEqual(t.server.post(f"/v1/executions/{NO_ID}/cancel").status, 404)


@rule(3, "files are listed, links among them never")
def _(t):
    t.server.publish("maker", code=FILES)
    body = t.server.run("maker").json
    t.assertEqual(body["files_list"], ["b.txt", "sub/a.txt"])


@rule(3, "files_url gives a tar.gz to whoever holds it, without headers")
def _(t):
    t.server.publish("maker", code=FILES)
    url = urllib.parse.urlsplit(t.server.run("maker").json["files_url"])
    t.assertEqual(url.netloc, t.server.address.netloc)
    answer = t.server.get(f"{url.path}?{url.query}", key=None)
    t.assertEqual(answer.status, 200)
    with tarfile.open(fileobj=io.BytesIO(answer.body), mode="r:gz") as archive:
        t.assertEqual(sorted(archive.getnames()), ["b.txt", "sub/a.txt"])
        t.assertEqual(archive.extractfile("b.txt").read(), b"bee")
    forged = url.query[:-1] + ("0" if url.query[-1] != "0" else "1")
    t.assertIn(t.server.get(f"{url.path}?{forged}", key=None).status, (401, 403, 404))


@rule(3, "one file comes with its type, as a download, and in ranges")
def _(t):
    t.server.publish("maker", code=FILES)
    id = t.server.run("maker").json["execution_id"]
    path = f"/v1/executions/{id}/files/sub/a.txt"
    answer = t.server.get(path)
    t.assertEqual((answer.status, answer.body), (200, b"0123456789"))
    t.assertTrue(answer.header("Content-Type").startswith("text/plain"))
    t.assertIn("a.txt", answer.header("Content-Disposition"))
    part = t.server.get(path, headers={"Range": "bytes=2-4"})
    t.assertEqual((part.status, part.body, part.header("Content-Range")),
                  (206, b"234", "bytes 2-4/10"))
    t.assertEqual(t.server.get(path, headers={"If-None-Match": answer.header("ETag")}).status, 304)
    for bad in ("none", "link", "../b.txt", "sub"):
        t.assertIn(t.server.get(f"/v1/executions/{id}/files/"
                                + urllib.parse.quote(bad, safe="")).status, (400, 404), bad)
