/**
 * `npm start`: opens the window, and where that cannot be, serves the same window to a browser.
 * `--no-open` and `--port N` ask for the browser's one.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { findElectron } from "./electron-binary.mjs";
import { projectFolder } from "./find-node.mjs";

/** Sooner than this Electron has not shown a window: it could not start. */
const STARTED_AFTER_MS = 5_000;

const args = process.argv.slice(2);

async function serve(open) {
  const program = join(projectFolder, "out", "app", "cli.js");
  const flags = open && !args.includes("--no-open") ? ["--open"] : [];
  process.argv = [
    process.argv[0],
    program,
    "serve",
    ...flags,
    ...args.filter((arg) => arg !== "--no-open"),
  ];
  await import(program);
}

/** The exit code, or null when it ended before there was a window. */
function runElectron(path) {
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  const startedAtMs = performance.now();
  const child = spawn(path, [projectFolder, ...args], { env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  return new Promise((done) => {
    child.once("error", () => done(null));
    child.once("exit", (code) => {
      const isTooSoon = performance.now() - startedAtMs < STARTED_AFTER_MS;
      done(code !== 0 && isTooSoon ? null : (code ?? 130));
    });
  });
}

async function start() {
  if (args.length > 0) return serve(false);
  const electron = findElectron();
  if ("path" in electron) {
    const code = await runElectron(electron.path);
    if (code !== null) {
      process.exitCode = code;
      return;
    }
    electron.reason = "Electron could not start";
    electron.hasDisplay = true;
  }
  process.stderr.write(`Longhaul's window is served to a browser because ${electron.reason}.\n`);
  await serve(electron.hasDisplay);
}

/**
 * A signal that only npm gets ends the shell between npm and us, and nobody would tell us: then
 * this is a program that nobody can stop.
 */
function stopWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, 500);
  watch.unref();
}

stopWithParent();
await start();
