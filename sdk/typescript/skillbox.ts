/**
 * A client of the Skillbox API: run skills, publish them, keep files and sessions.
 *
 *     import { Client } from "./skillbox.js";
 *
 *     const client = new Client("http://127.0.0.1:8080", { apiKey: "sk-..." });
 *     const result = await client.run("word-counter", { text: "one two three" });
 *     console.log(result.output.words);
 *
 * One file without dependencies, for Node 18 or later, Deno, Bun and browsers. What goes over the
 * wire keeps the names of the API, as in `execution_id`. Every failure of a call is an APIError; a
 * skill that fails is none: its result says so in `status`, `error` and `reason`.
 */

export const VERSION = "0.1.0";

const DEFAULT_URL = "http://127.0.0.1:8080";

// Milliseconds of silence after which an attempt is given up. A run may be silent for as long as it
// lasts: its attempt is then sent again with the same Idempotency-Key, which asks for its answer.
const IDLE = 60_000;
const RUN_IDLE = 290_000; // Node's own limit is 300 s
const STREAM_IDLE = 45_000; // the server says something every 15 s
const LONGEST_WAIT = 60_000; // a Retry-After beyond it is an answer for the caller, not for us
const RETRIED_STATUS = [429, 502, 503, 504];
const MOST_EVENT_BYTES = 64 << 20;

// What an archive of a skill may hold; the server has the same limits.
const SKILL_ENTRIES = 500;
const SKILL_BYTES = 256 << 20;
const SKILL_RATIO = 100;
const SKILL_RATIO_FROM = 1 << 20;

const ARTIFACT_BYTES = 2 ** 30;
const ARTIFACT_FILES = 10_000;
const TAR_HEADER_BYTES = 1 << 20;

/* eslint-disable @typescript-eslint/no-explicit-any -- outputs of skills are any JSON */

/**
 * A call that failed. `statusCode` is HTTP's, or 0 when there was no answer to have one.
 *
 * `errorCode` is for programs: the server's, or one of connection_failed, timeout, cancelled,
 * bad_answer, bad_archive, unsafe_archive, too_large, invalid_skill, bad_request from here.
 */
export class APIError extends Error {
  /** A member per violation where the server names several. */
  details: Record<string, any>[] = [];
  requestId = "";
  /** Milliseconds after which to try again, where the server says so. */
  retryAfter: number | undefined = undefined;

  constructor(readonly statusCode: number, readonly errorCode: string, readonly reason: string,
              cause?: unknown) {
    super(`skillbox: ${statusCode} ${errorCode}: ${reason}`);
    this.name = "APIError";
    if (cause !== undefined) Object.defineProperty(this, "cause", { value: cause, enumerable: false });
  }
}

export type Status = "queued" | "running" | "success" | "failed" | "timeout" | "cancelled";

/** A run. `start` and `cancel` answer with `execution_id` and `status` alone. */
export interface Execution {
  execution_id: string;
  status: Status;
  output?: any;
  files_url?: string;
  files_list?: string[];
  logs?: string;
  duration_ms?: number;
  error?: string | null;
  reason?: string;
  exit_code?: number;
  skill_digest?: string;
  sandbox?: Record<string, any>;
  skill_name?: string;
  skill_version?: string;
  tenant_id?: string;
  session_id?: string;
  input?: any;
  created_at?: string;
  finished_at?: string;
}

/** Of a run that is followed: `type` is state, log or result. */
export interface RunEvent { type: string; id: string; data: any }

export interface Finding {
  id: string; severity: "error" | "warning" | "info"; message: string; file?: string;
  line?: number; column?: number; end_line?: number; end_column?: number; hint?: string;
}

export interface PublishedSkill {
  name: string; version: string; description: string; lang: string;
  mode: "executable" | "cognitive"; digest: string; findings?: Finding[]; valid?: boolean;
}

export interface SkillVersion {
  name: string; version: string; description: string; lang: string;
  mode: "executable" | "cognitive"; status: "available" | "yanked"; digest: string;
  published_at: string; published_by?: string; latest?: boolean; tags?: string[];
}

export interface Skill {
  name: string; version: string; description: string; lang: string; image?: string;
  instructions?: string; timeout?: string; resources: Record<string, string>;
  mode: "executable" | "cognitive"; status: "available" | "yanked"; entrypoint?: string;
  license?: string; compatibility?: string; metadata?: Record<string, string>;
  allowed_tools?: string[];
  schemas?: { input?: Record<string, any>; output?: Record<string, any> };
  files?: { path: string; size_bytes: number; executable?: boolean }[];
  unknown_keys?: string[]; digest: string; archive_bytes: number; published_at: string;
  published_by: string; yanked: boolean; yanked_at?: string; yank_reason?: string;
  findings?: Finding[]; tags: string[];
}

/** `content` is text, or base64 where `encoding` says so. */
export interface SkillFile {
  path: string; content: string; size_bytes: number; encoding?: "base64"; executable?: boolean;
  omitted?: boolean;
}

export interface Tag { name: string; tag: string; version: string; set_by: string; set_at: string }

export interface File {
  id: string; tenant_id: string; session_id?: string; execution_id?: string; name: string;
  content_type: string; size_bytes: number; version: number; parent_id?: string;
  created_at: string; updated_at: string;
}

export interface SessionFile {
  path: string; size_bytes: number; executable?: boolean; updated_at: string;
}

export interface ShellResult {
  stdout: string; stderr: string; exit_code: number; timed_out?: boolean; duration_ms?: number;
  message?: string;
}

/** `key` is there only in the answer that makes it. */
export interface Key {
  id: string; key?: string; name: string; role: string; tenant_id: string; created_at: string;
  created_by?: string; expires_at?: string; last_used_at?: string; revoked_at?: string;
}

/** An array with `next_cursor`, which is empty on the last page. */
export type Page<T> = T[] & { next_cursor: string };

export interface RunOptions {
  /** Without one the latest; may be a tag. */
  version?: string;
  env?: Record<string, string>;
  /** Ids of uploaded files. */
  input_files?: string[];
  session_id?: string;
  entrypoint?: string;
  /** Shortens what the skill is allowed: seconds, or text as in "1m30s". */
  timeout?: string | number;
  idempotency_key?: string;
  signal?: AbortSignal;
}

export interface ClientOptions {
  /** Falls back to SKILLBOX_API_KEY. */
  apiKey?: string;
  /** Falls back to SKILLBOX_TENANT_ID. */
  tenantId?: string;
  /** Milliseconds that a call may take with all its attempts. Without it an attempt is given up
   * after 60 s of silence, and a run may last as long as the server lets it. */
  timeout?: number;
  /** How many times more what is safe to repeat is sent when the connection breaks or the server
   * answers 429, 502, 503 or 504. */
  maxRetries?: number;
  /** Instead of the global one: for a proxy, a Unix socket, certificates. */
  fetch?: typeof fetch;
}

/** A path (Node, Deno, Bun), or the content. */
export type Source = string | Uint8Array | ArrayBuffer | Blob;

// --- small things ------------------------------------------------------------------------------

function environment(name: string): string {
  try {
    const all = globalThis as any;
    return all.process?.env?.[name] ?? all.Deno?.env?.get(name) ?? "";
  } catch {
    return ""; // Deno without permission to look
  }
}

/** A module of the platform, hidden from what bundles this for browsers. */
function platform(name: string): Promise<any> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ name);
}

async function newKey(): Promise<string> {
  const crypto = (globalThis as any).crypto ?? (await platform("node:crypto")).webcrypto;
  const bytes: Uint8Array = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const utf8 = new TextDecoder();

function badAnswer(cause?: unknown): APIError {
  return new APIError(0, "bad_answer", "the answer is not one of a Skillbox server", cause);
}

function seconds(milliseconds: number): string {
  return String(milliseconds / 1000);
}

/** By chance, so that many clients do not come at once. */
function backoff(attempt: number): number {
  return (0.5 + Math.random() / 2) * Math.min(8000, 200 * 2 ** attempt);
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}

function retryAfter(text: string | null): number | undefined {
  if (!text) return undefined;
  if (/^\s*\d+\s*$/.test(text)) return Number(text) * 1000;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - Date.now());
}

/** One component of a path. Dots would be taken for a way up on their way to the server. */
function segment(what: string, text: string): string {
  if (typeof text !== "string" || text === "" || text === "." || text === "..") {
    throw new APIError(0, "bad_request", `${JSON.stringify(text)} is no ${what}`);
  }
  return encodeURIComponent(text);
}

function headerText(what: string, text: string): string {
  if (!/^[ -~]*$/.test(text)) {
    throw new APIError(0, "bad_request", `the ${what} has a character that a header cannot hold`);
  }
  return text;
}

function pathSegments(text: string): string {
  return text.split("/").map((part) => segment("path", part)).join("/");
}

function query(parameters: Record<string, unknown>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === true) given.set(name, "1");
    else if (value) given.set(name, String(value));
  }
  const text = given.toString();
  return text ? "?" + text : "";
}

function nextCursor(link: string | null): string {
  for (const part of (link ?? "").split(",")) {
    const found = /^\s*<([^>]*)>.*rel="next"/.exec(part);
    if (found?.[1]) return new URL(found[1], "http://localhost").searchParams.get("cursor") ?? "";
  }
  return "";
}

function skillPath(name: string, version: string): string {
  return `/v1/skills/${segment("name", name)}/${segment("version", version)}`;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

async function bytesOf(source: Source): Promise<Uint8Array> {
  if (typeof source === "string") {
    return new Uint8Array(await readable(() => platform("node:fs/promises").then((fs) => fs.readFile(source))));
  }
  if (source instanceof Uint8Array) return source;
  return new Uint8Array(source instanceof Blob ? await source.arrayBuffer() : source);
}

async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof APIError) throw error;
    throw new APIError(0, "bad_request", `the file cannot be read: ${messageOf(error)}`, error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Ends an attempt that is silent for too long, or when the caller wants. */
class Watch {
  readonly controller = new AbortController();
  isLate = false;
  onEnd: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly abort = () => this.controller.abort();

  constructor(private idle: number, private readonly signal?: AbortSignal) {
    signal?.addEventListener("abort", this.abort);
    if (signal?.aborted) this.abort();
    this.alive();
  }

  alive(idle = this.idle): void {
    this.idle = idle;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.isLate = true;
      this.abort();
    }, this.idle);
  }

  end(): void {
    clearTimeout(this.timer);
    this.signal?.removeEventListener("abort", this.abort);
    this.onEnd?.();
  }
}

class Patience {
  private readonly end: number;

  constructor(private readonly limit: number | undefined) {
    this.end = limit === undefined ? Infinity : Date.now() + limit;
  }

  bounded(wanted: number): number {
    const left = this.end - Date.now();
    if (left <= 0) {
      throw new APIError(0, "timeout", `there was no answer within ${seconds(this.limit ?? 0)} s`);
    }
    return Math.min(wanted, left);
  }

  hasRoomFor(wait: number): boolean {
    return Date.now() + wait < this.end;
  }
}

interface Call {
  method: string;
  target: string;
  headers?: Record<string, string>;
  /** Anew for each attempt. */
  body?: (watch: Watch) => BodyInit | Promise<BodyInit>;
  /** The body is long, and must not be held for sending it again. */
  isUpload?: boolean;
  repeat?: boolean;
  idle?: number;
  signal?: AbortSignal | undefined;
}

// --- the client --------------------------------------------------------------------------------

/** Of one server. */
export class Client {
  readonly baseUrl: string;
  private readonly headers: Record<string, string>;
  private readonly timeout: number | undefined;
  private readonly maxRetries: number;
  private readonly doFetch: typeof fetch;

  /** Without an address SKILLBOX_SERVER_URL counts, and then http://127.0.0.1:8080. */
  constructor(baseUrl = "", options: ClientOptions = {}) {
    const address = baseUrl || environment("SKILLBOX_SERVER_URL") || DEFAULT_URL;
    let url: URL;
    try {
      url = new URL(address);
    } catch {
      throw new APIError(0, "bad_request", "the server's address is not http:// or https://");
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new APIError(0, "bad_request", "the server's address is not http:// or https://");
    }
    if (url.username || url.password || url.search || url.hash) {
      throw new APIError(0, "bad_request", "the server's address has a user, a query or a fragment");
    }
    this.baseUrl = address.replace(/\/+$/, "");
    this.timeout = options.timeout;
    this.maxRetries = options.maxRetries ?? 3;
    this.doFetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.headers = { Accept: "application/json" };
    const key = options.apiKey || environment("SKILLBOX_API_KEY");
    const tenant = options.tenantId || environment("SKILLBOX_TENANT_ID");
    if (key) this.headers["Authorization"] = `Bearer ${headerText("key", key)}`;
    if (tenant) this.headers["X-Tenant-ID"] = headerText("tenant", tenant);
  }

  // --- service

  health(): Promise<{ status: string }> {
    return this.json({ method: "GET", target: "/health" });
  }

  /** An APIError not_ready where something that the server needs does not work. */
  ready(): Promise<{ status: string; checks: Record<string, string> }> {
    return this.json({ method: "GET", target: "/ready" });
  }

  serverVersion(): Promise<{ name: string; version: string; commit?: string;
                             sandbox: { runtime: string; level: string } }> {
    return this.json({ method: "GET", target: "/version" });
  }

  // --- runs

  /**
   * Runs a skill and waits for its end. How it went is in the result's `status`. The run has an
   * Idempotency-Key, so that it happens once however often the request has to be sent. A signal
   * ends the waiting, not the run.
   */
  async run(skill: string, input?: unknown, options: RunOptions = {}): Promise<Execution> {
    return this.json(await runCall(skill, input, options, {}, RUN_IDLE));
  }

  /** Like run, but comes back at once with `execution_id` and `status` alone. */
  async start(skill: string, input?: unknown, options: RunOptions = {}): Promise<Execution> {
    return this.json(await runCall(skill, input, options, { Prefer: "respond-async" }, IDLE));
  }

  /** Waits for the end of a run that was started, and gives all of it. */
  async wait(executionId: string, options: { signal?: AbortSignal } = {}): Promise<Execution> {
    for await (const event of this.stream(executionId, options)) void event;
    return this.getExecution(executionId);
  }

  async getExecution(executionId: string): Promise<Execution> {
    return this.json({ method: "GET", target: `/v1/executions/${segment("id", executionId)}` });
  }

  async getExecutionLogs(executionId: string): Promise<string> {
    const target = `/v1/executions/${segment("id", executionId)}/logs`;
    return utf8.decode(await this.bytes({ method: "GET", target }));
  }

  /** One file that a run made. */
  async getExecutionFile(executionId: string, path: string): Promise<Uint8Array> {
    const target = `/v1/executions/${segment("id", executionId)}/files/${pathSegments(path)}`;
    return this.bytes({ method: "GET", target });
  }

  /** A page of runs, newest first, without inputs, outputs, logs and files. */
  listExecutions(filter: { skill?: string; status?: Status; session?: string; since?: string;
                           until?: string; limit?: number; cursor?: string } = {}): Promise<Page<Execution>> {
    return this.page("/v1/executions" + query(filter));
  }

  /** Kills the run with all its processes. Cancelling what has ended changes nothing. */
  async cancel(executionId: string): Promise<Execution> {
    const target = `/v1/executions/${segment("id", executionId)}/cancel`;
    return this.json({ method: "POST", target, repeat: true });
  }

  /**
   * What a run tells while it goes on, up to its result. A connection that breaks is made again and
   * goes on behind the last event.
   */
  async *stream(executionId: string, options: { lastEventId?: string; signal?: AbortSignal } = {},
  ): AsyncGenerator<RunEvent, void, void> {
    const target = `/v1/executions/${segment("id", executionId)}/events`;
    let lastEventId = options.lastEventId ?? "";
    for (let failures = 0; ;) {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (lastEventId) headers["Last-Event-ID"] = lastEventId;
      const { response, watch } = await this.send(
        { method: "GET", target, headers, idle: STREAM_IDLE, signal: options.signal });
      try {
        for await (const event of eventsOf(response, watch, lastEventId)) {
          lastEventId = event.id;
          failures = 0;
          yield event;
          if (event.type === "result") return;
        }
      } catch (error) {
        if (error instanceof APIError) throw error;
      } finally {
        watch.end();
        watch.controller.abort();
      }
      if (options.signal?.aborted) throw cancelled();
      if (++failures > this.maxRetries) throw this.lost();
      await sleep(backoff(failures), options.signal);
    }
  }

  /**
   * Saves the files that a run made, and gives their paths below `directory`, sorted (Node, Deno,
   * Bun; elsewhere there is fetchFiles). Files of the same name are replaced. An archive with a
   * link, a device or a path that leads out of the folder is refused as a whole, and so is one with
   * more than `maxBytes`.
   */
  async downloadFiles(result: Execution | string, directory: string,
                      options: { maxBytes?: number } = {}): Promise<string[]> {
    const fs = await platform("node:fs/promises");
    const { join } = await platform("node:path");
    await readable(() => fs.mkdir(directory, { recursive: true }));
    const folder: string = await readable(() => fs.mkdtemp(join(directory, ".skillbox-")));
    try {
      const staged = await this.unpack(result, options.maxBytes ?? ARTIFACT_BYTES, async (number, pieces) => {
        const place = join(folder, String(number));
        const file = await fs.open(place, "w");
        try {
          for await (const piece of pieces) {
            for (let at = 0; at < piece.length;) at += (await file.write(piece, at)).bytesWritten;
          }
        } finally {
          await file.close();
        }
        return place as string;
      });
      return await putInPlace(staged, directory);
    } finally {
      await fs.rm(folder, { recursive: true, force: true });
    }
  }

  /** The files that a run made, by path; checked like those of downloadFiles. */
  fetchFiles(result: Execution | string, options: { maxBytes?: number } = {}): Promise<Map<string, Uint8Array>> {
    return this.unpack(result, options.maxBytes ?? ARTIFACT_BYTES, async (_, pieces) => {
      const parts: Uint8Array[] = [];
      for await (const piece of pieces) parts.push(piece);
      return joined(parts);
    });
  }

  // --- skills

  /** Publishes a skill: its folder, its zip, or the zip's bytes. */
  async registerSkill(skill: Source): Promise<PublishedSkill> {
    return this.json(await archiveCall("/v1/skills", skill));
  }

  /** Publishes a skill of one script; the server packs it. */
  registerSkillFromFields(fields: { name: string; description: string; code?: string; lang?: string;
                                    instructions?: string; version?: string }): Promise<PublishedSkill> {
    return this.json({ ...jsonCall("POST", "/v1/skills/from-fields", fields), repeat: true });
  }

  /** Checks a skill without storing it. What is wrong is an APIError with `details`. */
  async validateSkill(skill: Source): Promise<PublishedSkill> {
    return this.json(await archiveCall("/v1/skills/validate", skill));
  }

  /** All versions of all skills, or with `latest` one row per skill; `q` searches. With a `limit`
   * it is one page. */
  async listSkills(filter: { name?: string; q?: string; latest?: boolean; limit?: number;
                             cursor?: string } = {}): Promise<Page<SkillVersion>> {
    const page = await this.page<SkillVersion>("/v1/skills" + query(filter));
    while (page.next_cursor && !filter.limit) {
      const more = await this.page<SkillVersion>("/v1/skills" + query({ ...filter, cursor: page.next_cursor }));
      page.push(...more);
      page.next_cursor = more.next_cursor;
    }
    return page;
  }

  async listSkillVersions(name: string): Promise<SkillVersion[]> {
    return this.list({ method: "GET", target: `/v1/skills/${segment("name", name)}/versions` });
  }

  /** `version` may be a tag. */
  async getSkill(name: string, version = "latest"): Promise<Skill> {
    return this.json({ method: "GET", target: skillPath(name, version) });
  }

  async getSkillFiles(name: string, version = "latest", path = ""): Promise<SkillFile[]> {
    return this.list({ method: "GET", target: skillPath(name, version) + "/files" + query({ path }) });
  }

  /** The zip as it was published. */
  async getSkillArchive(name: string, version = "latest"): Promise<Uint8Array> {
    return this.bytes({ method: "GET", target: skillPath(name, version) + "/archive" });
  }

  /** Takes a version out of use: it is neither run nor `latest` any more. */
  async yankSkill(name: string, version: string, reason = ""): Promise<Skill> {
    return this.json(jsonCall("POST", skillPath(name, version) + "/yank", reason ? { reason } : {}));
  }

  async unyankSkill(name: string, version: string): Promise<Skill> {
    return this.json({ method: "POST", target: skillPath(name, version) + "/unyank" });
  }

  async deleteSkill(name: string, version: string): Promise<void> {
    await this.bytes({ method: "DELETE", target: skillPath(name, version) });
  }

  async listSkillTags(name: string): Promise<Tag[]> {
    return this.list({ method: "GET", target: `/v1/skills/${segment("name", name)}/tags` });
  }

  async setSkillTag(name: string, tag: string, version: string): Promise<Tag> {
    const target = `/v1/skills/${segment("name", name)}/tags/${segment("tag", tag)}`;
    return this.json(jsonCall("PUT", target, { version }));
  }

  async deleteSkillTag(name: string, tag: string): Promise<void> {
    const target = `/v1/skills/${segment("name", name)}/tags/${segment("tag", tag)}`;
    await this.bytes({ method: "DELETE", target });
  }

  // --- files

  listFiles(filter: { session_id?: string; execution_id?: string; limit?: number;
                      offset?: number } = {}): Promise<File[]> {
    return this.list({ method: "GET", target: "/v1/files" + query(filter) });
  }

  async getFile(fileId: string): Promise<File> {
    return this.json({ method: "GET", target: `/v1/files/${segment("id", fileId)}` });
  }

  /** Stores a file: a path, which is read while it is sent, or content with a `name`. */
  async uploadFile(source: Source, options: { name?: string; session_id?: string } = {}): Promise<File> {
    return this.json(await formCall("POST", "/v1/files", source, options));
  }

  async downloadFile(fileId: string): Promise<Uint8Array> {
    return this.bytes({ method: "GET", target: `/v1/files/${segment("id", fileId)}/download` });
  }

  /** Stores a new version, which has an id of its own. */
  async updateFile(fileId: string, source: Source, options: { name?: string } = {}): Promise<File> {
    return this.json(await formCall("PUT", `/v1/files/${segment("id", fileId)}`, source, options));
  }

  async deleteFile(fileId: string): Promise<void> {
    await this.bytes({ method: "DELETE", target: `/v1/files/${segment("id", fileId)}` });
  }

  async listFileVersions(fileId: string): Promise<File[]> {
    return this.list({ method: "GET", target: `/v1/files/${segment("id", fileId)}/versions` });
  }

  // --- sessions

  async listSessionFiles(sessionId: string): Promise<SessionFile[]> {
    return this.list({ method: "GET", target: `/v1/sessions/${segment("session", sessionId)}/files` });
  }

  async getSessionFile(sessionId: string, path: string): Promise<Uint8Array> {
    const target = `/v1/sessions/${segment("session", sessionId)}/files/${pathSegments(path)}`;
    return this.bytes({ method: "GET", target });
  }

  async writeSessionFile(sessionId: string, path: string, content: Uint8Array | string,
                         append = false): Promise<SessionFile> {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return this.json(jsonCall("POST", "/v1/sandbox/write-file",
                              { path, content: base64(bytes), encoding: "base64", append },
                              { "X-Session-ID": headerText("session", sessionId) }));
  }

  async deleteSessionFile(sessionId: string, path: string): Promise<void> {
    const target = `/v1/sessions/${segment("session", sessionId)}/files/${pathSegments(path)}`;
    await this.bytes({ method: "DELETE", target });
  }

  async deleteSession(sessionId: string): Promise<void> {
    await this.bytes({ method: "DELETE", target: `/v1/sessions/${segment("session", sessionId)}` });
  }

  /** Runs a shell command in a fresh sandbox with the session's files. */
  async execute(sessionId: string, command: string,
                options: { workdir?: string; timeout_ms?: number } = {}): Promise<ShellResult> {
    const call = jsonCall("POST", "/v1/sandbox/execute", { command, ...options },
                          { "X-Session-ID": headerText("session", sessionId) });
    return this.json({ ...call, idle: RUN_IDLE });
  }

  // --- keys

  /** Its `key` is shown this once. */
  createKey(key: { name: string; role?: string; expires_at?: string }): Promise<Key> {
    return this.json(jsonCall("POST", "/v1/keys", key));
  }

  listKeys(): Promise<Key[]> {
    return this.list({ method: "GET", target: "/v1/keys" });
  }

  async revokeKey(keyId: string): Promise<void> {
    await this.bytes({ method: "DELETE", target: `/v1/keys/${segment("id", keyId)}` });
  }

  // --- how it is sent

  private async bytes(call: Call): Promise<Uint8Array> {
    return (await this.send(call, true)).body;
  }

  private async value(call: Call): Promise<{ value: any; response: Response }> {
    const { body, response } = await this.send(call, true);
    try {
      return { value: JSON.parse(utf8.decode(body)), response };
    } catch (error) {
      throw badAnswer(error);
    }
  }

  private async json<T>(call: Call): Promise<T> {
    const { value } = await this.value(call);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw badAnswer();
    return value;
  }

  private async list<T>(call: Call): Promise<T[]> {
    const { value } = await this.value(call);
    if (!Array.isArray(value)) throw badAnswer();
    return value;
  }

  private async page<T>(target: string): Promise<Page<T>> {
    const { value, response } = await this.value({ method: "GET", target });
    if (!Array.isArray(value)) throw badAnswer();
    return Object.assign(value, { next_cursor: nextCursor(response.headers.get("Link")) });
  }

  private lost(cause?: unknown): APIError {
    return new APIError(0, "connection_failed", `there was no answer from ${this.baseUrl}`, cause);
  }

  /** An answer that is no error, with its body if `whole`: reading that belongs to the attempt. Who
   * reads the body himself ends the watch. Sends again what is safe to. */
  private async send(call: Call, whole = false): Promise<{ response: Response; watch: Watch; body: Uint8Array }> {
    const repeat = call.repeat || call.method === "GET";
    const idle = call.idle ?? IDLE;
    const patience = new Patience(this.timeout);
    let failures = 0;
    let wasBroken = false;
    for (;;) {
      if (call.signal?.aborted) throw cancelled();
      const watch = new Watch(patience.bounded(idle), call.signal);
      let pause: number;
      let hasBody = false;
      try {
        const init: RequestInit & { duplex?: string } = {
          method: call.method, headers: { ...this.headers, ...call.headers },
          signal: watch.controller.signal, redirect: "manual", credentials: "omit",
        };
        if (call.body) {
          init.body = await call.body(watch);
          if (init.body instanceof ReadableStream) init.duplex = "half";
          // Fetch keeps a second copy of a body in case it has to follow a redirect, or to ask for a
          // password in a window; only with neither it does not (Fetch standard, HTTP-network-or-cache
          // fetch, step 3).
          if (call.isUpload) Object.assign(init, { redirect: "error", window: null });
        }
        const response = await this.doFetch(this.baseUrl + call.target, init);
        // The caller's limit was for the answer to begin; a stream may then be silent for longer.
        watch.alive(whole ? undefined : idle);
        if (!response.ok) {
          throw errorOf(response, new Uint8Array(await response.arrayBuffer()));
        }
        hasBody = !whole;
        const body = whole ? new Uint8Array(await response.arrayBuffer()) : new Uint8Array();
        return { response, watch, body };
      } catch (error) {
        if (call.signal?.aborted) throw cancelled();
        if (!(error instanceof APIError)) {
          failures++;
          wasBroken = true;
          patience.bounded(1); // the caller's own limit speaks first
          if (!repeat || failures > this.maxRetries) {
            if (!watch.isLate) throw this.lost(error);
            throw new APIError(0, "timeout", `there was no answer within ${seconds(idle)} s`, error);
          }
          pause = backoff(failures);
        } else if (wasBroken && error.statusCode === 409 && error.errorCode === "conflict") {
          // Our own first attempt is still running; its answer will be there.
          failures = 0;
          pause = error.retryAfter || 1000;
          if (!patience.hasRoomFor(pause)) throw error;
        } else if (repeat && RETRIED_STATUS.includes(error.statusCode)
                   && failures < this.maxRetries && (error.retryAfter ?? 0) <= LONGEST_WAIT) {
          failures++;
          pause = backoff(failures);
          if (error.retryAfter !== undefined) {
            pause = error.retryAfter + Math.random() * (100 + error.retryAfter / 10);
          }
          if (!patience.hasRoomFor(pause)) throw error;
        } else {
          throw error;
        }
      } finally {
        if (!hasBody) watch.end();
      }
      await sleep(patience.bounded(pause), call.signal);
    }
  }

  // --- files of a run

  /** Gives what `store` made of each file in the archive, by path. */
  private async unpack<T>(result: Execution | string, maxBytes: number,
                          store: (number: number, pieces: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<Map<string, T>> {
    let run = typeof result === "string" ? await this.getExecution(result) : result;
    if (!run.files_url) return new Map();
    for (let failures = 0, isFresh = false; ;) {
      try {
        return await this.unpackFrom(run.files_url ?? "", maxBytes, store);
      } catch (error) {
        if (error instanceof APIError) {
          // The link has its hour; whoever may see the run gets another.
          if (RETRIED_STATUS.includes(error.statusCode) && failures < this.maxRetries) {
            failures++;
            await sleep(Math.min(error.retryAfter || backoff(failures), LONGEST_WAIT));
            continue;
          }
          if (error.statusCode !== 403 || isFresh || !run.execution_id) throw error;
          isFresh = true;
          run = await this.getExecution(run.execution_id);
          continue;
        }
        if (!(error instanceof Lost)) throw error;
        if (++failures > this.maxRetries) throw this.lost(error.reason);
        await sleep(backoff(failures));
      }
    }
  }

  private async unpackFrom<T>(link: string, maxBytes: number,
                              store: (number: number, pieces: AsyncIterable<Uint8Array>) => Promise<T>,
  ): Promise<Map<string, T>> {
    if (!/^https?:\/\/[^/]/.test(link)) {
      throw new APIError(0, "bad_answer", "the link to the files is no http address");
    }
    const watch = new Watch(IDLE);
    try {
      // The link is its own permission: no header says who we are.
      const response = await this.doFetch(link, { signal: watch.controller.signal, credentials: "omit" })
        .catch((error) => { throw new Lost(error); });
      if (response.status !== 200) throw errorOf(response, new Uint8Array(await response.arrayBuffer()));
      const files = new Map<string, T>();
      let left = maxBytes;
      const source = new ByteSource(gunzipped(response, watch));
      for (;;) {
        const member = await nextMember(source);
        if (!member) break;
        checkMember(member);
        if (files.has(member.path)) throw refused(member.path, "is there twice");
        if (files.size >= ARTIFACT_FILES) {
          throw new APIError(0, "too_large", `there are more than ${ARTIFACT_FILES} files`);
        }
        left -= member.size;
        if (left < 0) throw new APIError(0, "too_large", `the files have more than ${maxBytes} bytes`);
        files.set(member.path, await store(files.size, source.pieces(member.size)));
        await source.skip(padding(member.size));
      }
      await source.drain(); // to the end, where the checksum is
      return files;
    } finally {
      watch.end();
      watch.controller.abort();
    }
  }
}

function cancelled(): APIError {
  return new APIError(0, "cancelled", "the call was cancelled");
}

function errorOf(response: Response, body: Uint8Array): APIError {
  let data: any;
  try {
    data = JSON.parse(utf8.decode(body));
  } catch {
    data = undefined;
  }
  const known = typeof data?.error === "string";
  const error = known
    ? new APIError(response.status, data.error, String(data.message ?? ""))
    : new APIError(response.status, "bad_answer", "the answer is not one of a Skillbox server");
  if (known && Array.isArray(data.details)) error.details = data.details;
  if (known) error.requestId = String(data.request_id ?? "");
  error.retryAfter = retryAfter(response.headers.get("Retry-After"));
  return error;
}

function jsonCall(method: string, target: string, value: unknown,
                  headers: Record<string, string> = {}): Call {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new APIError(0, "bad_request", `this cannot be written as JSON: ${messageOf(error)}`, error);
  }
  return { method, target, headers: { "Content-Type": "application/json", ...headers }, body: () => text };
}

async function runCall(skill: string, input: unknown, options: RunOptions,
                       headers: Record<string, string>, idle: number): Promise<Call> {
  const { idempotency_key, signal, timeout, ...more } = options;
  const body: Record<string, unknown> = { skill };
  if (input !== undefined && input !== null) body["input"] = input;
  if (timeout) body["timeout"] = typeof timeout === "number" ? `${timeout}s` : timeout;
  for (const [name, value] of Object.entries(more)) if (value) body[name] = value;
  const key = headerText("idempotency key", idempotency_key || (await newKey()));
  const call = jsonCall("POST", "/v1/executions", body, { "Idempotency-Key": key, ...headers });
  return { ...call, repeat: true, idle, signal };
}

async function archiveCall(target: string, skill: Source): Promise<Call> {
  let zip: Uint8Array;
  if (typeof skill === "string" && (await isFolder(skill))) zip = await packSkill(skill);
  else zip = await bytesOf(skill);
  const headers = { "Content-Type": "application/zip" };
  return { method: "POST", target, headers, body: () => zip as BodyInit, repeat: true };
}

async function formCall(method: string, target: string, source: Source,
                        fields: { name?: string; session_id?: string }): Promise<Call> {
  const boundary = "skillbox-" + (await newKey());
  let head = "";
  const own = typeof source === "string" ? source.split(/[\\/]/).pop() : "";
  // The name goes as a field of its own: a header could not hold every name.
  for (const [name, value] of Object.entries({ ...fields, name: fields.name || own })) {
    if (value) head += `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  }
  head += `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n`
    + "Content-Type: application/octet-stream\r\n\r\n";
  const tail = `\r\n--${boundary}--\r\n`;
  const headers = { "Content-Type": `multipart/form-data; boundary=${boundary}` };
  if (typeof source !== "string") {
    return { method, target, headers, isUpload: true, body: () => new Blob([head, source as BlobPart, tail]) };
  }
  const fs = await platform("node:fs/promises");
  await readable(() => fs.access(source));
  return { method, target, headers, isUpload: true, body: (watch) => fileForm(fs, head, source, tail, watch) };
}

/** A form that is read from the disk while it is sent. */
async function fileForm(fs: any, head: string, path: string, tail: string,
                        watch: Watch): Promise<ReadableStream<Uint8Array>> {
  const file = await readable<any>(() => fs.open(path, "r"));
  watch.onEnd = () => file.close().catch(() => undefined);
  const text = new TextEncoder();
  let isBegun = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      watch.alive();
      if (!isBegun) {
        isBegun = true;
        controller.enqueue(text.encode(head));
        return;
      }
      const { bytesRead, buffer } = await file.read(new Uint8Array(1 << 16), 0, 1 << 16);
      if (bytesRead > 0) {
        controller.enqueue(buffer.subarray(0, bytesRead));
        return;
      }
      controller.enqueue(text.encode(tail));
      controller.close();
    },
  });
}

// --- events ------------------------------------------------------------------------------------

/** Ends where the connection does. What came of an event then is dropped. */
async function* eventsOf(response: Response, watch: Watch, lastEventId: string,
): AsyncGenerator<RunEvent, void, void> {
  if (!response.body) throw badAnswer();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let waiting: string[] = []; // of the line that has not ended yet
  let size = 0;
  let type = "message";
  let id = lastEventId;
  let data: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    watch.alive();
    size += value.length;
    if (size > MOST_EVENT_BYTES) {
      throw new APIError(0, "too_large", `an event has more than ${MOST_EVENT_BYTES} bytes`);
    }
    const lines = decoder.decode(value, { stream: true }).split("\n");
    if (lines.length === 1) {
      waiting.push(lines[0] ?? "");
      continue;
    }
    lines[0] = waiting.join("") + lines[0];
    waiting = [lines.pop() ?? ""];
    for (const ended of lines) {
      const line = ended.endsWith("\r") ? ended.slice(0, -1) : ended;
      if (line === "") {
        if (data.length > 0) {
          let parsed: any;
          try {
            parsed = JSON.parse(data.join("\n"));
          } catch (error) {
            throw badAnswer(error);
          }
          yield { type, id, data: parsed };
        }
        type = "message";
        data = [];
        size = 0;
        continue;
      }
      const colon = line.indexOf(":");
      const name = colon < 0 ? line : line.slice(0, colon);
      let text = colon < 0 ? "" : line.slice(colon + 1);
      if (text.startsWith(" ")) text = text.slice(1);
      if (name === "event") type = text;
      else if (name === "id") id = text;
      else if (name === "data") data.push(text);
    }
  }
}

// --- skills as archives ------------------------------------------------------------------------

async function isFolder(path: string): Promise<boolean> {
  const fs = await platform("node:fs/promises");
  return (await readable<any>(() => fs.stat(path))).isDirectory();
}

/** What the engine leaves out too: version control, caches, litter of desktops. */
function isSkipped(path: string, name: string): boolean {
  return [".git", "__pycache__", "__MACOSX", ".DS_Store", "Thumbs.db"].includes(name)
    || (name.startsWith(".skillbox-") && name.endsWith(".tmp"))
    || path === "node_modules/.cache" || path.endsWith("/node_modules/.cache");
}

interface Listed { path: string; place: string; executable: boolean }

async function skillFiles(folder: string): Promise<Listed[]> {
  const fs = await platform("node:fs/promises");
  const { join } = await platform("node:path");
  const found: Listed[] = [];
  let total = 0;
  const waiting: [string, string][] = [["", folder]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [prefix, place] = next;
    for (const name of (await fs.readdir(place)) as string[]) {
      const path = prefix + name;
      if (isSkipped(path, name)) continue;
      const status = await fs.lstat(join(place, name));
      if (status.isDirectory()) {
        waiting.push([path + "/", join(place, name)]);
        continue;
      }
      if (!status.isFile()) {
        throw new APIError(0, "invalid_skill",
                           `${JSON.stringify(path)} is no regular file; a skill holds only files and folders`);
      }
      total += status.size;
      found.push({ path, place: join(place, name), executable: (status.mode & 0o100) !== 0 });
      if (found.length > SKILL_ENTRIES) {
        throw new APIError(0, "too_large", `there are more than ${SKILL_ENTRIES} files`);
      }
      if (total > SKILL_BYTES) {
        throw new APIError(0, "too_large", `the files have more than ${SKILL_BYTES} bytes`);
      }
    }
  }
  if (!found.some(({ path }) => path === "SKILL.md" || path === "skill.md")) {
    throw new APIError(0, "invalid_skill", "there is no SKILL.md in the folder");
  }
  const text = new TextEncoder();
  const key = new Map(found.map((file) => [file.path, text.encode(file.path)]));
  return found.sort((a, b) => compareBytes(key.get(a.path)!, key.get(b.path)!));
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}

/** The folder as a zip (Node, Deno, Bun). The same files give the same bytes, whatever their times
 * and owner. */
export async function packSkill(folder: string): Promise<Uint8Array> {
  const fs = await platform("node:fs/promises");
  const files = await readable(() => skillFiles(folder));
  const text = new TextEncoder();
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const file of files) {
    const content: Uint8Array = await readable(() => fs.readFile(file.place));
    const name = text.encode(file.path);
    const packed = await deflated(content);
    // What packs better than the server accepts is stored.
    const isStored = content.length > SKILL_RATIO_FROM && content.length > packed.length * SKILL_RATIO;
    const stored = isStored ? content : packed;
    const common = new DataView(new ArrayBuffer(26));
    common.setUint16(0, 20, true); // version needed
    common.setUint16(2, 0x0800, true); // names are UTF-8
    common.setUint16(4, isStored ? 0 : 8, true);
    common.setUint16(8, 0x0021, true); // 1980-01-01
    common.setUint32(10, crc32(content), true);
    common.setUint32(14, stored.length, true);
    common.setUint32(18, content.length, true);
    common.setUint16(22, name.length, true);
    const shared = new Uint8Array(common.buffer);
    parts.push(new Uint8Array([0x50, 0x4b, 3, 4]), shared, name, stored);
    const rest = new DataView(new ArrayBuffer(14));
    rest.setUint32(6, ((0o100644 | (file.executable ? 0o111 : 0)) << 16) >>> 0, true);
    rest.setUint32(10, offset, true);
    directory.push(new Uint8Array([0x50, 0x4b, 1, 2, 20, 3]), shared, new Uint8Array(rest.buffer), name);
    offset += 30 + name.length + stored.length;
  }
  const entries = joined(directory);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, entries.length, true);
  end.setUint32(16, offset, true);
  return joined([...parts, entries, new Uint8Array(end.buffer)]);
}

// TypeScript's own description of the platform came later than the platform.
declare const CompressionStream: {
  new (format: string): { writable: WritableStream; readable: ReadableStream<Uint8Array> };
};
declare const DecompressionStream: typeof CompressionStream;

/** Without the frame of zlib: "deflate-raw" is not everywhere yet. */
async function deflated(content: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([content as BlobPart]).stream().pipeThrough(new CompressionStream("deflate"));
  const framed = new Uint8Array(await new Response(stream).arrayBuffer());
  return framed.subarray(2, framed.length - 4);
}

let crcTable: Uint32Array | undefined;

function crc32(bytes: Uint8Array): number {
  if (!crcTable) {
    crcTable = new Uint32Array(256);
    for (let n = 0; n < 256; n++) {
      let value = n;
      for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
      crcTable[n] = value;
    }
  }
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// --- archives of files -------------------------------------------------------------------------

/** The network ended it, which may be tried again. */
class Lost {
  constructor(readonly reason: unknown) {}
}

function badArchive(cause?: unknown): APIError {
  return new APIError(0, "bad_archive", "the archive of files cannot be read", cause);
}

function refused(name: string, why: string): APIError {
  return new APIError(0, "unsafe_archive", `the archive of files is refused: ${JSON.stringify(name)} ${why}`);
}

async function* gunzipped(response: Response, watch: Watch): AsyncGenerator<Uint8Array, void, void> {
  if (!response.body) throw badArchive();
  const network = response.body.getReader();
  let lost: Lost | undefined;
  const unpacker = new DecompressionStream("gzip");
  const writer = unpacker.writable.getWriter();
  const feeding = (async () => {
    for (;;) {
      const piece = await network.read().catch((error) => { throw (lost = new Lost(error)); });
      if (piece.done) break;
      watch.alive();
      await writer.write(piece.value);
    }
    await writer.close();
  })();
  // What went wrong is seen by the reader below.
  feeding.catch((error) => writer.abort(error).catch(() => undefined));
  writer.closed.catch(() => undefined);
  const reader = unpacker.readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw lost ?? badArchive(error);
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
    network.cancel().catch(() => undefined);
  }
}

/** Bytes in pieces of the size that is wanted. */
class ByteSource {
  private piece: Uint8Array = new Uint8Array();

  constructor(private readonly source: AsyncGenerator<Uint8Array, void, void>) {}

  /** Something of what comes next, at most `most`; undefined at the end. */
  private async some(most: number): Promise<Uint8Array | undefined> {
    while (this.piece.length === 0) {
      const next = await this.source.next();
      if (next.done) return undefined;
      this.piece = next.value;
    }
    const taken = this.piece.subarray(0, most);
    this.piece = this.piece.subarray(taken.length);
    return taken;
  }

  async *pieces(size: number): AsyncGenerator<Uint8Array, void, void> {
    for (let left = size; left > 0;) {
      const piece = await this.some(left);
      if (!piece) throw badArchive();
      left -= piece.length;
      yield piece;
    }
  }

  /** Exactly so many; undefined when there are none at all. */
  async read(size: number): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    for (let left = size; left > 0;) {
      const piece = await this.some(left);
      if (!piece && parts.length === 0) return undefined;
      if (!piece) throw badArchive();
      parts.push(piece);
      left -= piece.length;
    }
    return joined(parts);
  }

  async skip(size: number): Promise<void> {
    for await (const piece of this.pieces(size)) void piece;
  }

  async drain(): Promise<void> {
    while (await this.some(1 << 20));
  }
}

interface Member { path: string; isUtf8: boolean; size: number; type: string }

function padding(size: number): number {
  return (512 - (size % 512)) % 512;
}

/** The next file, link or device of a tar; undefined at its end. (POSIX pax, ustar and GNU.) */
async function nextMember(source: ByteSource): Promise<Member | undefined> {
  let longName: Uint8Array | undefined;
  let extended = new Map<string, Uint8Array>();
  for (let headers = 0; ; headers++) {
    const block = await source.read(512);
    if (!block || block.every((byte) => byte === 0)) {
      if (headers > 0) throw badArchive();
      return undefined;
    }
    if (block[511] === undefined || checksumOf(block) !== numberAt(block, 148, 8)) throw badArchive();
    const size = numberAt(block, 124, 12);
    const type = String.fromCharCode(block[156] || 0x30);
    if ("xgXLK".includes(type)) {
      if (size > TAR_HEADER_BYTES || headers > 8) {
        throw new APIError(0, "too_large", `the archive has a header of more than ${TAR_HEADER_BYTES} bytes`);
      }
      const content = (size ? await source.read(size) : new Uint8Array()) ?? badArchiveNow();
      await source.skip(padding(size));
      if (type === "x" || type === "X") extended = paxRecords(content);
      else if (type === "L") longName = untilNul(content);
      continue;
    }
    const isUstar = textOf(block.subarray(257, 263)) === "ustar" && block[262] === 0;
    const prefix = isUstar ? untilNul(block.subarray(345, 500)) : new Uint8Array();
    const name = untilNul(block.subarray(0, 100));
    const whole = prefix.length ? joined([prefix, new Uint8Array([0x2f]), name]) : name;
    const bytes = extended.get("path") ?? longName ?? whole;
    const path = textOf(bytes);
    const real = extended.has("size") ? decimal(textOf(extended.get("size")!)) : size;
    if (type === "5") { // a folder; those of files are made anyway
      headers = -1;
      longName = undefined;
      extended = new Map();
      continue;
    }
    const isSparse = [...extended.keys()].some((key) => key.startsWith("GNU.sparse."));
    const isUtf8 = compareBytes(new TextEncoder().encode(path), bytes) === 0;
    return { path, isUtf8, size: real, type: isSparse ? "S" : type };
  }
}

function badArchiveNow(): never {
  throw badArchive();
}

function checksumOf(block: Uint8Array): number {
  let sum = 8 * 0x20; // the checksum itself counts as blanks
  for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += block[i]!;
  return sum;
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function numberAt(block: Uint8Array, at: number, length: number): number {
  const field = block.subarray(at, at + length);
  if (field[0]! & 0x80) { // base 256, for what is larger than 8 GiB
    let value = field[0]! & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw badArchive();
    return value;
  }
  const text = textOf(untilNul(field)).trim();
  if (!/^[0-7]*$/.test(text)) throw badArchive();
  return text ? parseInt(text, 8) : 0;
}

function decimal(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw badArchive();
  return value;
}

/** `LENGTH KEY=VALUE\n`, where the length counts all of it in bytes. */
function paxRecords(content: Uint8Array): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  for (let at = 0; at < content.length && content[at] !== 0;) {
    const blank = content.indexOf(0x20, at);
    const length = blank < 0 ? 0 : decimal(textOf(content.subarray(at, blank)));
    const record = content.subarray(blank + 1, at + length);
    const equals = record.indexOf(0x3d);
    if (length <= blank - at || at + length > content.length || record[record.length - 1] !== 0x0a || equals < 1) {
      throw badArchive();
    }
    records.set(textOf(record.subarray(0, equals)), record.subarray(equals + 1, record.length - 1));
    at += length;
  }
  return records;
}

/** Lets only files pass that lie below the folder. */
function checkMember(member: Member): void {
  const name = member.path;
  if (member.type === "1" || member.type === "2") throw refused(name, "is a link");
  if (member.type !== "0") throw refused(name, "is no regular file");
  if (!member.isUtf8) throw refused(name, "is not UTF-8");
  if (name.includes("\0")) throw refused(name, "has a NUL in its name");
  const isWindows = (globalThis as any).process?.platform === "win32";
  if (name.startsWith("/") || (isWindows && /[:\\]/.test(name))) throw refused(name, "is no relative path");
  for (const part of name.split("/")) {
    if (part === "..") throw refused(name, 'has a ".." in its path');
    if (part === "" || part === ".") throw refused(name, "has an empty component in its path");
  }
}

/** Moves what was unpacked to its places; through no link, and over no folder. */
async function putInPlace(staged: Map<string, string>, directory: string): Promise<string[]> {
  const fs = await platform("node:fs/promises");
  const { join, dirname } = await platform("node:path");
  const look = (place: string): Promise<any> => fs.lstat(place).catch(() => undefined);
  const inTheWay = (path: string, what: string) =>
    new APIError(0, "unsafe_archive", `${JSON.stringify(path)} cannot be saved: ${what} is in the way`);
  for (const path of staged.keys()) {
    const parts = path.split("/");
    for (let n = 1; n < parts.length; n++) {
      const status = await look(join(directory, ...parts.slice(0, n)));
      if (staged.has(parts.slice(0, n).join("/")) || (status && !status.isDirectory())) {
        throw inTheWay(path, "a link or a file");
      }
    }
    if ((await look(join(directory, ...parts)))?.isDirectory()) throw inTheWay(path, "a folder");
  }
  for (const [path, content] of staged) {
    const target = join(directory, ...path.split("/"));
    await fs.mkdir(dirname(target), { recursive: true });
    await fs.rename(content, target);
  }
  const text = new TextEncoder();
  return [...staged.keys()].sort((a, b) => compareBytes(text.encode(a), text.encode(b)));
}
