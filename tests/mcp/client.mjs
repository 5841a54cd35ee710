// The official SDK's client against a real Skillbox, over each transport. Prints one line per check
// and fails with the first that does not hold.
//
//   node client.mjs stdio PROGRAM [ARGUMENT…]       the environment is passed on
//   node client.mjs http URL KEY
//
// It is run in the folder where the packages are, so that imports find them. What it calls:
// word-counter and slow-steps, which test_mcp_clients.py has published; on the line "publish fresh"
// that program publishes one more.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${name}`)));
const { Client } = await load("client/index.js");
const types = await load("types.js");

async function connect(kind, ...options) {
  const client = new Client({ name: "skillbox-test", version: "1.0.0" });
  let transport;
  if (kind === "stdio") {
    const { StdioClientTransport } = await load("client/stdio.js");
    transport = new StdioClientTransport({
      command: options[0], args: options.slice(1), env: process.env, stderr: "inherit",
    });
  } else {
    const { StreamableHTTPClientTransport } = await load("client/streamableHttp.js");
    transport = new StreamableHTTPClientTransport(new URL(options[0]), {
      requestInit: { headers: { Authorization: `Bearer ${options[1]}` } },
    });
  }
  await client.connect(transport);
  return { client, transport };
}

const [kind, ...options] = process.argv.slice(2);
const { client, transport } = await connect(kind, ...options);
const done = (what) => console.log(`ok ${what}`);

const changed = new Promise((resolve) =>
  client.setNotificationHandler(types.ToolListChangedNotificationSchema, resolve));

assert.equal(client.getServerVersion().name, "skillbox");
assert.ok(client.getServerCapabilities().tools.listChanged);
await client.ping();
done("initialize");

const { tools } = await client.listTools();
const counter = tools.find((tool) => tool.name === "word-counter");
assert.equal(counter.inputSchema.type, "object");
assert.deepEqual(counter.inputSchema.required, ["text"]);
assert.equal(counter.annotations.openWorldHint, false);
done("tools/list");

// The SDK checks structured content against the output schema by itself.
const counted = await client.callTool({ name: "word-counter", arguments: { text: "a b a" } });
assert.ok(!counted.isError, JSON.stringify(counted));
assert.equal(counted.structuredContent.words, 3);
assert.deepEqual(JSON.parse(counted.content[0].text), counted.structuredContent);
done("tools/call");

const wrong = await client.callTool({ name: "word-counter", arguments: { text: 7 } });
assert.equal(wrong.isError, true);
assert.match(wrong.content[0].text, /\/text/);
await assert.rejects(client.callTool({ name: "no-such-tool" }), /no-such-tool/);
done("errors");

const steps = [];
const stepped = await client.callTool({ name: "slow-steps", arguments: { steps: 3 } }, undefined, {
  onprogress: (step) => steps.push(step),
});
assert.deepEqual(steps.map((step) => step.progress), [0, 1, 2, 3]);
assert.equal(steps.at(-1).total, 3);
const link = stepped.content.find((item) => item.type === "resource_link");
const { contents } = await client.readResource({ uri: link.uri });
assert.equal(contents[0].text, "3 steps\n");
done("progress and files");

const stop = new AbortController();
const endless = client.callTool({ name: "slow-steps", arguments: { steps: 100000 } }, undefined, {
  signal: stop.signal,
  onprogress: (step) => step.progress >= 2 && stop.abort("enough"),
});
await assert.rejects(endless);
done("cancelled");

const { resources } = await client.listResources();
assert.ok(resources.some((resource) => resource.uri === "skill://word-counter/SKILL.md"));
const skill = await client.readResource({ uri: "skill://word-counter/SKILL.md" });
assert.match(skill.contents[0].text, /^---\nname: word-counter/);
const { resourceTemplates } = await client.listResourceTemplates();
assert.ok(resourceTemplates.some((template) => template.uriTemplate.startsWith("skill://")));
done("resources");

const { prompts } = await client.listPrompts();
assert.ok(prompts.some((prompt) => prompt.name === "word-counter"));
const prompt = await client.getPrompt({ name: "word-counter", arguments: { text: "some text" } });
assert.match(prompt.messages[0].content.text, /some text/);
const completion = await client.complete({
  ref: { type: "ref/prompt", name: "word-counter" },
  argument: { name: "case_sensitive", value: "t" },
});
assert.deepEqual(completion.completion.values, ["true"]);
await client.setLoggingLevel("info");
done("prompts");

console.log("publish fresh");
await changed;
assert.ok((await client.listTools()).tools.some((tool) => tool.name === "fresh"));
done("list changed");

// A client that goes in the middle of a run.
if (kind === "stdio") {
  client.callTool({ name: "slow-steps", arguments: { steps: 100000 } }).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 300));
} else {
  await transport.terminateSession();
}
await client.close();
done("closed");
process.exit(0);
