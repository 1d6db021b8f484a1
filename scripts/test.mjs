/**
 * `npm test`: unit, contract and integration tests, and beside them the end-to-end stories on a
 * Chromium, told when the tests have had their say; then, alone, what measures speeds. Ends with
 * `N passed, N failed, N skipped`. `--faults` (`npm run test:faults`) runs what goes wrong between
 * processes instead, which takes minutes; with other arguments, only vitest runs, with them.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium } from "./chromium.mjs";
import { projectFolder } from "./find-node.mjs";

const reports = join(projectFolder, "out", "test");
/** In memory where the system has a place for that: most tests wait for a disk's flushes otherwise. */
const temporary = join(
  existsSync("/dev/shm") ? "/dev/shm" : tmpdir(),
  `longhaul-test-${process.pid}`,
);
const isCi = process.env.CI === "true" || process.env.CI === "1";

/**
 * A machine of CI that stops for seconds in the wrong place is no fault of ours; what fails twice is.
 * What was tried again is said beside its name. Elsewhere whatever fails at all is looked into.
 */
const AGAIN = isCi ? ["--retry=1"] : [];

/**
 * Runs a package's program with this Node; true when it ended well. What it prints waits for `told`:
 * two programs that print at once cannot be read.
 */
async function run(program, args, { env = {}, told = Promise.resolve() } = {}) {
  const script = join(projectFolder, "node_modules", program);
  const plain = process.stdout.isTTY ? {} : { NO_COLOR: "1", FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [script, ...args], {
    cwd: projectFolder,
    stdio: ["ignore", "pipe", "pipe"],
    // As the program has it: a disk that hangs in one test must not hold up the others.
    env: { ...process.env, TMPDIR: temporary, UV_THREADPOOL_SIZE: "96", ...plain, ...env },
  });
  const kept = [];
  let print = (chunk) => kept.push(chunk);
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => print(chunk));
  const ended = once(child, "close");
  await told;
  for (const chunk of kept) process.stdout.write(chunk);
  print = (chunk) => process.stdout.write(chunk);
  const [status] = await ended;
  return status === 0;
}

async function runVitest(args, name = "vitest") {
  const report = join(reports, `${name}.json`);
  const reporters = [
    `--reporter=${process.stdout.isTTY ? "dot" : "default"}`,
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  const isOk = await run("vitest/vitest.mjs", ["run", ...reporters, ...AGAIN, ...args]);
  return counted(isOk, report, (found) => {
    // A file that does not load has no tests to count.
    const broken = found.testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.length === 0,
    );
    return {
      passed: found.numPassedTests,
      failed: found.numFailedTests + broken.length,
      skipped: found.numPendingTests + found.numTodoTests,
    };
  });
}

async function runStories(chromium, projects, told) {
  const report = join(reports, `stories-${projects.join("-")}.json`);
  const env = { LONGHAUL_CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const chosen = projects.map((project) => `--project=${project}`);
  const args = ["test", "-c", "e2e/playwright.config.ts", "--reporter=list,json", ...chosen];
  const isOk = await run("playwright/cli.js", args, { env, told });
  return counted(isOk, report, ({ stats, errors }) => ({
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
  }));
}

/** Where a machine cannot run them that is no failure; CI must not pass by accident. */
function skipStories(reason) {
  process.stdout.write(`The end-to-end stories were left out: ${reason}.\n`);
  const stories = globSync("e2e/**/*.story.ts", { cwd: projectFolder }).length || 1;
  return isCi
    ? { passed: 0, failed: stories, skipped: 0 }
    : { passed: 0, failed: 0, skipped: stories };
}

/** What a report counts; an end that the report does not explain is one failure more. */
function counted(isOk, report, read) {
  const counts = existsSync(report)
    ? read(JSON.parse(readFileSync(report, "utf8")))
    : { passed: 0, failed: 0, skipped: 0 };
  return isOk || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

rmSync(reports, { recursive: true, force: true });
for (const folder of [reports, temporary]) mkdirSync(folder, { recursive: true });
process.on("exit", () => rmSync(temporary, { recursive: true, force: true }));
const args = process.argv.slice(2);

/** Tests, and beside them stories. */
async function runBoth(chromium, testArgs, projects) {
  const tests = runVitest(testArgs);
  const stories = "path" in chromium ? runStories(chromium.path, projects, tests) : undefined;
  return [await tests, (await stories) ?? skipStories(chromium.reason)];
}

/**
 * One after the other, and with fewer at once than elsewhere: they start programs, kill them and wait
 * for what others do, and a machine with more to do than it can makes waits of all that.
 */
async function runFaults() {
  const chromium = await findChromium();
  const tests = await runVitest(["--project", "faults", "--maxWorkers=2"]);
  const projects = ["faults", "faults-keyboard"];
  const stories =
    "path" in chromium ? await runStories(chromium.path, projects) : skipStories(chromium.reason);
  return [tests, stories];
}

async function runAll() {
  const chromium = await findChromium();
  const testArgs = ["--project", "!measures", "--project", "!faults"];
  const beside = await runBoth(chromium, testArgs, ["mouse", "keyboard"]);
  const measures = await runVitest(["--project", "measures"], "measures");
  if ("reason" in chromium) return [...beside, measures];
  return [...beside, measures, await runStories(chromium.path, ["measures"])];
}

async function runChosen() {
  if (args.length === 0) return await runAll();
  return args[0] === "--faults" ? await runFaults() : [await runVitest(args)];
}

const results = await runChosen();
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
process.stdout.write(
  `\n${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped\n`,
);
process.exitCode = sum("failed") === 0 ? 0 : 1;
