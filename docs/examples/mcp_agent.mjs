// An agent over the Model Context Protocol, with the official client: it lists the tools, picks one
// by its description, mends the arguments when they are refused, and reads the files of the run. No
// language model is asked: a scripted one stands where it would be.
//
//   npm install @modelcontextprotocol/sdk
//   node mcp_agent.mjs "Count the words: one two one"

import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

// From the folder where npm has put it, wherever this file lies.
const require = createRequire(path.join(process.cwd(), "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(`@modelcontextprotocol/sdk/${name}`)));
const { Client } = await load("client/index.js");
const { StdioClientTransport } = await load("client/stdio.js");

/// Stands for a language model: the tool whose description has most of the task's words.
function chooseTool(task, tools) {
  const words = new Set(task.toLowerCase().match(/[a-z]{4,}/g));
  const score = (tool) =>
    new Set(tool.description.toLowerCase().match(/[a-z]{4,}/g)?.filter((word) => words.has(word))).size;
  return tools.reduce((best, tool) => (score(tool) > score(best) ? tool : best));
}

/// And again: what it would say first, which is not quite right, and what it says once it was told.
const firstArguments = (task) => ({ text: task, top: "three" });
const mendedArguments = (task) => ({ text: task, top: 3 });

const task = process.argv[2] ?? "Count the words of this text: one two one";
console.log("A scripted model chooses here; no language model is asked.");

const client = new Client({ name: "example-agent", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command: "skillbox", args: ["mcp"], env: process.env }));
const { tools } = await client.listTools();
const tool = chooseTool(task, tools);
console.log(`tool: ${tool.name}, one of ${tools.length}`);

const call = (args) => client.callTool({ name: tool.name, arguments: args }, undefined, {
  onprogress: (step) => console.error(`progress: ${step.message ?? step.progress}`),
});
let result = await call(firstArguments(task));
if (result.isError) {
  console.log(`refused: ${result.content[0].text}`);
  result = await call(mendedArguments(task));
}
console.log(`answer: ${JSON.stringify(result.structuredContent)}`);
for (const link of result.content.filter((item) => item.type === "resource_link")) {
  const { contents } = await client.readResource({ uri: link.uri });
  console.log(`file: ${link.name}, ${(contents[0].text ?? contents[0].blob).length} characters`);
}
await client.close();
