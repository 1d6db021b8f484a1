/**
 * `npm run check`: format, types, lint, unused code and dependencies, the amount of tests, and the
 * tests. `--no-tests` leaves those out. Each prints one line; what is wrong comes above it.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "./find-node.mjs";

function run(script, args) {
  const path = join(projectFolder, script);
  const options = { cwd: projectFolder, stdio: "inherit" };
  return spawnSync(process.execPath, [path, ...args], options).status === 0;
}

/** Goal 1 rests on tests: main/ has at least as many lines of them as of source. */
function hasEnoughTests() {
  const count = (paths) =>
    paths.reduce(
      (sum, path) => sum + readFileSync(join(projectFolder, path), "utf8").split("\n").length,
      0,
    );
  const files = globSync("main/**/*.ts", { cwd: projectFolder });
  // Tests, and what only tests import: suites, fakes, rigs, fixtures, children that are killed.
  const isTest = (path) =>
    /\.test\.ts$|-(?:suite|rig|mover|fixtures|child)\.ts$|\/(?:fakes|fixtures|fake-[a-z-]+)\.ts$/.test(
      path,
    );
  const testLines = count(files.filter(isTest));
  const sourceLines = count(files.filter((path) => !isTest(path)));
  process.stdout.write(`main/ has ${testLines} lines of tests and ${sourceLines} of source\n`);
  return testLines >= sourceLines;
}

const checks = {
  format: () => run("node_modules/oxfmt/bin/oxfmt", ["--check"]),
  types: () => run("node_modules/typescript/bin/tsc", ["-b"]),
  lint: () => run("node_modules/oxlint/bin/oxlint", ["--type-aware", "--deny-warnings"]),
  unused: () => run("node_modules/knip/bin/knip.js", []),
  "test lines": hasEnoughTests,
  tests: () => run("scripts/test.mjs", []),
};
if (process.argv.includes("--no-tests")) delete checks.tests;

const results = Object.entries(checks).map(([name, check]) => {
  const startedAtMs = performance.now();
  const isOk = check();
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  process.stdout.write(`${isOk ? "ok    " : "FAILED"} ${name} (${seconds} s)\n`);
  return isOk;
});
const passed = results.filter(Boolean).length;
process.stdout.write(`\n${passed} passed, ${results.length - passed} failed, 0 skipped\n`);
process.exitCode = passed === results.length ? 0 : 1;
