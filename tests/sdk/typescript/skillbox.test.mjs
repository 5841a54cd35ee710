// What only the SDK of TypeScript has: signals, an own fetch, work without Node's modules.
// SKILLBOX_JS names the compiled file.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

const { Client, APIError } = await import(pathToFileURL(process.env.SKILLBOX_JS));
const ID = "6f1d6a0e-6f0b-4a0a-9a52-3f1c0a6d2b11";
const servers = [];
after(() => servers.forEach((server) => { server.closeAllConnections(); server.close(); }));

async function serve(handler) {
  const server = createServer(handler);
  servers.push(server);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}`;
}

const isCode = (code) => (error) => error instanceof APIError && error.errorCode === code;

test("a signal ends a call", async () => {
  const client = new Client(await serve(() => {}));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(client.run("a", {}, { signal: controller.signal }), isCode("cancelled"));
  await assert.rejects(client.run("a", {}, { signal: controller.signal }), isCode("cancelled"));
});

test("a stream that is left closes its connection", async () => {
  let closed;
  const isClosed = new Promise((resolve) => { closed = resolve; });
  const client = new Client(await serve((request, response) => {
    response.write('id: 1\nevent: state\ndata: {"status":"running"}\n\n');
    response.on("close", closed);
  }));
  for await (const event of client.stream(ID)) {
    assert.deepEqual(event, { type: "state", id: "1", data: { status: "running" } });
    break;
  }
  await isClosed;
});

test("a signal ends a stream that says nothing", async () => {
  const client = new Client(await serve((request, response) => { response.write(": hello\n\n"); }));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(async () => {
    for await (const event of client.stream(ID, { signal: controller.signal })) assert.fail(event);
  }, isCode("cancelled"));
});

test("an own fetch is used", async () => {
  const seen = [];
  const client = new Client("https://skillbox.example", {
    apiKey: "sk-1", tenantId: "me",
    fetch: async (url, init) => {
      seen.push([url, init.headers.Authorization, init.headers["X-Tenant-ID"], init.redirect]);
      return new Response('{"status":"ok"}');
    },
  });
  assert.deepEqual(await client.health(), { status: "ok" });
  assert.deepEqual(seen, [["https://skillbox.example/health", "Bearer sk-1", "me", "manual"]]);
});

test("what is not given comes from the environment", async () => {
  let headers;
  const url = await serve((request, response) => { headers = request.headers; response.end("{}"); });
  Object.assign(process.env, { SKILLBOX_SERVER_URL: url + "/", SKILLBOX_API_KEY: "sk-2", SKILLBOX_TENANT_ID: "t" });
  const client = new Client();
  await client.health();
  for (const name of ["SERVER_URL", "API_KEY", "TENANT_ID"]) delete process.env["SKILLBOX_" + name];
  assert.equal(client.baseUrl, url);
  assert.equal(headers.authorization, "Bearer sk-2");
  assert.equal(headers["x-tenant-id"], "t");
});

test("blobs and buffers are uploaded", async () => {
  const client = new Client(await serve(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const form = await new Response(Buffer.concat(parts), { headers: request.headers }).formData();
    const size = (await form.get("file").arrayBuffer()).byteLength;
    response.end(JSON.stringify({ name: form.get("name"), size_bytes: size }));
  }));
  for (const source of [new Blob(["abc"]), new Uint8Array(3), new ArrayBuffer(3)]) {
    assert.deepEqual(await client.uploadFile(source, { name: "ü" }), { name: "ü", size_bytes: 3 });
  }
});

test("an error carries what the server said", async () => {
  const client = new Client(await serve((request, response) => {
    response.writeHead(422);
    response.end('{"error":"invalid_input","message":"no","details":[{"pointer":"/a"}],"request_id":"r-7"}');
  }));
  const error = await client.run("a").catch((caught) => caught);
  assert.equal(error.message, "skillbox: 422 invalid_input: no");
  assert.equal(String(error), "APIError: skillbox: 422 invalid_input: no");
  assert.deepEqual([error.statusCode, error.errorCode, error.reason, error.requestId, error.details],
                   [422, "invalid_input", "no", "r-7", [{ pointer: "/a" }]]);
});

test("input that is no JSON is refused here", async () => {
  const client = new Client(await serve(() => assert.fail("sent")));
  const circle = [];
  circle.push(circle);
  await assert.rejects(client.run("a", circle), isCode("bad_request"));
  await assert.rejects(client.run("a", 1n), isCode("bad_request"));
});

test("no module of Node is needed to load it", async () => {
  const text = await readFile(process.env.SKILLBOX_JS, "utf8");
  assert.doesNotMatch(text, /^import |^.*\brequire\(/m);
});

test("many calls at once keep apart", async () => {
  const client = new Client(await serve((request, response) => {
    response.end(JSON.stringify({ name: request.url }));
  }));
  const names = Array.from({ length: 50 }, (_, i) => `s${i}`);
  const skills = await Promise.all(names.map((name) => client.getSkill(name)));
  assert.deepEqual(skills.map(({ name }) => name), names.map((name) => `/v1/skills/${name}/latest`));
});
