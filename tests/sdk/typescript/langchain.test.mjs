// The tools that LangChain gets: with a client that stands in for a server, since names and schemas of
// every kind are wanted. Copied beside the module by the test that starts it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { isStructuredTool } from "@langchain/core/tools";

import { SkillboxToolkit } from "./skillbox-langchain.mjs";
import { APIError } from "./skillbox.js";

const skill = (name, input, more = {}) => ({
  name, version: "1.0.0", description: `Does ${name}. Use it.`, mode: "executable", status: "available",
  digest: "sha256:0", schemas: input ? { input } : {}, ...more,
});

function clientOf(skills, run = () => ({ status: "success", execution_id: "e", output: 1 })) {
  const calls = [];
  return {
    calls,
    listSkills: async (filter) => { assert.deepEqual(filter, { latest: true }); return skills; },
    getSkill: async (name) => skills.find((one) => one.name === name),
    run: async (...given) => { calls.push(given); return run(...given); },
    downloadFiles: async (result, folder) => { calls.push(["download", folder]); return result.files_list; },
  };
}

const call = (tool, args) => tool.invoke({ type: "tool_call", id: "1", name: tool.name, args });

test("a tool per executable skill, with names that models take", async () => {
  const client = clientOf([skill("b.c"), skill("b_c"), skill("a"), skill("x".repeat(100)),
    skill("notes", null, { mode: "cognitive" }), skill("old", null, { status: "yanked" })]);
  const tools = await new SkillboxToolkit(client).getTools();
  assert.deepEqual(tools.map(({ name }) => name), ["a", "b_c", "b_c_2", "x".repeat(64)]);
  assert.ok(tools.every(isStructuredTool));
  assert.equal(tools[0].description, "Does a. Use it.");
  const chosen = await new SkillboxToolkit(client, { include: ["b*", "a"], exclude: ["b?c"] }).getTools();
  assert.deepEqual(chosen.map(({ name }) => name), ["a"]);
});

test("arguments are the skill's, and LangChain checks them", async () => {
  const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object",
    properties: { text: { type: "string" } }, required: ["text"] };
  const client = clientOf([skill("a", schema)]);
  const [tool] = await new SkillboxToolkit(client, { sessionId: "s" }).getTools();
  assert.deepEqual(tool.schema, { type: "object", properties: schema.properties, required: ["text"] });
  const message = await call(tool, { text: "x" });
  assert.equal(message.content, '{"output":1}');
  assert.deepEqual(message.artifact, { execution_id: "e", output: 1, files: [],
    execution: { status: "success", execution_id: "e", output: 1 } });
  const [name, input, options] = client.calls[0];
  assert.deepEqual([name, input, options.version, options.session_id], ["a", { text: "x" }, "1.0.0", "s"]);
  await assert.rejects(call(tool, { text: 1 }), /did not match expected schema/);
  assert.equal(client.calls.length, 1);
});

test("an input that is no object is an argument", async () => {
  const client = clientOf([skill("a", { type: "array", items: { type: "number" } })]);
  const [tool] = await new SkillboxToolkit(client).getTools();
  await call(tool, { input: [1, 2] });
  assert.deepEqual(client.calls[0][1], [1, 2]);
  await assert.rejects(call(tool, {}), /schema/);
});

test("a skill without a schema takes anything", async () => {
  const client = clientOf([skill("a")], () => ({ status: "success", execution_id: "e", logs: "said" }));
  const [tool] = await new SkillboxToolkit(client).getTools();
  assert.equal((await call(tool, { any: [1] })).content, '{"logs":"said"}');
  assert.deepEqual(client.calls[0][1], { any: [1] });
});

test("files are saved in a folder per run", async () => {
  const run = () => ({ status: "success", execution_id: "e", output: "done", files_list: ["a.txt", "b/c"] });
  const named = await new SkillboxToolkit(clientOf([skill("a")], run)).getTools();
  assert.deepEqual((await call(named[0], {})).artifact.files, ["a.txt", "b/c"]);
  const client = clientOf([skill("a")], run);
  const [tool] = await new SkillboxToolkit(client, { downloadDir: "out/" }).getTools();
  const message = await call(tool, {});
  assert.deepEqual(JSON.parse(message.content), { output: "done", files: ["out/e/a.txt", "out/e/b/c"] });
  assert.deepEqual(client.calls[1], ["download", "out/e"]);
});

test("what fails is told", async () => {
  const failed = clientOf([skill("a")], () => ({ status: "failed", error: "command exited with code 3",
    output: { error: "no" }, logs: "x".repeat(5000) + "the end" }));
  const [tool] = await new SkillboxToolkit(failed).getTools();
  const error = await call(tool, {}).catch((caught) => caught);
  assert.match(error.message, /^the skill ended with failed: command exited with code 3\noutput: \{"error":"no"\}\nlog: x/);
  assert.ok(error.message.endsWith("the end") && error.message.length < 2500);
  const refused = clientOf([skill("a")], () => {
    const cause = new APIError(422, "invalid_input", "no");
    cause.details = [{ pointer: "/text", message: "must be text" }];
    throw cause;
  });
  const [other] = await new SkillboxToolkit(refused).getTools();
  await assert.rejects(call(other, {}), { message: "skillbox: 422 invalid_input: no\n/text: must be text" });
});
