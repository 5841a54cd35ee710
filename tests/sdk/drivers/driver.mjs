// Does with the TypeScript SDK what is asked on standard input, one JSON object a line.
//
//     node driver.mjs skillbox.js

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { Client, APIError, packSkill } = await import(pathToFileURL(process.argv[2]));

const methods = {
  health: (c) => c.health(),
  ready: (c) => c.ready(),
  server_version: (c) => c.serverVersion(),
  run: (c, { skill, input, ...options }) => c.run(skill, input, options),
  start: (c, { skill, input, ...options }) => c.start(skill, input, options),
  wait: (c, a) => c.wait(a.execution_id),
  get_execution: (c, a) => c.getExecution(a.execution_id),
  get_execution_logs: (c, a) => c.getExecutionLogs(a.execution_id),
  get_execution_file: (c, a) => c.getExecutionFile(a.execution_id, a.path),
  list_executions: (c, a) => c.listExecutions(a),
  cancel: (c, a) => c.cancel(a.execution_id),
  stream: async (c, a) => {
    const events = [];
    for await (const event of c.stream(a.execution_id, { lastEventId: a.last_event_id })) events.push(event);
    return events;
  },
  download_files: async (c, a) => {
    const options = a.max_bytes ? { maxBytes: a.max_bytes } : {};
    const paths = await c.downloadFiles(a.result, a.directory, options);
    // What browsers use must give the same.
    const files = await c.fetchFiles(a.result, options);
    if ([...files.keys()].sort().join() !== [...paths].sort().join()) throw new Error("fetchFiles differs");
    return paths;
  },
  register_skill: (c, a) => c.registerSkill(a.skill),
  validate_skill: (c, a) => c.validateSkill(a.skill),
  register_skill_from_fields: (c, a) => c.registerSkillFromFields(a),
  list_skills: (c, a) => c.listSkills(a),
  list_skill_versions: (c, a) => c.listSkillVersions(a.name),
  get_skill: (c, a) => c.getSkill(a.name, a.version),
  get_skill_files: (c, a) => c.getSkillFiles(a.name, a.version, a.path),
  get_skill_archive: (c, a) => c.getSkillArchive(a.name, a.version),
  yank_skill: (c, a) => c.yankSkill(a.name, a.version, a.reason),
  unyank_skill: (c, a) => c.unyankSkill(a.name, a.version),
  delete_skill: (c, a) => c.deleteSkill(a.name, a.version),
  list_skill_tags: (c, a) => c.listSkillTags(a.name),
  set_skill_tag: (c, a) => c.setSkillTag(a.name, a.tag, a.version),
  delete_skill_tag: (c, a) => c.deleteSkillTag(a.name, a.tag),
  list_files: (c, a) => c.listFiles(a),
  get_file: (c, a) => c.getFile(a.file_id),
  upload_file: (c, { source, ...options }) => c.uploadFile(source, options),
  download_file: (c, a) => c.downloadFile(a.file_id),
  update_file: (c, a) => c.updateFile(a.file_id, a.source, { name: a.name }),
  delete_file: (c, a) => c.deleteFile(a.file_id),
  list_file_versions: (c, a) => c.listFileVersions(a.file_id),
  list_session_files: (c, a) => c.listSessionFiles(a.session_id),
  get_session_file: (c, a) => c.getSessionFile(a.session_id, a.path),
  write_session_file: (c, a) => c.writeSessionFile(a.session_id, a.path, a.content, a.append),
  delete_session_file: (c, a) => c.deleteSessionFile(a.session_id, a.path),
  delete_session: (c, a) => c.deleteSession(a.session_id),
  execute: (c, { session_id, command, ...options }) => c.execute(session_id, command, options),
  create_key: (c, a) => c.createKey(a),
  list_keys: (c) => c.listKeys(),
  pack: (_, a) => packSkill(a.folder),
  revoke_key: (c, a) => c.revokeKey(a.key_id),
};

function given(value) {
  if (value && typeof value === "object" && Object.keys(value).join() === "base64") {
    return new Uint8Array(Buffer.from(value.base64, "base64"));
  }
  return value;
}

function plain(value) {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString("base64") };
  if (Array.isArray(value) && value.next_cursor) return { items: [...value], next_cursor: value.next_cursor };
  return value ?? null;
}

let client;
for await (const line of createInterface({ input: process.stdin })) {
  const { op, args } = JSON.parse(line);
  let answer;
  try {
    if (op === "client") {
      client = new Client(args.base_url, {
        apiKey: args.api_key, tenantId: args.tenant_id, maxRetries: args.max_retries,
        timeout: args.timeout ? args.timeout * 1000 : undefined,
      });
      answer = { ok: null };
    } else {
      const ready = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, given(value)]));
      answer = { ok: plain(await methods[op](client, ready)) };
    }
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    answer = {
      error: {
        status: error.statusCode, code: error.errorCode, message: error.reason, text: error.message,
        details: error.details.length, has_request_id: error.requestId !== "",
        retry_after: (error.retryAfter ?? 0) / 1000,
      },
    };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
