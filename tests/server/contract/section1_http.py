"""HTTP conventions and probes."""

import json
import re
import socket

from contract.rules import rule

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
NO_ID = "00000000-0000-4000-8000-000000000000"


def raw(t, request):
    """What the server sends back to these bytes until it closes."""
    address = t.server.address
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


@rule(1, "JSON is compact UTF-8 with its media type")
def _(t):
    answer = t.server.get("/health")
    t.assertEqual(answer.body, b'{"status":"ok"}')
    t.assertEqual(answer.header("Content-Type"), "application/json; charset=utf-8")


@rule(1, "an error has error and message first, and the members of RFC 9457 beside them")
def _(t):
    answer = t.server.get("/v1/executions/" + NO_ID)
    t.assertEqual(answer.status, 404)
    t.assertEqual(answer.header("Content-Type").split(";")[0], "application/problem+json")
    t.assertTrue(answer.text.startswith('{"error":"not_found","message":"'), answer.text)
    body = answer.json
    for member in ("type", "title", "instance", "request_id"):
        t.assertIn(member, body)
    t.assertNotIn("status", body)
    t.assertEqual(body["request_id"], answer.header("X-Request-ID"))
    t.assertEqual(body["instance"], "/v1/executions/" + NO_ID)


@rule(1, "times are RFC 3339 in UTC with a fraction")
def _(t):
    t.server.publish("plain")
    record = t.server.get("/v1/executions/" + t.server.run("plain").json["execution_id"]).json
    for member in ("created_at", "finished_at"):
        t.assertRegex(record[member], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$")


@rule(1, "an id that is no UUID is 404")
def _(t):
    for path in ("/v1/executions/x", "/v1/executions/1/logs", "/v1/files/'%22", "/v1/executions/%20",
                 "/v1/files/" + "a" * 300, "/v1/executions/" + NO_ID.upper()):
        answer = t.server.get(path)
        t.assertEqual((answer.status, answer.json["error"]), (404, "not_found"), path)


@rule(1, "X-Request-ID is echoed if it is printable and short")
def _(t):
    for sent in ("abc", "a b", "x" * 128, "{}", "~!"):
        t.assertEqual(t.server.get("/health", headers={"X-Request-ID": sent})
                      .header("X-Request-ID"), sent)


@rule(1, "X-Request-ID is a fresh UUID otherwise, on errors too")
def _(t):
    for headers in ({}, {"X-Request-ID": "x" * 129}, {"X-Request-ID": ""},
                    {"X-Request-ID": "caf\u00e9"}):
        for path in ("/health", "/nowhere", "/v1/skills"):
            answer = t.server.call("GET", path, headers=headers, key=None)
            t.assertRegex(answer.header("X-Request-ID"), "^" + UUID + "$")


@rule(1, "an unknown path is 404 not_found")
def _(t):
    for path in ("/", "/v2/skills", "/v1", "/v1/nothing", "/health/x"):
        answer = t.server.get(path)
        t.assertEqual((answer.status, answer.json["error"]), (404, "not_found"), path)


@rule(1, "a known path with another method is 405 with Allow")
def _(t):
    for method, path in (("DELETE", "/v1/executions"), ("PUT", "/health"), ("POST", "/version")):
        answer = t.server.call(method, path)
        t.assertEqual((answer.status, answer.json["error"]), (405, "method_not_allowed"), path)
        t.assertIn("GET", answer.header("Allow"))


@rule(1, "HEAD is answered wherever GET is, without a body")
def _(t):
    for path in ("/health", "/v1/skills", "/openapi.json", "/v1/executions"):
        head, get = t.server.call("HEAD", path), t.server.get(path)
        t.assertEqual((head.status, head.body), (get.status, b""), path)


@rule(1, "unknown keys in JSON are ignored")
def _(t):
    t.server.publish("plain")
    t.assertEqual(t.server.post("/v1/executions", {"skill": "plain", "new": [1]}).status, 200)


@rule(1, "an empty or malformed body is 400 naming the place")
def _(t):
    for body in (b"", b"{", b"[]", b'{"skill":}', b'"x"', b"\xff", b"{}}", b'{"skill":1}'):
        answer = t.server.call("POST", "/v1/executions", body,
                               headers={"Content-Type": "application/json"})
        t.assertEqual((answer.status, answer.json["error"]), (400, "bad_request"), body)
        t.assertTrue(answer.json["message"])
    t.assertIn("line 1", t.server.call("POST", "/v1/executions", b'{"skill":}').json["message"])


@rule(1, "JSON of any depth is refused or taken, never fatal")
def _(t):
    for depth in (100, 1000, 100_000):
        body = b'{"skill":"plain","input":' + b"[" * depth + b"]" * depth + b"}"
        t.assertIn(t.server.call("POST", "/v1/executions", body).status, (200, 400, 404))


@rule(1, "a body may come in chunks without a length")
def _(t):
    t.server.publish("plain")
    connection = t.server.connect()
    try:
        connection.request("POST", "/v1/executions", body=iter([b'{"ski', b'll":"plain"}']),
                           headers={"Authorization": "Bearer " + t.server.key},
                           encode_chunked=True)
        t.assertEqual(connection.getresponse().status, 200)
    finally:
        connection.close()


@rule(1, "Expect: 100-continue is answered")
def _(t):
    head = (f"POST /v1/executions HTTP/1.1\r\nHost: {t.server.address.netloc}\r\n"
            f"Authorization: Bearer {t.server.key}\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n").encode()
    address = t.server.address
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(head)
        t.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 100"))
        connection.sendall(b"{}")
        t.assertTrue(connection.recv(1000).startswith(b"HTTP/1.1 400"))


@rule(1, "a body over the cap is 413 from its length alone")
def _(t):
    answer = raw(t, (f"POST /v1/skills HTTP/1.1\r\nHost: {t.server.address.netloc}\r\n"
                     f"Authorization: Bearer {t.server.key}\r\n"
                     "Content-Length: 999999999999\r\n\r\n").encode())
    t.assertTrue(answer.startswith(b"HTTP/1.1 413"), answer[:80])
    t.assertIn(b'"too_large"', answer)


@rule(1, "a key is asked for before any of the body is read")
def _(t):
    answer = raw(t, (f"POST /v1/skills HTTP/1.1\r\nHost: {t.server.address.netloc}\r\n"
                     "Content-Length: 1000000\r\n\r\n").encode())
    t.assertTrue(answer.startswith(b"HTTP/1.1 401"), answer[:80])


@rule(1, "headers over 32 KiB are 431")
def _(t):
    answer = raw(t, (f"GET /health HTTP/1.1\r\nHost: {t.server.address.netloc}\r\n"
                     "X-Long: " + "x" * 40_000 + "\r\n\r\n").encode())
    t.assertTrue(answer.startswith(b"HTTP/1.1 431"), answer[:80])


@rule(1, "CORS is off: no page is allowed in")
def _(t):
    answer = t.server.get("/health", headers={"Origin": t.server.url})
    t.assertIsNone(answer.header("Access-Control-Allow-Origin"))


@rule(1, "on loopback another Host is refused")
def _(t):
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"):
        answer = raw(t, f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
                     .encode())
        t.assertIn(answer.split()[1], (b"403", b"421"), host)


@rule(1, "on loopback a foreign Origin is refused")
def _(t):
    t.assertEqual(t.server.get("/v1/skills", headers={"Origin": "https://evil.example"}).status,
                  403)


@rule(1, "security headers are on every response")
def _(t):
    for path in ("/health", "/nowhere", "/v1/skills"):
        t.assertEqual(t.server.get(path).header("X-Content-Type-Options"), "nosniff", path)
    t.assertIn("no-store", t.server.get("/v1/skills").header("Cache-Control"))


@rule(1, "paths cannot be climbed")
def _(t):
    for path in ("/v1/skills/..%2f..%2fetc/passwd", "/v1/../etc/passwd", "/v1/skills/a%00b/latest",
                 "/docs/..%2f..%2fSKILL.md", "/v1/skills/%ff/latest", "/v1//skills", "/%2e%2e/x"):
        answer = raw(t, (f"GET {path} HTTP/1.1\r\nHost: {t.server.address.netloc}\r\n"
                         f"Authorization: Bearer {t.server.key}\r\nConnection: close\r\n\r\n")
                     .encode())
        t.assertIn(answer.split()[1], (b"400", b"404"), path)


@rule(1, "health has aliases and needs no key")
def _(t):
    for path in ("/health", "/healthz", "/livez"):
        t.assertEqual(t.server.get(path, key=None).body, b'{"status":"ok"}')


@rule(1, "ready names each dependency and needs no key")
def _(t):
    for path in ("/ready", "/readyz"):
        answer = t.server.get(path, key=None)
        t.assertEqual((answer.status, answer.json["status"]), (200, "ready"), answer.text)
        t.assertLessEqual({"database", "blobs", "sandbox"}, answer.json["checks"].keys())
        t.assertNotIn(t.server.data, answer.text)


@rule(1, "metrics are Prometheus text")
def _(t):
    t.server.publish("plain")
    t.server.run("plain")
    answer = t.server.get("/metrics", key=None)
    t.assertTrue(answer.header("Content-Type").startswith("text/plain"))
    t.assertRegex(answer.text, r"(?m)^# TYPE \w+ histogram$")
    t.assertRegex(answer.text, r'(?m)^skillbox_\w+\{[^}]*status="success"[^}]*\} [1-9]')


@rule(1, "the contract and the version are served")
def _(t):
    t.assertTrue(t.server.get("/openapi.json", key=None).json["openapi"].startswith("3.1"))
    version = t.server.get("/version", key=None).json
    t.assertEqual(version["name"], "skillbox")
    t.assertRegex(version["version"], r"^\d+\.\d+\.\d+")


@rule(1, "large JSON is compressed for those who take it")
def _(t):
    import gzip
    answer = t.server.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    t.assertEqual(answer.header("Content-Encoding"), "gzip")
    t.assertIn("openapi", json.loads(gzip.decompress(answer.body)))
