"""Files, sessions, the interactive sandbox."""

from contract.rules import rule
from contract.section1_http import NO_ID
from contract.section5_skills import multipart


def upload(t, content, method="POST", path="/v1/files", **extra):
    body, headers = multipart("file", content, extra.items())
    return t.server.call(method, path, body, headers=headers)


@rule(7, "a file can be uploaded, read and downloaded")
def _(t):
    made = upload(t, b"content", name="a.txt")
    t.assertEqual(made.status, 201, made.text)
    for member in ("id", "tenant_id", "name", "content_type", "size_bytes", "version",
                   "created_at", "updated_at"):
        t.assertIn(member, made.json)
    t.assertEqual((made.json["size_bytes"], made.json["version"]), (7, 1))
    id = made.json["id"]
    t.assertEqual(t.server.get("/v1/files/" + id).json["id"], id)
    got = t.server.get(f"/v1/files/{id}/download")
    t.assertEqual(got.body, b"content")
    t.assertIn("attachment", got.header("Content-Disposition"))


@rule(7, "a new version has a new id and the root as its parent")
def _(t):
    root = upload(t, b"one").json["id"]
    second = upload(t, b"two", "PUT", "/v1/files/" + root)
    t.assertEqual((second.status, second.json["version"], second.json["parent_id"]),
                  (200, 2, root))
    third = upload(t, b"three", "PUT", "/v1/files/" + second.json["id"]).json
    t.assertEqual((third["version"], third["parent_id"]), (3, root))
    for member in (root, third["id"]):
        chain = t.server.get(f"/v1/files/{member}/versions").json
        t.assertEqual([file["version"] for file in chain], [3, 2, 1])


@rule(7, "the list is newest first, with limit and offset")
def _(t):
    ids = [upload(t, b"%d" % i).json["id"] for i in range(3)]
    rows = [row["id"] for row in t.server.get("/v1/files?limit=3").json]
    t.assertEqual(rows, ids[::-1])
    t.assertEqual(t.server.get("/v1/files?limit=1&offset=1").json[0]["id"], ids[1])


@rule(7, "a file is deleted once")
def _(t):
    id = upload(t, b"gone").json["id"]
    t.assertEqual(t.server.call("DELETE", "/v1/files/" + id).status, 204)
    t.assertEqual(t.server.call("DELETE", "/v1/files/" + id).status, 404)
    t.assertEqual(t.server.get("/v1/files/" + id).status, 404)


@rule(7, "an artifact is a file too")
def _(t):
    t.server.publish("artist", code="import os\nopen(os.environ['SANDBOX_FILES_DIR']+'x','w')"
                                    ".write('made')\n")
    id = t.server.run("artist").json["execution_id"]
    rows = t.server.get("/v1/files?execution_id=" + id).json
    t.assertEqual([(row["name"], row["size_bytes"], row["execution_id"]) for row in rows],
                  [("x", 4, id)])
    t.assertEqual(t.server.get(f"/v1/files/{rows[0]['id']}/download").body, b"made")


@rule(7, "an input file is placed, one that is not there is 404 and nothing runs")
def _(t):
    t.server.publish("reader", code="import os\nprint(sorted((f, open('/sandbox/input/'+f).read())"
                                    " for f in os.listdir('/sandbox/input')))\n")
    id = upload(t, b"data", name="in.txt").json["id"]
    body = t.server.post("/v1/executions", {"skill": "reader", "input_files": [id]}).json
    t.assertEqual(body["logs"], "[('in.txt', 'data')]\n")
    before = len(t.server.get("/v1/executions?skill=reader").json)
    for bad in (NO_ID, "x"):
        answer = t.server.post("/v1/executions", {"skill": "reader", "input_files": [id, bad]})
        t.assertEqual(answer.status, 404)
    t.assertEqual(len(t.server.get("/v1/executions?skill=reader").json), before)


@rule(7, "a session keeps its files from run to run")
def _(t):
    t.server.publish("counter", code="import os\np = os.environ['SANDBOX_SESSION_DIR'] + 'a/n'\n"
                     "os.makedirs(os.path.dirname(p), exist_ok=True)\n"
                     "n = int(open(p).read()) + 1 if os.path.exists(p) else 1\n"
                     "open(p, 'w').write(str(n))\nprint(n)\n")
    for n in (1, 2):
        body = t.server.post("/v1/executions", {"skill": "counter", "session_id": "s1"}).json
        t.assertEqual(body.get("logs"), f"{n}\n", body)
    rows = t.server.get("/v1/sessions/s1/files").json
    t.assertEqual([row.get("path", row.get("name")) for row in rows], ["a/n"])
    t.assertEqual(t.server.get("/v1/sessions/s1/files/a/n").body, b"2")
    t.assertEqual(t.server.call("DELETE", "/v1/sessions/s1/files/a/n").status, 204)
    t.assertEqual(t.server.get("/v1/sessions/s1/files/a/n").status, 404)
    t.server.post("/v1/executions", {"skill": "counter", "session_id": "s1"})
    t.assertEqual(t.server.call("DELETE", "/v1/sessions/s1").status, 204)
    t.assertEqual(t.server.get("/v1/sessions/s1/files").json, [])


@rule(7, "commands run in an interactive sandbox on the session's files")
def _(t):
    session = {"X-Session-ID": "shell"}
    wrote = t.server.post("/v1/sandbox/write-file", {"path": "/sandbox/session/a.txt",
                                                     "content": "hi"}, headers=session)
    t.assertLess(wrote.status, 300, wrote.text)
    ran = t.server.post("/v1/sandbox/execute", {"command": "cat a.txt; echo err >&2; exit 3"},
                        headers=session)
    t.assertEqual(ran.status, 200, ran.text)
    t.assertEqual({k: ran.json[k] for k in ("stdout", "stderr", "exit_code")},
                  {"stdout": "hi", "stderr": "err\n", "exit_code": 3})
    read = t.server.post("/v1/sandbox/read-file", {"path": "/sandbox/session/a.txt"},
                         headers=session)
    t.assertEqual(read.json["content"], "hi")
    for path in ("/etc/passwd", "../x", "/sandbox/session/../../etc/passwd"):
        answer = t.server.post("/v1/sandbox/read-file", {"path": path}, headers=session)
        t.assertIn(answer.status, (400, 404), path)
    t.assertEqual(t.server.post("/v1/sandbox/execute", {"command": "true"}).status, 400)
    t.assertEqual(t.server.call("DELETE", "/v1/sandbox/shell").status, 204)
