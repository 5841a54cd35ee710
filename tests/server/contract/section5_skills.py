"""Skills: publish, read, change."""

import io
import json
import zipfile

from contract.rules import rule
from skillbox_server import skill_zip

ZIP = {"Content-Type": "application/zip"}


def multipart(name, content, extra=()):
    boundary = "contract-boundary"
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
             .encode() for key, value in extra]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; '
                 'filename="a.zip"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode()
                 + content + b"\r\n")
    return (b"".join(parts) + f"--{boundary}--\r\n".encode(),
            {"Content-Type": f"multipart/form-data; boundary={boundary}"})


@rule(5, "a zip may come in three ways")
def _(t):
    for i, media in enumerate(("application/zip", "application/octet-stream")):
        answer = t.server.post("/v1/skills", skill_zip(f"way-{i}"),
                               headers={"Content-Type": media})
        t.assertEqual(answer.status, 201, answer.text)
    body, headers = multipart("file", skill_zip("way-3"))
    answer = t.server.post("/v1/skills", body, headers=headers)
    t.assertEqual(answer.status, 201, answer.text)
    for member in ("name", "version", "description", "lang", "mode", "digest"):
        t.assertIn(member, answer.json)


@rule(5, "the same content again is 200, other content 409")
def _(t):
    t.assertEqual(t.server.post("/v1/skills", skill_zip("same"), headers=ZIP).status, 201)
    t.assertEqual(t.server.post("/v1/skills", skill_zip("same"), headers=ZIP).status, 200)
    answer = t.server.post("/v1/skills", skill_zip("same", code="print('other')\n"), headers=ZIP)
    t.assertEqual((answer.status, answer.json["error"]), (409, "version_exists"))


@rule(5, "a skill that breaks a rule is 400 with findings")
def _(t):
    answer = t.server.post("/v1/skills", skill_zip("Bad Name!"), headers=ZIP)
    t.assertEqual((answer.status, answer.json["error"]), (400, "invalid_skill"))
    t.assertTrue(answer.json["details"])
    t.assertIn("message", answer.json["details"][0])


@rule(5, "what is no zip is refused, never fatal")
def _(t):
    for body in (b"", b"PK", b"x" * 1000, b"PK\x05\x06" + b"\0" * 18):
        t.assertEqual(t.server.post("/v1/skills", body, headers=ZIP).status, 400, body[:10])
    t.assertEqual(t.server.post("/v1/skills", b"x", headers={"Content-Type": "text/plain"}).status,
                  415)
    for boundary in ("", "; boundary=", "; boundary=x"):
        answer = t.server.post("/v1/skills", b"--x\r\n", headers={
            "Content-Type": "multipart/form-data" + boundary})
        t.assertEqual(answer.status, 400)


@rule(5, "entries that climb out or are no files are refused")
def _(t):
    for path in ("../x", "/etc/x", "C:/x", "a\\b", "a/../../x"):
        buffer = io.BytesIO(skill_zip("climber"))
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr(path, "x")
        answer = t.server.post("/v1/skills", buffer.getvalue(), headers=ZIP)
        t.assertEqual((answer.status, answer.json["error"]), (400, "invalid_skill"), path)


@rule(5, "an archive over the limit is 413")
def _(t):
    answer = t.server.post("/v1/skills", b"x" * ((50 << 20) + 4096), headers=ZIP)
    t.assertEqual((answer.status, answer.json["error"]), (413, "too_large"))


@rule(5, "a skill can be made of fields")
def _(t):
    answer = t.server.post("/v1/skills/from-fields", {
        "name": "fielded", "description": "Made of fields.", "code": "echo hi\n", "lang": "bash",
        "instructions": "Say hi."})
    t.assertEqual((answer.status, answer.json["version"], answer.json["lang"]),
                  (201, "1.0.0", "bash"))
    t.assertEqual(t.server.run("fielded").json["logs"], "hi\n")


@rule(5, "validate stores nothing")
def _(t):
    answer = t.server.post("/v1/skills/validate", skill_zip("ghost"), headers=ZIP)
    t.assertEqual((answer.status, answer.json["valid"]), (200, True))
    t.assertEqual(t.server.get("/v1/skills/ghost/latest").status, 404)
    answer = t.server.post("/v1/skills/validate", skill_zip("Bad Name!"), headers=ZIP)
    t.assertEqual((answer.status, answer.json["error"]), (422, "invalid_skill"))


@rule(5, "the list is a bare array, one row per version")
def _(t):
    for version in ("1.0.0", "1.1.0"):
        t.server.publish("rows", version=version)
    answer = t.server.get("/v1/skills?name=rows")
    t.assertTrue(answer.text.startswith('[{"name":"rows","version":"'), answer.text)
    t.assertEqual({row["version"] for row in answer.json}, {"1.0.0", "1.1.0"})
    t.assertLessEqual({"name", "version", "description", "lang", "mode", "status"},
                      answer.json[0].keys())
    latest = t.server.get("/v1/skills?name=rows&latest=1").json
    t.assertEqual([row["version"] for row in latest], ["1.1.0"])


@rule(5, "full text finds, and its own language breaks nothing")
def _(t):
    t.server.publish("needle", front="", code="print(1)\n", **{"README.md": "x"})
    t.assertIn("needle", {row["name"] for row in t.server.get("/v1/skills?q=needle").json})
    for query in ('%22', 'a%22%20OR', '*', 'NEAR(', 'a%20-b', '%27', '%00x', '(((', 'x' * 3000):
        t.assertIn(t.server.get("/v1/skills?q=" + query).status, (200, 400), query)


@rule(5, "one version tells everything, latest too")
def _(t):
    t.server.publish("whole", front="timeout: 5s\nlicense: MIT\nresources:\n  memory: 64Mi\n"
                                    "  cpu: 1\n")
    skill = t.server.get("/v1/skills/whole/latest").json
    t.assertEqual((skill["name"], skill["version"], skill["timeout"], skill["license"]),
                  ("whole", "1.0.0", "5s", "MIT"))
    t.assertEqual(skill["resources"], {"memory": "64Mi", "cpu": "1"})
    t.assertEqual(skill["instructions"], "One thing.")
    for member in ("digest", "published_at", "published_by", "yanked"):
        t.assertIn(member, skill)
    t.server.publish("bare")
    t.assertEqual(t.server.get("/v1/skills/bare/1.0.0").json["resources"], {})


@rule(5, "files are text or base64")
def _(t):
    t.server.publish("filed", **{"assets/b.bin": b"\xff\x00"})
    files = {file["path"]: file for file in t.server.get("/v1/skills/filed/1.0.0/files").json}
    t.assertEqual(files["main.py"]["content"], "print('hello')\n")
    t.assertEqual(files["main.py"]["size_bytes"], 15)
    t.assertEqual((files["assets/b.bin"]["encoding"], files["assets/b.bin"]["content"]),
                  ("base64", "/wA="))
    one = t.server.get("/v1/skills/filed/1.0.0/files?path=main.py").json
    t.assertEqual((one[0] if isinstance(one, list) else one)["path"], "main.py")


@rule(5, "the archive is byte for byte what was published")
def _(t):
    archive = skill_zip("kept")
    t.server.post("/v1/skills", archive, headers=ZIP)
    answer = t.server.get("/v1/skills/kept/1.0.0/archive")
    t.assertEqual((answer.status, answer.body), (200, archive))
    t.assertTrue(answer.header("Repr-Digest") or answer.header("Digest"))


@rule(5, "versions are newest first, and differ by unified diff")
def _(t):
    t.server.publish("diffed", code="a = 1\n", version="1.9.0")
    t.server.publish("diffed", code="a = 2\n", version="1.10.0")
    versions = [row["version"] for row in t.server.get("/v1/skills/diffed/versions").json]
    t.assertEqual(versions, ["1.10.0", "1.9.0"])
    diff = t.server.get("/v1/skills/diffed/diff?from=1.9.0&to=1.10.0")
    t.assertIn("-a = 1\\n+a = 2", diff.text)


@rule(5, "a version can be deleted, its executions stay")
def _(t):
    t.server.publish("doomed")
    id = t.server.run("doomed").json["execution_id"]
    t.assertEqual(t.server.call("DELETE", "/v1/skills/doomed/1.0.0").status, 204)
    t.assertEqual(t.server.call("DELETE", "/v1/skills/doomed/1.0.0").status, 404)
    t.assertEqual(t.server.get("/v1/executions/" + id).json["skill_name"], "doomed")


@rule(5, "a yanked version is out of use until it is brought back")
def _(t):
    t.server.publish("yanked")
    t.assertLess(t.server.post("/v1/skills/yanked/1.0.0/yank", {"reason": "bad"}).status, 300)
    t.assertTrue(t.server.get("/v1/skills/yanked/1.0.0").json["yanked"])
    t.assertEqual(t.server.run("yanked").status, 409)
    t.assertLess(t.server.post("/v1/skills/yanked/1.0.0/unyank").status, 300)
    t.assertEqual(t.server.run("yanked").status, 200)


@rule(5, "a tag stands for a version")
def _(t):
    t.server.publish("tagged", version="1.0.0")
    t.server.publish("tagged", version="2.0.0")
    put = t.server.call("PUT", "/v1/skills/tagged/tags/stable", {"version": "1.0.0"})
    t.assertLess(put.status, 300, put.text)
    t.assertEqual(t.server.get("/v1/skills/tagged/stable").json["version"], "1.0.0")
    t.assertEqual(t.server.call("PUT", "/v1/skills/tagged/tags/latest",
                                {"version": "1.0.0"}).status, 400)
