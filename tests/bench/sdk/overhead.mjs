// One contender of ../sdk_overhead.py:   overhead.mjs SDK URL KEY ROUNDS FILE

import { pathToFileURL } from "node:url";

const [, , sdk, url, key, rounds, large] = process.argv;
const { Client } = await import(pathToFileURL(sdk));
const client = new Client(url, { apiKey: key });

const byHand = async () => (await fetch(`${url}/v1/skills/word-counter/latest`,
  { headers: { Authorization: `Bearer ${key}` } })).json();
const bySdk = () => client.getSkill("word-counter");

async function timed(call) {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
const rawTimes = [];
const sdkTimes = [];
for (let number = 0; number < Number(rounds) + 50; number++) {
  const [raw, ours] = [await timed(byHand), await timed(bySdk)];
  if (number < 50) continue; // not warm yet
  rawTimes.push(raw);
  sdkTimes.push(ours);
}
const before = process.resourceUsage().maxRSS;
await client.uploadFile(large);
console.log(JSON.stringify({ raw_ms: median(rawTimes), sdk_ms: median(sdkTimes),
                             upload_kib: process.resourceUsage().maxRSS - before }));
