// Reads the input, does the work, writes the result. Everything else is yours to change.
"use strict";

const fs = require("node:fs");

function readInput() {
  // Large inputs are only in the file, small ones in both.
  const text = process.env.SANDBOX_INPUT ?? fs.readFileSync("/sandbox/input.json", "utf8");
  return JSON.parse(text);
}

function writeOutput(value) {
  fs.writeFileSync(process.env.SANDBOX_OUTPUT, JSON.stringify(value));
}

function main() {
  const text = readInput()?.text;
  if (typeof text !== "string") {
    console.error('the input needs a string "text"');
    return 1;
  }

  const words = text.split(/\s+/).filter((word) => word !== "");
  const longest = words.reduce((best, word) => (word.length > best.length ? word : best), "");
  writeOutput({ words: words.length, longest });
  console.log(`counted ${words.length} words`); // the log

  // Files written into this folder are kept with the run:
  // process.env.SANDBOX_FILES_DIR
  return 0;
}

process.exitCode = main();
