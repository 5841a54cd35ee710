/**
 * Skills as LangChain tools.
 *
 *     import { Client } from "./skillbox.js";
 *     import { SkillboxToolkit } from "./skillbox-langchain.mjs";
 *
 *     const tools = await new SkillboxToolkit(new Client(url, { apiKey })).getTools();
 *
 * Needs @langchain/core 0.3 or later, which is imported when tools are asked for.
 */

const LONGEST_NAME = 64; // what the interfaces of models take
const LOG_TAIL = 2000; // characters of a failed run's log that a model is shown
const AT_ONCE = 8;

export class SkillboxToolkit {
  /**
   * @param {import("./skillbox.js").Client} client
   * @param {{include?: string[], exclude?: string[], downloadDir?: string, sessionId?: string,
   *          load?: () => Promise<any>}} [options]
   *   `include` and `exclude` are patterns for names, as in "pdf-*". With a `downloadDir` the files
   *   that a run makes are saved there, in a folder per run. With a `sessionId` all runs share the
   *   session's files. `load` gives @langchain/core/tools where it is not found by that name.
   */
  constructor(client, options = {}) {
    this.client = client;
    this.options = options;
  }

  /**
   * DynamicStructuredTools, one per executable skill, by name. Each gives a model JSON with
   * `output` and `files`, and has the rest as the message's artifact. What fails is an error whose
   * text is for the model.
   */
  async getTools() {
    const { DynamicStructuredTool } = await (this.options.load ?? loadLangChain)();
    const { include = ["*"], exclude = [] } = this.options;
    const wanted = (await this.client.listSkills({ latest: true })).filter(({ name, mode, status }) =>
      mode === "executable" && status === "available"
      && include.some((pattern) => matches(name, pattern)) && !exclude.some((pattern) => matches(name, pattern)));
    const skills = [];
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      skills.push(...await Promise.all(wanted.slice(at, at + AT_ONCE)
        .map(({ name, version }) => this.client.getSkill(name, version))));
    }
    const taken = new Set();
    return skills.sort((a, b) => (a.name < b.name ? -1 : 1)).map((skill) => this.toolOf(skill, taken, DynamicStructuredTool));
  }

  toolOf(skill, taken, DynamicStructuredTool) {
    let schema = schemaOf(skill);
    const isWrapped = (schema.type ?? ("properties" in schema ? "object" : "")) !== "object";
    if (isWrapped) schema = { type: "object", properties: { input: schema }, required: ["input"] };
    return new DynamicStructuredTool({
      name: toolName(skill.name, taken),
      description: skill.description,
      schema,
      func: (given, _, config) => this.call(skill, isWrapped ? given.input : given, config?.signal),
      responseFormat: "content_and_artifact",
      metadata: { skill: skill.name, version: skill.version, digest: skill.digest },
    });
  }

  async call(skill, input, signal) {
    const { sessionId, downloadDir } = this.options;
    let run;
    try {
      run = await this.client.run(skill.name, input, {
        version: skill.version, ...(sessionId && { session_id: sessionId }), ...(signal && { signal }),
      });
    } catch (error) {
      throw new Error(described(error), { cause: error });
    }
    if (run.status !== "success") throw new Error(failure(run));
    let files = run.files_list ?? [];
    if (files.length > 0 && downloadDir) {
      const folder = `${downloadDir.replace(/\/+$/, "")}/${run.execution_id}`;
      files = (await this.client.downloadFiles(run, folder)).map((path) => `${folder}/${path}`);
    }
    const said = {};
    if (run.output !== undefined) said.output = run.output;
    else if (run.logs) said.logs = run.logs.slice(-LOG_TAIL);
    if (files.length > 0) said.files = files;
    return [JSON.stringify(said), { execution_id: run.execution_id, output: run.output, files, execution: run }];
  }
}

async function loadLangChain() {
  try {
    return await import("@langchain/core/tools");
  } catch (error) {
    throw new Error("this needs LangChain: npm install @langchain/core", { cause: error });
  }
}

/** A pattern with `*` and `?`, as in a shell. */
function matches(name, pattern) {
  const text = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
  return new RegExp(`^${text}$`, "s").test(name);
}

function schemaOf(skill) {
  const given = skill.schemas?.input;
  if (!given) return { type: "object", properties: {}, additionalProperties: true };
  const { $schema, $id, ...schema } = given; // models' interfaces know neither of these
  void $schema, $id;
  return schema;
}

/** Of the characters that models' interfaces take, and unlike the others. */
function toolName(name, taken) {
  const plain = name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, LONGEST_NAME);
  let unique = plain;
  for (let number = 2; taken.has(unique); number++) {
    unique = `${plain.slice(0, LONGEST_NAME - 1 - String(number).length)}_${number}`;
  }
  taken.add(unique);
  return unique;
}

function failure(run) {
  let text = `the skill ended with ${run.status}: ${run.error || run.reason}`;
  if (run.output !== undefined) text += `\noutput: ${JSON.stringify(run.output).slice(0, LOG_TAIL)}`;
  if (run.logs) text += `\nlog: ${run.logs.slice(-LOG_TAIL)}`;
  return text;
}

function described(error) {
  const details = (error.details ?? []).map((detail) =>
    `${detail.pointer || detail.file || "(the whole)"}: ${detail.message ?? ""}`);
  return [error.message, ...details].join("\n");
}
