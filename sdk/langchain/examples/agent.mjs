/**
 * Skills as LangChain tools, from a list to the files of a run.
 *
 *     node examples/agent.mjs 'How often do words occur in: one two one'
 *
 * It needs a server with skills, named by SKILLBOX_SERVER_URL and SKILLBOX_API_KEY, the compiled SDK of
 * TypeScript (SKILLBOX_JS may name it), and @langchain/core. No language model is asked: scriptedCall
 * stands where one would make its tool call. With a model, bind the tools: model.bindTools(tools).
 */

import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

import { SkillboxToolkit } from "../skillbox-langchain.mjs";

const compiled = process.env.SKILLBOX_JS ?? new URL("../../typescript/dist/skillbox.js", import.meta.url).pathname;
const { Client } = await import(pathToFileURL(compiled));

const words = (text) => new Set(text.toLowerCase().match(/[a-z]{4,}/g) ?? []);

/** The call of the tool whose description has most words of the task. */
function scriptedCall(task, tools) {
  const wanted = words(task);
  const fit = ({ description }) => [...words(description)].filter((word) => wanted.has(word)).length;
  const { name } = tools.reduce((best, tool) => (fit(tool) > fit(best) ? tool : best));
  return { type: "tool_call", id: "call-1", name, args: { text: task.slice(task.indexOf(":") + 1).trim() } };
}

const task = process.argv.slice(2).join(" ") || "How often do words occur in: one two one";
console.log("A scripted model chooses here; no language model is asked.");
const folder = await mkdtemp(join(tmpdir(), "agent-"));
try {
  const tools = await new SkillboxToolkit(new Client(), { downloadDir: folder }).getTools();
  const call = scriptedCall(task, tools);
  const message = await tools.find(({ name }) => name === call.name).invoke(call);
  console.log(`tool: ${call.name}, one of ${tools.length}`);
  console.log("content:", message.content.slice(0, 300));
  for (const path of message.artifact.files) {
    console.log(`file: ${basename(path)}, ${(await stat(path)).size} bytes`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
