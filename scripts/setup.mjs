/**
 * Makes a clone ready: installs from the lock file when that is missing or stale, and builds when
 * sources are newer. Runs before `npm start` and `npm test`; plain Node 20, nothing installed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findNode, projectFolder } from "./find-node.mjs";
import { readStamp, writeStamp } from "./stamp.mjs";

const installStamp = join(projectFolder, "node_modules", ".longhaul-installed");
const lockFolder = join(projectFolder, "out", ".setup");
/** An installation over a slow line. */
const LOCK_WAIT_MS = 15 * 60_000;

function wantedStamp() {
  const lock = readFileSync(join(projectFolder, "package-lock.json"));
  return `${createHash("sha256").update(lock).digest("hex")} ${process.platform}-${process.arch}\n`;
}

/** The stamp is written last: an interrupted installation is repeated. */
function install() {
  const wanted = wantedStamp();
  if (readStamp(installStamp) === wanted) return;
  process.stderr.write("Installing what Longhaul needs (once, about a minute)…\n");
  // Flags win over NODE_ENV=production and a user's `omit`; the build needs all of them.
  const flags = [
    "ci",
    "--ignore-scripts",
    "--include=dev",
    "--include=optional",
    "--loglevel=error",
  ];
  runNpm(flags);
  writeStamp(installStamp, wanted);
}

/** The npm that runs this script, else the one on the PATH. */
function runNpm(args) {
  const script = process.env.npm_execpath;
  // Not this process's own Node: that may be the one in node_modules, which npm is about to replace.
  const node = process.env.npm_node_execpath ?? process.execPath;
  const isNpm = script !== undefined && /npm-cli\.[cm]?js$/.test(script);
  const [program, given] = isNpm ? [node, [script, ...args]] : ["npm", args];
  // npm's own chatter must not mix with what the command prints: it goes to standard error.
  const options = { cwd: projectFolder, stdio: ["ignore", 2, 2], shell: !isNpm };
  const { status } = spawnSync(program, given, options);
  if (status !== 0)
    fail("The installation failed; npm said why above. The same command tries again.");
}

function build() {
  const node = findNode();
  if (node === null) fail(`Longhaul needs Node 24 or later; this is ${process.versions.node}.`);
  const script = join(projectFolder, "scripts", "build.mjs");
  const { status } = spawnSync(node, [script, "--if-stale"], { stdio: ["ignore", 2, 2] });
  if (status !== 0) fail("The build failed; it said why above.");
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** One set-up at a time: `npm start` and `npm test` may be typed at once. */
async function takeLock() {
  mkdirSync(join(projectFolder, "out"), { recursive: true });
  const givenUpAt = Date.now() + LOCK_WAIT_MS;
  while (!tryLock()) {
    if (!isAlive(readHolder())) rmSync(lockFolder, { recursive: true, force: true });
    else if (Date.now() > givenUpAt) fail(`Another set-up holds ${lockFolder}.`);
    else await sleep(250);
  }
  process.on("exit", () => rmSync(lockFolder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
}

function tryLock() {
  try {
    mkdirSync(lockFolder);
    writeFileSync(join(lockFolder, "pid"), String(process.pid));
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined while the holder is between making the folder and writing its number. */
function readHolder() {
  try {
    return Number(readFileSync(join(lockFolder, "pid"), "utf8"));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  if (pid === undefined || pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

await takeLock();
install();
build();
