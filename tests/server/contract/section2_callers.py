"""Who is calling: keys, tenants, roles."""

import json

from contract.rules import rule


def new_key(t, role, tenant=None, *more):
    """A key made on the server's own machine."""
    arguments = ["key", "create", "--name", "test", "--role", role, "-o", "json", *more]
    made = t.server.cli(*arguments, *(["--tenant", tenant] if tenant else []), remote=False)
    t.assertEqual(made.returncode, 0, made.stderr)
    return json.loads(made.stdout)["key"]


@rule(2, "the scheme of Authorization has no case")
def _(t):
    for scheme in ("Bearer", "bearer", "BEARER"):
        t.assertEqual(t.server.get("/v1/skills", key=None, headers={
            "Authorization": f"{scheme} {t.server.key}"}).status, 200)


@rule(2, "missing, malformed and unknown keys are 401 alike")
def _(t):
    answers = []
    for value in (None, "", "Bearer", "Bearer ", "Basic abc", "Bearer unknown", t.server.key,
                  "Bearer sk-" + "0" * 48, "Bearer " + "x" * 5000):
        headers = {} if value is None else {"Authorization": value}
        answer = t.server.get("/v1/skills", key=None, headers=headers)
        t.assertEqual((answer.status, answer.json["error"]), (401, "unauthorized"), value)
        answers.append(answer)


@rule(2, "a new key is sk- and 48 hex digits and is shown once")
def _(t):
    made = t.server.post("/v1/keys", {"name": "once", "role": "reader"})
    t.assertEqual(made.status, 201)
    t.assertRegex(made.json["key"], r"^sk-[0-9a-f]{48}$")
    listed = t.server.get("/v1/keys")
    t.assertIn(made.json["id"], listed.text)
    t.assertNotIn(made.json["key"], listed.text)


@rule(2, "a revoked key is refused at once")
def _(t):
    made = t.server.post("/v1/keys", {"name": "gone", "role": "reader"}).json
    t.assertEqual(t.server.get("/v1/skills", key=made["key"]).status, 200)
    t.assertEqual(t.server.call("DELETE", "/v1/keys/" + made["id"]).status, 204)
    answer = t.server.get("/v1/skills", key=made["key"])
    t.assertEqual((answer.status, answer.json["error"]), (401, "unauthorized"))
    unknown = t.server.get("/v1/skills", key="sk-" + "1" * 48)
    t.assertEqual(answer.json["message"], unknown.json["message"])


@rule(2, "any string works as a key")
def _(t):
    made = t.server.cli("key", "create", "--name", "own", "--secret-stdin", remote=False,
                        input="my:own/key+text\n")
    t.assertEqual(made.returncode, 0, made.stderr)
    t.assertEqual(t.server.get("/v1/skills", key="my:own/key+text").status, 200)


@rule(2, "X-Tenant-ID absent or equal is fine, another is 403")
def _(t):
    t.assertEqual(t.server.get("/v1/skills", headers={"X-Tenant-ID": "local"}).status, 200)
    answer = t.server.get("/v1/skills", headers={"X-Tenant-ID": "other"})
    t.assertEqual((answer.status, answer.json["error"]), (403, "forbidden"))


@rule(2, "another tenant's thing is 404")
def _(t):
    t.server.publish("plain")
    run = t.server.run("plain").json["execution_id"]
    other = new_key(t, "admin", "acme")
    for path in ("/v1/executions/" + run, "/v1/executions/" + run + "/logs",
                 "/v1/skills/plain/1.0.0", "/v1/skills/plain/latest"):
        t.assertEqual(t.server.get(path).status, 200, path)
        answer = t.server.get(path, key=other)
        t.assertEqual((answer.status, answer.json["error"]), (404, "not_found"), path)
    t.assertEqual(t.server.get("/v1/skills", key=other).json, [])
    t.assertEqual(t.server.get("/v1/executions", key=other).json, [])
    t.assertEqual(t.server.post("/v1/executions", {"skill": "plain"}, key=other).status, 404)


@rule(2, "a role may do what it may and no more")
def _(t):
    t.server.publish("plain")
    calls = {
        "read": ("GET", "/v1/skills", None),
        "run": ("POST", "/v1/executions", {"skill": "plain"}),
        "publish": ("POST", "/v1/skills/plain/1.0.0/unyank", None),
        "administer": ("GET", "/v1/keys", None),
        "audit": ("GET", "/v1/audit", None),
    }
    allowed = {"reader": {"read"}, "runner": {"read", "run"},
               "publisher": {"read", "run", "publish"},
               "admin": {"read", "run", "publish", "administer", "audit"},
               "auditor": {"read", "audit"}}
    for role, may in allowed.items():
        key = new_key(t, role)
        for name, (method, path, body) in calls.items():
            answer = t.server.call(method, path, body, key=key)
            if name in may:
                t.assertLess(answer.status, 300, f"{role} {name}: {answer.text}")
            else:
                t.assertEqual((answer.status, answer.json["error"]), (403, "forbidden"),
                              f"{role} {name}")


@rule(2, "an expired key is refused")
def _(t):
    from skillbox_server import until
    import datetime
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    made = t.server.post("/v1/keys", {"name": "short", "role": "reader",
                                      "expires_at": soon.strftime("%Y-%m-%dT%H:%M:%SZ")})
    t.assertEqual(made.status, 201, made.text)
    until(lambda: t.server.get("/v1/skills", key=made.json["key"]).status == 401,
          what="the key's end")


@rule(2, "what changes state is in the audit with key, address and request id")
def _(t):
    answer = t.server.publish("audited")
    t.server.run("audited")
    lines = [json.loads(line) for line in t.server.get("/v1/audit/export").text.splitlines()]
    published = [line for line in lines if line["request_id"] == answer.header("X-Request-ID")]
    t.assertEqual(len(published), 1)
    t.assertEqual(published[0]["action"], "skill.publish")
    t.assertTrue(published[0]["address"].startswith("127.0.0.1"))
    t.assertIn("execution.finish", {line["action"] for line in lines})
    verdict = t.server.get("/v1/audit/verify").json
    t.assertTrue(verdict["intact"])
    t.assertGreaterEqual(verdict["checked"], len(lines))
