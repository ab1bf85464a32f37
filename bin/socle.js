#!/usr/bin/env node
// Runs on any Node that has ES modules, so that an old one gets a sentence and not a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`socle: needs Node.js 20.19 or newer, and this is ${process.versions.node}`);
  process.exitCode = 1;
} else {
  import("../dist/cli/main.js").then(async ({ main }) => {
    process.exitCode = await main(process.argv.slice(2));
  });
}
