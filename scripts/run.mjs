/**
 * `node run.mjs FILE [ARG…]`: runs a script under a Node that is new enough, whatever Node starts it.
 * Understood by Node 20.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findNode, NODE_MAJOR } from "./find-node.mjs";

/**
 * As the program has it (`main/flow/thread-pool.ts`): files are flushed in libuv's threads, and with its
 * four a slow disk would hold up every other call. libuv looks at this when it first needs one.
 */
const POOL_THREADS = "96";

/** Runs `file` in this process where this Node will do, else in a child that stands for it. */
export async function runOnPackagedNode(file, args) {
  const node = findNode();
  if (node === null) {
    process.stderr.write(
      `Longhaul needs Node ${NODE_MAJOR} or later here: the package brings none for ` +
        `${process.platform}-${process.arch}, and this is Node ${process.versions.node}.\n`,
    );
    process.exitCode = 3;
    return;
  }
  if (node === process.execPath) {
    process.env.UV_THREADPOOL_SIZE ??= POOL_THREADS;
    process.argv = [process.argv[0], file, ...args];
    await import(pathToFileURL(file).href);
    return;
  }
  process.exitCode = await standIn(node, [file, ...args]);
}

/** Passes signals on and takes over how the child ended. A terminal signals both; the child counts it once. */
function standIn(node, args) {
  const env = { UV_THREADPOOL_SIZE: POOL_THREADS, ...process.env };
  const child = spawn(node, args, { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code, signal) => done(code ?? 128 + constants.signals[signal]));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runOnPackagedNode(resolve(process.argv[2]), process.argv.slice(3));
}
