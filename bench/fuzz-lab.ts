/**
 * The fuzz lab: `npm run lab:fuzz -- [--minutes=10 | --seconds=N] [--seed=1]`. Changes good archives
 * of every format at random, again and again, and unpacks each within tight limits. None may crash or
 * hang the reader, write outside of its folder, pass its limits, or leave anything behind.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { siblingModule } from "#main/flow/sibling-module.ts";
import type { FuzzReply, FuzzSetup } from "./fuzz/fuzz-child.ts";

/** A case takes milliseconds; on a machine that does much else, a second. */
const CASE_WITHIN_MS = 30_000;
const MOST_SHOWN = 20;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seconds: { type: "string" },
    seed: { type: "string", default: "1" },
  },
});
const seconds = values.seconds === undefined ? Number(values.minutes) * 60 : Number(values.seconds);
const endAtMs = Date.now() + seconds * 1000;
const folder = mkdtempSync(join(tmpdir(), "longhaul-fuzz-lab-"));
const total = { passed: 0, failed: 0, refused: 0, unpacked: 0 };

try {
  let nextSeed = Number(values.seed) * 1_000_000;
  while (Date.now() < endAtMs && total.failed < MOST_SHOWN) nextSeed = await runThread(nextSeed);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
say(`${total.refused} archives were refused and ${total.unpacked} unpacked, in ${seconds} s`);
say(`${total.passed} passed, ${total.failed} failed, 0 skipped`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

/** One thread until the time is over, or until it hangs or dies. @returns the seed to go on with. */
async function runThread(firstSeed: number): Promise<number> {
  const setup: FuzzSetup = { folder, firstSeed, endAtMs };
  const worker = new Worker(siblingModule(import.meta.url, "fuzz/fuzz-child"), {
    workerData: setup,
  });
  let seed = firstSeed;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const hung = () => {
    fail(seed, `hung for more than ${CASE_WITHIN_MS} ms`);
    seed += 1;
    end();
  };
  let timer = setTimeout(hung, CASE_WITHIN_MS);
  worker.on("message", ({ seed: doneSeed, breaches, isRefused }: FuzzReply) => {
    clearTimeout(timer);
    timer = setTimeout(hung, CASE_WITHIN_MS);
    seed = doneSeed + 1;
    if (isRefused) total.refused += 1;
    else total.unpacked += 1;
    if (breaches.length === 0) total.passed += 1;
    for (const breach of breaches) fail(doneSeed, breach);
  });
  worker.on("error", (error) => {
    fail(seed, `crashed: ${error.stack ?? error.message}`);
    seed += 1;
  });
  worker.on("exit", () => end());
  await ended;
  clearTimeout(timer);
  await worker.terminate();
  return seed;
}

function fail(seed: number, why: string): void {
  total.failed += 1;
  say(`BREACH with seed ${seed}: ${why}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
