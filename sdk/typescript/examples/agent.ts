/**
 * An agent in one page: it lists the skills, picks one by its description, runs it, and reads what
 * the run made.
 *
 *     tsc -p examples && node examples/dist/examples/agent.js 'How often do words occur in: one two one'
 *
 * It needs a server with skills, named by SKILLBOX_SERVER_URL and SKILLBOX_API_KEY. No language model
 * is asked: choose and argumentsFor stand where one would answer.
 */

import { APIError, Client, type SkillVersion } from "../skillbox.js";

declare const process: { argv: string[]; exitCode?: number };

function words(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[a-z]{4,}/g) ?? []);
}

/** The skill whose description has most words of the task. */
function choose(task: string, skills: SkillVersion[]): SkillVersion {
  const wanted = words(task);
  const fit = ({ description }: SkillVersion) => [...words(description)].filter((word) => wanted.has(word)).length;
  return skills.filter(({ mode }) => mode === "executable").reduce((best, skill) => (fit(skill) > fit(best) ? skill : best));
}

/** What is behind the first colon, as `text`. The first try has a mistake on purpose: text as a list
 * of lines. Told so, it does better. */
function argumentsFor(task: string, complaint: string): Record<string, unknown> {
  const text = task.slice(task.indexOf(":") + 1).trim();
  return { text: complaint ? text : text.split("\n") };
}

async function main(task: string): Promise<boolean> {
  console.log("A scripted model chooses here; no language model is asked.");
  const client = new Client();
  const skills = await client.listSkills({ latest: true });
  const { name, version } = choose(task, skills);
  console.log(`skill: ${name} ${version}, one of ${skills.length}`);
  let complaint = "";
  for (let tries = 0; tries < 3; tries++) {
    try {
      // The server holds the arguments to the skill's schema before anything runs.
      const result = await client.run(name, argumentsFor(task, complaint), { version });
      if (result.status !== "success") throw new Error(`the skill ended with ${result.status}: ${result.logs}`);
      console.log("output:", JSON.stringify(result.output).slice(0, 300));
      for (const [path, content] of await client.fetchFiles(result)) {
        console.log(`file: ${path}, ${content.length} bytes`);
      }
      return true;
    } catch (error) {
      if (!(error instanceof APIError) || error.errorCode !== "invalid_input") throw error;
      complaint = [error.message, ...error.details.map((one) => `${one["pointer"]}: ${one["message"]}`)].join(" | ");
      console.log("refused:", complaint);
    }
  }
  return false;
}

if (!(await main(process.argv.slice(2).join(" ") || "How often do words occur in: one two one"))) process.exitCode = 1;
